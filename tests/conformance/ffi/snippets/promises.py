# %% a call that gives a promise gives a future
f = js.Promise.resolve(5)
type(f).__name__, isinstance(f, asyncio.Future), isinstance(f, JsPromise), f.done()
await f
f.done(), f.result()
await f
async def later(): return 3
await js.Promise.resolve(later())
await js.Promise.resolve(js.Promise.new(lambda res, rej: res(7)))
await js.Promise.resolve([1, 2])
await js.Promise.resolve({"a": 1}).then(lambda v: v["a"])
js.Promise.new(lambda *args: None)
type(js.Array.of(js.Promise.new(lambda *args: None))[0]).__name__

# %% a promise made with new
p = js.Promise.new(lambda resolve, reject: resolve(5))
type(p).__name__, isinstance(p, JsPromise)
await p
await p
q = js.Promise.new(lambda resolve, reject: reject(js.TypeError.new("no")))
await q
def fail(resolve, reject): raise KeyError("executor")
await js.Promise.new(fail)
async def executor(resolve, reject): resolve(9)
kept = []
r = js.Promise.new(lambda resolve, reject: kept.append(create_proxy(resolve)))
kept[0](4)
await r

# %% then, catch and finally_ of futures
f = js.Promise.resolve(5)
type(f.then(lambda v: v + 1)).__name__, await f.then(lambda v: v + 1)
await f.then(lambda v: [v])
await f.then(None)
await js.Promise.reject(js.Error.new("x")).catch(lambda e: f"caught {e.message}")
await js.Promise.reject(js.Error.new("x")).then(lambda v: 1, lambda e: "second")
seen = []
await js.Promise.resolve(1).finally_(lambda: seen.append("finally"))
seen
await js.Promise.reject(js.Error.new("x")).finally_(lambda: seen.append("again"))
seen
await f.then(lambda v: js.Promise.resolve(v * 2))
async def double(v): return v * 2
await f.then(double)
def fail(v): raise LookupError("then")
await f.then(fail)
await f.then(fail).catch(lambda e: type(e).__name__)
f.then()
await f.then(5)

# %% then, catch and finally_ of promises
def promise(value): return js.Promise.new(lambda resolve, reject: resolve(value))
def broken(text): return js.Promise.new(lambda resolve, reject: reject(js.Error.new(text)))
type(promise(1).then(lambda v: v)).__name__
await promise(1).then(lambda v: v + 1)
await broken("b").catch(lambda e: e.message)
await broken("b").then(None, lambda e: "handled")
await promise(1).finally_(lambda: 99)
await broken("b").finally_(lambda: 99)
promise(1).then()
await promise(1).then(lambda v: v, None)
promise(1).then(5)
promise(1).catch()
promise(1).finally_()
async def fail(v): raise LookupError("async")
await promise(1).then(fail)

# %% combining promises
def promise(value): return js.Promise.new(lambda resolve, reject: resolve(value))
def broken(text): return js.Promise.new(lambda resolve, reject: reject(js.Error.new(text)))
await js.Promise.all(to_js([promise(1), 2, promise("x")]))
await js.Promise.all(to_js([promise(1), broken("b")]))
await js.Promise.race(to_js([promise("first"), promise("second")]))
await js.Promise.any(to_js([broken("a"), promise("ok")]))
await js.Promise.any(to_js([broken("a"), broken("b")]))
r = await js.Promise.allSettled(to_js([promise(1), broken("b")]))
r[0].to_py(), r[1].status, r[1].reason.message
await js.Promise.all(to_js([js.Promise.resolve(4), asyncio.sleep(0, 5)]))
await js.Promise.all([])
await js.Promise.all(5)
w = js.Promise.withResolvers()
w.resolve(8)
await w.promise
type(w.promise).__name__
js.Promise.try_ is not None

# %% asyncio with futures and promises
def promise(value): return js.Promise.new(lambda resolve, reject: resolve(value))
await asyncio.gather(js.Promise.resolve(1), asyncio.sleep(0, 2))
await asyncio.wait_for(js.Promise.resolve(1), 1)
await asyncio.shield(js.Promise.resolve(1))
await asyncio.ensure_future(promise(3))
type(asyncio.ensure_future(promise(3))).__name__
asyncio.gather(promise(1))
await asyncio.create_task(asyncio.sleep(0, 4))
await asyncio.wait_for(js.Promise.new(lambda *args: None), 0.01)
done, pending = await asyncio.wait([js.Promise.resolve(1)])
len(done), len(pending)
[await x for x in asyncio.as_completed([js.Promise.resolve(6)])]
async with asyncio.timeout(1): value = await js.Promise.resolve(2)
value
async with asyncio.TaskGroup() as group: task = group.create_task(asyncio.sleep(0, 7))
task.result()

# %% awaiting what is no promise
await js.Object.new()
await js.Math
thenable = js.Object.new()
thenable.then = lambda resolve, reject: resolve("thenable")
await thenable
isinstance(js.Object.new(then=lambda *args: None), JsPromise)
await js.Object.new(then=5)
await jsnull

# %% cancelled futures
f = asyncio.get_running_loop().create_future()
type(f).__name__
f.cancel()
await f
t = asyncio.create_task(asyncio.sleep(10))
t.cancel()
await t
p = js.Promise.resolve(asyncio.sleep(0, 1))
await p

# %% PyodideFuture callbacks
loop = asyncio.get_running_loop()
f = loop.create_future()
chained = f.then(lambda v: v * 2)
f.set_result(21)
await chained
g = loop.create_future()
handled = g.catch(lambda e: f"caught {type(e).__name__}")
g.set_exception(KeyError("k"))
await handled
h = loop.create_future()
seen = []
last = h.finally_(lambda: seen.append(1))
h.set_result(3)
await last, seen
async def more(v): return v + 1
k = loop.create_future()
both = k.then(more, lambda e: "bad")
k.set_result(1)
await both
def fail(v): raise ValueError("in then")
m = loop.create_future()
n = m.then(fail)
m.set_result(1)
await n
task = asyncio.create_task(asyncio.sleep(0, 5))
type(task).__name__, await task.then(lambda v: v + 1)

# %% order of promise reactions and callbacks
seen = []
loop = asyncio.get_running_loop()
loop.call_soon(lambda: seen.append("call_soon"))
_ = js.Promise.resolve(1).then(lambda v: seen.append("reaction"))
js.queueMicrotask(create_once_callable(lambda *a: seen.append("microtask")))
await asyncio.sleep(0.01)
seen

# %% timers with proxies
seen = []
once = create_once_callable(lambda *args: seen.append(("once", args)))
timer = js.setTimeout(once, 1, "a", 2)
await asyncio.sleep(0.02)
seen
p = create_proxy(lambda *args: seen.append("interval"))
every = js.setInterval(p, 1)
await asyncio.sleep(0.02)
js.clearInterval(every)
"interval" in seen
