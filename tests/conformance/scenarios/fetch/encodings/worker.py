import js
from pyodide.ffi import JsException
from workers import Response, WorkerEntrypoint


def describe(error):
    return f"{error.name}: {error.message}"


async def attempt(function, *args, **kwargs):
    try:
        return await function(*args, **kwargs)
    except JsException as error:
        return describe(error)


async def seen(url, init):
    response = await js.fetch(url, **init)
    encoding = response.headers.get("content-encoding")
    return {
        "length": response.headers.has("content-length"),
        "encoding": encoding,
        "body": await attempt(response.text),
    }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        encode = request.headers.get("x-encode")
        match js.URL.new(request.url).pathname:
            case "/through":
                return await js.fetch(f"{origin}/answer?body=passed+through&encode={encode}")
            case "/rebuilt":
                response = await js.fetch(f"{origin}/answer?body=rebuilt&encode=gzip")
                return js.Response.new(response.body, response)
            case "/made":
                return Response("made here", headers={"content-encoding": encode})
            case "/manual":
                response = await js.fetch(
                    f"{origin}/answer?body=manual&encode=gzip", encodeResponseBody="manual"
                )
                return js.Response.new(response.body, encodeBody="manual", headers=response.headers)

        def answer(query, **init):
            return attempt(seen, f"{origin}/answer?{query}", init)

        async def manual():
            response = await js.fetch(
                f"{origin}/answer?body=raw&encode=gzip", encodeResponseBody="manual"
            )
            return list((await response.arrayBuffer()).to_bytes()[:3])

        async def bad_mode():
            return (await js.fetch(f"{origin}/answer", encodeResponseBody="never")).status

        return Response.json(
            {
                "gzip": await answer("body=zipped&encode=gzip"),
                "br": await answer("body=brotli&encode=br"),
                "deflate": (await answer("body=deflated&encode=deflate"))["encoding"],
                "unknown": await answer("body=plain&encode=zstd"),
                "identity": await answer("body=plain&encode=identity"),
                "lies": await answer("body=not+gzip&header=Content-Encoding:gzip"),
                "two": (await answer("body=z&encode=gzip&header=Content-Encoding:identity"))[
                    "encoding"
                ],
                "xgzip": await answer("body=plain&header=Content-Encoding:x-gzip"),
                "empty": await answer("header=Content-Encoding:gzip"),
                "head": await answer("body=zipped&encode=gzip", method="HEAD"),
                "upper": await answer("body=plain&header=Content-Encoding:GZIP"),
                "cut": await answer(
                    "base64=H4sIAAAAAAACA8vPS1UoKc9XKMkoSk1VSMsvLQI=&header=Content-Encoding:gzip"
                ),
                "manual": await attempt(manual),
                "badMode": await attempt(bad_mode),
                "trailing": await answer(
                    "base64=H4sIAAAAAAACA8vPS1UoKc8HAC-JB80HAAAAeHl6&header=Content-Encoding:gzip"
                ),
                "badBrotli": await answer("body=not+brotli&header=Content-Encoding:br"),
                "cutBrotli": await answer("base64=CwOA&header=Content-Encoding:br"),
                "twoMembers": await answer(
                    "base64=H4sIAAAAAAACA8vPS1UAAElhrCMEAAAAH4sIAAAAAAACAyspzwcAZorKEQMAAAA=&header=Content-Encoding:gzip"
                ),
            }
        )
