"""`ctx.exports`: when it is there, and which classes have a namespace. What it does is compared with
workerd in tests/conformance/scenarios/exports."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

SOURCE = """
from js import Object
from pyodide.ffi import to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript

class Object_(DurableObject):
    pass

class Bound(DurableObject):
    async def has_exports(self):
        return hasattr(self.ctx, "exports")

class Unbound(DurableObject):
    async def count(self):
        number = (await self.ctx.storage.get("n") or 0) + 1
        await self.ctx.storage.put("n", number)
        return number

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        path = request.url.rsplit("/", 1)[1]
        if path == "has":
            here = hasattr(self.ctx, "exports")
            there = await self.env.BOUND.getByName("a").has_exports()
            imported = import_from_javascript("cloudflare:workers").exports
            return Response.json([here, there, list(Object.keys(imported))])
        exports = self.ctx.exports
        if path == "count":
            return Response(str(await exports.Unbound.getByName("a").count()))
        return Response(" ".join(f"{name}:{getattr(exports, name)}" for name in Object.keys(exports)))

{more}
"""
BOUND = {"objects": {"BOUND": "Bound"}}
MORE_CLASSES = '[[migrations]]\ntag = "v2"\nnew_sqlite_classes = ["Unbound", "NotExported"]\n'


def source(more: str = "") -> str:
    return SOURCE.replace("{more}", more)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"date": "2025-11-16"}, False),
        ({"date": "2025-11-17"}, True),
        ({"date": "2025-11-16", "flags": ["enable_ctx_exports"]}, True),
        ({"flags": ["disable_ctx_exports"]}, False),
    ],
)
def test_the_flag_decides_whether_it_is_there(
    worker: Open, options: dict[str, object], *, expected: bool
) -> None:
    found = worker(source(), **BOUND, **options).fetch("/has").json
    assert found == [expected, expected, ["default", "Bound", "Object_", "Unbound"]]


def test_a_class_that_only_a_migration_names_has_a_namespace(worker: Open) -> None:
    running = worker(source(), **BOUND, extra=MORE_CLASSES)
    assert running.text("/all") == (
        "default:[object LoopbackServiceStub] Bound:[object LoopbackDurableObjectNamespace] "
        "Object_:[object LoopbackDurableObjectClass] "
        "Unbound:[object LoopbackDurableObjectNamespace]"
    )
    assert [running.text("/count"), running.text("/count")] == ["1", "2"]


def test_a_module_handler_is_the_default_export(worker: Open) -> None:
    running = worker(
        """
        from workers import Response

        async def on_fetch(request, env, ctx):
            if request.url.endswith("/inner"):
                return Response("inner")
            if request.url.endswith("/rpc"):
                return await ctx.exports.default.hello()
            answer = await ctx.exports.default.fetch("http://a/inner")
            return Response(await answer.text())
        """,
        flags=["disable_python_no_global_handlers"],
    )
    assert running.text("/") == "inner"
    assert 'The RPC receiver does not implement the method "hello".' in (
        running.failure("/rpc").message
    )
