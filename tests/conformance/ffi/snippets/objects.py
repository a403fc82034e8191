# %% attributes
o = js.Object.new(a=1, b=None, c=jsnull)
o.a, o.b, o.c
o.nope
getattr(o, "nope", "default"), hasattr(o, "a"), hasattr(o, "b"), hasattr(o, "c"), hasattr(o, "nope")
o.d = "x"
o.d
del o.d
hasattr(o, "d")
del o.d
o.toString(), o.hasOwnProperty("a"), o.constructor.name
setattr(o, "x-y", 1), getattr(o, "x-y")
getattr(o, "")
getattr(o, "0", None)
o.a.b

# %% keywords with a trailing underscore
o = js.Object.new(**{"class": 1, "from": 2, "None": 3, "async": 4, "match": 5, "type": 6, "print": 7})
o.class_, o.from_, o.None_, o.async_
o.match_
o.match, o.type, o.print
getattr(o, "class"), getattr(o, "class_")
o.import_ = 1
js.Object.keys(o)
o.x_ = 5
js.Object.keys(o)
o.def__ = 6
js.Object.keys(o)
o.def__, o.def_
del o.class_
hasattr(o, "class_"), hasattr(o, "class")
js.Array.from_([1]), hasattr(js.Promise.resolve(1), "finally_")
"class_" in dir(js.Object.new(**{"class": 1})), "class" in dir(js.Object.new(**{"class": 1}))
js.Object.new(class_=1).object_keys()
js.Object.new(**{"class_": 1, "class": 2}).class_, js.Object.new(**{"class_": 1}).class_

# %% names that Python objects have
o = js.Object.new(to_py=1, js_id=2, typeof=3, object_keys=4, keys=5, __name__=6)
callable(o.to_py), type(o.js_id).__name__, o.typeof
o.keys
o.__name__
o.__class__
hasattr(o, "__dict__")
vars(o)
o.__doc__
o.typeof = "x"
js.Reflect.get(o, "typeof")
o.js_id = 5
js.Reflect.get(o, "js_id")

# %% constructor and prototype
o = js.Object.new()
o.constructor.name, o.constructor == js.Object, o.constructor is js.Object
js.Object.getPrototypeOf(o) == js.Object.prototype
js.Map.new().constructor.name, js.Map.prototype.constructor == js.Map
js.Object.create(jsnull)
hasattr(js.Object.create(jsnull), "constructor")
child = js.Object.create(js.Object.new(inherited=5))
child.inherited, js.Object.keys(child).length
child.object_keys()

# %% identity and equality
o = js.Object.new()
js.Array.of(o)[0] == o, js.Array.of(o)[0] is o, o == js.Object.new(), o != o
o == None, o == 1, o == "x", o == jsnull
js.Math == js.Math, js.Math is js.Math, js.Math.max == js.Math.max
js.Math.max == js.Math.min
o.js_id == js.Array.of(o)[0].js_id, o.js_id == js.Object.new().js_id, type(o.js_id).__name__
o < o, o > 1
o <= o
js.Date.new(1) < js.Date.new(2), js.Date.new(2) < js.Date.new(1)
hash(o)
o in [o], [o].index(o)
o in {}
{o}

# %% truth
bool(js.Object.new()), bool(js.Array.new()), bool(js.Array.of(0)), bool(js.Map.new()), bool(js.Set.new([1]))
bool(js.Date.new(0)), bool(js.Math.max), bool(js.RegExp.new("a")), bool(js.Error.new("x"))
bool(js.Object(False)), bool(js.Object("")), bool(js.Object(0))
bool(js.Uint8Array.new(0)), bool(js.Uint8Array.new(1)), bool(js.ArrayBuffer.new(0))
bool(js.Symbol.iterator), bool(js.BigInt(0)), bool(js.BigInt(1))
not js.Array.new()

# %% text
str(js.Object.new(a=1)), repr(js.Object.new())
str(js.Array.of(1, to_js([2, 3]), "x", None, jsnull))
str(js.Date.new(0).toISOString()), str(js.RegExp.new("a/b", "gi"))
str(js.Map.new()), str(js.Math), str(js.JSON), str(js.Promise.resolve)
str(js.Error.new("e")), repr(js.TypeError.new(""))
str(js.Math.max), repr(js.Array), str(js.Array.from_)
str(js.Symbol.iterator), repr(js.Symbol("x"))
str(js.URL.new("http://a.b/c?d")), repr(js.URLSearchParams.new("a=1"))
str(js.Object(5)), str(js.Object("x"))
str(js.Uint8Array.new([1, 2])), str(js.ArrayBuffer.new(2))
str(js.Object.create(jsnull))
own = js.Object.new()
own.toString = lambda: "own"
str(own)
str(js.Object.new(toString=5))
own.toString = lambda: 5
str(own)
format(js.Object.new(), ""), f"{js.Object.new()!r:>20}"
format(js.Object.new(), "5")

# %% type and class
o = js.Object.new()
type(o), type(o).__name__, type(o).__qualname__, type(o).__module__
type(o) is type(js.Array.new()), isinstance(o, JsProxy), issubclass(type(o), JsProxy)
[c.__name__ for c in type(o).__mro__]
[c.__name__ for c in type(js.Array.new()).__mro__]
[c.__name__ for c in type(js.Error.new("x")).__mro__]
JsProxy()
type(o)()
JsArray()
JsProxy, JsArray, JsException, JsMap
class Sub(JsProxy): pass

# %% isinstance with the capability classes
kinds = dict(object=js.Object.new(), array=js.Array.new(), map=js.Map.new(), set=js.Set.new(), function=js.Math.max, promise=js.Promise.new(lambda *a: None), error=js.Error.new("x"), date=js.Date.new(), u8=js.Uint8Array.new(1), buffer=js.ArrayBuffer.new(1), view=js.DataView.new(js.ArrayBuffer.new(1)), iterator=js.Array.new().values(), params=js.URLSearchParams.new(""), headers=js.Headers.new(), proxy=create_proxy([1]), fproxy=create_proxy(len), once=create_once_callable(len), weak=js.WeakRef.new(js.Object.new()), url=js.URL.new("http://a"), regexp=js.RegExp.new("a"), boxed=js.Object("abc"))
classes = [JsArray, JsAsyncGenerator, JsAsyncIterable, JsAsyncIterator, JsBuffer, JsCallable, JsCallableDoubleProxy, JsDoubleProxy, JsException, JsGenerator, JsIterable, JsIterator, JsMap, JsMutableMap, JsOnceCallable, JsPromise, JsProxy, JsTypedArray, JsWeakRef]
def of(name): return " ".join(c.__name__ for c in classes if isinstance(kinds[name], c))
of("object")
of("array")
of("map")
of("set")
of("function")
of("promise")
of("error")
of("date")
of("u8")
of("buffer")
of("view")
of("iterator")
of("params")
of("headers")
of("proxy")
of("fproxy")
of("once")
of("weak")
of("url")
of("regexp")
of("boxed")
[c.__name__ for c in classes if isinstance(5, c) or isinstance(None, c) or isinstance([], c)]

# %% subclasses among the capability classes
issubclass(JsArray, JsProxy), issubclass(JsTypedArray, JsBuffer), issubclass(JsMutableMap, JsMap), issubclass(JsException, Exception), issubclass(JsCallable, JsArray)
issubclass(type(js.Array.new()), JsArray), issubclass(type(js.Object.new()), JsArray), issubclass(int, JsArray)
repr(JsArray[int]), repr(JsMap[str, int])
[c for c in (JsArray, JsMap) if isinstance(5, c)]

# %% keys, values and entries of an object
o = js.Object.new(b=1, a=to_js([2]))
o.object_keys(), o.object_values(), o.object_entries()
type(o.object_keys()).__name__, isinstance(o.object_keys(), JsArray)
o.object_entries()[0][0], [list(e) for e in js.Object.entries(js.Object.new(x=1))]
js.Array.of(5, 6).object_keys(), js.Map.new([[1, 2]]).object_keys(), js.Math.max.object_keys()
js.Object.new(**{"2": 1, "1": 2, "x": 3}).object_keys()
dict(o.object_entries())

# %% an object is no container
o = js.Object.new(a=1)
o["a"]
o["a"] = 1
del o["a"]
len(o)
iter(o)
list(o)
next(o)
o()
o.new()
with o: pass
o + 1
o[0:1]

# %% what `in` says of an object [314]
"a" in js.Object.new(a=1)

# %% pickle and copies
import copy, json, pickle
o = js.Object.new(a=1)
pickle.dumps(o)
copy.copy(o)
copy.deepcopy(o)
json.dumps(o)
json.dumps(to_js([1]))
memoryview(o)
int(o)
import weakref
type(weakref.ref(o)).__name__
import sys
isinstance(sys.getsizeof(o), int)

# %% accessors
def fail(*args): raise KeyError("inside")
o = js.Object.new(a=1)
def getter(f): made = js.Object.new(enumerable=True); made.get = f; return made
js.Object.defineProperty(o, "computed", getter(lambda: 42))
o.computed
js.Object.defineProperty(o, "failing", getter(fail))
o.failing
hasattr(o, "failing")
getattr(o, "failing", "default")
js.Object.defineProperty(o, "fixed", js.Object.new(value=5, writable=False))
o.fixed
o.fixed = 6
del o.fixed
o.computed = 1
frozen = js.Object.freeze(js.Object.new(a=1))
frozen.a = 2
frozen.b = 2
del frozen.a
js.Object.isFrozen(frozen), js.Object.isSealed(o)

# %% dir
o = js.Object.new(a=1)
"a" in dir(o), "to_py" in dir(o), "toString" in dir(o), "hasOwnProperty" in dir(o), "__len__" in dir(o)
sorted(set(dir(o)) - set(dir(object)) - set(dir(js.Object.new())))
sorted(name for name in dir(js.Object.new()) if name.startswith(("as_", "bind", "object_", "to_", "js_", "type")))
[name for name in ("append", "extend", "insert", "pop", "index", "count", "remove", "reverse", "clear", "copy", "sort", "push", "length", "0", "1") if name in dir(js.Array.of(5))]
[name for name in ("keys", "items", "values", "get", "pop", "setdefault", "popitem", "clear", "update", "size", "set", "has") if name in dir(js.Map.new())]
[name for name in ("then", "catch", "finally_", "finally") if name in dir(js.Promise.new(lambda *a: None))]
[name for name in ("to_bytes", "to_memoryview", "to_string", "assign", "assign_to", "to_file", "from_file", "_into_file") if name in dir(js.Uint8Array.new(1))]
[name for name in ("new", "call", "apply", "bind", "bind_sig", "bind_class") if name in dir(js.Math.max)]
[name for name in ("destroy", "unwrap", "copy", "append") if name in dir(create_proxy([1]))]
[name for name in ("send", "throw", "close", "__next__", "next") if name in dir(js.Array.new().values())]
type(dir(o)).__name__

# %% weak references
o = js.Object.new(a=1)
w = o.to_weakref()
w, w.deref() == o, isinstance(w, JsWeakRef)
js.WeakRef.new(o).deref() == o
js.WeakRef.new(5)

# %% symbols
s = js.Symbol("x")
type(s).__name__
s, s.description, s == js.Symbol("x"), s == s
js.Symbol.iterator == js.Symbol.iterator, js.Symbol.for_("a") == js.Symbol.for_("a")
js.Symbol.keyFor(js.Symbol.for_("a")), js.Symbol.keyFor(s)
o = js.Object.new()
js.Reflect.set(o, s, 5), js.Reflect.get(o, s), js.Object.keys(o).length
js.Symbol.new("x")
s.typeof

# %% boxed values
b = js.Object(True)
b, type(b).__name__, b.valueOf()
n = js.Object(5)
n.valueOf(), n.toFixed(2)
s = js.Object("abc")
s.length, len(s), list(s), getattr(s, "0")
s[0]
js.Number.new(3), js.String.new("x"), js.Boolean.new(False)
js.Number("x"), js.Number(True), js.String(None), js.String(jsnull), js.Boolean(""), js.Boolean(to_js([]))
js.parseInt("12px"), js.parseFloat("1.5e3x"), js.isNaN("x")

# %% as_py_json
o = js.JSON.parse('{"a": {"b": [1, {"c": null}]}, "n": null}')
v = o.as_py_json()
v["a"]["b"][1]["c"], v["n"], v.a
v["zz"]
v.get("zz"), v.get("zz", 5), v.get("n", 5)
len(v), list(v), "a" in v, "zz" in v, bool(v), dict(v).keys() == {"a", "n"}
list(v.keys()), list(v.items())[1]
v["new"] = 5
o.new
o.nope
v["list"] = [1]
v["list"]
del v["new"]
del v["new"]
v.pop("n"), v.pop("zz", 1)
v.pop("zz")
v.update({"k": 1})
v.setdefault("k", 5), v.setdefault("m", 6), v["m"]
v == o, type(v).__name__, isinstance(v, JsMap)
v["a"]["b"][1:], type(v["a"]["b"][1:]).__name__
list(v["a"]["b"])[1]["c"]
[x for x in v["a"]["b"]][0]
v["a"]["b"][9]
v["a"]["b"].append(5)
v["a"]["b"][-1]
v.to_py()["a"]["b"]
v.popitem()
v.clear(), len(v)
v.typeof, v.js_id == o.js_id
bool(js.Object.new().as_py_json())
type(js.Date.new(0).as_py_json()).__name__, js.Date.new(0).as_py_json().toISOString()
js.Math.max.as_py_json()(1, 2)
a = to_js([{"x": 1}], dict_converter=js.Object.fromEntries).as_py_json()
a[0]["x"], a[-1]["x"], a.pop()["x"], len(a)
v[5]

# %% as_object_map
import warnings
o = js.JSON.parse('{"a": {"b": 1}, "c": [{"d": 2}]}')
m = o.as_object_map()
m["c"], len(m), list(m), "a" in m
m["a"]["b"]
m["a"].b
h = o.as_object_map(hereditary=True)
h["a"]["b"], h["c"][0]["d"]
m["new"] = 1
o.new
del m["new"]
m["zz"]
m == o, bool(m), m.a.b
js.Array.of(1).as_object_map()["0"]
js.Object.create(js.Object.new(inherited=1)).as_object_map()["inherited"]
