"""Scenarios: one behaviour, written as a JavaScript and as a Python Worker, and the requests to make.

A scenario is a folder `scenarios/<group>/<name>/` with `worker.js`, `worker.py` and `scenario.toml`.
The workers answer JSON that tells what happened inside; `scenario.toml` lists the requests and every
place where the two languages are known to answer differently, with the reason.

Guarantees: a scenario file with an unknown key, a reasonless difference or a rule for a request that
does not exist fails to load; nothing is silently left out of a comparison.
Does not know: workerd, the emulator, how answers are compared.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
RECORDED = HERE / "recorded"


class ScenarioError(Exception):
    """A scenario file is wrong; the message says which and where."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, or a restart of the runtime."""

    label: str
    """Unique in its scenario; the path unless the file says otherwise."""
    path: str = "/"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    group: str = ""
    """Requests that follow one another in the same group are sent at the same time."""
    restart: bool = False
    """Not a request: stop the runtime and start it again on the same state."""
    wait_s: float = 0.0
    """Not a request: let so much time pass. Python's is virtual."""
    compare_headers: tuple[str, ...] = ()
    only: str = ""
    """`python` or `javascript`: the other language cannot express it. Needs a reason."""
    reason: str = ""
    expected: Any = None
    """The body demanded of a `python`-only request, as there is nothing to record."""

    @property
    def asks(self) -> bool:
        """Whether it has an answer: restarts and waits have none."""
        return not (self.restart or self.wait_s)

    @property
    def javascript(self) -> bool:
        """Whether the recording has it."""
        return self.only != "python"

    @property
    def python(self) -> bool:
        """Whether the Python twin must answer it."""
        return self.only != "javascript"


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where Python is documented to answer differently from JavaScript."""

    request: str
    at: str
    """`status`, `headers.<name>`, `body`, or a path into the body: `body.error.name`, `body.0`."""
    reason: str
    javascript: Any = None
    """What the recording must hold there: a rule that no longer applies is an error."""
    python: Any = None
    python_matches: str | None = None
    """A regular expression searched for in the answer (a string), in place of an exact value."""


@dataclass(frozen=True, slots=True)
class Raised:
    """Places where an exception of Python code arrives: a PythonError, with a traceback as message.

    A place holds an object with `name` and `message`, or a text `TypeError: message`.
    """

    request: str
    at: tuple[str, ...]
    exception: str = ""
    """The Python class, where it has another name than the recorded one."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One behaviour to compare."""

    name: str
    title: str
    spec: tuple[str, ...]
    """Rule ids of the specification this scenario covers."""
    requests: tuple[Request, ...]
    differences: tuple[Difference, ...] = ()
    raised: tuple[Raised, ...] = ()
    worker: str = "worker"
    objects: Mapping[str, str] = field(default_factory=lambda: {"SUBJECT": "Subject"})
    sqlite: bool = False
    origin: bool = False
    """The Worker is told of HTTP servers that it may ask; see origin.py."""
    flags: tuple[str, ...] = ()
    """Compatibility flags of both twins."""
    twins: str = ""
    """The scenario whose Workers this one runs as well, with requests of its own."""
    pending: str = ""
    """What pyworkers still lacks for it: the test is then an expected failure, strictly."""

    @property
    def folder(self) -> Path:
        """Where the twins are."""
        return SCENARIOS / (self.twins or self.name)

    @property
    def javascript(self) -> str:
        """Source of the JavaScript twin."""
        return (self.folder / "worker.js").read_text(encoding="utf-8")

    @property
    def python(self) -> str:
        """Source of the Python twin."""
        return (self.folder / "worker.py").read_text(encoding="utf-8")

    @property
    def recording(self) -> Path:
        """Where the answers of the JavaScript twin are kept."""
        return RECORDED / f"{self.name}.json"


def all_scenarios() -> Iterator[Scenario]:
    """Every scenario, by name."""
    for path in sorted(SCENARIOS.glob("*/*/scenario.toml")):
        yield load_scenario(path)


def load_scenario(path: Path) -> Scenario:
    """Read and check one scenario file."""
    name = path.parent.relative_to(SCENARIOS).as_posix()
    try:
        return parse_scenario(name, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise ScenarioError(f"{path}: {error}") from error


def parse_scenario(name: str, table: dict[str, Any]) -> Scenario:
    """Make a scenario of its table; an unknown key is a TypeError from the record it belongs to."""
    requests = tuple(_parse_request(entry) for entry in table.pop("requests", []))
    differences = tuple(Difference(**entry) for entry in table.pop("differs", []))
    raised = tuple(Raised(at=tuple(entry.pop("at")), **entry) for entry in table.pop("raises", []))
    labels = [request.label for request in requests if request.asks]
    if len(set(labels)) != len(labels):
        raise ValueError(f"two requests have the same label: {labels}")
    for difference in differences:
        if difference.request not in labels:
            raise ValueError(f"[[differs]] names an unknown request {difference.request!r}")
        if not difference.reason:
            raise ValueError(f"[[differs]] for {difference.request!r} needs a reason")
    for place in raised:
        if place.request not in labels:
            raise ValueError(f"[[raises]] names an unknown request {place.request!r}")
    spec, flags = tuple(table.pop("spec")), tuple(table.pop("flags", ()))
    if any(r.wait_s for r in requests) and any(r.restart for r in requests):
        raise ValueError("waits need virtual time, which ends at a restart")
    return Scenario(
        name=name,
        spec=spec,
        flags=flags,
        requests=requests,
        differences=differences,
        raised=raised,
        **table,
    )


def _parse_request(entry: dict[str, Any]) -> Request:
    if entry.get("restart"):
        entry.setdefault("label", "restart")
    if entry.get("wait_s"):
        entry.setdefault("label", f"wait {entry['wait_s']} s")
    entry.setdefault("label", entry.get("path"))
    entry["compare_headers"] = tuple(entry.get("compare_headers", ()))
    request = Request(**entry)
    if request.only not in {"", "python", "javascript"}:
        raise ValueError(f"{request.label}: only = {request.only!r}")
    if request.only and not request.reason:
        raise ValueError(f"{request.label}: only = {request.only!r} needs a reason")
    return request
