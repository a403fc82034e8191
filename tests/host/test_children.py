"""Forked children: what they inherit, how they end, and that none is left behind."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from emulator.host.children import Nursery
from emulator.host.link import Link

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]


@pytest.fixture(autouse=True)
def _no_threads() -> None:
    """pytest's own plugins must not have left any; a fork would lose them."""
    assert threading.active_count() == 1


def test_child_runs_one_function_and_its_result_is_the_exit_code() -> None:
    nursery = Nursery()

    def target(link: Link) -> int:
        link.send("hello", pid=os.getpid())
        return 7

    child = nursery.start(target)
    assert child.link.receive() == [{"kind": "hello", "pid": child.pid}]
    assert child.wait(5)
    assert child.exit_code == 7
    assert child.how_it_ended == "ended with exit code 7"
    nursery.forget(child)
    assert nursery.children == []


def test_killed_child_says_by_which_signal() -> None:
    nursery = Nursery()

    def target(link: Link) -> int:
        link.receive()
        return 0

    child = nursery.start(target)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait(5)
    assert child.how_it_ended == "was ended by SIGKILL"
    nursery.forget(child)


def test_exception_in_a_child_ends_the_child_alone(capfd: pytest.CaptureFixture[str]) -> None:
    nursery = Nursery()

    def target(_link: Link) -> int:
        raise ValueError("boom")

    child = nursery.start(target)
    assert child.wait(5)
    assert child.exit_code == 1
    assert "ValueError: boom" in capfd.readouterr().err
    nursery.forget(child)


def test_sibling_does_not_keep_a_line_open() -> None:
    nursery = Nursery()

    def until_told(link: Link) -> int:
        link.receive()
        return 0

    first = nursery.start(until_told)
    second = nursery.start(until_told)
    # Were the second one to hold our end of the first one's line, this would not end the first.
    first.link.close()
    assert first.wait(5)
    second.link.send("end")
    assert second.wait(5)
    nursery.forget(first)
    nursery.forget(second)
