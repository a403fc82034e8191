"""The parsers of `vars` and `durable_objects`."""

from __future__ import annotations

import pytest

from emulator.bindings.durable_objects_config import DurableObjectBinding
from tests.config.samples import HEAD, read, said, said_below_head

SQLITE = '[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Counter"]\n'


def test_vars_keep_their_json_types() -> None:
    text = "[vars]\nS = 'text'\nN = 1\nF = 1.5\nB = false\nO = { a = [1, 'x'] }\n"
    bindings = read(HEAD + text).worker.bindings
    assert [(name, binding.config) for name, binding in bindings.items()] == [
        ("S", "text"),
        ("N", 1),
        ("F", 1.5),
        ("B", False),
        ("O", {"a": [1, "x"]}),
    ]


def test_toml_dates_are_refused_wherever_they_stand() -> None:
    assert said_below_head("[vars]\nD = 2020-01-01\nL = [{ t = 12:00:00 }]\n") == [
        '2:5 error The field "vars.D" is a TOML date, which is not supported.',
        '3:12 error The field "vars.L[0].t" is a TOML date, which is not supported.',
    ]


def test_vars_must_be_an_object() -> None:
    assert said_below_head("vars = []\n") == [
        '1:8 error The field "vars" should be an object but got [].'
    ]


def test_durable_object_bindings_are_read() -> None:
    text = SQLITE + (
        "[durable_objects]\nbindings = [\n"
        "  { name = 'A', class_name = 'Counter' },\n"
        "  { name = 'B', class_name = 'Other', script_name = 's', environment = 'prod' },\n]\n"
    )
    loaded = read(HEAD + text)
    assert loaded.warnings == ()
    assert [binding.config for binding in loaded.worker.bindings.values()] == [
        DurableObjectBinding("A", "Counter"),
        DurableObjectBinding("B", "Other", "s", "prod"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "durable_objects = 1\n",
            ['1:19 error The field "durable_objects" should be an object but got 1.'],
        ),
        (
            "[durable_objects]\n",
            ['1:1 error The field "durable_objects" is missing the required "bindings" array.'],
        ),
        (
            "durable_objects.bindings = {}\n",
            ['1:28 error The field "durable_objects.bindings" should be an array but got {}.'],
        ),
        (
            "durable_objects.bindings = [1]\n",
            ['1:29 error Expected "durable_objects.bindings[0]" to be an object but got 1'],
        ),
        (
            "[[durable_objects.bindings]]\n",
            [
                '1:1 error binding should have a string "name" field.',
                '1:1 error binding should have a string "class_name" field.',
            ],
        ),
        (
            "[[durable_objects.bindings]]\nname = 1\nclass_name = 'C'\nscript_name = 2\n",
            [
                '2:8 error binding should have a string "name" field.',
                '4:15 error the field "script_name", when present, should be a string.',
            ],
        ),
        (
            "[[durable_objects.bindings]]\nname = 'A'\nclass_name = 'Counter'\nenvironment = 'e'\n",
            ['4:15 error binding should have a "script_name" field if "environment" is present.'],
        ),
        (
            "[[durable_objects.bindings]]\nname = 'A'\nclass_name = 'Counter'\nclass = 'e'\n",
            ['4:1 warning Unexpected fields found in durable_objects.bindings[0] field: "class"'],
        ),
    ],
)
def test_mistakes_in_durable_objects_are_reported(text: str, expected: list[str]) -> None:
    found = said(HEAD + text + SQLITE)
    shifted = [f"{int(each.split(':')[0]) - 4}:{each.partition(':')[2]}" for each in found]
    assert shifted == expected


def test_classes_without_migrations_get_a_ready_made_snippet() -> None:
    text = "[[durable_objects.bindings]]\nname = 'A'\nclass_name = 'Missing'\n"
    (warning,) = read(HEAD + text).warnings
    assert warning.message.startswith(
        "In your wrangler.toml file, you have configured `durable_objects` exported by this "
        "Worker (Missing), but no `migrations` for them."
    )
    assert warning.hint == 'add\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Missing"]'
    assert read(HEAD + text + "script_name = 'other'\n").warnings == ()
