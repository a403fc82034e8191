import asyncio
import inspect

from js import Object, RangeError, crypto
from js import Response as JsResponse
from pyodide.ffi import JsException, jsnull, to_js
from workers import Response, WorkerEntrypoint


async def outcome(work):
    try:
        value = work()
        return await value if inspect.isawaitable(value) else value
    except JsException as error:
        return f"{error.name}: {error.message}"


async def digest_of(stream):
    return [(await stream.digest).to_bytes().hex(), stream.bytesWritten]


async def written(algorithm, *chunks):
    stream = crypto.DigestStream.new(algorithm)
    writer = stream.getWriter()
    for chunk in chunks:
        await writer.write(chunk)
    await writer.close()
    return await digest_of(stream)


async def wrong_chunk():
    stream = crypto.DigestStream.new("MD5")
    writer = stream.getWriter()
    first = await outcome(lambda: writer.write(5))
    try:
        await asyncio.wait_for(stream.digest.then(lambda value: value), 0.005)
    except TimeoutError:
        return [first, "pending"]
    return [first, "settled"]


async def aborted():
    stream = crypto.DigestStream.new("SHA-1")
    await stream.abort(RangeError.new("enough"))
    return await outcome(lambda: stream.digest)


async def piped():
    stream = crypto.DigestStream.new("SHA-512")
    await JsResponse.new("piped").body.pipeTo(stream)
    return await digest_of(stream)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        chunks = ["ab", to_js(b"\1"), to_js(b"\2\3").buffer, "é"]
        return Response.json(
            {
                "chunks": await written("SHA-256", *chunks),
                "object": await written(
                    to_js({"name": "sha-384"}, dict_converter=Object.fromEntries), "x"
                ),
                "nothing": await written("SHA-1"),
                "piped": await piped(),
                "wrongChunk": await wrong_chunk(),
                "aborted": await aborted(),
                "absent": await outcome(lambda: crypto.DigestStream.new()),
                "null": await outcome(lambda: crypto.DigestStream.new(jsnull)),
                "unknown": await outcome(lambda: crypto.DigestStream.new("SHA-3")),
                "called": await outcome(lambda: crypto.DigestStream("SHA-1")),
            }
        )
