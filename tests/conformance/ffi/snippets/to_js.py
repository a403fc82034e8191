# %% scalars and handles are returned unchanged
to_js(5), to_js("a"), to_js(None), to_js(jsnull), to_js(True), to_js(1.5), to_js(2.0)
o = js.Object.new()
to_js(o) == o, to_js(js.Math.max) == js.Math.max
to_js(2**60), type(to_js(2**60)).__name__
arr = to_js([1])
to_js(arr) is arr

# %% lists and tuples become arrays
a = to_js([1, [2, (3, [4])], ()])
a, a.length, js.Array.isArray(a), js.Array.isArray(a[1]), js.Array.isArray(a[1][1]), a[2].length
js.JSON.stringify(a)
a.constructor.name
to_js([None, jsnull, True, "x", 1.5]).to_py()

# %% dicts become objects or maps
d = to_js({"a": 1, "b": {"c": [2]}})
d.constructor.name
d.a, d.b.c
d.to_py()
js.JSON.stringify(d)
list(js.Object.keys(d))
isinstance(d, JsMap), hasattr(d, "get"), hasattr(d, "size")
d["a"]
d.get("a")
"a" in d
len(d)
js.Reflect.apply(js.Object.prototype.toString, d, [])

# %% dict keys
to_js({1: "a", 2.5: "b", True: "c", None: "d"})
js.Object.keys(to_js({"b": 1, "a": 2, "1": 3, "0": 4}))
to_js({(1, 2): 3})
to_js({"x": {(1,): 2}})
to_js({js.Symbol.iterator: 1})
to_js({b"bytes": 1})
to_js({frozenset([1]): 1})
to_js({(1, 2): 3}, dict_converter=js.Object.fromEntries)
to_js({2**60: 3})
to_js({"": 1}).object_keys()

# %% a LiteralMap has the keys as properties [0.28]
d = to_js({"a": 1, "b": 2, 3: 4, "size": 9, "get": 8})
d, d.constructor.name, isinstance(d, JsMap), isinstance(d, JsMutableMap)
d.a, d["a"], d.get("a"), d.get("zz"), d.get("zz", 5), d[3], d.size, d["size"]
len(d), list(d), dict(d.items())
d["c"] = 5
d.c
d.d = 6
d["d"]
del d["a"]
d.a
"a" in d, "b" in d
d.to_py()
js.JSON.stringify(d)
js.Object.keys(d)

# %% sets become Sets
s = to_js({1, "a"})
s.constructor.name, s.size, s.has("a"), s.has(2)
to_js({(1, 2)})
to_js(set()).size
to_js([{1}])[0].constructor.name
to_js({frozenset()})

# %% what is not converted stays a proxy
class Thing: pass
thing = Thing()
def unconverted(value): return isinstance(to_js(value), JsDoubleProxy), js.Array.of(to_js([value]))[0][0] is value
unconverted(thing), unconverted(frozenset([1])), unconverted(range(2)), unconverted(len), unconverted(Thing), unconverted(1j), unconverted({}.keys()), unconverted(Exception("x"))
type(to_js(thing)).__name__, to_js(thing).unwrap() is thing
to_js([thing])[0] is thing
to_js({"a": thing}).a is thing
to_js(iter([1]))
to_js(x for x in [1])

# %% buffers become typed arrays
import array
a = to_js(b"abc")
a, a.constructor.name, a.byteLength, a.buffer.byteLength, a.byteOffset
[(to_js(array.array(c, [1, 2])).constructor.name) for c in "bBhHiIqQfd"]
to_js(bytearray(b"xy")).to_bytes(), to_js(memoryview(b"xyz")[1:]).to_bytes()
data = bytearray(b"abc")
copied = to_js(data)
data[0] = 0
copied.to_bytes()
to_js(b"").length
to_js([b"a", bytearray(b"b")])
to_js(memoryview(b"abcdef")[::2])
to_js(memoryview(b"abcdefgh").cast("B", (2, 4)))
to_js(memoryview(array.array("d", [1.5])))[0]

# %% depth
a = to_js([1, [2, [3]]], depth=1)
a[1], type(a[1]).__name__
b = to_js([1, [2, [3]]], depth=2)
type(b[1]).__name__, type(b[1][1]).__name__
type(to_js({"a": {"b": 1}}, depth=1, dict_converter=js.Object.fromEntries).a).__name__
type(to_js([1], depth=0)).__name__
to_js(b"abc", depth=0)
type(to_js([b"x"], depth=1)[0]).__name__
type(to_js([[1]], depth=-5)[0]).__name__

# %% pyproxies and create_pyproxies
class Thing: pass
made = to_js([])
to_js([Thing(), 1, Thing()], pyproxies=made).length, made.length
destroy_proxies(made)
made.length
to_js(Thing(), create_pyproxies=False)
to_js([1, Thing()], create_pyproxies=False)
to_js({"a": len}, create_pyproxies=False)
to_js([1, "a", None, b"x"], create_pyproxies=False).length
to_js([1], pyproxies=5)
to_js([1], pyproxies=[])
destroy_proxies(5)
destroy_proxies([])

# %% dict_converter
o = to_js({"a": {"b": [{"c": 1}]}}, dict_converter=js.Object.fromEntries)
o.constructor.name, o.a.b[0].c, o.a.constructor.name
m = to_js({"a": {"b": 1}}, dict_converter=js.Map.new)
m.constructor.name, m["a"]["b"]
to_js({"a": 1, "b": 2}, dict_converter=js.Array.from_)
seen = []
def convert(pairs): seen.append([list(pair) for pair in pairs]); return len(seen)
to_js({"a": 1, "b": {"c": 2}}, dict_converter=convert)
seen
to_js({"a": 1}, dict_converter=lambda pairs: None)
to_js({"a": 1}, dict_converter=lambda pairs: {"py": 1})
to_js({}, dict_converter=lambda pairs: pairs.constructor.name)
def fail(pairs): raise KeyError("stop")
to_js([{"a": 1}], dict_converter=fail)
to_js({1: 2}, dict_converter=js.Object.fromEntries).object_keys()

# %% default_converter
class Pair:
    def __init__(self, first, second): self.first, self.second = first, second
def default(value, convert, cache):
    if isinstance(value, Pair):
        result = js.Array.new()
        cache(value, result)
        result.push(convert(value.first))
        result.push(convert(value.second))
        return result
    return f"<{type(value).__name__}>"
to_js(Pair(1, [2, Pair(3, 4)]), default_converter=default)
js.JSON.stringify(to_js([Pair({"a": 1}, None)], default_converter=default))
to_js([len, 1j, frozenset(), range(1), object], default_converter=default)
pair = Pair(1, None)
pair.second = pair
loop = to_js(pair, default_converter=default)
loop[1] == loop
to_js([object()], default_converter=lambda *args: None)
to_js(object(), default_converter=lambda value, convert, cache: value)
to_js([object()], default_converter=lambda value, convert, cache: [1])[0]
to_js([1, "a", None, [2]], default_converter=lambda *args: 1 / 0).length
to_js(object(), default_converter=lambda *args: 1 / 0)
to_js(object(), default_converter=lambda value: value)
import datetime
to_js({"when": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)}, default_converter=lambda v, *_: js.Date.new(v.timestamp() * 1000)).when.toISOString()

# %% eager_converter
seen = []
def eager(value, convert, cache):
    seen.append(value)
    return convert(value)
to_js([1, "a", 1.5, None, True, jsnull, [2], {"k": (3,)}, b"x"], eager_converter=eager).length
seen
to_js([1, [2], {"a": 1}], eager_converter=lambda value, convert, cache: "x" if isinstance(value, dict) else convert(value))
to_js((1, 2), eager_converter=lambda value, convert, cache: js.Array.of(*value) if isinstance(value, tuple) else convert(value))
to_js([2**60], eager_converter=lambda value, convert, cache: "big" if isinstance(value, int) else convert(value))
to_js("s", eager_converter=lambda value, convert, cache: "changed")
to_js(["s"], eager_converter=lambda value, convert, cache: "changed")
to_js([1], eager_converter=lambda value, convert, cache: 1 / 0)

# %% what contains itself
items = [1]
items.append(items)
a = to_js(items)
a[1] == a, a.length
d = {"a": 1}
d["self"] = d
o = to_js(d)
o.self == o
shared = [1]
two = to_js([shared, shared])
two[0] == two[1]
m = to_js(d, dict_converter=js.Object.fromEntries)
m.self == m

# %% subclasses of containers
import collections, types
to_js(collections.OrderedDict(a=1, b=2)).to_py()
to_js(collections.defaultdict(int, a=1)).to_py()
to_js(collections.Counter("aab")).to_py()
Point = collections.namedtuple("Point", "x y")
to_js(Point(1, 2))
type(to_js(collections.deque([1]))).__name__
type(to_js(types.MappingProxyType({"a": 1}))).__name__
type(to_js(collections.UserDict(a=1))).__name__
class Items(list): pass
to_js(Items([1, 2]))
import dataclasses
@dataclasses.dataclass
class Data:
    a: int = 1
type(to_js(Data())).__name__

# %% mistakes in the call
to_js()
to_js([1], 2)
to_js([1], nope=1)
to_js([1], depth="x")
to_js([1], dict_converter=5).length
to_js({"a": 1}, dict_converter=5)
to_js(object(), default_converter=5)
