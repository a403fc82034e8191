# %% a proxy of a list
value = [1, 2]
p = create_proxy(value)
type(p).__name__, repr(p), p.unwrap() is value, p == p, p == value, p.constructor.name, p.typeof
p.length, len(p), p[0], 1 in p, bool(p)
list(p)
p.append(3)
value
p.get(0), p.type, p.toString()
p[0] = 9
value
del p[0]
p[9]
isinstance(p, JsDoubleProxy), isinstance(p, JsArray), isinstance(p, JsIterable), isinstance(p, JsCallable)
hash(p)
p.nope
p.index(3)

# %% a proxy of a dict
d = {"a": 1, "get": 2}
p = create_proxy(d)
len(p), "a" in p, "zz" in p, p.a
p["a"]
list(p)
p.get("a"), p.get("zz")
p.has("a"), p.length
p["b"] = 2
p.set("c", 3)
d
del p["b"]
p.delete("c"), d
p["zz"]
list(p.items())
p.nope
p.x = 5
d
p.update({"q": 1})
d

# %% a proxy of an instance
class Thing:
    x = 1
    def double(self, n): return n * 2
    def __len__(self): return 7
    def __getitem__(self, key): return f"item {key}"
    def __contains__(self, item): return item == 3
t = Thing()
p = create_proxy(t)
p[5]
p.x, p.double(4), len(p), 3 in p, 4 in p, p.type, str(p)[:1]
p.y = 5
t.y
del p.y
hasattr(t, "y")
p.x = "new"
t.x
p.nope
isinstance(p, Thing), type(p).__name__
create_proxy(Thing).new().x
create_proxy(Thing)().x
repr(create_proxy(5)), create_proxy("s").length, create_proxy(None)

# %% destroying a proxy
p = create_proxy([1])
p.destroy()
p.unwrap()
p.length
len(p)
p[0]
repr(p)
p.destroy()
p.type
p.copy()
o = js.Object.new()
q = create_proxy([1])
o.q = q
q.destroy()
o.q
js.Array.of(q)[0].length

# %% copies of a proxy
value = [1]
p = create_proxy(value)
c = p.copy()
c == p, c.unwrap() is value, type(c).__name__
p.destroy()
c.length, c.unwrap() is value
c.destroy()
c.length

# %% the methods that JavaScript code calls
p = create_proxy({"a": [1, {"b": 2}]})
p.toJs().constructor.name
p.toJs(depth=1)
p.toJs(dict_converter=js.Object.fromEntries).a[1].b
js.JSON.stringify(p)
create_proxy([1, 2]).toJs(), create_proxy((1, "x")).toJSON()
create_proxy(5).toString(), create_proxy([1]).toString()
p.supportsHas(), p.supportsGet(), p.supportsSet(), p.supportsLength()
create_proxy([1, 2, 3]).slice(1), create_proxy([3, 4]).map(lambda x, *_: x * 2), create_proxy([3, 4]).indexOf(4)
create_proxy([1, 2]).join("-"), create_proxy([1, 2]).includes(2), create_proxy([1, 2, 3]).filter(lambda x, *_: x > 1)
create_proxy([1]).push(2), create_proxy([1, 2]).at(-1), create_proxy([1, 2]).concat(to_js([3]))
create_proxy([3, 1]).sort(), create_proxy([1, 2]).shift(), create_proxy([1, 2]).reverse()

# %% a proxy of a buffer
p = create_proxy(b"abcd")
b = p.getBuffer()
b.data, b.data.constructor.name, b.nbytes, b.readonly, b.format, b.itemsize, b.ndim, list(b.shape), list(b.strides), b.c_contiguous, b.f_contiguous, b.offset
b.release()
import array
create_proxy(array.array("d", [1.5, 2])).getBuffer().data
create_proxy(array.array("i", [1])).getBuffer("u8").data.length
create_proxy(b"ab").getBuffer("nope")
create_proxy([1]).getBuffer
p.destroy()
create_proxy(memoryview(b"abcdef")[::2]).getBuffer().strides.to_py()

# %% a proxy of an iterator
p = create_proxy(iter([1, 2]))
list(p)
q = create_proxy(iter([1, 2]))
next(q), next(q)
next(q)
callable(q.next)
r = create_proxy(iter([5]))
r.next().value, r.next().done

# %% a proxy of a generator
def generate():
    got = yield 1
    yield f"got {got}"
    return "end"
p = create_proxy(generate())
p.next().to_py(), p.next("x").to_py(), p.next().to_py()
q = create_proxy(generate())
q.next().value
getattr(q, "return")(5).to_py()
getattr(create_proxy(generate()), "throw")(js.Error.new("boo"))
list(create_proxy(generate()))
isinstance(p, JsGenerator), isinstance(p, JsIterator)

# %% a proxy of a coroutine
async def work(): return 5
p = create_proxy(work())
isinstance(p, JsPromise), p.typeof
await p
await p
q = create_proxy(work())
await q.then(lambda v: v + 1)
async def fail(): raise KeyError("no")
await create_proxy(fail())

# %% proxies in containers
value = [1]
p = create_proxy(value)
a = to_js([p])
type(a[0]).__name__, a[0] == p
o = js.Object.new(p=p)
o.p.length, type(o.p).__name__
o.p.append(2), value
destroy_proxies(to_js([p]))
o.p

# %% register_js_module
from pyodide.ffi import register_js_module, unregister_js_module
register_js_module("my_module", js.Object.new(a=1, sub=js.Object.new(b=2)))
import my_module
my_module.a, type(my_module).__name__, my_module.__name__
from my_module import a
a
from my_module.sub import b
b
from my_module import nope
import my_module.nope
unregister_js_module("my_module")
import sys
sys.modules.pop("my_module", None) is not None
import my_module
unregister_js_module("never")
register_js_module(5, js.Object.new())
register_js_module("py", {"a": 1})
