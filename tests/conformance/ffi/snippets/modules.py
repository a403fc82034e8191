# %% the js module
import js.JSON
js.JSON.stringify(to_js([1]))
from js import Array, Object as Obj
Array.of(1), Obj.new().constructor.name
js.nosuch
from js import nosuch
import js.nosuch
hasattr(js, "nosuch"), hasattr(js, "Array"), type(js).__name__, js.__name__
js.my_global = 5
js.my_global, js.globalThis.my_global
del js.my_global
hasattr(js, "my_global")
import importlib
importlib.import_module("js").Array == js.Array
importlib.import_module("js.Math").max(1, 2)
from js.Math import max as maximum
maximum(1, 4)

# %% the pyodide modules
import pyodide, sys
type(pyodide.__version__).__name__
import pyodide.ffi, pyodide.code, pyodide.http, pyodide.webloop, pyodide.ffi.wrappers
sorted(name for name in ("IN_PYODIDE", "IN_BROWSER", "JsBigInt", "JsNull", "jsnull", "ToJsConverter", "JsFetchResponse", "JsDomElement") if hasattr(pyodide.ffi, name))
"_pyodide_core" in sys.modules
[to_js.__module__, create_proxy.__module__, run_sync.__module__, JsException.__module__, ConversionError.__module__, JsArray.__module__]
[c.__name__ for c in ConversionError.__mro__], [c.__name__ for c in InternalError.__mro__]
pyodide.ffi.IN_PYODIDE
from pyodide.webloop import WebLoop, PyodideFuture, PyodideTask, WebLoopPolicy
[c.__name__ for c in PyodideFuture.__mro__][:2], [c.__name__ for c in PyodideTask.__mro__][:2], [c.__name__ for c in WebLoop.__mro__]
isinstance(asyncio.get_event_loop(), WebLoop)
import _pyodide_core
_pyodide_core.run_sync is run_sync

# %% pyodide.code: eval_code
from pyodide.code import eval_code, eval_code_async, find_imports, should_quiet, relaxed_call, relaxed_wrap, CodeRunner
eval_code("1 + 1"), eval_code("x = 5"), eval_code("x = 5\nx + 1"), eval_code("1;"), eval_code("")
scope = {"y": 2}
eval_code("z = y * 2; z", scope), scope["z"]
eval_code("x = 3", return_mode="last_expr_or_assign"), eval_code("1", return_mode="none"), eval_code("x: int = 4", return_mode="last_expr_or_assign")
eval_code("1", return_mode="nope")
eval_code("1;", quiet_trailing_semicolon=False)
eval_code("1 +")
eval_code("1 / 0")
eval_code("await x")
await eval_code_async("await __import__('asyncio').sleep(0, 9)")
await eval_code_async("1; 2")
await eval_code_async("x = 1\nx + 1;")
eval_code("  a = 1\n  a")
eval_code("x = y", {}, {"y": 4})
eval_code("(yield)")
eval_code("def f(): return 3\nf()")
eval_code("x = 1\nx += 2", return_mode="last_expr_or_assign")

# %% pyodide.code: CodeRunner
from pyodide.code import CodeRunner
r = CodeRunner("a = 1\na + 1")
type(r.ast).__name__
r.code
r.run()
r.compile() is r, type(r.code).__name__
scope = {}
r.run(scope), scope["a"]
r.compile()
await CodeRunner("1").compile().run_async()
CodeRunner("1", mode="single").compile().run()
CodeRunner("x = (", filename="f.py")
CodeRunner("await f()").compile().run({"f": lambda: None})

# %% pyodide.code: find_imports and should_quiet
from pyodide.code import find_imports, should_quiet
find_imports("import a, b.c as d\nfrom e.f import g\nfrom . import h\nfrom .i import j\ndef k():\n  import l")
find_imports("import numpy.linalg"), find_imports("syntax error("), find_imports(""), find_imports("  import x")
should_quiet("1;"), should_quiet("1"), should_quiet("1; # c"), should_quiet("1 # ;"), should_quiet("1;\n\n"), should_quiet(""), should_quiet("'''a;'''")

# %% pyodide.code: relaxed_call and relaxed_wrap
from pyodide.code import relaxed_call, relaxed_wrap
def two(a, b=5): return a, b
relaxed_call(two, 1), relaxed_call(two, 1, 2), relaxed_call(two, 1, 2, 3), relaxed_call(two, 1, b=2, c=3)
relaxed_call(two)
relaxed_call(lambda: "none", 1, 2, x=3), relaxed_call(lambda *args: args, 1, 2), relaxed_call(lambda **kw: kw, 1, a=2), relaxed_call(lambda a, *, k=1: (a, k), 1, 2, k=3, z=4)
@relaxed_wrap
def wrapped(a, b=1):
    "doc"
    return a, b
wrapped(1, 2, 3), wrapped.__name__, wrapped.__doc__
relaxed_call(int, "5")
relaxed_call(max, 1, 2)
class C:
    def method(self, a): return a
    @classmethod
    def cls(cls, a): return a
    def __call__(self, a): return a
relaxed_call(C().method, 1, 2), relaxed_call(C.cls, 1, 2), relaxed_call(C(), 1, 2)
import functools
relaxed_call(functools.partial(two, 1), 2, 3)
relaxed_call(5, 1)
relaxed_call(lambda a, /, b: (a, b), 1, 2, 3)
relaxed_call(lambda a, b: (a, b), 1, b=2)
relaxed_call(lambda a, b: (a, b), 1, a=2)

# %% pyodide.ffi.wrappers: timers
from pyodide.ffi.wrappers import set_timeout, clear_timeout, set_interval, clear_interval
seen = []
t = set_timeout(lambda: seen.append("timeout"), 1)
await asyncio.sleep(0.02)
seen
u = set_timeout(lambda: seen.append("never"), 1)
clear_timeout(u)
await asyncio.sleep(0.02)
seen
i = set_interval(lambda: seen.append("interval"), 1)
await asyncio.sleep(0.05)
clear_interval(i)
seen.count("interval") > 1
count = len(seen)
await asyncio.sleep(0.02)
len(seen) == count
clear_timeout(u)
clear_interval(i)

# %% pyodide.ffi.wrappers: event listeners
from pyodide.ffi.wrappers import add_event_listener, remove_event_listener
target = js.EventTarget.new()
seen = []
def listener(event): seen.append(event.type)
add_event_listener(target, "ping", listener)
target.dispatchEvent(js.Event.new("ping"))
seen
remove_event_listener(target, "ping", listener)
target.dispatchEvent(js.Event.new("ping"))
seen
p = create_proxy(listener)
target.addEventListener("pong", p)
target.dispatchEvent(js.Event.new("pong"))
seen
target.removeEventListener("pong", p)
target.dispatchEvent(js.Event.new("pong"))
seen

# %% pyodide.http: exceptions
from pyodide.http import AbortError, BodyUsedError, HttpStatusError, FetchResponse
[c.__name__ for c in AbortError.__mro__], [c.__name__ for c in BodyUsedError.__mro__], [c.__name__ for c in HttpStatusError.__mro__]
HttpStatusError(404, "Not Found", "http://a/"), str(HttpStatusError(500, "Oops", "http://b/")), HttpStatusError(404, "x", "u").status
BodyUsedError().args, str(BodyUsedError()), str(AbortError(js.Error.new("gone")))
HttpStatusError(302, "Found", "u")
AbortError.__module__, FetchResponse.__module__

# %% pyodide.http: FetchResponse
from pyodide.http import FetchResponse
import js
def made(body, **init): return FetchResponse("http://a/", js.Response.new(body, **init))
r = made("text", status=201, headers=[["X-A", "b"]])
r.status, r.ok, r.status_text, r.url, r.redirected, r.type, r.body_used, r.headers
await r.string(), r.body_used
await r.string()
await made('{"a": [1]}').json()
await made("x").bytes(), (await made("x").memoryview()).tolist(), (await made("x").buffer()).byteLength
await made("héllo").text()
made("x").clone().status, type(made("x").clone()).__name__
made("x", status=404).raise_for_status()
made("x", status=500).raise_for_status()
made("x").raise_for_status()
made("x").abort()
await made("{").json()
r.clone()
made("x").js_response.status, made("x").abort_controller, made("x").abort_signal
