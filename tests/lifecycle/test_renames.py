"""What becomes of stored data when classes are renamed, deleted, made again or transferred."""

from __future__ import annotations

import pytest

from tests.lifecycle.project import Project, step

KEYS = ("new_classes", "new_sqlite_classes")


@pytest.mark.parametrize("key", KEYS)
def test_a_renamed_class_has_its_objects_and_their_ids(project: Project, key: str) -> None:
    v1 = step("v1", f'{key} = ["Counter"]')
    v2 = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')
    v3 = step("v3", 'renamed_classes = [{ from = "Tally", to = "Score" }]')
    project.write(classes=["Counter"], migrations=v1)
    before = project.visit("Counter/a", "Counter/a/id")
    project.write(classes=["Tally"], migrations=v1 + v2)
    assert project.visit("Tally/a", "Tally/a/id") == ["2", before[1]]
    assert project.notes == []
    project.write(classes=["Score"], migrations=v1 + v2 + v3)
    assert project.visit("Score/a", "Score/a/id") == ["3", before[1]]
    assert project.notes == []


@pytest.mark.parametrize("key", KEYS)
def test_alarms_come_along_with_a_renamed_class(project: Project, key: str) -> None:
    v1 = step("v1", f'{key} = ["Counter"]')
    project.write(classes=["Counter"], migrations=v1)
    project.visit("Counter/a/wake")
    v2 = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')
    project.write(classes=["Tally"], migrations=v1 + v2)
    assert project.visit("Tally/a/alarm_time") == ["4102444800000"]


def test_a_rename_that_is_taken_back_brings_the_data_back(project: Project) -> None:
    v1 = step("v1", 'new_sqlite_classes = ["Counter"]')
    v2 = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')
    project.write(classes=["Counter"], migrations=v1)
    project.visit("Counter/a")
    project.write(classes=["Tally"], migrations=v1 + v2)
    project.visit("Tally/a")
    project.write(classes=["Counter"], migrations=v1)
    assert project.visit("Counter/a") == ["3"]
    assert project.notes == []


def test_a_class_that_takes_the_name_of_a_renamed_one_starts_empty(project: Project) -> None:
    v1 = step("v1", 'new_sqlite_classes = ["Counter"]')
    v2 = step(
        "v2",
        'renamed_classes = [{ from = "Counter", to = "Tally" }]\nnew_sqlite_classes = ["Counter"]',
    )
    project.write(classes=["Counter"], migrations=v1)
    project.visit("Counter/a")
    project.write(classes=["Counter", "Tally"], migrations=v1 + v2)
    assert project.visit("Counter/a", "Tally/a") == ["1", "2"]
    assert project.visit("Counter/a", "Tally/a") == ["2", "3"]
    assert project.notes == []


def test_a_class_that_is_bound_beside_what_it_became_starts_empty(project: Project) -> None:
    v1 = step("v1", 'new_sqlite_classes = ["Counter"]')
    v2 = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')
    project.write(classes=["Counter"], migrations=v1)
    project.visit("Counter/a")
    project.write(classes=["Counter", "Tally"], migrations=v1 + v2)
    assert project.visit("Counter/a", "Tally/a") == ["1", "2"]


def test_a_migration_whose_new_class_is_not_there_yet_changes_nothing(project: Project) -> None:
    v1 = step("v1", 'new_classes = ["Counter"]')
    v2 = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')
    project.write(classes=["Counter"], migrations=v1)
    project.visit("Counter/a")
    project.write(classes=["Counter"], migrations=v1 + v2)
    assert project.visit("Counter/a") == ["2"]


def test_data_of_a_deleted_class_stays_and_is_told(project: Project) -> None:
    v1 = step("v1", 'new_sqlite_classes = ["Counter", "Kept"]')
    project.write(classes=["Counter", "Kept"], migrations=v1)
    project.visit("Counter/a", "Counter/b", "Kept/a")
    v2 = step("v2", 'deleted_classes = ["Counter"]')
    project.write(classes=["Kept"], migrations=v1 + v2)
    assert project.visit("Kept/a") == ["2"]
    (note,) = project.notes
    assert note.startswith(
        '2 objects of the Durable Object class Counter, deleted by migration "v2", are still in '
    )
    assert "pyworkers deletes nothing because of a config. To delete them now:" in note
    assert project.commands() == [["delete", "Counter"]]
    assert project.state("delete", "Counter", "--yes").exit_code == 0
    assert project.visit("Kept/a") == ["3"]
    assert project.notes == []


def test_a_class_that_is_made_again_after_its_deletion_starts_empty(project: Project) -> None:
    v1 = step("v1", 'new_sqlite_classes = ["Counter"]')
    v2 = step("v2", 'deleted_classes = ["Counter"]')
    v3 = step("v3", 'new_sqlite_classes = ["Counter"]')
    project.write(classes=["Counter"], migrations=v1)
    project.visit("Counter/a")
    project.write(classes=["Counter"], migrations=v1 + v2 + v3)
    assert project.visit("Counter/a") == ["1"]
    assert project.commands() == [["delete", "shop-Counter"]]
    assert project.state("delete", "shop-Counter", "--yes").output == (
        "Deleted 1 object of shop-Counter.\n"
    )
    assert project.visit("Counter/a") == ["2"]


def test_a_transferred_class_has_the_data_and_the_storage_it_had(project: Project) -> None:
    project.write(classes=["Counter"], migrations=step("v1", 'new_sqlite_classes = ["Counter"]'))
    project.visit("Counter/a")
    transfer = step(
        "v1", 'transferred_classes = [{ from = "Counter", from_script = "shop", to = "Tally" }]'
    )
    project.write(classes=["Tally"], migrations=transfer)
    project.config.write_text(project.config.read_text().replace('"shop"', '"market"', 1))
    assert project.visit("Tally/a") == ["2"]
    assert project.notes == []


def test_exports_rename_as_migrations_do(project: Project) -> None:
    created = '[exports]\nCounter = { type = "durable-object", storage = "sqlite" }\n'
    project.write(classes=["Counter"], migrations=created)
    project.visit("Counter/a")
    renamed = """\
[exports]
Score = { type = "durable-object", storage = "sqlite" }
Tally = { type = "durable-object", state = "renamed", renamed_to = "Score" }
Counter = { type = "durable-object", state = "renamed", renamed_to = "Tally" }
"""
    project.write(classes=["Score"], migrations=renamed)
    assert project.visit("Score/a") == ["2"]
