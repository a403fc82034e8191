"""How binding tables are handed to their parsers and brought together."""

from __future__ import annotations

import pytest

from tests.config.samples import DURABLE_OBJECTS, HEAD, KV, QUEUES, VARS, read, said_below_head

ALL = (DURABLE_OBJECTS, VARS, KV, QUEUES)


def test_bindings_stand_in_the_order_of_the_file() -> None:
    text = (
        "[[kv_namespaces]]\nbinding = 'Z'\n[vars]\nY = 1\nB = 2\n"
        "[[queues.producers]]\nbinding = 'A'\n[[kv_namespaces]]\nbinding = 'C'\n"
    )
    bindings = read(HEAD + text, registry=ALL).worker.bindings
    assert list(bindings) == ["Z", "Y", "B", "A", "C"]
    assert [binding.kind for binding in bindings.values()] == [KV, VARS, VARS, QUEUES, KV]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[[kv_namespaces]]\nbinding = 'X'\n[vars]\nX = 1\n",
            "X assigned to Environment Variable and KV Namespace bindings.",
        ),
        (
            "[[kv_namespaces]]\nbinding = 'X'\n[[kv_namespaces]]\nbinding = 'X'\n",
            "X assigned to multiple KV Namespace bindings.",
        ),
        (
            "[[kv_namespaces]]\nbinding = 'X'\n[[queues.producers]]\nbinding = 'X'\n[vars]\nX = 1\n",
            "X assigned to Environment Variable, KV Namespace, and Queue bindings.",
        ),
    ],
)
def test_a_name_that_is_used_twice_is_an_error(text: str, message: str) -> None:
    (found,) = said_below_head(text, registry=ALL)
    assert found.partition(" error ")[2] == (
        f"{message}\n"
        "Bindings must have unique names, so that they can all be referenced in the worker.\n"
        "Please change your bindings to have unique names."
    )


def test_a_part_of_a_table_that_no_parser_reads_is_named() -> None:
    text = "[[queues.producers]]\nbinding = 'Q'\n[[queues.consumers]]\nqueue = 'q'\n"
    assert said_below_head(text, registry=ALL) == [
        '3:10 warning "queues.consumers" is not supported by pyworkers yet'
    ]


def test_the_parent_of_a_dotted_table_must_be_an_object() -> None:
    assert said_below_head("queues = 1\n", registry=ALL) == [
        '1:10 error The field "queues" should be an object but got 1.'
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "kv_namespaces = 1\n",
            '1:17 error The field "kv_namespaces" should be an array but got 1.',
        ),
        (
            "kv_namespaces = [1]\n",
            '1:18 error "kv_namespaces[0]" bindings should be objects, but got 1',
        ),
        (
            "[[kv_namespaces]]\nid = 'x'\n",
            (
                '1:1 error "kv_namespaces[0]" bindings should have a string "binding" field '
                'but got {"id":"x"}.'
            ),
        ),
        (
            "[[kv_namespaces]]\nbinding = 'A'\nid = 1\n",
            (
                '3:6 error "kv_namespaces[0]" bindings should, optionally, have a string "id" field '
                'but got {"binding":"A","id":1}.'
            ),
        ),
    ],
)
def test_the_shape_of_binding_items_is_checked(text: str, expected: str) -> None:
    assert said_below_head(text, registry=ALL) == [expected]


def test_unsafe_fields_get_wranglers_warning() -> None:
    assert '1:2 warning "unsafe" fields are experimental and may change or break at any time.' in (
        said_below_head("[unsafe]\nx = 1\n")
    )
