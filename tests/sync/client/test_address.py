"""Addresses as people type them."""

import pytest

from sync.client.address import Address, parse_address
from sync.client.failures import Failure, FailureKind


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("192.168.1.5:8440", "https://192.168.1.5:8440"),
        ("  platform.example ", "https://platform.example"),
        ("https://platform.example/", "https://platform.example"),
        ("HTTPS://Platform.Example:8440", "https://platform.example:8440"),
        ("127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("localhost:8765", "http://localhost:8765"),
        ("http://localhost:8765/", "http://localhost:8765"),
        ("[::1]:8765", "http://[::1]:8765"),
        ("192。168。1。5:8440", "https://192.168.1.5:8440"),
    ],
)
def test_what_people_type(typed: str, url: str) -> None:
    address = parse_address(typed)
    assert isinstance(address, Address)
    assert address.url == url


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "http://", "ftp://a", "a b", "host:port", "http://a/x", "192.168..5:8440",
        "https://.example", f"{'a' * 64}.example",
    ],
)  # fmt: skip
def test_what_is_no_address(typed: str) -> None:
    found = parse_address(typed)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.ADDRESS


@pytest.mark.parametrize(
    "typed",
    [
        "http://192.168.1.5:8440",
        "http://0.0.0.0:1",
        "http://localhost.example",
        "http://[fe80::1]:1",
    ],
)
def test_unencrypted_to_another_machine_there_is_no_way(typed: str) -> None:
    refused = parse_address(typed)
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.PLAIN


def test_unencrypted_on_this_machine() -> None:
    here = parse_address("http://127.0.0.1:1")
    assert isinstance(here, Address)
    assert here.plain
    assert here.loopback
    secure = parse_address("10.0.0.1")
    assert isinstance(secure, Address)
    assert not secure.plain
