"""`pyworkers state`: what it shows, moves, deletes and converts, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.errors import StorageFormatError
from emulator.lifecycle.administration import Administration
from emulator.storage import acquire_lock
from emulator.storage.sqlite import RealSync
from tests.lifecycle.project import Project, step

CREATE = step("v1", 'new_sqlite_classes = ["Counter"]')
KV = step("v1", 'new_classes = ["Counter"]')


@pytest.fixture
def counted(project: Project) -> Project:
    """Two objects of the class Counter, in SQLite."""
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit("Counter/a", "Counter/b")
    return project


# -- list -----------------------------------------------------------------------------------------


def test_the_list_shows_whose_everything_is(counted: Project) -> None:
    more = CREATE + step("v2", 'new_classes = ["Gone", "Kept"]')
    counted.write(classes=["Gone", "Kept", "Stray"], migrations=more)
    counted.visit("Gone/a", "Kept/a", "Kept/b", "Stray/a")
    more += step(
        "v3",
        'renamed_classes = [{ from = "Counter", to = "Tally" }]\ndeleted_classes = ["Gone"]',
    )
    counted.write(classes=["Tally", "Kept"], migrations=more)
    lines = [line.split("   ") for line in counted.state("list").output.splitlines()]
    assert [[cell.strip() for cell in line if cell.strip()] for line in lines] == [
        ["Class", "Objects", "Stored as", "Used by"],
        ["Tally", "2 SQLite", "shop-Counter", "env.Tally", "began as Counter"],
        ["(Gone)", "1 key-value", "shop-Gone", "deleted by migration v3"],
        ["Kept", "2 key-value", "shop-Kept", "env.Kept"],
        ["(Stray)", "1 key-value", "shop-Stray", "no class has it"],
    ]


def test_the_list_is_there_as_json_too(counted: Project) -> None:
    assert json.loads(counted.state("list", "--json").output) == [
        {
            "class": "Counter",
            "bindings": ["Counter"],
            "unique_key": "shop-Counter",
            "sqlite": 2,
            "kv": 0,
            "note": "",
        }
    ]


def test_the_list_names_other_workers_and_unseen_storage(counted: Project) -> None:
    counted.write(classes=["Counter"], migrations=KV)
    assert "Counter uses key-value storage, and does not see the other" in (
        counted.state("list").output
    )
    counted.config.write_text(counted.config.read_text().replace('"shop"', '"market"', 1))
    assert "of the Worker shop" in counted.state("list").output


def test_where_nothing_is_stored_it_says_so(project: Project) -> None:
    project.write(classes=["Counter"])
    result = project.state("list")
    assert (result.exit_code, "nothing is stored in " in result.output) == (2, True)
    project.visit()
    assert project.state("list").output == "No Durable Object has stored anything.\n"
    assert not (project.directory / "elsewhere").exists()
    project.state("list", "--persist-to", str(project.directory / "elsewhere"))
    assert not (project.directory / "elsewhere").exists()


@pytest.mark.parametrize(
    "words", [["list"], ["move", "Counter", "Tally"], ["delete", "Counter", "-y"]]
)
def test_while_another_process_uses_the_state_it_is_refused(
    counted: Project, words: list[str]
) -> None:
    lock = acquire_lock(counted.directory / ".pyworkers/state/lock")
    try:
        result = counted.state(*words)
    finally:
        lock.release()
    assert result.exit_code == 2
    assert " is in use by process " in result.output
    assert counted.visit("Counter/a") == ["2"]


# -- move -----------------------------------------------------------------------------------------


def test_a_move_takes_objects_ids_and_alarms_along(counted: Project) -> None:
    (id_before, _) = counted.visit("Counter/a/id", "Counter/a/wake")
    renamed = CREATE.replace("Counter", "Tally")
    counted.write(classes=["Tally"], migrations=renamed)
    result = counted.state("move", "Counter", "Tally")
    assert (result.exit_code, result.output) == (0, "Tally has the data of Counter: 2 objects.\n")
    assert counted.visit("Tally/a", "Tally/a/id", "Tally/a/alarm_time") == [
        "2",
        id_before,
        "4102444800000",
    ]
    assert counted.notes == []


def test_a_move_again_changes_nothing(counted: Project) -> None:
    counted.write(classes=["Tally"], migrations=CREATE.replace("Counter", "Tally"))
    assert counted.state("move", "Counter", "Tally").exit_code == 0
    file = counted.directory / ".pyworkers/state/moves.json"
    before = file.read_bytes()
    assert counted.state("move", "shop-Counter", "Tally").exit_code == 0
    assert file.read_bytes() == before
    assert counted.visit("Tally/a") == ["2"]


def test_data_in_key_value_storage_can_be_moved_to_a_class_in_sqlite_and_converted(
    project: Project,
) -> None:
    project.write(classes=["Counter"])
    project.visit("Counter/a")
    project.write(classes=["Tally"], migrations=CREATE.replace("Counter", "Tally"))
    result = project.state("move", "Counter", "Tally")
    assert result.output.startswith("Tally has the data of Counter: 1 object.\n")
    assert "pyworkers state convert Tally" in result.output
    assert project.state("convert", "Tally").exit_code == 0
    assert project.visit("Tally/a") == ["2"]


def test_a_moved_class_that_a_migration_renames_keeps_its_data(counted: Project) -> None:
    tally = CREATE.replace("Counter", "Tally")
    counted.write(classes=["Tally"], migrations=tally)
    counted.state("move", "Counter", "Tally")
    rename = step("v2", 'renamed_classes = [{ from = "Tally", to = "Score" }]')
    counted.write(classes=["Score"], migrations=tally + rename)
    assert counted.visit("Score/a") == ["2"]
    counted.write(classes=["Counter"], migrations=CREATE)
    assert counted.visit("Counter/a") == ["3"]


def test_data_of_another_worker_can_be_moved(counted: Project) -> None:
    counted.config.write_text(counted.config.read_text().replace('"shop"', '"market"', 1))
    assert counted.visit() == []
    assert counted.state("move", "shop-Counter", "Counter").exit_code == 0
    assert counted.visit("Counter/a") == ["2"]


@pytest.mark.parametrize(
    ("classes", "migrations", "words", "said"),
    [
        (["Counter"], CREATE, ["Nothing", "Counter"], "nothing is stored of Nothing in "),
        (
            ["Tally"],
            CREATE,
            ["Counter", "Other"],
            "wrangler.toml has no Durable Object class Other",
        ),
        (
            ["Counter", "Tally"],
            CREATE,
            ["Counter", "Tally"],
            "Counter uses its data: the config binds it",
        ),
        (
            ["Tally"],
            "",
            ["Counter", "Tally"],
            "the data of Counter is in SQLite, and Tally uses key-value storage",
        ),
        (
            ["Tally", "Score"],
            CREATE + step("v2", 'renamed_classes = [{ from = "Counter", to = "Score" }]'),
            ["Counter", "Tally"],
            "the data of Counter belongs to Score now",
        ),
    ],
)
def test_a_move_that_would_hide_data_is_refused(
    counted: Project, classes: list[str], migrations: str, words: list[str], said: str
) -> None:
    counted.write(classes=classes, migrations=migrations)
    result = counted.state("move", *words)
    assert (result.exit_code, said in result.output) == (2, True), result.output
    assert not (counted.directory / ".pyworkers/state/moves.json").exists()


def test_a_move_to_a_class_with_data_is_refused(counted: Project) -> None:
    both = CREATE.replace('["Counter"]', '["Counter", "Tally"]')
    counted.write(classes=["Tally"], migrations=both)
    counted.visit("Tally/a")
    result = counted.state("move", "Counter", "Tally")
    assert result.exit_code == 2
    assert "Tally has 1 object of its own" in result.output
    assert "delete them first, with pyworkers state delete Tally" in result.output
    counted.state("delete", "Tally", "-y")
    assert counted.state("move", "Counter", "Tally").exit_code == 0
    assert counted.visit("Tally/b") == ["2"]


# -- delete ---------------------------------------------------------------------------------------


def test_a_deletion_asks_first(counted: Project) -> None:
    result = counted.state("delete", "Counter", input="n\n")
    assert (result.exit_code, "Delete 2 objects of Counter for good? [y/N]" in result.output) == (
        1,
        True,
    )
    assert counted.state("delete", "Counter", input="y\n").output.endswith(
        "Deleted 2 objects of Counter.\n"
    )
    assert counted.visit("Counter/a") == ["1"]


@pytest.mark.parametrize("migrations", [CREATE, KV])
def test_a_deletion_takes_alarms_along_and_leaves_other_classes(
    project: Project, migrations: str
) -> None:
    both = migrations.replace('["Counter"]', '["Counter", "Kept"]')
    project.write(classes=["Counter", "Kept"], migrations=both)
    project.visit("Counter/a", "Counter/a/wake", "Kept/a", "Kept/a/wake")
    assert project.state("delete", "Counter", "--yes").exit_code == 0
    assert [row["unique_key"] for row in json.loads(project.state("list", "--json").output)] == [
        "shop-Kept"
    ]
    assert project.visit("Counter/a/alarm_time", "Kept/a/alarm_time", "Counter/a", "Kept/a") == [
        "None",
        "4102444800000",
        "1",
        "2",
    ]


def test_a_deletion_that_is_cut_short_shows_nothing_old_and_can_be_finished(
    counted: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: RealSync, path: Path) -> None:
        if path.name == "shop-!counter" and not list(path.glob("*.sqlite")):
            raise OSError(5, "no")

    monkeypatch.setattr(RealSync, "directory", fail)
    assert counted.state("delete", "Counter", "-y").exit_code == 2
    folder = counted.directory / ".pyworkers/state/sqlite/shop-!counter"
    assert {path.suffix for path in folder.iterdir()} <= {".sqlite-wal", ".sqlite-shm"}
    monkeypatch.undo()
    assert counted.visit("Counter/a") == ["1"]
    assert counted.state("delete", "Counter", "-y").output == "Deleted 1 object of Counter.\n"
    assert not folder.exists()


def test_only_one_storage_can_be_deleted(counted: Project) -> None:
    counted.write(classes=["Counter"], migrations=KV)
    counted.visit("Counter/a")
    assert counted.state("delete", "Counter", "--storage", "kv", "-y").output == (
        "Deleted 1 object of Counter.\n"
    )
    counted.write(classes=["Counter"], migrations=CREATE)
    assert counted.visit("Counter/a") == ["2"]


# -- convert --------------------------------------------------------------------------------------


@pytest.fixture
def converted(project: Project) -> Project:
    """Two objects in key-value storage, of a class that the config has in SQLite by now."""
    project.write(classes=["Counter"], migrations=KV)
    project.visit("Counter/a", "Counter/a/wake", "Counter/b")
    project.write(classes=["Counter"], migrations=CREATE)
    return project


def test_a_conversion_brings_entries_and_alarms_over(converted: Project) -> None:
    assert converted.state("convert", "Counter").output == "Counter has 2 objects more in SQLite.\n"
    assert converted.visit("Counter/a", "Counter/b", "Counter/a/alarm_time") == [
        "2",
        "2",
        "4102444800000",
    ]
    assert converted.notes == []
    assert converted.state("convert", "Counter").output == "Counter has 0 objects more in SQLite.\n"


def test_a_conversion_that_is_cut_short_can_be_finished(
    converted: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: Administration, namespace: str, object_id: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Administration, "_clear", crash)
    assert converted.state("convert", "Counter").exit_code == 1
    monkeypatch.undo()
    (row,) = json.loads(converted.state("list", "--json").output)
    assert (row["sqlite"], row["kv"]) == (1, 2)
    assert converted.state("convert", "Counter").exit_code == 0
    (row,) = json.loads(converted.state("list", "--json").output)
    assert (row["sqlite"], row["kv"]) == (2, 0)
    assert converted.visit("Counter/a", "Counter/b") == ["2", "2"]


def test_a_conversion_over_other_data_is_refused(converted: Project) -> None:
    converted.visit("Counter/a", "Counter/a")
    result = converted.state("convert", "Counter")
    assert (result.exit_code, "has other data in SQLite already" in result.output) == (2, True)
    assert converted.visit("Counter/a", "Counter/b") == ["3", "1"]


def test_a_conversion_to_key_value_storage_is_refused(counted: Project) -> None:
    counted.write(classes=["Counter"], migrations=KV)
    result = counted.state("convert", "Counter")
    assert result.exit_code == 2
    assert "Counter is not declared in new_sqlite_classes" in result.output


def test_damaged_moves_stop_a_start(counted: Project) -> None:
    (counted.directory / ".pyworkers/state/moves.json").write_text("{")
    result = counted.state("list")
    assert (result.exit_code, "moves.json is damaged at byte 0" in result.output) == (2, True)
    with pytest.raises(StorageFormatError, match="which data was moved"):
        counted.visit()
