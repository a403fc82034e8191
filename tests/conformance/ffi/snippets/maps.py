# %% a Map reads as a mapping
m = js.Map.new([["a", 1], ["b", jsnull], [3, "three"]])
m["a"], m["b"], m[3]
m["zz"]
m[None]
len(m), bool(m), bool(js.Map.new()), m.size
"a" in m, "zz" in m, 3 in m, 3.0 in m
list(m), list(m.keys()), list(m.values()), list(m.items())
type(m.keys()).__name__, type(m.values()).__name__, type(m.items()).__name__
m.keys(), m.values(), m.items()
m.get("a"), m.get("zz"), m.get("zz", "default"), m.get("b", 5)
dict(m), dict(m.items()), {**m}
isinstance(m, JsMap), isinstance(m, JsMutableMap)
m
list(reversed(m))
m == m, m == js.Map.new([["a", 1]])
next(iter(m)), [k for k in m]

# %% a Map is written as a mapping
m = js.Map.new([["a", 1]])
m["b"] = 2
m["a"] = 10
del m["b"]
del m["zz"]
dict(m)
m.pop("a"), m.pop("zz", 3)
m.pop("zz")
m.setdefault("x", 5), m.setdefault("x", 6), m["x"]
m.setdefault("y"), dict(m)
m.update({"k": 1}, other=2)
m.update([["p", 1]])
m.update(js.Map.new([["q", 2]]))
dict(m)
m.update()
m.update(5)
m.popitem(), len(m)
m.clear(), len(m)
m.popitem()
m.pop()
m.set("z", 1) == m, m.delete("z"), m.delete("z"), m.has("z")

# %% a Map with values that Python made
m = js.Map.new()
value = [1]
m["list"] = value
m["list"] is value
m["proxy"] = create_proxy(value)
type(m["proxy"]).__name__
m["js"] = to_js([1])
m["js"]
m[2**60] = "big"
m[2**60]
m[float("nan")] = "nan"
m[float("nan")]
m.get(1, 2, 3)

# %% a Map's views
m = js.Map.new([["a", 1], ["b", 2]])
keys, values, items = m.keys(), m.values(), m.items()
m["c"] = 3
list(keys), list(values), list(items), len(keys), "a" in keys, 1 in values, ("a", 1) in items, ("a", 5) in items
keys & {"a", "zz"} == {"a"}, keys | {"x"} == {"a", "b", "c", "x"}
keys == {"a", "b", "c"}
m.entries().next().value
list(m.entries())[0]
m.forEach(lambda v, k, *_: None)
sorted(m), min(m)

# %% abstract classes of maps and sets
import collections.abc as abc
m, s = js.Map.new(), js.Set.new()
isinstance(m, abc.Mapping), isinstance(m, abc.MutableMapping), isinstance(m, abc.Iterable), isinstance(m, abc.Collection)
isinstance(s, abc.Set), isinstance(s, abc.Iterable), isinstance(s, abc.Sized), isinstance(s, abc.Container)
match js.Map.new([["k", 1]]):
    case {"k": v}: found = v
    case _: found = "no mapping"
found

# %% a Set
s = js.Set.new([1, "a", 2, 1])
len(s), 1 in s, "zz" in s, list(s), bool(s), bool(js.Set.new()), s.size
s[0]
s.add(5) == s, s.delete(1), s.delete(1), list(s)
set(s) == {"a", 2, 5}
s.keys, s.values
list(s.values()), list(s.entries())[0]
s | {1}
s.union(js.Set.new([9])).size, s.isSubsetOf(js.Set.new())
s
s.clear()
len(s)
s.pop
s.discard
isinstance(s, JsMap), isinstance(s, JsIterable)

# %% URLSearchParams and Headers
p = js.URLSearchParams.new("a=1&b=2&a=3")
p["a"], p.get("a"), p.getAll("a"), len(p), "a" in p, "zz" in p
p["zz"]
p.get("zz"), p.get("zz", 5)
isinstance(p, JsMap), isinstance(p, JsMutableMap)
list(p.keys()), list(p.values()), list(p.items()), list(p)
p["c"] = 4
str(p)
bool(js.URLSearchParams.new("")), len(js.URLSearchParams.new(""))
h = js.Headers.new([["A", "1"], ["b", "2"]])
h["a"], h.get("A"), h["zz"], "a" in h
len(h)
list(h), [list(pair) for pair in h], dict(h)
list(h.keys()), list(h.values()), list(h.entries())[0].to_py()
h["c"] = "3"
h.has("c"), bool(h), bool(js.Headers.new())
del h["c"]
h.has("c")
h.items
isinstance(h, JsMap), isinstance(h, JsIterable)

# %% FormData
f = js.FormData.new()
f.append("a", "1")
f["b"] = "2"
f["a"], f["zz"], "a" in f, "zz" in f, bool(f)
len(f)
[list(pair) for pair in f]
del f["a"]
"a" in f
f.items

# %% objects that look like maps
def obj(**members):
    made = js.Object.new()
    for name, value in members.items(): setattr(made, name, value)
    return made
o = obj(size=2, get=lambda key: f"got {key}", has=lambda key: key == "x")
o["k"], "x" in o, "y" in o, len(o)
isinstance(o, JsMap)
list(o)
o["k"] = 1
p = js.Object.new(length=3)
len(p), bool(p), bool(js.Object.new(length=0)), bool(js.Object.new(size=0))
p[0]
q = obj(includes=lambda value: value == 7)
7 in q, 8 in q
len(js.Object.new(length="3"))
len(js.Object.new(length=1.5))
len(js.Object.new(length=-1))
w = js.WeakMap.new()
key = js.Object.new()
w.set(key, 5)
w.get(key), key in w
w[key]
