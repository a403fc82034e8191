# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""Container protocols of handles (checks 25 to 27, 30)."""

from __future__ import annotations

import operator

import pytest

pytestmark = pytest.mark.usefixtures("realm")


def test_an_array_is_a_list():
    from pyodide.ffi import to_js

    array = to_js([1, 2, 3])
    assert (array[0], array[-1], len(array), 2 in array, True in array) == (1, 3, 3, True, False)
    assert array[1:].to_py() == [2, 3]
    assert array[::-1].to_py() == [3, 2, 1]
    assert array[1:].constructor.name == "Array"
    assert list(array) == [1, 2, 3]
    assert list(reversed(array)) == [3, 2, 1]
    assert array != [1, 2, 3]


def test_an_array_is_changed_as_a_list():
    from pyodide.ffi import to_js

    array = to_js([1, 2, 3])
    array.append(4)
    array.extend([5, 6])
    array.insert(0, 0)
    assert array.pop() == 6
    assert array.pop(0) == 0
    array.remove(3)
    assert array.index(4) == 2
    assert array.count(2) == 1
    assert array.reverse() is None
    assert array.to_py() == [5, 4, 2, 1]
    array[0] = 9
    array[1:3] = [7]
    del array[-1]
    assert array.to_py() == [9, 7]
    array += [8]
    assert (array + to_js([1])).to_py() == [9, 7, 8, 1]
    assert (array * 2).length == 6
    assert (2 * array).length == 6
    del array[:2]
    assert array.to_py() == [8]


def test_array_errors_are_those_of_lists(text_of):
    from pyodide.ffi import to_js

    array = to_js([1])
    assert text_of(lambda: array[9]) == "IndexError: 9"
    assert text_of(lambda: array["x"]) == (
        "TypeError: list indices must be integers or slices, not str"
    )
    assert text_of(lambda: operator.add([1], array)) == (
        'TypeError: can only concatenate list (not "pyodide.ffi.JsProxy") to list'
    )
    assert text_of(array.index, 7) == "ValueError: 7 is not in list"
    assert text_of(array.remove, 7) == "ValueError: 7 is not in list"
    assert text_of(array.pop, 7) == "IndexError: pop index out of range"
    assert text_of(to_js([]).pop) == "IndexError: pop from empty list"
    assert text_of(array.__delitem__, 5) == "IndexError: 5"


def test_javascripts_array_methods_are_there_beside_pythons():
    from pyodide.ffi import to_js

    array = to_js([3, 1, 2])
    assert array.length == 3
    assert array.sort().join("-") == "1-2-3"
    assert array.map(lambda x, *_: x * 2).to_py() == [2, 4, 6]
    assert array.push(4) == 4


def test_a_write_beyond_the_end_grows_the_array():
    from pyodide.ffi import to_js

    array = to_js([1])
    array[3] = 5
    assert array.to_py() == [1, None, None, 5]


def test_a_frozen_array_throws():
    import js
    from pyodide.ffi import JsException, to_js

    array = js.Object.freeze(to_js([1]))
    with pytest.raises(JsException):
        array.append(2)


def test_a_map_is_a_mapping():
    import js

    mapping = js.Map.new([["k", 1], [2, "v"]])
    assert (mapping["k"], mapping[2], len(mapping), "k" in mapping) == (1, "v", 2, True)
    assert list(mapping) == ["k", 2]
    assert list(mapping.items()) == [("k", 1), (2, "v")]
    assert list(mapping.keys()) == ["k", 2]
    assert list(mapping.values()) == [1, "v"]
    assert dict(mapping) == {"k": 1, 2: "v"}
    assert mapping.get("x") is None
    assert mapping.get("x", 5) == 5
    with pytest.raises(KeyError, match="x"):
        mapping["x"]


def test_a_map_is_changed_as_a_dict():
    import js

    mapping = js.Map.new()
    mapping["a"] = 1
    assert mapping.setdefault("a", 5) == 1
    assert mapping.setdefault("b", 5) == 5
    mapping.update({"c": 3}, d=4)
    assert mapping.pop("c") == 3
    assert mapping.pop("zz", 0) == 0
    with pytest.raises(KeyError):
        mapping.pop("zz")
    del mapping["d"]
    with pytest.raises(KeyError):
        del mapping["d"]
    assert mapping.popitem() == ("a", 1)
    mapping.clear()
    assert len(mapping) == 0
    with pytest.raises(KeyError):
        mapping.popitem()


def test_a_map_may_hold_undefined():
    import js

    mapping = js.Map.new([["a", None]])
    assert mapping["a"] is None
    assert mapping.get("a", 5) is None


def test_a_plain_object_is_no_container(text_of):
    import js

    value = js.Object.new(a=1)
    assert text_of(lambda: value["a"]) == (
        "TypeError: 'pyodide.ffi.JsProxy' object is not subscriptable"
    )
    assert text_of(lambda: len(value)) == (
        "TypeError: object of type 'pyodide.ffi.JsProxy' has no len()"
    )
    assert text_of(lambda: iter(value)) == (
        "TypeError: 'pyodide.ffi.JsProxy' object is not iterable"
    )
    assert text_of(lambda: "a" in value).startswith(
        "TypeError: argument of type 'pyodide.ffi.JsProxy' is not "
    )
    assert text_of(value) == "TypeError: 'pyodide.ffi.JsProxy' object is not callable"
    assert not hasattr(value, "__iter__")
    assert not callable(value)


def test_a_plain_object_with_the_shape_of_a_protocol_has_it():
    import js
    from pyodide.ffi import JsIterator, JsPromise, to_js

    assert len(js.Object.new(length=3)) == 3
    assert js.Object.new(get=lambda key: key * 2)["ab"] == "abab"
    assert isinstance(js.Object.new(then=lambda *_: None), JsPromise)
    assert not isinstance(js.Object.new(then=5), JsPromise)
    steps = [js.Object.new(value=1, done=False), js.Object.new(done=True)]
    iterator = js.Object.new(next=lambda: steps.pop(0))
    assert isinstance(iterator, JsIterator)
    assert list(iterator) == [1]
    assert bool(to_js({"length": 0}))
    assert not bool(to_js({"size": 0}))


def test_views_of_plain_objects():
    import js

    value = js.JSON.parse('{"a": 1, "b": {"c": [1, {"d": null}]}}')
    view = value.as_py_json()
    from pyodide.ffi import JsMutableMap, jsnull

    assert view["a"] == 1
    assert view["b"]["c"][1]["d"] is jsnull
    assert list(view) == ["a", "b"]
    assert (len(view), "a" in view, view.get("zz", 3)) == (2, True, 3)
    with pytest.raises(KeyError):
        view["zz"]
    view["e"] = 5
    assert value.e == 5
    del view["a"]
    assert view.pop("e") == 5
    assert view == value
    assert isinstance(view, JsMutableMap)
    assert [item["d"] for item in view["b"]["c"][1:]] == [jsnull]
    assert value.to_py() == {"b": {"c": [1, {"d": jsnull}]}}
    assert value.object_keys().to_py() == ["b"]
    assert value.object_values().length == 1
    assert value.object_entries()[0][0] == "b"


def test_as_object_map_is_deprecated_with_314():
    import js

    with pytest.warns(RuntimeWarning, match=r"as_object_map\(\) is deprecated"):
        view = js.JSON.parse('{"a": {"b": 1}}').as_object_map()
    with pytest.raises(TypeError):
        view["a"]["b"]


def test_headers_follow_their_own_javascript_methods(text_of):
    import js
    from pyodide.ffi import JsMap, jsnull

    headers = js.Headers.new([("A", "b")])
    assert headers["a"] == "b"
    assert headers["missing"] is jsnull
    assert "a" in headers
    headers["c"] = "d"
    assert dict(headers) == {"a": "b", "c": "d"}
    assert [pair.to_py() for pair in headers] == [["a", "b"], ["c", "d"]]
    assert not hasattr(headers, "items")
    assert not isinstance(headers, JsMap)
    assert text_of(headers.__delitem__, "a") == "KeyError: 'a'"
    assert "a" not in headers
    with pytest.raises(TypeError):
        len(headers)


def test_search_params_are_a_map():
    import js
    from pyodide.ffi import JsMap, jsnull

    params = js.URLSearchParams.new("a=1&b=2")
    assert isinstance(params, JsMap)
    assert list(params.items()) == [("a", "1"), ("b", "2")]
    assert params["zz"] is jsnull
    assert len(params) == 2


def test_a_set_iterates_and_contains_but_has_no_subscript(text_of):
    import js

    values = js.Set.new([1, 2])
    assert (list(values), 1 in values, len(values)) == ([1, 2], True, 2)
    assert text_of(lambda: values[0]) == (
        "TypeError: 'pyodide.ffi.JsProxy' object is not subscriptable"
    )


def test_truth_follows_size_and_length():
    import js
    from pyodide.ffi import to_js

    falsy = [
        to_js([]), js.Map.new(), js.Set.new(), js.URLSearchParams.new(), js.Uint8Array.new(0),
    ]  # fmt: skip
    truthy = [js.Headers.new(), js.FormData.new(), js.Object.new(), to_js([0]), js.Math.max]
    assert [bool(value) for value in falsy] == [False] * len(falsy)
    assert [bool(value) for value in truthy] == [True] * len(truthy)


def test_equality_is_identity_and_handles_do_not_hash(text_of):
    import js
    from pyodide.ffi import to_js

    one = to_js([1])
    other = js.Array.of(one)[0]
    assert one == other
    assert one is not other
    assert one != to_js([1])
    assert one != 5
    assert one.js_id == other.js_id
    assert one.js_id != to_js([1]).js_id
    assert text_of(lambda: hash(one)) == "TypeError: unhashable type: 'pyodide.ffi.JsProxy'"


def test_order_is_that_of_primitive_values():
    import js

    assert js.Date.new(1) < js.Date.new(2)
    assert not js.Object.new() < js.Object.new()
    with pytest.raises(TypeError):
        _ = js.Object.new() < 5


def test_to_py_leaves_instances_alone_unless_told_otherwise(text_of):
    import js
    from pyodide.ffi import to_js

    date = js.Date.new(0)
    assert date.to_py() == date
    converted = to_js([date, {"d": date}]).to_py(
        default_converter=lambda value, convert, cache: value.getTime()
    )
    assert converted == [0, {"d": 0}]
    assert js.Map.new([[1, [2]]]).to_py() == {1: [2]}
    assert js.Set.new([1]).to_py() == {1}
    assert to_js({"a": [1]}).to_py(depth=1)["a"].constructor.name == "Array"
    assert date.to_py(depth=0) == date
    assert text_of(js.Map.new([[js.Object.new(), 1]]).to_py) == (
        "JsException: Error: Cannot use key of type Object as a key to a Python dict"
    )
    assert text_of(js.Set.new([to_js([])]).to_py) == (
        "JsException: Error: Cannot use key of type Array as a key to a Python set"
    )


def test_to_py_keeps_cycles():
    from pyodide.ffi import to_js

    value: dict = {}
    value["me"] = value
    result = to_js(value).to_py()
    assert result["me"] is result


def test_iterators_are_pythons():
    import js
    from pyodide.ffi import JsIterator, to_js

    entries = to_js(["a"]).entries()
    assert isinstance(entries, JsIterator)
    assert iter(entries) is entries
    assert next(entries).to_py() == [0, "a"]
    with pytest.raises(StopIteration):
        next(entries)
    assert next(js.Map.new([[1, 2]]).entries()).to_py() == [1, 2]
