"""The calling side of RPC: stubs, the properties behind them, and promises of results.

Whatever is reached through one of them is a *path* from a root (a stub, or the promise of a
result), and nothing is sent before it is called or awaited. A path from a promise is sent at once
too (promise pipelining): it follows the result where it arrives, ahead of the guest that waits for
it. In Python a call gives a future, which has no members; paths start at stubs and properties.

Source: workerd src/workerd/api/worker-rpc.h (`JsRpcStub`, `JsRpcPromise`, `JsRpcProperty`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Final, NoReturn, Protocol

from emulator.js.array import JsArray
from emulator.js.clone import UNSUPPORTED_TYPE, data_clone_error
from emulator.js.define import method
from emulator.js.errors import error, error_value, type_error
from emulator.js.object import JsObject, Member, NativeFunction, is_array_index
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, rejected
from emulator.js.values import DISPOSE, MISSING, JsSymbol, JsValue, PropertyKey
from emulator.runtime.errors import platform_error
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.io_context import IoContext, current_context
from emulator.runtime.rpc_paths import MAX_DEPTH, TOO_DEEP, follow
from emulator.runtime.rpc_values import CallbackChannel, FunctionChannel, Sender, pack, unpack
from emulator.runtime.worker_interface import RpcCall, RpcPayload, WorkerInterface

STUB_DISPOSED: Final = "RPC stub used after being disposed."
PROMISE_DISPOSED: Final = "RPC promise used after being disposed."
OTHER_REQUEST: Final = (
    "Cannot perform I/O on behalf of a different request. I/O objects (such as streams, "
    "request/response bodies, and others) created in the context of one request handler cannot be "
    "accessed from a different request's handler. This is a limitation of Cloudflare Workers which "
    "allows us to improve overall performance. (I/O type: Client)"
)
NO_TARGET: Final = (
    "Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'Object'."
)
BAD_TARGET: Final = "RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives."
NOT_FETCHER: Final = "What RPC gave has no fetch()."


class RpcRoot(Protocol):
    """Where a path starts."""

    def rpc_client(self) -> WorkerInterface:
        """What calls go through; throws if that is over."""
        ...


def is_rpc_name(key: PropertyKey) -> bool:
    """Whether an unknown property of a stub leads to the other side."""
    return not isinstance(key, JsSymbol) and key != "then" and not is_array_index(key)


def send(root: RpcRoot, path: tuple[str, ...], args: tuple[JsValue, ...] | None) -> Promise:
    """Sends a call, or the reading of a property, from the current context."""
    context = current_context()
    try:
        context.check_io_allowed()
        channel = root.rpc_client()
        arguments = None if args is None else pack(context, JsArray(list(args)), as_arguments=True)
    except Exception as exception:  # noqa: BLE001 - a call that cannot be sent is a rejection
        return rejected(error_value(exception))
    promise = RpcPromise()
    context.external(
        context.outgoing(channel.call(RpcCall(path, arguments))),
        partial(_receive, context, promise),
        promise,
        promise.arrived,
    )
    return promise


def _receive(context: IoContext, promise: RpcPromise, payload: RpcPayload) -> JsValue:
    value, stubs = unpack(context, payload)
    if stubs:
        promise.lives.stubs = stubs
        if type(value) in (PlainObject, JsArray):
            value.js_set(DISPOSE, NativeFunction("", lambda this: dispose_all(stubs)))
    return value


def dispose_all(stubs: Iterable[RpcStub]) -> None:
    """Disposes of stubs that came together."""
    for stub in stubs:
        stub.dispose()


class PipelinedChannel:
    """A result that is on its way, as something to call. Implements WorkerInterface."""

    __slots__ = ("_promise",)

    def __init__(self, promise: RpcPromise) -> None:
        self._promise = promise

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError(NOT_FETCHER)

    async def call(self, call: RpcCall) -> RpcPayload:
        return await follow(await self._promise.result(), call)


class DisposedChannel:
    """What a stub is to others when it is sent after its end. Implements WorkerInterface."""

    __slots__ = ()

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError(NOT_FETCHER)

    async def call(self, call: RpcCall) -> RpcPayload:
        raise platform_error(STUB_DISPOSED)


class _Lives:
    """What only some promises have: who waits in the host, stubs, an early end."""

    __slots__ = ("disposed", "stubs", "waiters")

    def __init__(self) -> None:
        self.waiters: list[asyncio.Future[None]] = []
        self.stubs: list[RpcStub] = []
        self.disposed = False


class RpcPromise(Promise, name="RpcPromise", tag="JsRpcPromise", constructible=False):
    """The promise of a result, and of what is behind it."""

    __slots__ = ("_lives", "_outcome")
    js_callable = True

    def __init__(self) -> None:
        super().__init__()
        self._outcome: RpcPayload | Exception | None = None
        self._lives: _Lives | None = None

    @property
    def lives(self) -> _Lives:
        if self._lives is None:
            self._lives = _Lives()
        return self._lives

    def arrived(self, outcome: RpcPayload | Exception) -> None:
        """The host has the outcome, the guest not yet: what is asked of it goes first."""
        self._outcome = outcome
        if self._lives is not None:
            for waiter in self._lives.waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def result(self) -> RpcPayload:
        """Waits for the outcome in the host."""
        if self._outcome is None:
            waiter = asyncio.get_running_loop().create_future()
            self.lives.waiters.append(waiter)
            await waiter
        outcome = self._outcome
        if isinstance(outcome, RpcPayload):
            return outcome
        assert outcome is not None
        raise outcome

    def rpc_client(self) -> WorkerInterface:
        if self._lives is not None and self._lives.disposed:
            raise error(PROMISE_DISPOSED)
        return PipelinedChannel(self)

    def js_get(self, key: PropertyKey) -> JsValue:
        value = super().js_get(key)
        if value is MISSING and is_rpc_name(key):
            return RpcProperty(self, (key,))  # type: ignore[arg-type]
        return value

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> Promise:
        return send(self, (), args)

    def rpc_send(self, sender: Sender) -> NoReturn:
        raise data_clone_error(UNSUPPORTED_TYPE.format("RpcPromise"))

    def dispose(self) -> None:
        """`promise[Symbol.dispose]()`: the result's stubs are given up with it."""
        self.lives.disposed = True
        dispose_all(self.lives.stubs)


class RpcProperty(JsObject, name="RpcProperty", tag="JsRpcProperty", constructible=False):
    """`stub.anything`: calling it sends a call, awaiting it reads it."""

    __slots__ = ("_path", "_root")
    js_callable = True

    def __init__(self, root: RpcRoot, path: tuple[str, ...]) -> None:
        super().__init__()
        self._root = root
        self._path = path

    def js_get(self, key: PropertyKey) -> JsValue:
        value = super().js_get(key)
        if value is MISSING and is_rpc_name(key):
            if len(self._path) > MAX_DEPTH:
                raise type_error(TOO_DEEP.format(MAX_DEPTH))
            return RpcProperty(self._root, (*self._path, key))  # type: ignore[arg-type]
        return value

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> Promise:
        return send(self._root, self._path, args)

    def rpc_send(self, sender: Sender) -> NoReturn:
        raise data_clone_error(UNSUPPORTED_TYPE.format("RpcProperty"))

    @method
    def then(self, on_fulfilled: JsValue = None, on_rejected: JsValue = None) -> Promise:
        return send(self._root, self._path, None).then(on_fulfilled, on_rejected)

    @method
    def catch(self, on_rejected: JsValue = None) -> Promise:
        return send(self._root, self._path, None).then(None, on_rejected)

    @method
    def finally_(self, on_finally: JsValue = None) -> Promise:
        return send(self._root, self._path, None).finally_(on_finally)


class RpcStub(JsObject, name="RpcStub", tag="JsRpcStub"):
    """A function or object that was received, or `new RpcStub(target)`."""

    __slots__ = ("_channel", "_context")
    js_callable = True

    def __init__(self, context: IoContext, channel: WorkerInterface) -> None:
        super().__init__()
        self._context = context
        self._channel: WorkerInterface | None = channel

    @classmethod
    def js_new(cls, target: JsValue = None) -> JsValue:
        if not isinstance(target, JsObject):
            raise type_error(NO_TARGET)
        if not target.js_callable and type(target) is not PlainObject:
            raise type_error(BAD_TARGET)
        context = current_context()
        return cls(context, CallbackChannel(context, target))

    def rpc_client(self) -> WorkerInterface:
        if self._channel is None:
            raise error(STUB_DISPOSED)
        if self._context is not current_context():
            raise error(OTHER_REQUEST)
        return self._channel

    def js_get(self, key: PropertyKey) -> JsValue:
        value = super().js_get(key)
        if value is MISSING and is_rpc_name(key):
            return RpcProperty(self, (key,))  # type: ignore[arg-type]
        return value

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> Promise:
        return send(self, (), args)

    def rpc_send(self, sender: Sender) -> FunctionChannel:
        if self._channel is None:
            return FunctionChannel(DisposedChannel())
        sender.stubs.append(self)
        return FunctionChannel(self.rpc_client())

    @method
    def dup(self) -> RpcStub:
        return RpcStub(self._context, self.rpc_client())

    def dispose(self) -> None:
        """`stub[Symbol.dispose]()`. The other side hears of it once all its stubs are gone."""
        self._channel = None


def _dispose(this: JsValue) -> None:
    if not isinstance(this, RpcStub | RpcPromise):
        raise type_error("Illegal invocation")
    this.dispose()


for _class in (RpcPromise, RpcStub):
    _class.js_members[DISPOSE] = Member(function=NativeFunction("[Symbol.dispose]", _dispose))
