"""Which files and directories matter to a reload."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.host.watcher import extra_roots, is_relevant, source_directories


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("entry.py", True),
        ("templates/page.html", True),
        ("wrangler.toml", True),
        ("wrangler.jsonc", True),
        (".dev.vars", True),
        (".dev.vars.staging", True),
        (".env.local", True),
        ("data.json", False),
        ("notes.txt", False),
        (".#entry.py", False),
        ("entry.py~", False),
        ("entry.pyc", False),
        ("4913", False),
    ],
)
def test_source_and_config_are_relevant(name: str, expected: bool) -> None:
    assert is_relevant(Path("/project", name)) is expected


def test_file_the_worker_is_made_of_is_relevant_whatever_its_name() -> None:
    assert is_relevant(Path("/p/data.json"), {Path("/p/data.json")})


def test_environments_and_state_are_not_watched(tmp_path: Path) -> None:
    for name in (
        "src/deep",
        ".venv/lib",
        ".pyworkers/state",
        "node_modules/x",
        "__pycache__",
        "env",
    ):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    found = {str(path.relative_to(tmp_path)) for path in source_directories([tmp_path])}
    assert found == {".", "src", "src/deep"}


def test_modules_outside_of_the_project_add_their_directory(tmp_path: Path) -> None:
    project, library = tmp_path / "project", tmp_path / "library"
    project.mkdir()
    library.mkdir()
    known = {project / "a.py", library / "b.py", tmp_path / "absent" / "c.py"}
    assert extra_roots(known, {project}) == {library}
