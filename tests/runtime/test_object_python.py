"""What the Python SDK shows of a Durable Object: wrapped and raw members, handlers, attachments."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runtime.objects import Box
from tests.support.socket_client import SocketClient
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

SOURCE = """
    import js
    LOG = []
    class Object(DurableObject):
        async def members(self):
            names = ("id", "storage", "props", "container", "nothing")
            kinds = {name: kind(lambda: getattr(self.ctx, name)) for name in names}
            kinds["ctx"] = kind(lambda: self.ctx)
            kinds["sockets"] = kind(self.ctx.getWebSockets)
            return [kinds, len(str(self.ctx.id)), list(self.ctx.getWebSockets())]
        async def sizes(self):
            sql = self.ctx.storage.sql
            seen = [sql.databaseSize]
            sql.exec("create table t(a)")
            return [*seen, sql.databaseSize, self.ctx.storage._binding.sql.databaseSize]
        async def options(self):
            await self.ctx.storage.put({"a": 1, "ab": 2, "b": 3})
            one = await self.ctx.storage.list(prefix="a", reverse=True)
            other = await self.ctx.storage.list({"prefix": "a", "reverse": True})
            return [list(one), list(other)]
        async def section(self):
            return type(await self.ctx.blockConcurrencyWhile(lambda: {"a": [1]})).__name__
        async def abort(self):
            try:
                self.ctx.abort("why")
            except Exception:
                LOG.append("caught")
            except BaseException as error:
                LOG.append([type(error).__name__, str(error)])
                raise
        async def abort_with_options(self):
            try:
                self.ctx.abort("why", retryAlarm=False)
            except TypeError as error:
                return str(error)
        async def log(self):
            return LOG
        async def set(self):
            await self.ctx.storage.setAlarm(1)
        async def alarm(self, info):
            LOG.append([type(info).__name__, info.retryCount, info.isRetry])
        async def attachments(self):
            _, ws = js.WebSocketPair.new()
            plain = to_js({"a": 1}, dict_converter=JsObject.fromEntries)
            seen = [repr(ws.deserializeAttachment())]
            for value in ({"a": 1}, "text", 5, plain):
                try:
                    ws.serializeAttachment(value)
                    seen.append(kind(ws.deserializeAttachment))
                except JsException as error:
                    seen.append(str(error))
            return [*seen, ws.deserializeAttachment().a]
        async def fetch(self, request):
            client, server = js.WebSocketPair.new()
            self.ctx.acceptWebSocket(server)
            return Response(None, status=101, web_socket=client)
        async def webSocketMessage(self, *arguments):
            LOG.append(["message", *(kind(lambda: each) for each in arguments)])
        async def webSocketClose(self, *arguments):
            LOG.append(["close", *(kind(lambda: each) for each in arguments)])
    class Quiet(DurableObject):
        async def set(self):
            await self.ctx.storage.setAlarm(1)
        async def alarm(self):
            LOG.append("without arguments")

    def kind(get):
        try:
            return type(get()).__name__
        except Exception as error:
            return f"{type(error).__name__}: {error}"
"""
ENTRY = """
    async def environment(self, stub):
        ns = self.env.OBJECT
        ids = [ns.idFromName("a"), ns.newUniqueId(), ns.idFromString(str(ns.idFromName("a")))]
        seen = [type(each).__name__ for each in (ns, stub, *ids)]
        try:
            ns.get("ab" * 32)
        except JsException as error:
            seen.append(error.js_error.name)
        return seen
    async def flags(self, stub):
        try:
            await stub.abort()
        except JsException as error:
            return [error.js_error.message, error.js_error.durableObjectReset]
    async def quiet(self, stub):
        await self.env.QUIET.getByName("q").set()
"""


@pytest.fixture
def box(worker: Open) -> Box:
    objects = {"OBJECT": "Object", "QUIET": "Quiet"}
    return Box(worker, SOURCE, ENTRY, sqlite=True, objects=objects)


@pytest.mark.rule("PY-1")
def test_of_ctx_only_storage_is_wrapped(box: Box) -> None:
    kinds, digits, sockets = box.call("members")
    assert kinds == {
        "ctx": "DurableObjectContext",
        "storage": "_BindingWrapper",
        "id": "JsProxy",
        "props": "JsProxy",
        "sockets": "JsProxy",
        "container": "NoneType",
        "nothing": "AttributeError: nothing",
    }
    assert (digits, sockets) == (64, [])


@pytest.mark.rule("PY-2", "SQL-26")
def test_the_sdk_keeps_the_first_size_it_saw(box: Box) -> None:
    assert box.call("sizes") == [4096, 4096, 8192]


@pytest.mark.rule("PY-3")
def test_keyword_arguments_are_options(box: Box) -> None:
    assert box.call("options") == [["ab", "a"], ["ab", "a"]]


@pytest.mark.rule("PY-7")
def test_the_result_of_a_section_is_native(box: Box) -> None:
    assert box.call("section") == "dict"


@pytest.mark.rule("PY-10", "LC-14")
def test_abort_raises_what_except_exception_does_not_catch(box: Box) -> None:
    assert box.call("abort") == "Error: why [durableObjectReset]"
    assert box.call("log") == [["DurableObjectAbort", "why"]]
    assert "unexpected keyword argument 'retryAlarm'" in box.call("abort_with_options")


@pytest.mark.rule("PY-11", "AL-8")
def test_an_alarm_handler_may_take_the_raw_information_or_nothing(box: Box) -> None:
    box.call("set")
    box.call("@quiet")
    box.advance(1)
    assert box.call("log") == [["JsProxy", 0, False], "without arguments"]


@pytest.mark.rule("PY-11", "WS-8")
def test_handlers_of_sockets_get_raw_arguments(box: Box) -> None:
    client = SocketClient.connect(box.worker, "/a/fetch")
    client.send("text", b"binary")
    client.close(4000, "bye")
    box.advance(0.1)
    assert box.call("log") == [
        ["message", "JsProxy", "str"],
        ["message", "JsProxy", "JsProxy"],
        ["close", "JsProxy", "int", "str", "bool"],
    ]


@pytest.mark.rule("PY-12", "WS-18")
def test_attachments_are_javascript_values(box: Box) -> None:
    refused = "DataCloneError: [object Object] could not be cloned."
    assert box.call("attachments") == ["jsnull", refused, "str", "int", "JsProxy", 1]


@pytest.mark.rule("PY-14")
def test_namespaces_and_stubs_are_wrapped_and_ids_are_raw(box: Box) -> None:
    assert box.call("@environment") == [
        "_DurableObjectNamespaceWrapper",
        "_FetcherWrapper",
        *["JsProxy"] * 3,
        "TypeError",
    ]


@pytest.mark.rule("PY-14", "ST-12")
def test_flags_of_an_error_are_on_its_javascript_value(box: Box) -> None:
    assert box.call("@flags") == ["why", True]
