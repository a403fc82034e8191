"""Choosing and taking the port."""

from __future__ import annotations

import socket

import pytest

from emulator.errors import AddressInUse, UserError
from emulator.host import listen as listen_module
from emulator.host.listen import Listener, listen


def test_any_port_is_shown_as_the_one_it_became() -> None:
    listener = listen("localhost", 0)
    try:
        assert listener.port > 0
        assert listener.url == f"http://localhost:{listener.port}"
        with socket.create_connection(("127.0.0.1", listener.port)) as client:
            assert client.getpeername()[1] == listener.port
    finally:
        listener.close()


def test_port_that_was_asked_for_is_an_error_when_taken() -> None:
    first = listen("127.0.0.1", 0)
    try:
        with pytest.raises(AddressInUse, match=rf"port {first.port} on 127\.0\.0\.1 is in use"):
            listen("127.0.0.1", first.port)
    finally:
        first.close()


def test_default_port_moves_on_when_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    first = listen("127.0.0.1", 0)
    monkeypatch.setattr(listen_module, "DEFAULT_PORT", first.port)
    try:
        second = listen("127.0.0.1", None)
        second.close()
        assert second.wanted_port == first.port
        assert second.port > first.port
    finally:
        first.close()


def test_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UserError, match=r"cannot listen on 203\.0\.113\.1"):
        listen("203.0.113.1", 0)


@pytest.mark.parametrize(
    ("ip", "url"),
    [
        ("localhost", "http://localhost:80"),
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://localhost:80"),
        ("*", "http://localhost:80"),
        ("::1", "http://[::1]:80"),
    ],
)
def test_url_is_one_that_a_browser_can_open(ip: str, url: str) -> None:
    assert Listener((), ip, 80, 80).url == url
