# %% plain data becomes plain Python
js.JSON.parse('{"a": [1, {"b": null}, "x", true, 1.5], "c": {}}').to_py()
js.JSON.parse('[]').to_py(), js.JSON.parse('{}').to_py()
js.Object.new(a=None, b=jsnull).to_py()
js.Map.new([["k", to_js([1])], [2, js.Map.new([["x", 1]])]]).to_py()
js.Set.new([1, "a", 1]).to_py() == {1, "a"}
type(js.Object.create(jsnull).to_py()).__name__
js.Array.of(2**60).to_py()

# %% buffers become memoryviews
v = to_js(b"abc").to_py()
v, v.format, v.nbytes, bytes(v), v.readonly
js.Float64Array.new([1.5, 2]).to_py().tolist()
js.Int16Array.new([1, -2]).to_py().format
js.ArrayBuffer.new(3).to_py()
js.DataView.new(js.ArrayBuffer.new(3)).to_py()
js.Object.new(data=to_js(b"x")).to_py()
js.BigInt64Array.new([2**60]).to_py().tolist()

# %% instances of classes stay handles
date = js.Date.new(0)
type(date.to_py()).__name__, date.to_py() == date
js.Error.new("x").to_py()
js.URL.new("http://a/").to_py() == js.URL.new("http://a/")
js.Array.of(date, js.Math.max, js.RegExp.new("a")).to_py()[1] == js.Math.max
js.Object.new(d=date).to_py()["d"] == date
type(js.Math.to_py()).__name__
js.Object.new(f=js.Math.max).to_py()
js.WeakMap.new().to_py()
js.Promise.resolve(1).to_py
type(js.Promise.new(lambda *args: None).to_py()).__name__

# %% depth
o = js.JSON.parse('{"a": {"b": {"c": 1}}, "l": [[1]]}')
o.to_py(depth=0) == o
type(o.to_py(depth=1)["a"]).__name__, type(o.to_py(depth=1)["l"]).__name__
type(o.to_py(depth=2)["a"]["b"]).__name__, type(o.to_py(depth=2)["l"][0]).__name__
o.to_py(depth=-1), o.to_py(depth=10) == o.to_py()
js.Map.new([["a", to_js([1])]]).to_py(depth=1)["a"]

# %% default_converter
def default(value, convert, cache):
    if value.constructor.name == "Date":
        return "date"
    return value
js.Array.of(js.Date.new(0), js.RegExp.new("a"), 1).to_py(default_converter=default)
seen = []
def note(value, convert, cache): seen.append(value.constructor.name); return len(seen)
js.JSON.parse('{"a": [1, {}]}').to_py(default_converter=note), seen
js.Array.of(js.Date.new(0), js.Map.new([["a", js.Error.new("e")]])).to_py(default_converter=note), seen
def deep(value, convert, cache):
    result = []
    cache(value, result)
    result.append(convert(to_js([1, 2])))
    return result
js.Array.of(js.Date.new(0)).to_py(default_converter=deep)
js.Array.of(js.Date.new(0)).to_py(default_converter=lambda *args: 1 / 0)
js.Date.new(0).to_py(default_converter=lambda value, convert, cache: "top")

# %% keys that cannot be hashed
js.Map.new([[to_js([1]), 1]]).to_py()
js.Set.new([to_js([1])]).to_py()
js.Map.new([[js.Object.new(), 1]]).to_py()
js.Set.new([js.Date.new(0)]).to_py()
js.Map.new([[jsnull, 1], [None, 2]]).to_py()
js.Map.new([[1, "int"], [True, "bool"]]).to_py()
js.Map.new([[1, "a"], ["1", "b"]]).to_py()
js.Map.new([[0, "int"], [False, "bool"]]).to_py()
js.Set.new([1, True]).to_py()
js.Set.new([0, False]).to_py()
js.Map.new([[True, 1]]).to_py()

# %% what contains itself
a = js.Array.of(1)
a.push(a)
p = a.to_py()
p[1] is p
o = js.Object.new()
o.me = o
q = o.to_py()
q["me"] is q
m = js.Map.new()
m.set("m", m)
r = m.to_py()
r["m"] is r

# %% Python objects inside come back as themselves
o = js.Object.new()
value = [1]
o.value = value
o.to_py()["value"] is value
js.Array.of(len).to_py()[0] is len
proxy = create_proxy(value)
type(js.Array.of(proxy).to_py()[0]).__name__
proxy.to_py()

# %% mistakes in the call
o = js.Object.new()
o.to_py(1)
o.to_py(nope=1)
o.to_py(depth="x")
o.to_py(default_converter=5)
