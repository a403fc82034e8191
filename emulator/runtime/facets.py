"""Facets: child objects of a Durable Object, each with an instance and storage of its own.

Theory of operation. The facets of an actor are a tree beside it: a `FacetTree` for each actor that
has ever asked for one, a `Facet` for each name in use. A facet starts at the first call of its
stub; only then is the parent's callback asked which class it is of, in a turn of the parent and
at the gate where the call was made. Once started, a facet is an actor like any other, which lives
until it is aborted, breaks, or its parent ends. Its storage has the parent's key and a digest of
its name, so that it is found again without an index, and everything below an object by its prefix.

Guarantees: at most one instance per name; who waits for a facet that is aborted gets the reason;
what `delete`, `clone` and `deleteAll` do to storage holds back the parent's output until it is
durable. Differs: a facet is evicted together with its parent, not by itself.
Source: workerd src/workerd/server/server.c++ (`ActorContainer`), io/worker.h (`FacetManager`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from emulator.js.convert import to_string
from emulator.js.errors import error_value, type_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, as_promise
from emulator.js.values import MISSING, JsValue, null
from emulator.runtime.actor import Actor
from emulator.runtime.actor_ids import ActorId, TextId
from emulator.runtime.actor_storage import HAS_FACETS, ActorStorageOps, StorageFactory
from emulator.runtime.alarm_scheduler import NO_HOOKS
from emulator.runtime.durable_object_id import DurableObjectId
from emulator.runtime.errors import GuestError, platform_error
from emulator.runtime.gates import InputGate
from emulator.runtime.hibernation import HibernationManager
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.internal_errors import internal_error
from emulator.runtime.worker_interface import ClassReference, RpcCall, RpcPayload

if TYPE_CHECKING:
    from emulator.runtime.durable_object_facets import DurableObjectFacets

MAX_DEPTH: Final = 4
TOO_DEEP: Final = (
    "Facet nesting depth limit exceeded. The maximum depth including the root Durable Object is "
    f"{MAX_DEPTH}."
)
DELETED: Final = "Facet was deleted."
CLONED_OVER: Final = "Facet was cloned-over."
NO_OPTIONS: Final = (
    "Cannot initialize N7workerd3api19DurableObjectFacets14StartupOptionsE with required members "
    "from an undefined or null value."
)
NOT_OPTIONS: Final = "Callback returned incorrect type; expected 'Promise'"
NO_CLASS: Final = (
    "Incorrect type for the 'class' field on 'StartupOptions': the provided value is not of type "
    "'DurableObjectClass or LoopbackDurableObjectNamespace or LoopbackColoLocalActorNamespace'."
)
_EXPORTS: Final = frozenset({"LoopbackDurableObjectNamespace", "LoopbackDurableObjectClass"})
_DIGEST_DIGITS: Final = 20


class FacetHome(Protocol):
    """Where an actor with facets is at home: its container, or the facet that it is itself."""

    depth: int
    storage_key: str
    new_storage: StorageFactory


@dataclass(frozen=True, slots=True)
class Startup:
    """What a facet is to be, as the parent's callback says."""

    reference: ClassReference
    id: ActorId


class FacetActor(Actor):
    """The instance of a facet."""

    is_facet = True

    def __init__(self, props: RpcPayload | None, *rest: Any) -> None:
        self.given_props = props  # before the guest's constructor, which may look
        super().__init__(*rest)


class Facet:
    """One name of a tree, from its first call until it is aborted. A hibernation.SocketHome."""

    def __init__(self, tree: FacetTree, name: str) -> None:
        self.depth = tree.home.depth + 1
        self.storage_key = tree.key_of(name)
        self.new_storage = tree.home.new_storage
        self.actor: Actor | None = None
        self.broken: GuestError | None = None
        self.sockets = HibernationManager(tree.parent.services, self)
        self._tree = tree
        self._name = name
        self._starting = False
        self._waiters: list[asyncio.Future[Actor]] = []

    async def running(self, callback: JsObject, gate: InputGate) -> Actor:
        """The instance, started if there is none; raises what broke the facet."""
        if self.broken is not None:
            raise self.broken
        if self.actor is not None:
            return self.actor
        services = self._tree.parent.services
        waiter: asyncio.Future[Actor] = services.loop.create_future()
        self._waiters.append(waiter)
        if not self._starting:
            self._starting = True
            services.spawn(self._start(callback, gate))
        return await waiter

    async def _start(self, callback: JsObject, gate: InputGate) -> None:
        failure: GuestError | None = None
        try:
            startup = await self._tree.ask(self._name, callback, gate)
            if self.broken is None:
                self.actor = self._new_actor(startup)
        except GuestError as error:
            failure = error
            self.break_with(error)
        # Whatever happened meanwhile, those who wait hear of it once the callback is over.
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if waiter.done():
                continue
            if self.actor is not None:
                waiter.set_result(self.actor)
            else:
                waiter.set_exception(failure or self.broken or platform_error(DELETED))

    def _new_actor(self, startup: Startup) -> Actor:
        services = self._tree.parent.services
        return FacetActor(
            startup.reference.props,
            services,
            self._storage,
            services.find_class(startup.reference.class_name),
            startup.id,
            self._reset,
            self.sockets,
            NO_HOOKS,
        )

    def _storage(self, object_id: str, *rest: Any) -> ActorStorageOps:
        return self.new_storage(self.storage_key, *rest)

    def _reset(self, error: GuestError) -> None:
        self._tree.forget(self._name, self)
        self.break_with(error)

    def break_with(self, error: GuestError) -> None:
        """Ends the facet: stubs that are bound to it get the error from now on."""
        if self.broken is not None:
            return
        self.broken = error
        actor, self.actor = self.actor, None
        if actor is not None and actor.broken is None:
            actor.shut_down(error)
        self.sockets.disconnect()

    @property
    def idle(self) -> bool:
        """Whether nothing needs it in memory; sockets need it, since nothing could wake it."""
        if self._waiters or self.sockets:
            return False
        return self.actor is None or self.actor.idle

    def live_actor(self) -> Actor:
        if self.actor is None:
            raise self.broken or platform_error(DELETED)
        return self.actor

    def hand_over(self) -> None:
        """Nothing: the sockets of a facet end with it."""


class FacetTree:
    """The facets of one actor; see the module docstring."""

    def __init__(self, parent: Actor, home: FacetHome) -> None:
        self.parent = parent
        self.home = home
        self.guest: DurableObjectFacets
        """`ctx.facets` itself."""
        self._facets: dict[str, Facet] = {}

    def key_of(self, name: str) -> str:
        """Where the storage of a facet is."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self.home.storage_key}.{digest[:_DIGEST_DIGITS]}"

    def facet(self, name: str) -> Facet:
        """The facet of a name, which need not be running."""
        facet = self._facets.get(name)
        if facet is None:
            facet = self._facets[name] = Facet(self, name)
        return facet

    def forget(self, name: str, facet: Facet) -> None:
        """Lets the next one take its place."""
        if self._facets.get(name) is facet:
            del self._facets[name]

    async def ask(self, name: str, callback: JsObject, gate: InputGate) -> Startup:
        """Asks the guest what a facet is to be, in a turn of the parent."""
        if not name:
            raise internal_error(self.parent.services, ValueError("a facet has a name"))

        def run() -> JsValue:
            storage = self.parent.storage
            if storage.meta(HAS_FACETS) is None:
                storage.put_meta({HAS_FACETS: b""})
            result = callback.js_call(None, ())
            if result is not None and result is not null and not isinstance(result, JsObject):
                raise type_error(NOT_OPTIONS)
            startup = Promise()
            as_promise(result).subscribe(partial(self._answered, startup), startup.reject_with)
            return startup

        return await self.parent.context.settle(run, gate)  # type: ignore[no-any-return]

    def _answered(self, startup: Promise, options: JsValue) -> None:
        try:
            startup.resolve_with(_startup(options, self.parent.id))
        except Exception as exception:  # noqa: BLE001 - wrong options are the rejection
            startup.reject_with(error_value(exception))

    # -- what guests do to facets -----------------------------------------------------------------

    def abort(self, name: str, reason: GuestError) -> None:
        """Ends a facet; its storage stays."""
        facet = self._facets.pop(name, None)
        if facet is not None:
            facet.break_with(reason)

    def delete(self, name: str, error: str = DELETED) -> None:
        """Ends a facet and deletes its storage, with everything below it."""
        self.abort(name, platform_error(error))
        key = self.key_of(name)
        for below in [key, *self.home.new_storage.facets(key)]:
            self._hold_output(partial(self.home.new_storage.erase, below))

    def clone(self, source: str, target: str) -> None:
        """Makes the storage of `target`, and of what is below it, a copy of that of `source`."""
        if source == target:
            return
        self.delete(target, CLONED_OVER)
        storage, prefix = self.home.new_storage, self.key_of(source)
        for key in [prefix, *storage.facets(prefix)]:
            copy = self.key_of(target) + key.removeprefix(prefix)
            self._hold_output(partial(storage.copy, key, copy))

    def delete_all(self) -> None:
        """Deletes all facets: the parent's storage is being deleted."""
        for name in list(self._facets):
            self.abort(name, platform_error(DELETED))
        for key in self.home.new_storage.facets(self.home.storage_key):
            self._hold_output(partial(self.home.new_storage.erase, key))
        self.parent.storage.put_meta({HAS_FACETS: None})

    def _hold_output(self, work: Callable[[Callable[[BaseException | None], None]], None]) -> None:
        lock = self.parent.output_gate.lock()

        def durable(error: BaseException | None) -> None:
            if lock.done:
                return
            if error is None:
                lock.succeed()
            else:
                lock.fail(error)

        work(durable)

    # -- the end ----------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        return all(facet.idle for facet in self._facets.values())

    def evict(self) -> None:
        """Takes all of them out of memory, with the parent."""
        for facet in self._facets.values():
            if facet.actor is not None:
                facet.actor.evict()
        self._facets.clear()

    def shut_down(self, error: GuestError) -> None:
        """Ends all of them, because the parent ends."""
        facets, self._facets = self._facets, {}
        for facet in facets.values():
            facet.break_with(error)


def _startup(options: JsValue, parent_id: ActorId) -> Startup:
    if options is None or options is null:
        raise type_error(NO_OPTIONS)
    if not isinstance(options, JsObject):
        raise type_error(NOT_OPTIONS)
    reference = _class_reference(options.js_get("class"))
    chosen = options.js_get("id")
    if chosen is None or chosen is MISSING:
        return Startup(reference, parent_id)
    if isinstance(chosen, DurableObjectId):
        return Startup(reference, chosen.actor_id)
    return Startup(reference, TextId(to_string(chosen)))


def _class_reference(value: JsValue) -> ClassReference:
    """The class that a value refers to: a reference, or an export, which makes one when called."""
    if isinstance(value, JsObject) and value.js_class_name in _EXPORTS:
        value = value.js_call(None, (PlainObject(),))
    reference = getattr(value, "rpc_class", None)
    if not isinstance(reference, ClassReference):
        raise type_error(NO_CLASS)
    return reference


@dataclass(frozen=True, slots=True)
class FacetChannel:
    """A facet as it is called from one gate of its parent. Implements WorkerInterface."""

    opening: FacetOpening
    gate: InputGate

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        return await (await self._actor()).fetch(request)

    async def call(self, call: RpcCall) -> RpcPayload:
        return await (await self._actor()).call(call)

    async def _actor(self) -> Actor:
        opening = self.opening
        if opening.facet is None:
            opening.facet = opening.tree.facet(opening.name)
        return await opening.facet.running(opening.callback, self.gate)


@dataclass(slots=True)
class FacetOpening:
    """What a stub of a facet holds: how to start it, and the facet that it is bound to."""

    tree: FacetTree
    name: str
    callback: JsObject
    facet: Facet | None = None
