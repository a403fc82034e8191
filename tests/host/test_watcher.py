"""The watcher, over a file system and a clock that the test holds in its hands."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.host.file_view import Listing, RealFileView, Stamp
from emulator.host.relevance import is_ignored_directory, is_relevant
from emulator.host.watcher import BATCH_S, QUIET_S, Watcher

ROOT = "/project"


class FakeFiles:
    """A tree of files, and the time."""

    def __init__(self) -> None:
        self.files: dict[str, Stamp] = {}
        self.now_s = 100.0
        self.spent_s = 0.0
        self.stamp_cost_s = 0.0
        self.looks: list[float] = []
        self.saves = 0

    def save(self, name: str, size: int = 10) -> str:
        path = name if name.startswith("/") else f"{ROOT}/{name}"
        self.saves += 1
        self.files[path] = (int(self.now_s * 1e9) + self.saves, size, 1)
        return path

    def remove(self, name: str) -> str:
        path = f"{ROOT}/{name}"
        del self.files[path]
        return path

    def stamp(self, path: str) -> Stamp | None:
        self.spent_s += self.stamp_cost_s
        self.looks.append(self.now_s)
        return self.files.get(path)

    def listing(self, directory: str) -> Listing:
        listing = Listing()
        for path, stamp in self.files.items():
            inside = Path(path).relative_to(directory) if path.startswith(directory + "/") else None
            if inside is None:
                continue
            if len(inside.parts) == 1:
                if is_relevant(path.rpartition("/")[2]):
                    listing.files[path] = stamp
                listing.is_environment |= inside.name == "pyvenv.cfg"
            elif not is_ignored_directory(inside.parts[0]):
                child = f"{directory}/{inside.parts[0]}"
                if child not in listing.directories:
                    listing.directories.append(child)
        return listing


class Watched:
    """A watcher of the fake project."""

    def __init__(self, *known: str) -> None:
        self.files = FakeFiles()
        for name in known:
            self.files.save(name)
        self.files.now_s += 1.0
        self.watcher = Watcher(
            Path(ROOT),
            {Path(ROOT) / name for name in known},
            since_ns=int(self.files.now_s * 1e9),
            view=self.files,
            now_s=lambda: self.files.now_s,
            spent_s=lambda: self.files.spent_s,
        )
        self.run(1.0)

    def run(self, duration_s: float) -> list[frozenset[str]]:
        """Looks whenever a look is due; what was reported."""
        end_s = self.files.now_s + duration_s
        reports = []
        while self.files.now_s < end_s:
            self.files.now_s += max(self.watcher.due_in_s(), 0.001)
            changed = self.watcher.look()
            if changed:
                reports.append(changed)
        return reports


def test_a_saved_file_is_reported_once() -> None:
    project = Watched("entry.py")
    path = project.files.save("entry.py")
    assert project.run(1.0) == [frozenset({path})]
    assert project.run(1.0) == []


def test_a_save_is_reported_soon() -> None:
    project = Watched("entry.py")
    project.files.save("entry.py")
    assert len(project.run(0.05 + QUIET_S + 0.03)) == 1


def test_a_same_size_save_in_the_same_second_is_seen() -> None:
    project = Watched("entry.py")
    project.files.save("entry.py", size=10)
    assert len(project.run(0.3)) == 1
    project.files.save("entry.py", size=10)
    assert len(project.run(0.3)) == 1


def test_many_files_at_once_are_one_report() -> None:
    project = Watched("entry.py", "a.py", "b.py")
    paths = {project.files.save(name) for name in ("entry.py", "a.py", "b.py", "new.py")}
    assert project.run(1.0) == [frozenset(paths)]


def test_files_that_keep_changing_are_reported_in_the_end() -> None:
    project = Watched("entry.py")
    reports = []
    for _ in range(int(2 * BATCH_S / 0.02)):
        project.files.save("entry.py")
        reports += project.run(0.02)
    assert reports


def test_a_file_that_is_removed_and_written_again_is_one_change() -> None:
    project = Watched("entry.py")
    project.files.remove("entry.py")
    assert project.run(0.1) == []
    path = project.files.save("entry.py")
    assert project.run(1.0) == [frozenset({path})]


def test_what_is_as_before_in_the_end_is_not_reported() -> None:
    project = Watched("entry.py")
    path = f"{ROOT}/entry.py"
    before = project.files.files.pop(path)
    assert project.run(0.1) == []
    project.files.files[path] = before  # moved away, and back
    assert project.run(1.0) == []


def test_a_file_that_another_one_replaces_is_seen_by_its_inode() -> None:
    project = Watched("entry.py")
    path = f"{ROOT}/entry.py"
    mtime_ns, size, inode = project.files.files[path]
    project.files.files[path] = (mtime_ns, size, inode + 1)
    assert project.run(1.0) == [frozenset({path})]


def test_a_new_module_and_the_file_that_imports_it_are_one_report() -> None:
    project = Watched("entry.py")
    paths = {project.files.save("package/__init__.py"), project.files.save("entry.py")}
    assert project.run(2.0) == [frozenset(paths)]
    project.watcher.know({Path(path) for path in paths}, since_ns=int(project.files.now_s * 1e9))
    assert project.run(1.0) == []


def test_a_file_that_stays_away_is_reported() -> None:
    project = Watched("entry.py", "other.py")
    path = project.files.remove("other.py")
    assert project.run(1.0) == [frozenset({path})]


def test_new_modules_and_templates_are_found_in_the_tree() -> None:
    project = Watched("entry.py")
    path = project.files.save("templates/page.html")
    assert project.run(1.0) == [frozenset({path})]


def test_environments_and_state_are_not_looked_at() -> None:
    project = Watched("entry.py")
    project.files.save("node_modules/x.py")
    project.files.save(".pyworkers/state/x.py")
    project.files.save("myenv/pyvenv.cfg")
    project.files.save("myenv/lib/site.py")
    assert project.run(1.0) == []


def test_what_was_saved_while_the_worker_started_counts() -> None:
    project = Watched("entry.py")
    since_ns = int(project.files.now_s * 1e9)
    project.files.now_s += 0.01
    path = project.files.save("late.py")
    project.watcher.know({Path(ROOT) / "entry.py", Path(path)}, since_ns=since_ns)
    assert project.run(1.0) == [frozenset({path})]


def test_what_changes_after_a_report_is_another_one() -> None:
    project = Watched("entry.py")
    for _ in range(3):
        project.files.save("entry.py")
        assert len(project.run(0.5)) == 1


def test_source_outside_of_the_project_is_watched_with_its_neighbours() -> None:
    project = Watched("entry.py")
    library, neighbour = (project.files.save(f"/library/{name}") for name in ("a.py", "b.py"))
    project.files.now_s += 1.0
    known = {Path(ROOT) / "entry.py", Path(library)}
    project.watcher.know(known, since_ns=int(project.files.now_s * 1e9))
    assert project.run(1.0) == []
    project.files.save(library)
    assert project.run(1.0) == [frozenset({library})]
    project.files.save(neighbour)
    assert project.run(1.0) == [frozenset({neighbour})]
    project.files.save("/library/deeper/c.py")
    assert project.run(1.0) == []


def test_the_tree_is_looked_at_often_while_the_worker_does_not_start() -> None:
    project = Watched("entry.py")
    since_ns = int(project.files.now_s * 1e9)
    project.watcher.know_too({Path("/elsewhere/main.py")}, since_ns=since_ns)
    project.run(0.5)
    project.files.save("helper.py")
    assert len(project.run(0.05 + QUIET_S + 0.03)) == 1
    main = project.files.save("/elsewhere/main.py")
    assert project.run(0.5) == [frozenset({main})]


def test_looking_takes_less_than_a_hundredth_of_the_time_however_many_files_there_are() -> None:
    project = Watched(*(f"m{n}.py" for n in range(200)))
    project.files.stamp_cost_s = 2e-6
    project.watcher.know(
        {Path(path) for path in project.files.files}, since_ns=int(project.files.now_s * 1e9)
    )
    before_s = project.files.spent_s
    project.run(10.0)
    assert project.files.spent_s - before_s < 0.1
    path = project.files.save("m7.py")
    assert project.run(0.25) == [frozenset({path})]


def test_it_looks_less_often_when_nothing_was_saved_for_long() -> None:
    project = Watched("entry.py")
    project.watcher.know({Path(ROOT) / "entry.py"}, since_ns=int(project.files.now_s * 1e9))

    def looks_per_second() -> float:
        project.files.looks.clear()
        project.run(10.0)
        return len(project.files.looks) / 10

    assert looks_per_second() > 15
    project.files.now_s += 3600
    assert looks_per_second() < 5
    project.files.save("entry.py")
    project.run(0.5)
    assert looks_per_second() > 15


def test_known_files_matter_whatever_their_name_is() -> None:
    project = Watched("entry.py", "data.bin")
    path = project.files.save("data.bin")
    assert project.run(1.0) == [frozenset({path})]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("entry.py", True),
        ("page.html", True),
        ("wrangler.toml", True),
        (".dev.vars", True),
        (".env.local", True),
        ("notes.txt", False),
        (".#entry.py", False),
        ("entry.py~", False),
    ],
)
def test_source_config_and_secrets_are_relevant(name: str, expected: bool) -> None:
    assert is_relevant(name) is expected


def test_the_real_view_tells_files_from_directories(tmp_path: Path) -> None:
    (tmp_path / "entry.py").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "package").mkdir()
    (tmp_path / "node_modules").mkdir()
    listing = RealFileView().listing(str(tmp_path))
    assert list(listing.files) == [str(tmp_path / "entry.py")]
    assert listing.directories == [str(tmp_path / "package")]
    assert RealFileView().stamp(str(tmp_path / "nothing")) is None
