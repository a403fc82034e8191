"""`_pyodide_entrypoint_helper`: what the SDK asks the JavaScript side of the runtime for.

Has the module namespaces `cloudflare:workers` and `cloudflare:sockets`, `doAnImport`, and the patch
of `waitUntil`, which has nothing to do here: our `waitUntil` accepts awaitables as it is.
Source: workerd src/pyodide/python-entrypoint-helper.ts, as specified by behaviour.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from emulator.js.errors import JsError, not_supported
from emulator.js.object import JsFunction, JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, rejected, resolved
from emulator.js.values import MISSING, TO_STRING_TAG, JsValue
from emulator.js.webidl import wrong_parameter
from emulator.runtime.io_context import current_context

NO_SUCH_MODULE: Final = 'No such module "{}".'


class ModuleNamespace(PlainObject):
    """An ES module's namespace object; names given as unsupported raise when they are used."""

    __slots__ = ()

    def js_to_string(self) -> str:
        return "[object Module]"


class _BaseClass(JsFunction):
    """A class of `cloudflare:workers`, which Python code can only look at."""

    __slots__ = ("function_name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.function_name = name

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        raise not_supported(f"{self.function_name} of cloudflare:workers from Python")


def _namespace(members: dict[str, JsValue]) -> ModuleNamespace:
    return ModuleNamespace({**members, TO_STRING_TAG: "Module"}, null_prototype=True)


def _wait_until(this: JsValue, promise: JsValue = MISSING) -> None:
    if promise is MISSING:
        raise wrong_parameter("ServiceWorkerGlobalScope", "waitUntil", 1, "Promise")
    context = current_context()
    context.check_io_allowed()
    context.wait_until(promise)


def _connect(this: JsValue, address: JsValue = MISSING, options: JsValue = MISSING) -> JsValue:
    from emulator.js.socket import connect  # noqa: PLC0415 - few Workers use it

    return connect(address, options)


def _unsupported(what: str) -> NativeFunction:
    def refuse(this: JsValue, *args: JsValue) -> JsValue:
        raise not_supported(what)

    return NativeFunction(what, refuse)


_CLASSES: Final = (
    "DurableObject", "WorkerEntrypoint", "WorkflowEntrypoint", "RpcTarget", "RpcStub", "RpcPromise",
    "RpcProperty", "ServiceStub",
)  # fmt: skip
_UNSUPPORTED: Final = ("withExports", "withEnvAndExports", "abortIsolate")


class EntrypointHelper:
    """Makes the helper object, over an `env` that can be replaced for a while."""

    def __init__(self, exports: JsObject) -> None:
        self.env: JsObject = PlainObject()
        classes: dict[str, JsValue] = {name: _BaseClass(name) for name in _CLASSES}
        self._workers = _namespace(
            {
                "env": self.env,
                "exports": exports,
                "waitUntil": NativeFunction("waitUntil", _wait_until),
                "withEnv": NativeFunction("withEnv", self._with_env),
                **classes,
                **{name: _unsupported(f"{name} of cloudflare:workers") for name in _UNSUPPORTED},
            }
        )
        self._sockets = _namespace({"connect": NativeFunction("connect", _connect)})
        self.object = PlainObject(
            {
                "cloudflareWorkersModule": self._workers,
                "cloudflareSocketsModule": self._sockets,
                "workerEntrypoint": classes["WorkerEntrypoint"],
                "doAnImport": NativeFunction("doAnImport", self._import),
                "patchWaitUntil": NativeFunction("patchWaitUntil", _patch_wait_until),
            }
        )

    def set_env(self, env: JsObject) -> None:
        """Makes `env` the one that `cloudflare:workers` shows."""
        self.env = env
        self._workers.js_set("env", env)

    def _with_env(self, this: JsValue, env: JsValue = None, function: JsValue = None) -> JsValue:
        previous = self.env
        self.set_env(env)
        try:
            result = function.js_call(None, ())
        except BaseException:
            self.set_env(previous)
            raise
        return self._restore_after(result, lambda: self.set_env(previous))

    def _restore_after(self, result: JsValue, restore: Callable[[], None]) -> JsValue:
        if not isinstance(result, Promise):
            restore()
            return result
        result.subscribe(lambda _: restore(), lambda _: restore())
        return result

    def _import(self, this: JsValue, name: JsValue = None) -> Promise:
        namespaces: dict[str, Any] = {
            "cloudflare:workers": self._workers,
            "cloudflare:sockets": self._sockets,
        }
        namespace = namespaces.get(name)
        if namespace is None:
            return rejected(JsError(NO_SUCH_MODULE.format(name)))
        return resolved(namespace)


def _patch_wait_until(this: JsValue, context: JsValue = None) -> None:
    """Nothing to do: see the module docstring."""
