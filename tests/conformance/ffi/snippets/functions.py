# %% calls
js.Math.max(1, 5, 3), js.Math.max(), js.Math.max("4", True)
js.String.fromCharCode(97, 98)
js.Math.max.typeof, callable(js.Math.max), callable(js.Object.new()), js.Math.max.name
js.Object.new()()
js.nope()
js.Object.new().nope()
js.Map()
js.Promise()
js.Math.max.new()
js.Math.new()
js.Symbol.new()
js.Uint8Array(2)
js.Date() != ""
js.Array(3).length, js.Object(5).valueOf(), js.Error("x").message

# %% methods keep their object
a = to_js([3, 1])
push = a.push
push(9), a
m = js.Map.new([[1, 2]])
get = m.get
js.Map.prototype.has.call(m, 1)
js.Map.prototype.set.call(js.Set.new(), 1, 2)
js.Array.prototype.push.call(m, 1)
js.Date.prototype.getTime.call(m)
js.Uint8Array.prototype.fill.call(m, 1)
js.RegExp.prototype.exec.call(m, 'a')
js.Array.prototype.map.call(js.Object.new(length=2), lambda *a: 1)
js.Array.prototype.join.call('abc', '-')
o = js.Object.new(x=1)
own = js.Object.prototype.hasOwnProperty
own.call(o, "x"), own.apply(o, ["x"]), own.bind(o)("x")
own.apply(o, to_js(["x"]))
f = js.Object.new(f=a.push).f
f == a.push

# %% call, apply and bind
js.Math.max.call(None, 1, 2), js.Math.max.apply(None, [3, 4]), js.Math.max.bind(None, 7)(5)
js.Math.max.apply(None, 5)
js.Math.max.bind(None, 1).name
js.Function.prototype.call.call(js.Math.max, None, 8)
js.Reflect.apply(js.Math.max, None, to_js([1, 2]))
js.Reflect.construct(js.Map, js.Array.of(to_js([[1, 2]])))[1]
js.Reflect.construct(js.Date, [0]).toISOString()
js.Math.max.toString()

# %% construction
js.Array.new(3).length, js.Array.new("3")[0], js.Map.new().size, js.Date.new(0).getTime()
js.Error.new("e").message, js.Error.new("e", cause=5).cause
js.Object.new(a=1).a, js.Object.new(None), js.Object.new("s").valueOf()
js.Map.new(5)
js.Map.new([1])
js.Set.new(5)
js.RegExp.new("a", "i").flags
js.RegExp.new("(")
js.Array.new(-1)
js.Promise.new()
js.Promise.new(5)

# %% a Python function in JavaScript
def f(*args): return len(args)
js.Array.of(1, 2).map(f), js.Array.of(1).map(lambda x, i, whole: whole)[0]
js.Array.of(1).map(lambda: 1)
js.Array.of(1).map(lambda a, b: 1)
js.Reflect.apply(f, None, js.Array.of(1, 2, 3)), js.Reflect.apply(f, None, js.Array.new())
js.Reflect.apply(lambda **kw: kw, None, js.Array.of(js.Object.new(a=1)))
js.Reflect.apply(lambda a, b=5: b, None, js.Array.of(1)), js.Reflect.apply(lambda a, b=5: b, None, js.Array.of(1, None))
class Callable:
    def __call__(self, x): return x + 1
    def method(self, x): return x + 2
js.Reflect.apply(Callable(), None, js.Array.of(1)), js.Reflect.apply(Callable().method, None, js.Array.of(1)), js.Reflect.apply(len, None, js.Array.of(to_js([1, 2])))
js.Reflect.apply(int, None, js.Array.of("5"))
js.Reflect.apply(5, None, js.Array.of())
import functools
js.Reflect.apply(functools.partial(max, 3), None, js.Array.of(5))
js.Reflect.get(f, "name"), js.Reflect.get(f, "length"), js.Reflect.get(f, "__name__")

# %% what a Python function gives back
def give(value): return js.Reflect.apply(lambda: value, None, js.Array.new())
value = [1]
give(5), give(None), give("x"), give(2**60), give(jsnull), give(1.0)
give(value) is value, give(len) is len
give(to_js([1])), type(give(create_proxy(value))).__name__
type(give(ValueError("x"))).__name__
js.Array.of(1, 2).map(lambda *args: {"a": args[0]})[0]
js.Array.of(1).map(lambda *args: [1, 2])[0]
js.Array.of(1).map(lambda *args: (1, 2))[0]

# %% what a Python function gets
seen = []
def note(*args): seen.extend(args)
js.Reflect.apply(note, None, js.Array.of(1, "x", None, jsnull, 1.5, True))
seen
value = {"a": 1}
seen.clear()
js.Reflect.apply(note, None, [value, to_js([1]), js.Math.max])
seen[0] is value, type(seen[1]).__name__, type(seen[2]).__name__
o = js.Object.new()
o.f = lambda *args, **kw: (len(args), kw)
o.f(1, 2), o.f(a=1), o.f()
type(o.f).__name__

# %% exceptions of callbacks come back as themselves
failure = KeyError("mine")
def fail(*args): raise failure
caught = []
def attempt(f, *args):
    try: return f(*args)
    except BaseException as e: caught.append(e); return type(e).__name__
attempt(js.Array.of(1).map, fail), caught[-1] is failure
attempt(js.Reflect.apply, fail, None, js.Array.new()), caught[-1] is failure
def system(*args): raise SystemExit(3)
def stop(*args): raise StopIteration(5)
def interrupt(*args): raise KeyboardInterrupt()
def cancel(*args): raise asyncio.CancelledError("c")
attempt(js.Array.of(1).map, stop), caught[-1].value
attempt(js.Array.of(1).map, interrupt)
attempt(js.Array.of(1).map, cancel)
def js_error(*args): js.JSON.parse("{")
attempt(js.Array.of(1).map, js_error)
attempt(js.Array.of(1).forEach, lambda *args: js.Array.of(2).forEach(fail)), caught[-1] is failure

# %% create_proxy of functions
calls = []
p = create_proxy(lambda *args: calls.append(args))
p(1, 2), js.Reflect.apply(p, None, js.Array.of(3)), calls
type(p).__name__, isinstance(p, JsDoubleProxy), isinstance(p, JsCallableDoubleProxy), callable(p), p.typeof
p.destroy()
p()
js.Reflect.apply(p, None, js.Array.new())
js.Array.of(1).map(p)
p.destroy()
def named(): pass
q = create_proxy(named)
q.__name__, q.name, q.unwrap() is named, q.constructor.name
q.nope

# %% create_proxy with options
seen = []
def method(this, *args): seen.append((type(this).__name__, args)); return len(args)
p = create_proxy(method, capture_this=True)
o = js.Object.new()
o.m = p
o.m(1, 2)
seen
js.Reflect.apply(p, o, js.Array.of(5)), seen[-1]
js.Reflect.apply(p, None, js.Array.of(5)), seen[-1]
value = [1]
single = create_proxy(value, roundtrip=False)
js.Array.of(single)[0] is value
type(single).__name__
o.v = single
o.v is value
double = create_proxy(value)
type(js.Array.of(double)[0]).__name__, js.Array.of(double)[0].unwrap() is value
create_proxy()
create_proxy(1, 2)
create_proxy([1], nope=1)

# %% create_once_callable
f = create_once_callable(lambda x: x + 1)
type(f).__name__, callable(f), isinstance(f, JsOnceCallable), f.typeof
f(3)
f(3)
g = create_once_callable(lambda: 1)
g.destroy()
g()
g.destroy()
h = create_once_callable(lambda x, *_: x)
js.Array.of(1, 2).map(h)
def fail(): raise LookupError("x")
k = create_once_callable(fail)
k()
k()
create_once_callable()
callable(create_once_callable(5))

# %% borrowed proxies end with the call
def keep(*args): return args
o = js.Object.new()
arr = js.Array.of([1, 2])
arr[0]
js.Object.new(a=[1]).a
js.Object.new(f=lambda: 1).f
m = js.Map.new()
m.set("k", {"a": 1})
m.get("k")
o.f = lambda: 5
o.f()
o.items = [1]
o.items
js.Object.assign(o, {"z": [1]}).z

# %% bind_sig and bind_class
f = js.Math.max
f.bind_sig(5)
js.Math.bind_class(5)

# %% a JavaScript function as a method of a class
class C:
    maximum = js.Math.max
    own = js.Object.prototype.hasOwnProperty
C().maximum(1, 2)
C.maximum(3)

# %% eval is refused
js.eval("1")
js.Function.new("return 1")()
from pyodide.code import run_js
run_js("1 + 1")
run_js(5)
