"""The Observer port and its counting implementation."""

from __future__ import annotations

from emulator.observer import CountingObserver, Observer, ObserverStatistics


def _tell_everything(observer: Observer) -> None:
    observer.worker_loaded()
    observer.request_started("GET", "http://a/")
    observer.request_finished("GET", "http://a/", 200, 1.5)
    observer.console("log", "hello")
    observer.uncaught_error("ValueError: boom")
    observer.actor_started("Counter", "id")
    observer.actor_evicted("Counter", "id")
    observer.actor_reset("Counter", "id", "broken")
    observer.group_committed(3, 100)


def test_plain_observer_hears_everything_and_does_nothing() -> None:
    observer = Observer()
    _tell_everything(observer)
    assert vars(observer) == {}


def test_counting_observer_counts() -> None:
    observer = CountingObserver()
    assert repr(observer) == "<CountingObserver nothing yet>"
    _tell_everything(observer)
    assert observer.statistics() == ObserverStatistics(1, 1, 1, 1, 1, 1, 1, 1, 3, 100)
