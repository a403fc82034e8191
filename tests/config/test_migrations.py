"""Which classes use SQLite, by replay of `migrations` or from `exports`."""

from __future__ import annotations

import pytest

from emulator.config import ClassOrigin, Departure, MigrationPlan
from tests.config.samples import HEAD, read, said_below_head


def plan(text: str) -> MigrationPlan:
    return read(HEAD + text).worker.migrations


def test_without_migrations_no_class_uses_sqlite() -> None:
    assert plan("") == MigrationPlan()
    assert not plan("").uses_sqlite("Counter")


def test_steps_are_replayed_in_order() -> None:
    found = plan(
        """
[[migrations]]
tag = "v1"
new_classes = ["A", "B"]
new_sqlite_classes = ["S"]
[[migrations]]
tag = "v2"
deleted_classes = ["A"]
renamed_classes = [{ from = "S", to = "T" }]
[[migrations]]
tag = "v3"
renamed_classes = [{ from = "T", to = "U" }]
transferred_classes = [{ from = "X", from_script = "s", to = "Y" }]
"""
    )
    assert (frozenset("U"), frozenset("B")) == (found.sqlite_classes, found.kv_classes)
    assert (dict(found.renames), found.deleted) == ({"U": ("T", "S")}, ("A",))
    assert found.tags == ("v1", "v2", "v3")
    assert found.uses_sqlite("U")


def test_within_a_step_deletion_comes_first_and_creation_last() -> None:
    found = plan(
        """
[[migrations]]
tag = "v1"
new_classes = ["A", "B"]
[[migrations]]
tag = "v2"
new_sqlite_classes = ["A", "B"]
renamed_classes = [{ from = "B", to = "C" }]
deleted_classes = ["A"]
"""
    )
    assert found.sqlite_classes == {"A", "B"}
    assert found.kv_classes == {"C"}
    assert found.deleted == ()


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            'deleted_classes = ["X"]',
            "3:20 error Cannot apply deleted_classes migration to non-existent class X",
        ),
        (
            'renamed_classes = [{ from = "X", to = "Y" }]',
            "3:20 error Cannot apply renamed_classes migration to non-existent class X",
        ),
        (
            'new_classes = ["X", "X"]',
            "3:21 error Cannot apply new_classes migration to existing class X",
        ),
        (
            'new_classes = ["X"]\nnew_sqlite_classes = ["X"]',
            "4:23 error Cannot apply new_sqlite_classes migration to existing class X",
        ),
        (
            "renamed_classes = [1]",
            (
                '3:19 error Expected "migrations[0].renamed_classes" to be an array of '
                '"{from: string, to: string}" objects but got [1].'
            ),
        ),
        (
            "transferred_classes = {}",
            (
                '3:23 error Expected "migrations[0].transferred_classes" to be an array of '
                '"{from: string, from_script: string, to: string}" objects but got {}.'
            ),
        ),
        (
            "new_classes = 1",
            '3:15 error Expected "migrations[0].new_classes" to be of type string array but got 1.',
        ),
        ("foo = 1", '3:1 warning Unexpected fields found in migrations field: "foo"'),
    ],
)
def test_a_step_that_cannot_be_applied_is_reported_where_it_stands(
    step: str, expected: str
) -> None:
    assert said_below_head(f'[[migrations]]\ntag = "v1"\n{step}\n') == [expected]


def test_a_step_needs_a_tag() -> None:
    assert said_below_head("[[migrations]]\n") == [
        '1:1 error "migrations[0].tag" is a required field.'
    ]


def test_migrations_must_be_a_list() -> None:
    assert said_below_head("migrations = 1\n") == [
        '1:14 error The optional "migrations" field should be an array, but got 1'
    ]


def test_exports_declare_classes_without_steps() -> None:
    found = plan(
        """
[exports]
A = { type = "durable-object", storage = "sqlite" }
K = { type = "durable-object", storage = "legacy-kv" }
Old = { type = "durable-object", state = "renamed", renamed_to = "K" }
Gone = { type = "durable-object", state = "deleted" }
Entry = { type = "worker" }
"""
    )
    assert (frozenset("A"), frozenset("K")) == (found.sqlite_classes, found.kv_classes)
    assert (dict(found.renames), found.deleted) == ({"K": ("Old",)}, ("Gone",))


def test_migrations_and_exports_exclude_each_other() -> None:
    text = '[[migrations]]\ntag = "v1"\n[exports]\nA = { type = "durable-object" }\n'
    assert said_below_head(text) == ["3:2 error `migrations` and `exports` are mutually exclusive."]


def test_an_export_has_a_known_type() -> None:
    assert said_below_head('[exports]\nA = { type = "x" }\n') == [
        (
            '2:14 error Expected "exports.A.type" field to be one of ["durable-object","worker"] '
            'but got "x".'
        )
    ]


def test_a_class_keeps_its_origin_and_a_name_may_have_several_lives() -> None:
    found = plan(
        """
[[migrations]]
tag = "v1"
new_classes = ["A", "B"]
[[migrations]]
tag = "v2"
deleted_classes = ["B"]
renamed_classes = [{ from = "A", to = "B" }]
new_classes = ["A"]
[[migrations]]
tag = "v3"
deleted_classes = ["A"]
new_classes = ["A"]
transferred_classes = [{ from = "X", from_script = "other", to = "Y" }]
"""
    )
    assert dict(found.origins) == {
        "A": ClassOrigin("A", life=3),
        "B": ClassOrigin("A"),
        "Y": ClassOrigin("X", script="other"),
    }
    assert dict(found.departures) == {
        ClassOrigin("B"): Departure("B", "deleted", "v2"),
        ClassOrigin("A", life=2): Departure("A", "deleted", "v3"),
    }
    assert [found.origin(name).unique_key("w") for name in ("A", "B", "Y", "Z")] == [
        "w-A@3",
        "w-A",
        "other-X",
        "w-Z",
    ]


def test_exports_say_renames_in_any_order_and_transfers() -> None:
    found = plan(
        """
[exports]
C = { type = "durable-object" }
B = { type = "durable-object", state = "renamed", renamed_to = "C" }
A = { type = "durable-object", state = "renamed", renamed_to = "B" }
Here = { type = "durable-object", state = "expecting-transfer", transfer_from = "other" }
There = { type = "durable-object", state = "transferred", transferred_to = "other" }
"""
    )
    assert dict(found.origins) == {
        "C": ClassOrigin("A"),
        "Here": ClassOrigin("Here", script="other"),
    }
    assert found.renames["C"] == ("B", "A")
    assert dict(found.departures) == {ClassOrigin("There"): Departure("There", "transferred", None)}
