"""A Worker around one Durable Object class, so that a test shows nothing but the class.

    box = Box(worker, '''
        class Object(DurableObject):
            async def hello(self):
                return "hello"
        ''')
    assert box.call("hello") == "hello"

`call` calls a method of the object named "a" through the default entrypoint and gives its result,
or the error as text: class and message, then the flags that are set.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from textwrap import dedent
from typing import Any

from tests.support.worker import VirtualWorker

PRELUDE = '''
import asyncio
import json
from urllib.parse import unquote, urlsplit

from js import Object as JsObject
from pyodide.ffi import JsException, create_proxy, run_sync, to_js
from workers import DurableObject, Response, WorkerEntrypoint

FLAGS = ("remote", "retryable", "overloaded", "durableObjectReset")


def last_line(text):
    return text.strip().splitlines()[-1] if text.strip() else ""


def describe(error):
    """An error that came from an object, as one line."""
    error = getattr(error, "js_error", error)
    flags = [flag for flag in FLAGS if getattr(error, flag, None)]
    text = f"{error.name}: {last_line(error.message)}"
    return f"{text} [{' '.join(flags)}]" if flags else text


async def outcome(awaitable):
    """What an awaitable gives, or its error as one line."""
    try:
        return await awaitable
    except JsException as error:
        return describe(error)


class Default(WorkerEntrypoint):
    """/<object>/<method>/<JSON arguments>: calls, or fetches for the method `fetch`.

    A method with an @ is the entrypoint's own: it gets the stub.
    """

    async def fetch(self, request):
        _, name, method, *arguments = urlsplit(request.url).path.split("/")
        stub = self.env.OBJECT.getByName(name)
        if method.startswith("@"):
            return Response.json(await getattr(self, method[1:])(stub, *arguments))
        if method == "fetch":
            return await stub.fetch(request)
        values = json.loads(unquote(arguments[0])) if arguments else []
        return Response.json(await outcome(getattr(stub, method)(*values)))

    async def fetched(self, stub):
        """Fetches, past the SDK which would change errors, and gives the text or the error."""
        try:
            return await (await stub._binding.fetch("http://object/")).text()
        except JsException as error:
            return describe(error)


'''


class Box:
    """The running Worker."""

    def __init__(
        self, worker: Callable[..., VirtualWorker], source: str, entry: str = "", **options: Any
    ) -> None:
        """`entry`: methods for the entrypoint, called with the stub as `call("@method")`."""
        methods = "\n".join(f"    {line}" for line in dedent(entry).splitlines())
        prelude = PRELUDE.rstrip("\n") + "\n" + methods + "\n\n\n"
        self.worker = worker(prelude + dedent(source), **options)
        self.loop = self.worker.loop
        self.events = self.worker.observer.events
        self.errors = self.worker.observer.errors

    def call(self, method: str, *arguments: Any, name: str = "a") -> Any:
        """Calls a method of an object; its result, or the error as text."""
        return self.worker.fetch(self.path(method, *arguments, name=name)).json

    def path(self, method: str, *arguments: Any, name: str = "a") -> str:
        """The path of a call."""
        return f"/{name}/{method}" + (f"/{json.dumps(arguments)}" if arguments else "")

    def together(self, *calls: str | tuple[Any, ...]) -> list[Any]:
        """Calls made at once."""
        paths = [self.path(*((call,) if isinstance(call, str) else call)) for call in calls]
        return [json.loads(text) for text in self.worker.gather(*paths)]

    def advance(self, duration_s: float) -> None:
        self.worker.advance(duration_s)

    @property
    def time_s(self) -> float:
        return self.loop.time()
