"""The loader finds what is shipped and nothing else."""

import pytest

import resources


def test_reads_text_and_bytes_of_a_shipped_file() -> None:
    assert "SIL OPEN FONT LICENSE" in resources.read_text("fonts/OFL.txt")
    assert resources.read_bytes("icons/app-16.png").startswith(b"\x89PNG")


def test_says_which_resource_is_missing() -> None:
    with pytest.raises(FileNotFoundError, match="icons/nonesuch"):
        resources.path("icons/nonesuch.svg")


@pytest.mark.parametrize("name", ["../pyproject.toml", "icons/../../LICENSE", "/etc/passwd"])
def test_does_not_leave_the_package(name: str) -> None:
    with pytest.raises(ValueError, match="not a resource name"):
        resources.path(name)


def test_lists_a_folder_in_order() -> None:
    fonts = resources.names("fonts", ".otf")
    assert fonts == sorted(fonts)
    assert "fonts/NotoSansCJKsc-Regular.otf" in fonts
    assert resources.names("fonts", ".nonesuch") == []
