import json
from urllib.parse import quote

import js
from js import Object
from pyodide.ffi import JsException, to_js
from workers import Response, WorkerEntrypoint


def describe(error):
    return f"{error.name}: {error.message}"


async def attempt(function, *args, **kwargs):
    try:
        return await function(*args, **kwargs)
    except JsException as error:
        return describe(error)


def options(**init):
    return to_js(init, dict_converter=Object.fromEntries)


async def seen(url, init):
    response = await js.fetch(url, options(**init))
    text = await response.text()
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    location = response.headers.get("location")
    return {
        "status": response.status,
        "url": response.url,
        "redirected": response.redirected,
        "location": location if isinstance(location, str) else None,
        "body": body,
    }


def ask(url, **init):
    return attempt(seen, url, init)


def stream():
    def start(controller):
        controller.enqueue(to_js(b"streamed"))
        controller.close()

    return js.ReadableStream.new(start=start)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        other = request.headers.get("x-other")
        refused = request.headers.get("x-refused")

        def to(status, target="/echo"):
            return f"{origin}/redirect/{status}?to={quote(target, safe='')}"

        methods = {}
        for status in [300, 301, 302, 303, 304, 305, 307, 308]:
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE"]:
                body = {"body": "content"} if method in ("POST", "PUT") else {}
                methods[f"{status} {method}"] = await ask(to(status), method=method, **body)
        headers = {
            "authorization": "Bearer x",
            "cookie": "a=1",
            "x-own": "mine",
            "proxy-authorization": "Basic y",
            "host": "given.test",
        }
        locations = {}
        for location in [
            "../echo?relative", f"//{other[7:]}/echo", "?only", "#only", "", "http://", "http://[bad",
            "data:,x", "/echo#new", "/echo?a b",
        ]:  # fmt: skip
            key = location.replace(other[7:], "OTHER")
            locations[key] = await ask(f"{origin}/redirect/302?to={quote(location, safe='')}")
        two = f"{origin}/answer?status=302&header=Location:/echo&header=Location:/nowhere"
        return Response.json(
            {
                "methods": methods,
                "streamOn307": await ask(to(307), method="POST", body=stream()),
                "streamOn303": await ask(to(303), method="POST", body=stream()),
                "manual": await ask(to(302), redirect="manual"),
                "error": await ask(to(302), redirect="error"),
                "sameOrigin": await ask(to(302), headers=headers),
                "otherOrigin": await ask(to(302, f"{other}/echo"), headers=headers),
                "noLocation": await ask(f"{origin}/answer?status=302&body=stay"),
                "twoLocations": await ask(two),
                "locations": locations,
                "fragmentKept": await ask(to(302) + "#first"),
                "looping": await ask(f"{origin}/loop/0"),
                "twenty": await ask(to(302, "/loop/1"), redirect="manual"),
                "refused": await ask(to(302, f"{refused}/")),
                "credentials": await ask(to(302, f"{other.replace('//', '//u:p@')}/echo")),
                "requestObject": await ask(js.Request.new(to(302), options(redirect="follow"))),
                "noStore": await ask(to(302), cache="no-store"),
            }
        )
