"""Snippets do here what they were recorded to do in Pyodide 0.28 and 314."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.ffi import diagnostics
from emulator.ffi.realm import install
from emulator.js import errors
from emulator.js.host import slot
from emulator.loader.tracebacks import GuestTracebacks
from tests.ffi.conftest import make_realm
from tests.ffi.guest_loop import GuestLoop
from tests.support.js_host import FakeHost

from .compare import mismatch
from .differences import Difference, all_differences
from .snippet import VERSIONS, Lines, Snippet, all_snippets, read_recording
from .transcript import transcribe

SNIPPETS = all_snippets()
DIFFERENCES = all_differences()
CASES = [
    pytest.param(version, snippet, id=f"{version}-{snippet.group}-{snippet.title}")
    for version in VERSIONS
    for snippet in SNIPPETS
    if snippet.only in (None, version)
]


@pytest.fixture
def realm_of(monkeypatch) -> Iterator[object]:
    """Installs realms, and takes the last one back. Misuse raises, as it does in Pyodide."""
    monkeypatch.setattr(errors, "format_exception", GuestTracebacks().format)
    undo = []
    before, slot.host = slot.host, FakeHost()
    diagnostics.set_strict(enabled=True)
    yield lambda version: undo.append(install(make_realm(VERSIONS[version])))
    diagnostics.set_strict(enabled=False)
    for step in undo:
        step()
    slot.host = before


def run(snippet: Snippet) -> Lines:
    return GuestLoop().run(transcribe(snippet.source))


@pytest.mark.parametrize(("version", "snippet"), CASES)
def test_a_snippet_does_what_it_does_in_pyodide(version, snippet, realm_of):
    recording = read_recording(version, snippet.group)["snippets"].get(snippet.title)
    assert recording is not None, "not recorded yet: python -m tests.conformance.ffi.record"
    assert recording["source"] == snippet.digest, "edited since it was recorded"
    realm_of(version)
    name = f"{snippet.group}/{snippet.title}"
    mine = [d for d in DIFFERENCES if d.snippet in (name, "*") and version in d.versions]
    report, used = mismatch(recording["lines"], run(snippet), mine)
    assert not report, f"{name}, Pyodide {version}:\n{report}"
    gone = [d.statement or "" for d in mine if d not in used and not d.is_general]
    assert not gone, "these differences are gone: " + "; ".join(gone)


def test_every_difference_names_a_snippet():
    names = {f"{snippet.group}/{snippet.title}" for snippet in SNIPPETS} | {"*"}
    assert {d.snippet for d in DIFFERENCES} <= names


def test_nothing_is_recorded_of_snippets_that_are_gone():
    titles = {(snippet.group, snippet.title) for snippet in SNIPPETS}
    for version in VERSIONS:
        for group in {snippet.group for snippet in SNIPPETS}:
            recorded = read_recording(version, group)["snippets"]
            assert {(group, title) for title in recorded} <= titles


def test_a_mismatch_shows_both_sides_and_what_was_right():
    expected = [["a", "1"], ["b", "2"], ["c", "3"]]
    report, used = mismatch(expected, [["a", "1"], ["b", "5"]], [])
    assert report.splitlines() == [
        "    a",
        "  > b", "      Pyodide:   2", "      pyworkers: 5",
        "  > c", "      Pyodide:   3", "      pyworkers: None",
    ]  # fmt: skip
    assert used == set()


def test_a_difference_on_purpose_is_no_mismatch():
    known = Difference("group/title", "why", "b", pyodide="2", here_matches="^5")
    assert mismatch([["b", "2"]], [["b", "55"]], [known]) == ("", {known})
    report, used = mismatch([["b", "3"]], [["b", "55"]], [known])
    assert report
    assert used == set()
