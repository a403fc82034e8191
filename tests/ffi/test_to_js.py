# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""`to_js` (checks 19 to 22)."""

from __future__ import annotations

import array
import collections
import datetime as dt

import pytest


@pytest.mark.usefixtures("realm")
class TestWith314:
    def test_a_dict_becomes_a_plain_object(self):
        from pyodide.ffi import to_js

        value = to_js({"a": 1, "b": {"c": [1, (2, 3)]}})
        assert value.a == 1
        assert value.constructor.name == "Object"
        assert value.b.c[1].to_py() == [2, 3]
        assert not hasattr(value, "get")
        with pytest.raises(TypeError, match="object is not subscriptable"):
            value["a"]

    def test_keys_become_strings(self):
        from pyodide.ffi import to_js

        value = to_js({1: "a", None: "b", 1.5: "c"})
        assert value.object_keys().to_py() == ["1", "undefined", "1.5"]

    def test_scalars_and_proxies_come_back_unchanged(self):
        import js
        from pyodide.ffi import jsnull, to_js

        assert to_js(5) == 5
        assert to_js("a") == "a"
        assert to_js(None) is None
        assert to_js(jsnull) is jsnull
        assert to_js(js.JSON) == js.JSON

    def test_containers_get_javascripts_types(self):
        from pyodide.ffi import to_js

        assert to_js([1]).constructor.name == "Array"
        assert to_js((1,)).constructor.name == "Array"
        assert to_js({1}).constructor.name == "Set"
        assert to_js(collections.OrderedDict(a=1)).constructor.name == "Object"
        for kept in (frozenset({1}), range(3), {}.keys(), 1j, dt.date.max):
            assert to_js(kept).constructor.name == "PyProxy", kept

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("b", "Int8Array"),
            ("B", "Uint8Array"),
            ("h", "Int16Array"),
            ("H", "Uint16Array"),
            ("i", "Int32Array"),
            ("I", "Uint32Array"),
            ("q", "BigInt64Array"),
            ("Q", "BigUint64Array"),
            ("f", "Float32Array"),
            ("d", "Float64Array"),
        ],
    )
    def test_buffers_become_typed_arrays_of_their_format(self, code, name):
        from pyodide.ffi import to_js

        value = to_js(array.array(code, [1, 2]))
        assert value.constructor.name == name
        assert list(value) == [1, 2]

    def test_buffers_are_copied(self):
        from pyodide.ffi import to_js

        source = bytearray(b"abc")
        copied = to_js(source)
        source[0] = 0
        assert copied.to_bytes() == b"abc"

    def test_buffers_with_more_dimensions_become_arrays(self):
        from pyodide.ffi import to_js

        value = to_js(memoryview(b"abcdef").cast("B", (2, 3)))
        assert [row.to_bytes() for row in value] == [b"abc", b"def"]

    def test_bad_keys_are_refused(self, text_of):
        from pyodide.ffi import to_js

        text = "ConversionError: Cannot use (1, 2) as a key for a Javascript Map"
        assert text_of(to_js, {(1, 2): 3}) == text
        assert text_of(to_js, {(1, 2): 3}, dict_converter=lambda pairs: None) == text

    def test_proxies_may_be_forbidden(self, text_of):
        from pyodide.ffi import to_js

        expected = "ConversionError: No conversion known for x."
        assert text_of(to_js, [object()], create_pyproxies=False) == expected

    def test_proxies_are_collected_and_can_be_destroyed(self):
        import js
        from pyodide.ffi import destroy_proxies, to_js

        kept = js.Array.new()
        value = to_js({"a": object(), "b": [len]}, pyproxies=kept)
        assert kept.length == 2
        destroy_proxies(kept)
        with pytest.raises(Exception, match="Object has already been destroyed"):
            js.String.new(value.object_values())

    def test_depth_limits_the_conversion(self):
        from pyodide.ffi import to_js

        inner = [1]
        assert to_js([inner], depth=1)[0] is inner

    def test_cycles_stay_cycles(self):
        from pyodide.ffi import to_js

        value: list = []
        value.append({"me": value})
        converted = to_js(value)
        assert converted[0].me == converted

    def test_dict_converter_gets_pairs_at_every_depth(self):
        import js
        from pyodide.ffi import to_js

        seen = []

        def convert(pairs):
            seen.append([pair.to_py() for pair in pairs])
            return len(seen)

        assert to_js({"a": {"b": 1}}, dict_converter=convert) == 2
        assert seen == [[["b", 1]], [["a", 1]]]
        assert to_js({"a": 1}, dict_converter=js.Map.new).get("a") == 1

    def test_from_entries_makes_objects_deeply(self):
        import js
        from pyodide.ffi import to_js

        value = to_js({"a": {"b": [{"c": 1}]}}, dict_converter=js.Object.fromEntries)
        assert js.JSON.stringify(value) == '{"a":{"b":[{"c":1}]}}'

    def test_default_converter_sees_what_has_no_counterpart(self):
        from pyodide.ffi import to_js

        seen = []

        def convert(value, convert, cache):
            seen.append(value)
            return convert(["converted"])

        moment = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - only an example of an instance
        value = to_js([moment, len, [1]], default_converter=convert)
        assert seen == [moment, len]
        assert value[0].to_py() == ["converted"]

    def test_default_converters_result_is_translated(self):
        from pyodide.ffi import jsnull, to_js

        assert to_js(object(), default_converter=lambda value, convert, cache: None) is None
        assert to_js([object()], default_converter=lambda *_: jsnull)[0] is jsnull

    def test_the_cache_of_a_converter_is_used(self):
        from pyodide.ffi import to_js

        class Node:
            me: object

        node = Node()
        node.me = node

        def convert(value, convert, cache):
            import js

            result = js.Object.new()
            cache(value, result)
            result.me = convert(value.me)
            return result

        converted = to_js(node, default_converter=convert)
        assert converted.me == converted

    def test_eager_converter_comes_first_but_not_for_strings_and_numbers(self):
        from pyodide.ffi import to_js

        seen = []

        def convert(value, convert, cache):
            seen.append(value)
            return convert(value) if isinstance(value, list) else "eager"

        value = to_js([1, "a", [2], {}], eager_converter=convert)
        assert seen == [[1, "a", [2], {}], [2], {}]
        assert value.to_py() == [1, "a", [2], "eager"]


def test_a_dict_becomes_a_literal_map_with_028(old_realm):
    from pyodide.ffi import JsMutableMap, to_js

    value = to_js({"a": 1, 2: {"b": 3}})
    assert value.constructor.name == "LiteralMap"
    assert (value.a, value["a"], value.get("a")) == (1, 1, 1)
    assert value[2].b == 3
    assert isinstance(value, JsMutableMap)
    assert value.to_py() == {"a": 1, 2: {"b": 3}}


def test_a_bigint_is_an_int_with_028(old_realm):
    from emulator.ffi.translate import js_to_py
    from emulator.js.values import JsBigInt

    assert type(js_to_py(JsBigInt(2**60))) is int
