"""Calling guest classes and handlers with Cloudflare's exact calling conventions.

For fetch and RPC, arguments and results go through the SDK's `python_from_rpc` and `python_to_rpc`;
surplus arguments of fetch are dropped; `env` and `ctx` arrive as None in class handlers, since the
instance has them. Source: workerd src/pyodide/internal/introspection.py, as specified by behaviour.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import CoroutineType
from typing import Any, Final

from emulator.ffi.code import relaxed_call
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.errors import error, type_error
from emulator.js.object import JsObject
from emulator.js.values import JsValue
from emulator.runtime.guest_class import RpcRefusal

RESERVED_METHODS: Final = frozenset(
    {"alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup", "constructor"}
)
# What python_to_rpc gives back as it is; asking it about each scalar is not worth the while.
_SAME_IN_RPC: Final = frozenset({str, int, float, bool})
RESERVED: Final = "'{}' is a reserved method and cannot be called over RPC."
NO_METHOD: Final = "Method {} does not exist"
NOT_IMPLEMENTED: Final = 'The RPC receiver does not implement the method "{}".'
NO_CLASS: Final = "There is no '{}' class defined in the Python Worker's main module"
NO_HANDLER: Final = "Handler does not export a fetch() function."
NO_GLOBAL_HANDLER: Final = 'Python entrypoint "{}" does not export a handler named "on_fetch"'
NO_RPC: Final = (
    "The receiving Durable Object does not support RPC, because its class was not declared with "
    "`extends DurableObject`. In order to enable RPC, make sure your class extends the special "
    'class `DurableObject`, which can be imported from the module "cloudflare:workers".'
)


class SdkClass:
    """A class that derives from one of the SDK's bases. Implements runtime's GuestClass."""

    def __init__(
        self, cls: type, env: JsObject, *, legacy_names: bool, is_found: bool = True
    ) -> None:
        """`is_found`: whether the main module has the class under the class's own name."""
        # Imported here because it is the guest's universe that they belong to.
        from workers.request import Request  # noqa: PLC0415
        from workers.response import FetchResponse, Response  # noqa: PLC0415
        from workers.rpc import python_from_rpc, python_to_rpc  # noqa: PLC0415

        self.name = cls.__name__
        self._class = cls
        self._is_found = is_found
        self._env = js_to_py(env)
        self._prefix = "on_" if legacy_names else ""
        self._fetch_name = f"{self._prefix}fetch"
        self._from_rpc = python_from_rpc
        self._to_rpc = python_to_rpc
        self._request_class = Request
        self._response_classes = (Response, FetchResponse)

    def construct(self, context: JsObject) -> Any:
        if not self._is_found:
            raise type_error(NO_CLASS.format(self.name))
        return self._class(js_to_py(context), self._env)

    async def fetch(self, instance: Any, request: JsObject) -> JsValue:
        handler = getattr(instance, self._fetch_name, None)
        if not callable(handler):
            raise type_error(NO_METHOD.format(self._fetch_name))
        # What python_from_rpc makes of a Request and python_to_rpc of a Response, made directly:
        # nearly every event has one of each, and the SDK's way there is long.
        result = relaxed_call(handler, self._request_class(js_to_py(request)), None, None)
        if type(result) is not CoroutineType and not inspect.isawaitable(result):
            return self._fetch_result(result)
        return self._fetch_result(await result)

    def _fetch_result(self, result: Any) -> JsValue:
        if type(result) in self._response_classes:
            return py_to_js(result.js_response)
        return py_to_js(self._to_rpc(result))

    async def call(self, instance: Any, method: str, arguments: list[JsValue]) -> JsValue:
        self.check_method(method)
        handler = getattr(instance, method, None)
        if not callable(handler):
            raise type_error(NO_METHOD.format(method))
        result = handler(*[self._from_rpc(js_to_py(argument)) for argument in arguments])
        if type(result) is CoroutineType or inspect.isawaitable(result):
            result = await result
        if type(result) in _SAME_IN_RPC:
            return py_to_js(result)
        return py_to_js(self._to_rpc(result))

    def check_method(self, method: str) -> None:
        if method in RESERVED_METHODS:
            raise RpcRefusal(RESERVED.format(method))

    def handles(self, instance: Any, method: str) -> bool:
        return callable(getattr(instance, f"{self._prefix}{method}", None))

    async def event(self, instance: Any, method: str, arguments: list[JsValue]) -> bool:
        return await _raw_event(instance, f"{self._prefix}{method}", arguments)


class PlainObjectClass:
    """A Durable Object class that does not derive from DurableObject: fetch only."""

    def __init__(self, cls: type, env: JsObject) -> None:
        self.name = cls.__name__
        self._class = cls
        self._env = js_to_py(env)

    def construct(self, context: JsObject) -> Any:
        return relaxed_call(self._class, js_to_py(context), self._env)

    async def fetch(self, instance: Any, request: JsObject) -> JsValue:
        handler = getattr(instance, "fetch", None)
        if not callable(handler):
            raise type_error(NO_METHOD.format("fetch"))
        return await _raw_result(relaxed_call(handler, js_to_py(request)))

    async def call(self, instance: Any, method: str, arguments: list[JsValue]) -> JsValue:
        raise RpcRefusal(NO_RPC)

    def check_method(self, method: str) -> None:
        raise RpcRefusal(NO_RPC)

    def handles(self, instance: Any, method: str) -> bool:
        return callable(getattr(instance, method, None))

    async def event(self, instance: Any, method: str, arguments: list[JsValue]) -> bool:
        return await _raw_event(instance, method, arguments)


class ModuleHandler:
    """A module-level handler: `on_fetch`, or the plain `fetch` that only works here."""

    def __init__(self, function: Callable[..., Any] | None, env: JsObject, missing: str) -> None:
        self.name = "default"
        self._function = function
        self._env = js_to_py(env)
        self._missing = missing

    def construct(self, context: JsObject) -> Any:
        return js_to_py(context)

    async def fetch(self, instance: Any, request: JsObject) -> JsValue:
        if self._function is None:
            raise error(self._missing)
        return await _raw_result(
            relaxed_call(self._function, js_to_py(request), self._env, instance)
        )

    async def call(self, instance: Any, method: str, arguments: list[JsValue]) -> JsValue:
        raise RpcRefusal(NOT_IMPLEMENTED.format(method))

    def check_method(self, method: str) -> None:
        raise RpcRefusal(NOT_IMPLEMENTED.format(method))

    def handles(self, instance: Any, method: str) -> bool:
        return False

    async def event(self, instance: Any, method: str, arguments: list[JsValue]) -> bool:
        return False


async def _raw_event(instance: Any, method: str, arguments: list[JsValue]) -> bool:
    """Runs a handler without any conversion."""
    handler = getattr(instance, method, None)
    if not callable(handler):
        return False
    result = relaxed_call(handler, *map(js_to_py, arguments))
    if inspect.isawaitable(result):
        await result
    return True


async def _raw_result(result: Any) -> JsValue:
    """A handler's result where no conversion is applied: `js_response`, or the value itself."""
    if inspect.isawaitable(result):
        result = await result
    return py_to_js(getattr(result, "js_response", result))
