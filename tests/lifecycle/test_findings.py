"""What is said at a start about data that no class sees; what it says to write or run works."""

from __future__ import annotations

import json
import tomllib
from textwrap import dedent

import pytest

from tests.lifecycle.project import Project, step

CREATE = step("v1", 'new_sqlite_classes = ["Counter"]')


def snippet(note: str) -> str:
    """The TOML in a note."""
    lines = note.splitlines()
    begin = next(index for index, line in enumerate(lines) if "[[migrations]]" in line)
    end = next(index for index, line in enumerate(lines) if index and line.startswith("    To "))
    return dedent("\n".join(lines[begin:end])) + "\n"


def test_in_the_usual_case_nothing_is_said(project: Project) -> None:
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit("Counter/a")
    project.visit("Counter/a")
    assert project.notes == []


def test_a_class_renamed_without_a_migration_is_told_with_what_to_write(project: Project) -> None:
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit("Counter/a", "Counter/b")
    project.write(classes=["Tally"], migrations=CREATE)
    project.visit()
    (note,) = project.notes
    place = note.partition(" are in ")[2].partition(" (")[0]
    options = f" --config {place.removesuffix('.pyworkers/state')}wrangler.toml"
    first = (
        f"2 objects of the Durable Object class Counter are in {place} (SQLite), and no class of "
        "this Worker has them."
    )
    assert note == "\n    ".join(
        (
            first,
            "If Counter was renamed to Tally, say so in wrangler.toml:",
            "    [[migrations]]",
            '    tag = "v2"',
            '    renamed_classes = [{ from = "Counter", to = "Tally" }]',
            "To delete them:",
            f"    pyworkers state delete Counter{options}",
        )
    )
    project.write(classes=["Tally"], migrations=CREATE + snippet(note))
    assert project.visit("Tally/a") == ["2"]
    assert project.notes == []


@pytest.mark.parametrize("sqlite", [False, True])
def test_a_class_in_no_migration_gets_both_steps(project: Project, *, sqlite: bool) -> None:
    key = "new_sqlite_classes" if sqlite else "new_classes"
    before = step("v1", f'{key} = ["Counter"]') if sqlite else ""
    project.write(classes=["Counter"], migrations=before)
    project.visit("Counter/a")
    project.write(classes=["Tally"])
    project.visit()
    (note,) = project.notes
    text = snippet(note)
    assert f'tag = "v1"\n{key} = ["Counter"]' in text
    project.write(classes=["Tally"], migrations=text)
    assert project.visit("Tally/a") == ["2"]


def test_where_the_new_name_took_the_place_of_the_old_the_old_one_must_return(
    project: Project,
) -> None:
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit("Counter/a")
    project.write(classes=["Tally"], migrations=CREATE.replace("Counter", "Tally"))
    project.visit()
    (note,) = project.notes
    assert ["move", "Counter", "Tally"] in project.commands()
    assert '# "Counter" again in new_sqlite_classes, in place of "Tally"; then' in note
    project.write(classes=["Tally"], migrations=CREATE + snippet(note))
    assert project.visit("Tally/a") == ["2"]


def test_with_several_new_classes_none_is_guessed(project: Project) -> None:
    project.write(classes=["Counter"])
    project.visit("Counter/a")
    project.write(classes=["Score", "Tally"])
    project.visit()
    assert "If Counter was renamed to NEW (Score or Tally), say so" in project.notes[0]
    assert ["move", "Counter", "NEW"] in project.commands()


def test_a_class_that_was_only_removed_is_told(project: Project) -> None:
    project.write(classes=["Counter", "Kept"])
    project.visit("Counter/a", "Kept/a")
    project.write(classes=["Kept"])
    project.visit()
    assert project.commands() == [["delete", "Counter"]]


def test_objects_made_before_the_migration_are_told(project: Project) -> None:
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit("Counter/a")
    project.write(
        classes=["Tally"], migrations=CREATE.replace('["Counter"]', '["Counter", "Tally"]')
    )
    project.visit("Tally/z")
    rename = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')
    project.write(classes=["Tally"], migrations=CREATE + rename)
    assert project.visit("Tally/a") == ["2"]
    (note,) = project.notes
    assert note.startswith("1 object made as Durable Object class Tally is in ")
    assert "it has the data of Counter now (1 object)." in note
    assert project.commands() == [["delete", "shop-Tally"]]


def test_objects_made_under_the_new_name_can_be_taken_where_the_old_has_none(
    project: Project,
) -> None:
    project.write(classes=["Tally"], migrations=CREATE.replace("Counter", "Tally"))
    project.visit("Tally/a")
    rename = step("v2", 'renamed_classes = [{ from = "Counter", to = "Tally" }]')
    project.write(classes=["Tally"], migrations=CREATE + rename)
    project.visit()
    assert ["move", "shop-Tally", "Tally"] in project.commands()
    assert project.state("move", "shop-Tally", "Tally").exit_code == 0
    assert project.visit("Tally/a") == ["2"]
    assert project.notes == []


def test_a_class_that_changes_its_storage_is_told(project: Project) -> None:
    project.write(classes=["Counter"], migrations=step("v1", 'new_classes = ["Counter"]'))
    project.visit("Counter/a")
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit()
    (note,) = project.notes
    assert note.startswith(
        "1 object of the Durable Object class Counter is in key-value storage in "
    )
    assert (
        "where Counter does not see it: wrangler.toml has it in new_sqlite_classes now, so it uses "
        "SQLite.\n    To see it again, put Counter in new_classes." in note
    )
    assert project.commands() == [["convert", "Counter"], ["delete", "Counter", "--storage", "kv"]]


def test_a_class_whose_migration_is_gone_is_told(project: Project) -> None:
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit("Counter/a")
    project.write(classes=["Counter"])
    project.visit()
    (note,) = project.notes
    assert "wrangler.toml has it in no migration now, so it uses key-value storage." in note
    assert project.commands() == [["delete", "Counter", "--storage", "sqlite"]]


def test_data_of_the_worker_under_its_earlier_name_is_told(project: Project) -> None:
    project.write(classes=["Counter", "Kept"], migrations=CREATE)
    project.visit("Counter/a", "Kept/a")
    project.write(classes=["Counter"], migrations=CREATE)
    project.config.write_text(project.config.read_text().replace('"shop"', '"market"', 1))
    project.visit()
    (note,) = project.notes
    assert note.startswith(
        "1 object of the Durable Object class Counter of a Worker named shop is in "
    )
    assert "and Counter of this Worker, market, has none.\n    If the Worker was renamed" in note
    assert project.commands() == [["move", "shop-Counter", "Counter"]]
    assert project.state("move", "shop-Counter", "Counter").exit_code == 0
    assert project.visit("Counter/a") == ["2"]
    assert project.notes == []


@pytest.mark.parametrize("name", ["shop-staging", "sh"])
def test_other_workers_in_the_directory_are_none_of_its_business(
    project: Project, name: str
) -> None:
    project.write(classes=["Counter"])
    project.visit("Counter/a")
    project.write(classes=["Counter" if "-" in name else "Tally"])
    project.config.write_text(project.config.read_text().replace('"shop"', f'"{name}"', 1))
    project.visit()
    assert project.notes == []


def test_a_config_with_exports_is_told_what_to_write_there(project: Project) -> None:
    counter = '[exports]\nCounter = { type = "durable-object", storage = "legacy-kv" }\n'
    project.write(classes=["Counter"], migrations=counter)
    project.visit("Counter/a")
    tally = counter.replace("Counter", "Tally")
    project.write(classes=["Tally"], migrations=tally)
    project.visit()
    (line,) = [line for line in project.notes[0].splitlines() if "renamed_to" in line]
    assert line.endswith("  # in [exports]")
    project.write(classes=["Tally"], migrations=f"{tally}{line.strip()}\n")
    assert project.visit("Tally/a") == ["2"]
    sqlite = f"{tally}{line.strip()}\n".replace("legacy-kv", "sqlite")
    project.write(classes=["Tally"], migrations=sqlite)
    project.visit()
    assert 'wrangler.toml has it in exports with storage = "sqlite" now' in project.notes[0]
    assert 'put Tally in exports with storage = "legacy-kv".' in project.notes[0]


def test_a_config_in_json_is_told_json(project: Project) -> None:
    project.write(classes=["Counter"], migrations=CREATE)
    project.visit("Counter/a")
    project.write(classes=["Tally"], migrations=CREATE)
    config = tomllib.loads(project.config.read_text())
    project.config.unlink()
    project.config = project.directory / "wrangler.jsonc"
    project.config.write_text(json.dumps(config))
    project.visit()
    (line,) = [line for line in project.notes[0].splitlines() if "renamed_classes" in line]
    assert line.endswith(',  // in "migrations"')
    config["migrations"].append(json.loads(line.partition(",  //")[0]))
    project.config.write_text(json.dumps(config))
    assert project.visit("Tally/a") == ["2"]
