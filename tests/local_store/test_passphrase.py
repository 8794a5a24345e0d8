"""The passphrase opens the key; wrong ones slow down, across starts; nothing of it stands anywhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from local_store import keys, passphrase
from local_store.errors import StoreError, StoreProblem
from local_store.keys import KeyPlace, PassphraseNeeded
from local_store.passphrase import TooSoon, WrongPassphrase
from tests.support.clock import START

RIGHT = "槐树下-乘凉 2026"
WRONG = "槐树下-乘凉 2025"
KEY = bytes(range(32))
IN_EARNEST = passphrase.COST


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deriving a key costs what guessing costs; these tests guess a lot."""
    monkeypatch.setattr(passphrase, "COST", 1 << 10)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    passphrase.seal_key(tmp_path, KEY, RIGHT)
    return tmp_path


def test_the_right_one_opens_the_key_again_and_again(profile: Path) -> None:
    assert passphrase.is_set(profile)
    for _ in range(2):
        opened = keys.unlock(profile, RIGHT, START)
        assert (opened.value, opened.place) == (KEY, KeyPlace.PASSPHRASE)


def test_an_input_methods_wide_letters_are_the_plain_ones(profile: Path) -> None:
    assert passphrase.open_key(profile, "　槐树下－乘凉　２０２６", START) == KEY


def test_the_file_is_this_users_and_tells_nothing(profile: Path) -> None:
    content = (profile / passphrase.SEALED_FILE).read_bytes()
    assert (profile / passphrase.SEALED_FILE).stat().st_mode & 0o777 == 0o600
    for secret in (KEY, KEY.hex().encode(), RIGHT.encode(), RIGHT.encode("utf-16-le")):
        assert secret not in content


@pytest.mark.fault("storage.wrong_passphrase")
def test_wrong_ones_slow_down_and_a_new_start_does_not_help(profile: Path) -> None:
    waits = []
    now = START
    for _ in range(12):
        with pytest.raises(WrongPassphrase) as refused:
            passphrase.open_key(profile, WRONG, now)
        waits.append(refused.value.wait.total_seconds())
        if refused.value.wait:
            with pytest.raises(TooSoon):  # not even the right one is looked at
                passphrase.open_key(profile, RIGHT, now)
        now += refused.value.wait
    assert waits[:5] == [0, 0, 5, 10, 20]
    assert waits == sorted(waits)
    assert waits[-1] == 900
    assert passphrase.open_key(profile, RIGHT, now) == KEY
    assert passphrase.waiting(profile, now) == timedelta()
    with pytest.raises(WrongPassphrase) as refused:
        passphrase.open_key(profile, WRONG, now)
    assert refused.value.wait == timedelta()  # the right one made up for it


def test_a_clock_set_back_makes_nobody_wait_for_years(profile: Path) -> None:
    for n in range(4):
        with pytest.raises(WrongPassphrase):
            passphrase.open_key(profile, WRONG, START + timedelta(minutes=n))
    assert passphrase.waiting(profile, START - timedelta(days=800)) == timedelta(seconds=10)


def test_a_try_that_cannot_be_counted_is_not_free(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(passphrase, "write_private", full)
    with pytest.raises(StoreError) as refused:
        passphrase.open_key(profile, WRONG, START)
    assert refused.value.code is StoreProblem.FULL


@pytest.mark.parametrize("content", [b"", b"{}", b"rubbish", b'{"salt": "?", "sealed": "x"}'])
def test_a_spoilt_key_file_is_said(profile: Path, content: bytes) -> None:
    (profile / passphrase.SEALED_FILE).write_bytes(content)
    with pytest.raises(StoreError) as refused:
        passphrase.open_key(profile, RIGHT, START)
    assert refused.value.code in (StoreProblem.KEY, StoreProblem.PASSPHRASE)


def test_changing_it_leaves_the_key_and_with_it_the_data(profile: Path) -> None:
    key = keys.unlock(profile, RIGHT, START)
    keys.set_passphrase(profile, "另一句新的口令 9", key)
    assert keys.unlock(profile, "另一句新的口令 9", START).value == KEY
    with pytest.raises(WrongPassphrase):
        keys.unlock(profile, RIGHT, START)


def test_a_plain_key_goes_under_a_passphrase_and_is_gone(tmp_path: Path) -> None:
    plain = keys.load_or_create(tmp_path, keyring=False)
    keys.set_passphrase(tmp_path, RIGHT, plain)
    assert not (tmp_path / keys.KEY_FILE).exists()
    with pytest.raises(PassphraseNeeded) as needed:
        keys.load_or_create(tmp_path, keyring=False)
    assert not needed.value.new
    assert keys.unlock(tmp_path, RIGHT, START).value == plain.value


def test_a_passphrase_holds_also_when_the_program_died_before_the_plain_key_was_gone(
    tmp_path: Path,
) -> None:
    plain = keys.load_or_create(tmp_path, keyring=False)
    passphrase.seal_key(tmp_path, plain.value, RIGHT)
    with pytest.raises(PassphraseNeeded):
        keys.load_or_create(tmp_path, keyring=False)
    # Nothing is thrown away before the other is known to open.
    assert (tmp_path / keys.KEY_FILE).exists()
    assert keys.unlock(tmp_path, RIGHT, START).value == plain.value
    assert not (tmp_path / keys.KEY_FILE).exists()


def test_where_there_is_no_keyring_one_has_to_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key is made that lies open beside the store unless somebody chose that."""
    import keyring
    from keyring.backends import null

    before = keyring.get_keyring()
    keyring.set_keyring(null.Keyring())  # type: ignore[no-untyped-call]
    try:
        with pytest.raises(PassphraseNeeded) as needed:
            keys.load_or_create(tmp_path)
    finally:
        keyring.set_keyring(before)
    assert needed.value.new
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "太短"),
        ("abc1234", "太短"),
        ("aaaaaaaaaaaa", "太好猜"),
        ("12345678", "太好猜"),
        ("87654321", "太好猜"),
        ("abcdefgh", "太好猜"),
        ("Password1", "太好猜"),
        ("19850712", "只有数字"),
        ("13800001234", "只有数字"),
        ("zhou1", "太短"),
        ("zhoulili1", "账号"),
        ("x" * 201, "太长"),
    ],
)
def test_what_is_easily_guessed_is_not_taken(text: str, word: str) -> None:
    assert word in passphrase.why_weak(text, account="zhoulili")


@pytest.mark.parametrize(
    "text", [RIGHT, "correct horse", "hb7!kkq2", "魏家湾村东街十二号", "380215749061"]
)
def test_what_is_good_enough_is_taken(text: str) -> None:
    assert passphrase.why_weak(text, account="zhoulili") == ""


def test_the_cost_in_earnest_is_felt_by_who_guesses() -> None:
    """N = 2^16 and r = 8: 64 MB for each guess."""
    assert IN_EARNEST >= 1 << 15
