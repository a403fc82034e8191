"""Snippets: their files, their titles, and what was recorded of them.

A file `snippets/<group>.py` holds snippets, each below a line `# %% title`; a title may end in
`[314]` or `[0.28]` if the snippet is for one version only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VERSIONS = {"314": "314.0.5", "0.28": "0.28.2"}
"""The two families, and the version that pyworkers claims for each."""

_TITLE = re.compile(r"^# %% (?P<title>.+?)(?: \[(?P<only>314|0\.28)\])?$", re.MULTILINE)

Lines = list[list[str]]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few statements that show one thing."""

    group: str
    title: str
    source: str
    only: str | None

    @property
    def digest(self) -> str:
        """So that a recording older than its snippet is noticed."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:12]


def all_snippets() -> list[Snippet]:
    """Every snippet, by file and place."""
    return [
        snippet
        for path in sorted((HERE / "snippets").glob("*.py"))
        for snippet in _parse(path.stem, path.read_text(encoding="utf-8"))
    ]


def _parse(group: str, text: str) -> list[Snippet]:
    marks = list(_TITLE.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    made = [
        Snippet(group, mark["title"], text[mark.end() : end].strip() + "\n", mark["only"])
        for mark, end in zip(marks, ends, strict=True)
    ]
    titles = [snippet.title for snippet in made]
    twice = {title for title in titles if titles.count(title) > 1}
    if twice:
        raise ValueError(f"{group}: two snippets are called {', '.join(sorted(twice))}")
    return made


def recording_path(version: str, group: str) -> Path:
    """Where a group's recording is kept."""
    return HERE / "recorded" / f"pyodide-{version}" / f"{group}.json"


def read_recording(version: str, group: str) -> Mapping[str, Any]:
    """A group's recording: `pyodide`, `python`, `node`, and `snippets` by title."""
    path = recording_path(version, group)
    if not path.exists():
        return {"snippets": {}}
    kept: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept
