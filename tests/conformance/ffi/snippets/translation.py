# %% scalars go over and come back
def back(value): return js.Array.of(value)[0]
back("text"), back(""), back("😀"), back(True), back(None)
back(jsnull), type(back(jsnull)).__name__
back(3.0), back(3.5), back(-0.0), back(1e300)
str(back(float("nan"))), back(float("inf")), back(float("-inf"))
back(0), back(-1), back(2**31), back(-2**31 - 1), back(2**40)
back("a\0b"), back("\ud800") == "\ud800"

# %% large integers become BigInt and come back
def kind(value): return type(js.Array.of(value)[0]).__name__
def shown(value): return js.String(value)
[kind(n) for n in (2**53 - 2, 2**53 - 1, 2**53, -(2**53) + 2, -(2**53) + 1, -(2**53), 2**64, 10**30)]
[shown(n) for n in (2**53 - 2, 2**53 - 1, 2**53, -(2**53) + 1, 2**64, -(10**30))]
js.Array.of(2**70)[0] == 2**70
js.Array.of(2**70)[0] + 1
type(js.Array.of(2**70)[0] + 1).__name__
js.Number(2**60)
js.Number(2**53), js.Number("9007199254740993"), js.Number("-9007199254740991")

# %% BigInt values made by JavaScript
value = js.BigInt(7)
value, type(value).__name__, isinstance(value, int)
value == 7, value + 1, hash(value) == hash(7), bool(js.BigInt(0))
js.BigInt("123456789012345678901234567890")
js.BigInt.asUintN(8, 2**70 + 5)
js.BigInt("nope")
js.BigInt(1.5)
str(value), f"{value:03d}"

# %% typeof of JsBigInt in both directions [314]
js.Reflect.apply(js.Object.prototype.toString, js.BigInt(7), [])
js.Reflect.apply(js.Object.prototype.toString, 2**60, [])
from pyodide.ffi import JsBigInt
js.Reflect.apply(js.Object.prototype.toString, JsBigInt(5), [])
JsBigInt(5), type(JsBigInt(5) + JsBigInt(6)).__name__, JsBigInt.__mro__

# %% number subclasses cross as numbers
import enum, http
class Color(enum.IntEnum):
    RED = 3
class Name(str): pass
class Weight(float): pass
[(v, type(v).__name__) for v in js.Array.of(Color.RED, http.HTTPStatus.NOT_FOUND, Name("x"), Weight(2.5), True)]
class Kind(enum.StrEnum):
    A = "aa"
js.Array.of(Kind.A)[0], type(js.Array.of(Kind.A)[0]).__name__

# %% numbers come back as int where they are whole
js.Number("1.0"), js.Number("-0"), js.Number("0.5"), js.Number("1e21"), js.Number("1e15")
js.Math.sqrt(16), js.Math.pow(2, 53), js.Math.pow(2, 53) - 1
js.Number.MAX_SAFE_INTEGER, js.Number.MIN_SAFE_INTEGER, js.Number.MAX_VALUE, js.Number.EPSILON
str(js.NaN), js.Infinity

# %% undefined and null
js.undefined is None
js.JSON.parse("null") is jsnull
bool(jsnull), jsnull == None, jsnull is None, jsnull == jsnull, jsnull != None
repr(jsnull), str(jsnull), type(jsnull).__name__, jsnull.typeof
type(jsnull)() is jsnull
type(jsnull).__module__
{jsnull: 1}[jsnull]
isinstance(jsnull, JsProxy)
import json
json.dumps({"a": jsnull, "b": [jsnull]}), json.dumps(jsnull)
js.JSON.stringify(to_js([None, jsnull, 1]))
js.JSON.stringify(None), js.JSON.stringify(jsnull)
js.Object.is_(None, js.undefined), js.Object.is_(jsnull, None), js.Object.is_(jsnull, js.JSON.parse("null"))
jsnull.nope
import copy, pickle
copy.copy(jsnull) is jsnull, copy.deepcopy(jsnull) is jsnull, pickle.loads(pickle.dumps(jsnull)) is jsnull

# %% containers cross as proxies and come back as themselves
o = js.Object.new()
for value in ([1], {"a": 1}, (1, 2), {3}, b"x", bytearray(b"y"), object(), len, frozenset(), range(3), 1j, Exception("e"), ...):
    o.value = value
    if o.value is not value: print(value)
o.value is ...
o.value = int
o.value is int
o.items = [1, 2]
o.items.append(3)
o.items

# %% what JavaScript sees of Python values
def tag(value): return js.Reflect.apply(js.Object.prototype.toString, value, [])
[tag(v) for v in ([1], {"a": 1}, (1,), {1}, b"x", object(), len, 1j, range(2))]
[tag(v) for v in ("s", 1, 1.5, True, None, jsnull)]
def class_name(value): return js.Reflect.get(js.Object(value), "constructor").name
class_name([1]), class_name({}), class_name(len), class_name(object()), class_name(b"")
js.String([1, 2]), js.String({"a": 1}), js.String((1,)), js.String(b"x"), js.String(1j)
js.Array.isArray([1]), js.Array.isArray(to_js([1])), js.Array.isArray((1,))

# %% JavaScript reads of a Python dict
d = {"a": 1, "b": [2]}
js.Reflect.get(d, "a"), js.Reflect.get(d, "nope"), js.Reflect.get(d, "length")
js.Object.keys(d)
js.Object.entries({"a": 1, "b": 2}).to_py()
js.Reflect.has(d, "a"), js.Reflect.has(d, "nope"), js.Reflect.has(d, "length")
js.Object.assign(js.Object.new(), {"a": 1, "b": "x"}).to_py()
js.JSON.stringify({"a": 1, "b": True, "c": None, "d": "x"})
js.Reflect.set(d, "new", 7), d.get("new")
js.Reflect.deleteProperty(d, "new"), "new" in d
js.Object.keys({"a": 1, 5: 2, None: 3})

# %% JavaScript reads of a Python list
items = [1, "two", 3.5]
js.Reflect.get(items, "length"), js.Reflect.get(items, "0"), js.Reflect.get(items, "1"), js.Reflect.get(items, "9")
js.Array.from_(items)
js.Array.from_((1, 2)), js.Array.from_({1}), js.Array.from_({"a": 1}), js.Array.from_(range(3)), js.Array.from_(x * 2 for x in (1, 2))
js.JSON.stringify([1, "x", None, True]), js.JSON.stringify((1, 2)), js.JSON.stringify([])
js.Array.prototype.join.call(items, "-")
js.Array.prototype.slice.call(items, 1)
js.Object.keys(items)
js.Set.new([1, 1, 2]).size, js.Map.new([[1, 2], ["a", "b"]])["a"]
js.Uint8Array.new([1, 2, 300])

# %% JavaScript reads of Python objects
class Thing:
    kind = "thing"
    def __init__(self): self.x = 1
    def double(self, n): return n * 2
    @property
    def prop(self): return "p"
    @property
    def bad(self): raise ValueError("no")
thing = Thing()
js.Reflect.get(thing, "x"), js.Reflect.get(thing, "kind"), js.Reflect.get(thing, "prop"), js.Reflect.get(thing, "nope")
js.Reflect.get(thing, "bad")
js.Reflect.get(thing, "double")(4)
js.Reflect.set(thing, "y", 5), thing.y
js.Reflect.has(thing, "x"), js.Reflect.has(thing, "z"), js.Reflect.has(thing, "_x")
js.Reflect.deleteProperty(thing, "y"), hasattr(thing, "y")
js.Reflect.get(thing, "type"), js.Reflect.get([1], "type"), js.Reflect.get(len, "type")
js.String(Thing), js.JSON.stringify(js.Object.new(t=to_js(5)))

# %% keyword arguments become an options object
js.Array.of(1, a=2)[1].to_py()
js.Array.of(a=1, b="x", c=None, d=jsnull)[0].object_entries()
inner = {"deep": 1}
js.Object.keys(js.Object.new(a=1, b=2))
js.Array.of(**{"a-b": 1, "from": 2})[0].object_keys()
js.Array.of(a=1)[0].constructor.name
def options(*args): return args[-1].a
js.Reflect.apply(options, None, js.Array.of(js.Object.new(a=9)))

# %% an exception object crosses as an exception
o = js.Object.new()
failure = ValueError("boo")
o.failure = failure
o.failure is failure
js.String(failure)
js.Reflect.get(failure, "name"), js.Reflect.get(failure, "message")
error = js.Error.new("js")
o.error = error
o.error, o.error == error, type(o.error).__name__
js.Object.is_(o.error, error), o.error is error

# %% datetime and other library values cross as proxies
import datetime, decimal, pathlib, uuid
moment = datetime.datetime(2024, 1, 2)
o = js.Object.new(m=None)
o.m = moment
o.m is moment
js.String(moment), js.String(decimal.Decimal("1.5")), js.String(pathlib.PurePosixPath("/a"))
js.Reflect.get(moment, "year")

# %% arithmetic of JsBigInt [314]
from pyodide.ffi import JsBigInt
a, b = JsBigInt(7), 2
def kind(value): return f"{type(value).__name__} {value}"
[kind(v) for v in (a + b, a - b, a * b, a // b, a % b, a ** b, -a, +a, abs(a), ~a)]
[kind(v) for v in (a << 1, a >> 1, a & 3, a | 8, a ^ 1)]
[kind(v) for v in (b + a, b - a, b * a, b // a, b % a, b ** a, 1 << a, 100 >> a, 3 & a, 8 | a, 1 ^ a)]
kind(a / b), kind(int(a)), kind(a.real), [kind(v) for v in divmod(a, 2)], kind(pow(a, 2, 5)), kind(round(a)), kind(a.__index__()), kind(a + 1.5)
repr(a), hash(a) == hash(7), a == 7, {a: 1}[7], a.bit_length()
