"""The pictures the style sheet names: in the seat's own folder, written once, whole or not at all."""

from pathlib import Path

from PySide6.QtWidgets import QApplication

from ui.theme.icons import IconStore
from ui.theme.roles import ThemeName
from ui.theme.theme import Theme


def test_the_style_sheets_pictures_lie_in_the_given_folder(
    qapp: QApplication, tmp_path: Path
) -> None:
    cache = tmp_path / "seat" / "cache"
    theme = Theme(cache=cache)
    assert cache.as_posix() in theme.qss()
    assert list(cache.glob("*.svg"))
    assert {file.suffix for file in cache.iterdir()} == {".svg"}


def test_the_next_start_uses_them_again(qapp: QApplication, tmp_path: Path) -> None:
    Theme(cache=tmp_path).qss()
    written = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    theme = Theme(cache=tmp_path)
    theme.qss()
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == written
    theme.set_name(ThemeName.DARK)
    theme.qss()
    assert len(list(tmp_path.iterdir())) > len(written)


def test_half_a_picture_of_a_killed_program_is_not_used(tmp_path: Path) -> None:
    whole = Path(IconStore(cache=tmp_path).file("check", "#112233"))
    text = whole.read_text("utf-8")
    whole.unlink()
    whole.with_suffix(".new").write_text(text[:20], "utf-8")
    assert Path(IconStore(cache=tmp_path).file("check", "#112233")).read_text("utf-8") == text


def test_without_a_folder_they_are_temporary() -> None:
    store = IconStore()
    file = Path(store.file("check", "#112233"))
    assert "#112233" in file.read_text("utf-8")
    del store
    assert not file.exists()


def test_a_folder_that_cannot_be_made_does_not_keep_the_seat_from_starting(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    assert Path(IconStore(cache=tmp_path / "cache").file("check", "#112233")).is_file()
