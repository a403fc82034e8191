"""HTMLRewriter: what the conformance scenarios cannot show, which is when things happen."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.errors import JsThrow, range_error
from emulator.js.html import HTMLRewriter
from emulator.js.html.engine import Engine, Registration
from emulator.js.object import JsFunction, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, resolved
from emulator.js.response import Response
from emulator.js.streams import ReadableStream
from tests.js.guest_values import call, new
from tests.support.js_host import FakeHost, is_pending, settle

pytestmark = pytest.mark.usefixtures("js_host")


def handler(function: Any) -> JsFunction:
    return NativeFunction("handler", lambda this, token=None: function(token))


def rewriter(selector: str, **functions: Any) -> Any:
    handlers = PlainObject({name: handler(function) for name, function in functions.items()})
    return call(new(HTMLRewriter), "on", selector, handlers)


def text_of(response: Any) -> Promise:
    promise: Promise = call(response, "text")
    return promise


def test_a_handler_may_wait_while_the_world_goes_on(js_host: FakeHost) -> None:
    gate = Promise()

    def element(token: Any) -> Promise:
        return call(gate, "then", handler(lambda value: token.before("late")))

    slow = text_of(call(rewriter("p", element=element), "transform", Response("<p>1</p>")))
    quick = rewriter("p", element=lambda token: token.before("now"))
    assert is_pending(slow)
    assert settle(text_of(call(quick, "transform", Response("<p>2</p>")))) == "now<p>2</p>"
    gate.resolve_with(None)
    assert settle(slow) == "late<p>1</p>"


def test_many_documents_are_rewritten_at_once() -> None:
    gates: list[Promise] = []

    def element(token: Any) -> Promise:
        gates.append(Promise())
        return call(gates[-1], "then", handler(lambda value: token.after(str(value))))

    shared = rewriter("p", element=element)
    texts = [
        text_of(call(shared, "transform", Response(f"<p>{number}</p><p></p>")))
        for number in range(20)
    ]
    assert all(is_pending(text) for text in texts)
    for number, gate in reversed(list(enumerate(gates.copy()))):
        gate.resolve_with(f"[{number}]")
    assert all(is_pending(text) for text in texts)
    for gate in gates[20:]:
        gate.resolve_with("!")
    assert [settle(text) for text in texts] == [
        f"<p>{number}</p>[{number}]<p></p>!" for number in range(20)
    ]


def test_a_token_is_of_no_use_after_its_handler() -> None:
    kept: list[Any] = []
    shared = rewriter("p", element=kept.append)
    settle(text_of(call(shared, "transform", Response("<p a=1>"))))
    for use in (lambda: kept[0].tagName, lambda: call(kept[0], "getAttribute", "a"),
                lambda: call(kept[0], "before", "x")):  # fmt: skip
        with pytest.raises(JsThrow, match=r"^TypeError: This content token is no longer valid\."):
            use()


def test_handlers_run_only_as_far_as_the_body_is_read(js_host: FakeHost) -> None:
    seen: list[str] = []
    pieces = [b"<p>1</p>", b"<p>2</p>", b"<p>3</p>"]

    class Source:
        def pull(self) -> Promise:
            return resolved(pieces.pop(0) if pieces else None)

        def cancel(self, reason: Any) -> None:
            pieces.clear()

    shared = rewriter("p", text=lambda token: seen.append(token.text))
    response = call(shared, "transform", Response(ReadableStream.from_source(Source())))
    js_host.run_microtasks()
    assert seen == ["1", ""]
    reader = call(response.body, "getReader")
    settle(call(reader, "read"))
    js_host.run_microtasks()
    assert seen == ["1", "", "2", ""]
    settle(call(reader, "cancel"))
    assert seen == ["1", "", "2", ""]


def test_cancelling_while_a_handler_waits_gives_the_document_up(js_host: FakeHost) -> None:
    gate = Promise()
    seen: list[str] = []

    def element(token: Any) -> Promise:
        seen.append(token.tagName)
        return gate

    response = call(rewriter("p,b", element=element), "transform", Response("<p></p><b></b>"))
    js_host.run_microtasks()
    settle(call(response.body, "cancel"))
    gate.resolve_with(None)
    js_host.run_microtasks()
    assert seen == ["p"]


def test_what_a_handler_throws_ends_the_body() -> None:
    failure = range_error("mine")

    def element(token: Any) -> None:
        raise failure

    with pytest.raises(JsThrow) as thrown:
        settle(text_of(call(rewriter("p", element=element), "transform", Response("<p>x</p>"))))
    assert thrown.value.value is failure.value


def test_an_engine_that_waits_can_be_forgotten() -> None:
    for _ in range(20):
        handlers = PlainObject()
        kept = weakref.ref(handlers)
        engine = Engine([Registration("p", handlers, {"element": None})], esi=False)
        event = engine.write(b"<p>")
        assert event is not None
        del engine, event, handlers
        gc.collect()
        assert kept() is None


def test_a_document_that_is_over_is_let_go() -> None:
    handlers = PlainObject()
    kept = weakref.ref(handlers)
    engine = Engine([Registration("p", handlers, {"element": None})], esi=False)
    assert engine.write(b"<b>x</b>") is None
    assert engine.end() is None
    assert engine.take_output() == b"<b>x</b>"
    del handlers
    gc.collect()
    assert kept() is None


def test_an_engine_that_was_given_up_does_nothing() -> None:
    engine = Engine([Registration("p", None, {"element": None})], esi=False)
    engine.discard()
    assert engine.write(b"<p>") is None
    assert engine.take_output() == b""


def test_attributes_are_pairs() -> None:
    seen: list[Any] = []
    shared = rewriter("p", element=lambda token: seen.extend(token.attributes.js_iter()))
    settle(text_of(call(shared, "transform", Response("<p A=1 b>"))))
    assert all(isinstance(pair, JsArray) for pair in seen)
    assert [list(pair.items) for pair in seen] == [["a", "1"], ["b", ""]]
