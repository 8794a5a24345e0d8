"""Settings survive a restart and a broken file."""

from pathlib import Path

from desktop_app.settings import FILE, DemoSeat, Settings, SettingsFile


def test_what_was_set_is_there_again(tmp_path: Path) -> None:
    seats = (DemoSeat("村书记", str(tmp_path), ("jiban", "--profile", "x")),)
    SettingsFile(tmp_path).change(theme="dark", scale=1.5, demo_seats=seats, window=(1, 2, 3, 4))
    again = SettingsFile(tmp_path).now
    assert (again.theme, again.scale, again.window) == ("dark", 1.5, (1, 2, 3, 4))
    assert again.demo_seats == seats


def test_a_broken_file_counts_as_none(tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"scale": "gross"}', '{"window": 3}', '{"demo_seats": [{}]}'):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        assert SettingsFile(tmp_path).now == Settings()


def test_unknown_entries_of_a_newer_program_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"theme": "dark", "later": 1, "scale": 2}', encoding="utf-8")
    assert SettingsFile(tmp_path).now.theme == "dark"


def test_who_listens_hears_of_changes_only(tmp_path: Path) -> None:
    keeper = SettingsFile(tmp_path)
    heard: list[Settings] = []
    keeper.listen(heard.append)
    keeper.change(sound=True)
    keeper.change(sound=False)
    assert [s.sound for s in heard] == [False]
