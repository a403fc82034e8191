# %% typed arrays as sequences
u = js.Uint8Array.new([1, 2, 3])
len(u), u[0], u[-1], list(u), 2 in u, 9 in u, bool(u), u.length, u.byteLength
u[0] = 300
u[1] = -1
u
u[9]
u[-9]
u[9] = 1
u["a"]
u[0:2]
u[0:2] = [1, 2]
del u[0]
u[0] = "7"
u[0] = None
u
u[1.5]
bytes(u), list(reversed(u)), sum(u), max(u)
u == js.Uint8Array.new([1]), u == u
u.slice(0, 2), u.subarray(1), u.at(-1), u.indexOf(3), u.join("-"), u.includes(3)
u.index(3), u.count(3)
u.append
u.pop
isinstance(u, JsArray), isinstance(u, JsTypedArray), isinstance(u, JsBuffer)

# %% each class of typed array
def show(cls, values): a = cls.new(values); return a, a.to_py().format, a.to_py().itemsize, a.BYTES_PER_ELEMENT, a[0]
show(js.Int8Array, [-1, 200])
show(js.Uint8ClampedArray, [-1, 300])
show(js.Int16Array, [40000])
show(js.Uint16Array, [-1])
show(js.Int32Array, [2**31])
show(js.Uint32Array, [-1])
show(js.Float32Array, [1.5, 0.1])
show(js.Float64Array, [0.1])
show(js.BigInt64Array, to_js([js.BigInt(5), js.BigInt(-(2**63))]))
show(js.BigUint64Array, to_js([js.BigInt(2**64 - 1)]))
js.BigInt64Array.new([1])
b = js.BigInt64Array.new(1)
b[0] = 2**60
b[0]
b[0] = 5
type(b[0]).__name__
js.Uint8Array.new(-1)
js.Uint8Array.new("3").length, js.Uint8Array.new(None).length, js.Uint8Array.new(2.5)

# %% to_bytes, to_py, to_memoryview
u = js.Uint8Array.new([1, 2, 3, 4]).subarray(1, 3)
u.to_bytes(), type(u.to_bytes()).__name__, u.to_memoryview(), u.to_memoryview().tolist(), u.to_py().tolist()
m = u.to_py()
m[0] = 99
u[0], m.readonly
js.Float64Array.new([1.5]).to_bytes(), js.Int16Array.new([258]).to_bytes()
js.ArrayBuffer.new(3).to_bytes(), js.ArrayBuffer.new(3).to_memoryview().format
js.DataView.new(js.Uint8Array.new([1, 2, 3, 4]).buffer, 1, 2).to_bytes()
js.Uint8Array.new(0).to_bytes(), js.Uint8Array.new(0).to_py().tolist()

# %% to_string
js.TextEncoder.new().encode("héllo").to_string()
js.Uint8Array.new([104, 105]).buffer.to_string()
js.Uint8Array.new([0xe9]).to_string("latin1"), js.Uint8Array.new([0xff, 0xfe, 0x61, 0]).to_string("utf-16le")
js.Uint8Array.new([0xff]).to_string()
js.Uint8Array.new([97]).to_string(encoding="utf8")
js.Uint8Array.new([97]).to_string(5)
js.Uint8Array.new([0xef, 0xbb, 0xbf, 97]).to_string()

# %% assign
u = js.Uint8Array.new(4)
u.assign(b"abcd")
u
u.assign(bytearray(b"wxyz"))
u.to_bytes()
u.assign(b"abc")
u.assign(b"abcde")
u.assign([1, 2, 3, 4])
u.assign("abcd")
import array
f = js.Float64Array.new(2)
f.assign(array.array("d", [1.5, 2.5]))
f
f.assign(b"12345678")
f.assign(array.array("f", [1, 2]))
f.assign(bytes(16)), f.assign(array.array("i", [0] * 4)), f
f.assign(array.array("q", [0, 0]))
i = js.Int32Array.new(2)
i.assign(array.array("f", [1, 2]))
i.assign(array.array("I", [1, 2]))
i.assign(bytes(8))
u.assign(array.array("b", [1, 2, 3, 4]))
u.assign(array.array("h", [1, 2]))
u.assign(array.array("f", [1]))
js.Int8Array.new(4).assign(b"abcd")
js.Uint8ClampedArray.new(4).assign(b"abcd")
js.ArrayBuffer.new(8).assign(array.array("d", [1]))
js.DataView.new(js.ArrayBuffer.new(8)).assign(array.array("d", [1]))
u.assign(b"wxyz")
v = u.subarray(2)
v.assign(b"!!")
u.to_bytes()
js.ArrayBuffer.new(2).assign(b"ab")
u.assign()

# %% assign_to
u = js.Uint8Array.new([1, 2, 3])
target = bytearray(3)
u.assign_to(target)
target
u.assign_to(bytearray(2))
u.assign_to(bytearray(5))
u.assign_to(b"abc")
u.assign_to([1, 2, 3])
import array
a = array.array("d", [0])
js.Float64Array.new([2.5]).assign_to(a)
a
js.Float64Array.new([2.5]).assign_to(bytearray(8))
js.ArrayBuffer.new(8).assign_to(a)
js.Uint8Array.new(8).assign_to(a)
js.Int32Array.new(2).assign_to(a)

# %% files
import io, os, tempfile
u = js.Uint8Array.new([97, 98, 99])
with tempfile.TemporaryFile() as f:
    u.to_file(f)
    f.flush()
    f.seek(0)
    content = f.read()
    f.seek(0)
    v = js.Uint8Array.new(2)
    v.from_file(f)
content, v.to_bytes()
with tempfile.TemporaryFile() as f:
    u._into_file(f)
    f.seek(0)
    content = f.read()
content
u.to_file(io.BytesIO())
u.to_file("name")

# %% memoryview and bytes of handles
u = js.Uint8Array.new([1, 2])
memoryview(u)
bytes(u), bytearray(u)
bytes(js.ArrayBuffer.new(2))
bytes(js.Float64Array.new([1, 2]))
b"".join([u])
b"x" + u
int.from_bytes(u.to_bytes(), "big")

# %% ArrayBuffer and DataView
b = js.ArrayBuffer.new(4)
b.byteLength, b.slice(1).byteLength, bool(b)
len(b)
b[0]
list(b)
0 in b
d = js.DataView.new(b)
d.setUint16(0, 258), d.getUint8(0), d.getUint16(0), d.getUint16(0, True), d.byteLength
d.setFloat64(0, 1.5)
d.setBigInt64(0, 5)
len(d)
js.ArrayBuffer.isView(d), js.ArrayBuffer.isView(b), js.ArrayBuffer.isView(b"x")
js.Uint8Array.new(b, 1, 2).byteOffset
js.Uint8Array.new(b, 5)
js.Float64Array.new(b)
js.ArrayBuffer.new(-1)

# %% typed arrays take Python data
js.Uint8Array.new(b"abc"), js.Uint8Array.new(bytearray(b"abc")), js.Uint8Array.new([1, 2]), js.Uint8Array.new((3,)), js.Uint8Array.new(range(3))
js.Uint8Array.from_([1, 2]), js.Uint8Array.of(5, 6)
u = js.Uint8Array.new(3)
u.set(b"ab"), u
u.set([7], 2), u
u.set(b"toolong")
u.set(to_js(b"x"), 1), u
js.Float64Array.new([1.5, "2", None])
js.Uint8Array.new({"length": 2}).length
u.fill(9), u.map(lambda x, *_: x + 1), u.filter(lambda x, *_: x > 8), u.reduce(lambda a, b, *_: a + b)
u.reverse(), u.sort()
js.Uint8Array.new([1, 2]).keys()

# %% buffers of many dimensions and formats
import array
to_js(memoryview(bytes(range(6))).cast("B", (2, 3)))[1].to_bytes()
to_js(memoryview(bytes(8)).cast("B", (2, 2, 2)))
to_js(memoryview(b"\1\0").cast("?"))
to_js(memoryview(b"ab").cast("c"))
to_js(memoryview(bytes(8)).cast("q"))
