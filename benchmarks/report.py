"""What is measured, what is aimed at, and how both are printed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import measure
from .measure import Figures, Settings
from .servers import AIOHTTP, PYWORKERS, WORKERD


@dataclass(frozen=True, slots=True)
class Goal:
    """A number derived from the figures, and the bound it should keep."""

    value: Callable[[Mapping[str, float]], float]
    """From the median of each server."""
    bound: float
    at_least: bool
    text: str

    def reached(self, figures: Mapping[str, float]) -> bool | None:
        """None if a figure it needs is missing."""
        try:
            value = self.value(figures)
        except KeyError:
            return None
        return value >= self.bound if self.at_least else value <= self.bound

    def describe(self, figures: Mapping[str, float]) -> str:
        """The number beside its bound."""
        try:
            value = f"{self.value(figures):.2f}"
        except KeyError:
            value = "-"
        verdict = {True: "reached", False: "MISSED", None: "not measured"}[self.reached(figures)]
        sign = ">=" if self.at_least else "<="
        return f"{value} (goal {sign} {self.bound:g} {self.text}: {verdict})"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One row of the table."""

    key: str
    title: str
    unit: str
    run: Callable[[Settings], Figures]
    goal: Goal | None


BENCHMARKS = (
    Benchmark(
        "hello",
        "hello",
        "requests/s",
        measure.hello_per_second,
        Goal(lambda f: f[PYWORKERS] / f[AIOHTTP], 0.35, at_least=True, text="of bare aiohttp"),
    ),
    Benchmark(
        "one",
        "durable increments, 1 object",
        "requests/s",
        measure.increments_on_one_object,
        Goal(lambda f: f[PYWORKERS] / f[WORKERD], 1.8, at_least=True, text="of workerd"),
    ),
    Benchmark(
        "many",
        f"durable increments, {measure.OBJECTS:,} objects created by the run",
        "requests/s",
        measure.increments_on_new_objects,
        Goal(lambda f: f[PYWORKERS] / f[WORKERD], 3.5, at_least=True, text="of workerd"),
    ),
    Benchmark(
        "known",
        f"durable increments, {measure.OBJECTS:,} objects in memory",
        "requests/s",
        measure.increments_on_known_objects,
        None,
    ),
    Benchmark(
        "start",
        "start to first response",
        "s",
        measure.first_response,
        Goal(lambda f: f[PYWORKERS], 0.6, at_least=False, text="s"),
    ),
    Benchmark(
        "memory",
        "resident memory after load",
        "MB",
        measure.memory,
        Goal(lambda f: f[f"{PYWORKERS} (PSS)"], 70, at_least=False, text="MB (PSS)"),
    ),
    Benchmark(
        "log",
        "hello, with and without log lines",
        "requests/s",
        measure.logging_cost,
        Goal(lambda f: 1 - f["log"] / f["none"], 0.10, at_least=False, text="lost to logging"),
    ),
)


def lines(benchmark: Benchmark, figures: Figures) -> list[str]:
    """A benchmark's part of the printed table."""
    digits = 2 if benchmark.unit == "s" else 0
    head = f"{benchmark.title} [{benchmark.unit}]"
    medians = {name: statistics.median(rounds) for name, rounds in figures.items()}
    rows = [
        f"  {name:<16}{medians[name]:>12,.{digits}f}{_spread(rounds, digits)}"
        for name, rounds in figures.items()
    ]
    verdict = [] if benchmark.goal is None else [f"  -> {benchmark.goal.describe(medians)}"]
    return [head, *rows, *verdict]


def _spread(rounds: list[float], digits: int) -> str:
    """How far the rounds lie apart: a wide spread means that something else used the machine."""
    if len(rounds) == 1:
        return ""
    return f"   ({min(rounds):,.{digits}f} to {max(rounds):,.{digits}f})"
