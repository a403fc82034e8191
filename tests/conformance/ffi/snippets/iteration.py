# %% iterators
it = to_js([1, 2]).values()
type(it).__name__, isinstance(it, JsIterator), isinstance(it, JsIterable), iter(it) is it
next(it), list(it)
next(it)
it = js.Map.new([["a", 1]]).entries()
next(it)
it.next().done
it = js.Set.new([1]).values()
it.next().value, it.next().value
it = to_js([1, 2, 3]).values()
for x in it: break
x, list(it)

# %% an iterator made of an object
def obj(**members):
    made = js.Object.new()
    for name, value in members.items(): setattr(made, name, value)
    return made
state = [0]
def step(*args):
    state[0] += 1
    return js.Object.new(value=state[0], done=state[0] > 2)
o = obj(next=step)
isinstance(o, JsIterator), isinstance(o, JsIterable), isinstance(o, JsAsyncIterator)
next(o), next(o)
next(o)
list(o)
js.Array.from_(o)
p = obj(next=lambda *a: 5)
next(p)
q = obj(next=lambda *a: js.Object.new())
next(q)

# %% an iterable made of an object
def make(*args): return to_js(["x", "y"]).values()
o = js.Object.new()
js.Reflect.set(o, js.Symbol.iterator, create_proxy(make))
list(o), isinstance(o, JsIterable), [*o]
js.Array.from_(o)
broken = js.Object.new()
js.Reflect.set(broken, js.Symbol.iterator, create_proxy(lambda: 5))
list(broken)

# %% generators
class Steps:
    def __init__(self): self.log = []
    def next(self, *args): self.log.append(("next", args)); return js.Object.new(value=len(self.log), done=len(self.log) > 2)
    def throw(self, *args): self.log.append(("throw", [type(a).__name__ for a in args])); return js.Object.new(value="thrown", done=False)
    def ret(self, *args): self.log.append(("return", args)); return js.Object.new(value=args[0] if args else None, done=True)
s = Steps()
g = js.Object.new()
g.next = s.next
g.throw = s.throw
setattr(g, "return", s.ret)
iterators = js.Object.new()
iterators.f = lambda: g
js.Reflect.set(g, js.Symbol.iterator, create_proxy(lambda: g))
isinstance(g, JsGenerator), isinstance(g, JsIterator)
next(g), g.send("hello"), s.log
g.throw(ValueError("v"))
s.log[-1]
g.close()
s.log[-1]
g.send(5)

# %% async iteration
class Count:
    def __init__(self): self.n = 0
    def next(self, *args):
        self.n += 1
        return js.Promise.resolve(js.Object.new(value=self.n, done=self.n > 2))
c = Count()
o = js.Object.new()
o.next = c.next
js.Reflect.set(o, js.Symbol.asyncIterator, create_proxy(lambda: o))
isinstance(o, JsAsyncIterable), isinstance(o, JsAsyncIterator), isinstance(o, JsIterator)
[x async for x in o]
await anext(aiter(o))
await anext(o, "default")

# %% async iteration of what is not
async def walk(value): return [x async for x in value]
await walk(js.Object.new())
await walk(to_js([1]))
aiter(js.Map.new())
await anext(js.Object.new())

# %% Python iterables in JavaScript
js.Array.from_(iter([1, 2])), js.Array.from_("ab"), js.Array.from_(x for x in (1, 2))
js.Set.new({1, 2}).size, js.Map.new({"a": 1}.items())["a"], js.Object.fromEntries([("a", 1)]).a
js.Object.fromEntries({"a": 1}.items()).to_py()
js.Array.from_(5)
js.Array.from_(object())
js.Set.new(5)
def bad():
    yield 1
    raise KeyError("in generator")
js.Array.from_(bad())
js.Map.new([(1, 2), (3, 4)]).size
js.Math.max.apply(None, [1, 2])
js.Array.from_([1, 2], lambda x, *_: x * 10)
js.Object.groupBy([1, 2, 3], lambda x, *_: "odd" if x % 2 else "even").odd

# %% an async generator in JavaScript
async def numbers():
    yield 1
    yield 2
p = create_proxy(numbers())
isinstance(p, JsAsyncIterable), isinstance(p, JsAsyncGenerator)
(await p.next()).value, (await p.next()).value, (await p.next()).done
await js.Array.fromAsync(numbers())
