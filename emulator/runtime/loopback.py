"""`ctx.exports`: what a Worker exports, as bindings to itself.

    LoopbackServiceStub             an entrypoint: a stub, and a function that makes one with props
    LoopbackDurableObjectNamespace  a class with a namespace: that, and a function as the next
    LoopbackDurableObjectClass      another Durable Object class: a function that makes a
    DurableObjectClass              reference to a class, with props, which can be sent

Source: workerd src/workerd/api/export-loopback.h; texts confirmed by running it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from emulator.js.clone import UNSUPPORTED_TYPE, data_clone_error
from emulator.js.object import JsObject
from emulator.js.values import JsValue
from emulator.runtime.actor_namespace import ActorNamespace
from emulator.runtime.durable_object_namespace import DurableObjectNamespace
from emulator.runtime.props import props_of
from emulator.runtime.stub import Fetcher
from emulator.runtime.worker_interface import ClassReference, RpcPayload, WorkerInterface


class _Loopback(JsObject):
    """What the exports have in common: they are called, with `new` or without, and never sent."""

    __slots__ = ()
    js_callable = True

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        return self.js_call(None, args)

    @property
    def rpc_channel(self) -> NoReturn:
        raise data_clone_error(UNSUPPORTED_TYPE.format(self.js_class_name))


class LoopbackServiceStub(
    _Loopback,
    Fetcher,
    name="LoopbackServiceStub",
    constructible=False,
):
    """An entrypoint of this Worker."""

    __slots__ = ("_open",)
    js_clone_refusal = UNSUPPORTED_TYPE.format("LoopbackServiceStub")

    def __init__(self, open_channel: Callable[[RpcPayload | None], WorkerInterface]) -> None:
        super().__init__(open_channel(None))
        self._open = open_channel

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> Fetcher:
        return Fetcher(self._open(props_of(args, self.js_class_name)))


class LoopbackDurableObjectNamespace(
    _Loopback,
    DurableObjectNamespace,
    name="LoopbackDurableObjectNamespace",
    constructible=False,
):
    """A Durable Object class of this Worker that has a namespace."""

    __slots__ = ("_class_name",)
    js_clone_refusal = UNSUPPORTED_TYPE.format("LoopbackDurableObjectNamespace")

    def __init__(self, actors: ActorNamespace, class_name: str) -> None:
        super().__init__(actors)
        self._class_name = class_name

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> DurableObjectClass:
        props = props_of(args, self.js_class_name)
        return DurableObjectClass(ClassReference(self._class_name, props))


class LoopbackDurableObjectClass(_Loopback, name="LoopbackDurableObjectClass", constructible=False):
    """A Durable Object class of this Worker that has no namespace."""

    __slots__ = ("_class_name",)
    js_clone_refusal = UNSUPPORTED_TYPE.format("LoopbackDurableObjectClass")

    def __init__(self, class_name: str) -> None:
        super().__init__()
        self._class_name = class_name

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> DurableObjectClass:
        props = props_of(args, self.js_class_name)
        return DurableObjectClass(ClassReference(self._class_name, props))


class DurableObjectClass(JsObject, name="DurableObjectClass", constructible=False):
    """A reference to a class."""

    __slots__ = ("rpc_class",)
    js_clone_refusal = "DurableObjectClass cannot be serialized in this context."

    def __init__(self, reference: ClassReference) -> None:
        super().__init__()
        self.rpc_class = reference
