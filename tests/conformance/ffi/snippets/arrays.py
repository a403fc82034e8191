# %% reading by index
a = to_js([10, 20, 30])
a[0], a[2], a[-1], a[-3], a[True]
a[3]
a[-4]
a["0"]
a[1.0]
a[None]
len(a), bool(a), bool(to_js([])), a.length
class Index:
    def __index__(self): return 1
a[Index()]

# %% slices
a = to_js([0, 1, 2, 3, 4, 5])
a[1:3], a[:2], a[4:], a[::2], a[::-1], a[-2:], a[5:1], a[1:5:3], a[10:]
type(a[1:3]).__name__, isinstance(a[1:3], JsArray), a[:] == a
a[1:2].constructor.name
a["a":]
a[::0]

# %% writing by index and slice
a = to_js([0, 1, 2, 3])
a[0] = "zero"
a[-1] = "last"
a
a[10] = 1
a.length
a[-50] = 1
a = to_js([0, 1, 2, 3])
a[1:3] = ["x", "y", "z"]
a
a[:] = []
a
a[0:0] = (1, 2)
a
a[::2] = [9]
a
a = to_js([0, 1, 2, 3])
a[::2] = [7, 8]
a
a[::2] = [1, 2, 3]
a[0:1] = 5
a[0:2] = to_js([5])
a
a[1] = [1]
type(a[1]).__name__

# %% deleting
a = to_js([0, 1, 2, 3, 4, 5])
del a[0]
a
del a[-1]
a
del a[1:3]
a
del a[::2]
a
del a[9]
del a["x"]
a = to_js([0, 1, 2, 3, 4, 5])
del a[::-2]
a

# %% Python's list methods
a = to_js([1])
a.append(2)
a.extend([3, 4])
a.extend(to_js([5]))
a.extend(x for x in "ab")
a
a.insert(0, "first")
a.insert(-1, "before last")
a.insert(100, "end")
a
a.pop(), a.pop(0), a.pop(-2)
a
a.remove(3)
a
a.remove("nope")
a.index(4), a.index("b") , a.count(4), a.count("zz")
a.index("nope")
a.reverse()
a
a.clear()

# %% pop and its mistakes
a = to_js([])
a.pop()
a.pop(0)
b = to_js([1, 2])
b.pop(2)
b.pop(-3)
b.pop("x")
b.pop(1.5)
b.pop(True), b

# %% index with a range
a = to_js([1, 2, 3, 2, 1])
a.index(2, 2), a.index(1, 1, 5), a.index(2, -2)
a.index(3, 3)
a.index(1, 1, 4)
a.index()
a.count(2)

# %% membership
a = to_js([1, "x", None, jsnull, 2.5, [1]])
1 in a, "x" in a, None in a, jsnull in a, 2.5 in a, 3 in a, True in a, 1.0 in a
o = js.Object.new()
o in js.Array.of(o), js.Object.new() in js.Array.of(o)
value = [1]
b = js.Array.new()
b.push(1)
float("nan") in js.Array.of(float("nan"))
2**60 in js.Array.of(2**60)

# %% adding and multiplying
a = to_js([1, 2])
a + [3], a + to_js([4]), a + (5,)
type(a + []).__name__
[0] + a
a * 2, 2 * a, a * 0, a * -1
a * "x"
a + "xy"
b = a
b += [3]
b is a, a
a += "xy"
a
a *= 2
a

# %% iteration
a = to_js([1, "x", None])
list(a), [*a], tuple(a), list(reversed(a))
list(enumerate(a)), list(zip(a, a)), sorted(to_js([3, 1, 2])), max(to_js([3, 1, 2])), sum(to_js([1, 2]))
first, *rest = a
first, rest
it = iter(a)
next(it), next(it), next(it)
next(it)
next(it, "end")
dict(to_js([["a", 1]]))
match a:
    case [x, *_]: seen = x
    case _: seen = "no sequence"
seen
import collections.abc as abc
isinstance(a, abc.Sequence), isinstance(a, abc.MutableSequence), isinstance(a, abc.Iterable), isinstance(a, abc.Sized), isinstance(a, list)

# %% changing while iterating
a = to_js([1, 2, 3])
seen = []
for x in a:
    seen.append(x)
    if len(seen) < 5: a.push(x * 10)
seen

# %% holes
a = js.Array.new(3)
len(a), a.to_py(), list(a)
0 in a, None in a
a[0]
a[-1]
a.index(None)
a[0:1]
a.pop()
js.JSON.stringify(a)
a[1] = 5
a.to_py()
js.Object.keys(a)
a

# %% JavaScript's methods
a = to_js([3, 1, 2])
a.push(4), a.unshift(0), a.shift(), a.length
a.sort()
a
a.join("-"), a.indexOf(2), a.includes(3), a.lastIndexOf(9), a.at(-1)
a.slice(1, 3), a.concat(to_js([9])), a.concat(5)
a.map(lambda x, *_: x * 2), a.filter(lambda x, *_: x > 2), a.find(lambda x, *_: x > 1), a.some(lambda x, *_: x > 3)
a.reduce(lambda total, x, *_: total + x, 0)
a.splice(1, 1), a
a.fill(0)
a.keys()
dict(to_js([['k', 1]]))
a.flatMap(lambda x, *_: to_js([x, x]))
a.map(lambda x: x)
a.forEach(lambda *args: None)
list(a.entries())[0]
a.toString(), a.toSorted(), a.with_(0, 9)
callable(a.reverse), a.indexOf
js.Array.from_("abc"), js.Array.of(), js.Array.new(2).length, js.Array.new(1, 2)

# %% sort with a Python comparison
a = to_js([5, 1, 10, 2])
a.sort()
a.sort(lambda x, y: y - x)
to_js(["b", "a"]).sort()
def fail(x, y): raise LookupError("stop")
a.sort(fail)
a.sort(key=lambda x: x)

# %% equality, hash, order, text
a = to_js([1, 2])
a == [1, 2], a == to_js([1, 2]), a == a[:], a == a, a != a
hash(a)
{a: 1}
a < [1]
a < a, a <= a, a > to_js([0])
repr(a), str(a), f"{a}", f"{to_js([[1, 2], 'x'])}"
f"{a:>8}", "%s" % a
bool(a)

# %% attributes of arrays
a = to_js([1, 2])
a.length = 1
a
a.length = 5
a.length
a.extra = "x"
a.extra, len(a)
getattr(a, "0")
getattr(a, "9")
a.nope
a.nope = 1
del a.nope
hasattr(a, "nope"), hasattr(a, "push"), hasattr(a, "append"), hasattr(a, "sort"), hasattr(a, "clear"), hasattr(a, "copy")
a.length = -1

# %% a frozen array
a = js.Object.freeze(to_js([1, 2]))
a[0] = 5
a
a.push(1)
