# %% a JavaScript error raised in Python
try: js.JSON.parse("{")
except Exception as e: error = e
type(error).__name__, isinstance(error, JsException), isinstance(error, JsProxy), isinstance(error, Exception)
error.name, error.message, error.constructor.name, type(error.stack).__name__
str(error), repr(error)
error.args == (error,), len(error.args)
error.js_error == error
error.cause
error.nope
error.toString()
error.new
bool(error), error == error
hash(error)
error.typeof
[c.__name__ for c in type(error).__mro__]

# %% each class of error
def name_of(f):
    try: f()
    except JsException as e: return e.name, e.constructor.name, str(e)
name_of(lambda: js.JSON.parse(""))
name_of(lambda: js.Array.new(-1))
name_of(lambda: js.Map())
name_of(lambda: js.decodeURIComponent("%"))
name_of(lambda: js.Reflect.apply(js.Math.max))
name_of(lambda: js.structuredClone(js.Math.max))
name_of(lambda: js.atob("*"))[:2]
name_of(lambda: js.BigInt("x"))
name_of(lambda: js.Symbol.keyFor(5))
name_of(lambda: js.URL.new("nope").href)[:2]

# %% making and raising errors
raise js.TypeError.new("boo")
raise js.Error.new("")
e = js.RangeError.new("r", cause=to_js([1]))
e.cause, str(e), e.name, e.message
e.code = 5
e.code, hasattr(e, "code")
e.message = "changed"
str(e)
raise e
js.Error.new("a") == js.Error.new("a")
type(js.Error.new("x")).__name__, js.Error.new("x")
js.AggregateError.new(to_js([js.Error.new("a")]), "many").errors[0].message
js.DOMException.new("m", "AbortError").name, js.DOMException.new("m", "AbortError")
del e.code
hasattr(e, "code")

# %% JsException made in Python
e = JsException("Error", "message")
e, e.name, e.message, e.constructor.name
JsException("TypeError", "m").constructor.name
JsException("MyError", "m").name, JsException("MyError", "m"), JsException("MyError", "m").constructor.name
JsException("Error")
JsException()
JsException("Error", "m", "the stack").stack
raise JsException("RangeError", "raised")
JsException("Error", message="m").message
JsException(5, 6)
JsException(js.Error.new("x"))

# %% notes, causes and tracebacks
try:
    try: js.JSON.parse("{")
    except JsException as inner: raise ValueError("outer") from inner
except ValueError as e: outer = e
type(outer.__cause__).__name__, outer.__context__ is outer.__cause__
outer.__cause__.add_note("a note")
outer.__cause__.__notes__
outer.__cause__.__traceback__ is None
e = js.Error.new("x")
e.__cause__ = ValueError("c")
e.__cause__
try: raise e from KeyError("k")
except JsException as again: kept = again
kept.__cause__, kept is e
e.with_traceback(None) is e
import traceback
traceback.format_exception_only(e)
"".join(traceback.format_exception(e))[-30:]

# %% pickled exceptions
import pickle, copy
e = js.RangeError.new("r")
back = pickle.loads(pickle.dumps(e))
type(back).__name__, back.name, back.message, back == e
back.constructor.name
copy.copy(e).message

# %% exception groups
try: raise ExceptionGroup("g", [js.Error.new("a"), ValueError("b")])
except* JsException as group: found = [str(x) for x in group.exceptions]
except* ValueError as group: rest = group.exceptions
found, rest

# %% throwing what is no error
def throwing(value):
    async def run():
        return await js.Promise.reject(value)
    return run
reject = js.Promise.new(lambda res, rej: rej(js.Error.new("ok")))
await reject
class Oops(Exception): pass
def fail(*args): raise Oops("text")
js.Array.of(1).map(fail)
o = js.Object.new()
o.f = fail
o.f()
js.Promise.reject(js.Error.new('handled')).catch(lambda e: None) is not None

# %% a Python exception as JavaScript sees it
seen = {}
def fail(*args): raise KeyError("missing")
def note(error): seen.update(name=error.name, ctor=error.constructor.name, type=error.type, last=error.message.strip().split("\n")[-1], first=error.message.split("\n")[0], newline=error.message.endswith("\n"), kind=type(error).__name__)
await js.Promise.resolve(1).then(fail).catch(note)
seen
async def coroutine(): raise LookupError("async")
await js.Promise.resolve(1).then(lambda _: coroutine()).catch(note)
seen["type"], seen["last"]

# %% the exception of an awaited rejection
failure = KeyError("mine")
def fail(*args): raise failure
await js.Promise.resolve(1).then(fail)
try: await js.Promise.resolve(1).then(fail)
except BaseException as e: caught = e
type(caught).__name__, caught is failure, caught.__cause__ is failure
e = js.Error.new("same")
try: await js.Promise.reject(e)
except JsException as x: first = x
first == e, first is e, first.message

# %% Error statics and stack
js.Error.new("x").stack.split("\n")[0]
js.TypeError.new("y").stack.split("\n")[0]
js.TypeError.prototype.name, js.Error.prototype.message, js.TypeError.name
js.Object.keys(js.Error.new("x")).length
js.Reflect.ownKeys(js.Error.new("x")).to_py()
js.JSON.stringify(js.Error.new("x"))
js.Reflect.apply(js.Object.prototype.toString, js.Error.new("x"), [])
js.Object.getPrototypeOf(js.TypeError.prototype) == js.Error.prototype
