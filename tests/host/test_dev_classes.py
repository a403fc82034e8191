"""`pyworkers dev` while a Durable Object class is renamed: what it says, and that following it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.dev_process import dev
from tests.lifecycle.project import Project, step

pytestmark = pytest.mark.process
CREATE = step("v1", 'new_sqlite_classes = ["Counter"]')
RENAME = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')

SAID = """\
▲ 1 object of the Durable Object class Counter is in .pyworkers/state (SQLite), and no class of this Worker has it.
    If Counter was renamed to Tally, say so in wrangler.toml:
        [[migrations]]
        tag = "v2"
        renamed_classes = [{ from = "Counter", to = "Tally" }]
    To delete it:
        pyworkers state delete Counter
"""


def test_a_class_renamed_while_it_runs_is_told_and_has_its_data_after_the_migration(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    project.write(classes=["Counter"], migrations=CREATE)
    files = {name: (tmp_path / name).read_text() for name in ("entry.py", "wrangler.toml")}
    with dev(tmp_path, entry=files["entry.py"], config=files["wrangler.toml"]) as process:
        assert process.get("/Counter/a") == (200, "1")
        since = len(process.text)
        project.write(classes=["Tally"], migrations=CREATE)
        process.wait_printed("To delete it:\n.*\n", since)
        process.wait_printed(r"Reloaded \(", since)
        assert SAID in process.text[since:]
        since = len(process.text)
        project.write(classes=["Tally"], migrations=CREATE + RENAME)
        process.wait_printed(r"Reloaded \(", since)
        assert process.get("/Tally/a") == (200, "2")
        assert "Durable Object class" not in process.text[since:]
