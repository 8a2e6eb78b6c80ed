"""The address a program listens at."""

import socket

import pytest
from pydantic import TypeAdapter, ValidationError

from server.contract import binding
from server.contract.binding import Address, AddressUnusable, require_usable

ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


@pytest.mark.parametrize("text", ["127.0.0.1:8000", "0.0.0.0:80", "kham.benhvien.vn:443", "[::1]:8000", "localhost:0"])
def test_host_and_port_are_an_address(text: str) -> None:
    assert ADDRESS.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "8000",  # would listen at every address
        ":8000",
        "localhost",
        "localhost:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:８０",  # digits, and none a socket takes
        "::1:8000",  # which colon parts host and port?
        "http://127.0.0.1:8000",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="HOST:PORT"):
        ADDRESS.validate_python(text)


def test_a_free_address_is_still_free_after_it_was_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    for _ in range(2):
        require_usable("server.bind", f"127.0.0.1:{port}")
    with socket.create_server(("127.0.0.1", port)) as own:
        assert own.getsockname()[1] == port


def test_an_address_somebody_listens_at_is_named_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binding, "_FREED_WITHIN_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(
            AddressUnusable, match=rf"^kiosk\.bind: {address} cannot be used \(Address already in use\)"
        ):
            require_usable("kiosk.bind", address)


def test_an_address_of_another_machine_is_refused_at_once() -> None:
    with pytest.raises(AddressUnusable, match="name an address of this machine"):
        require_usable("server.bind", "192.0.2.1:8000")  # RFC 5737: nobody's
