"""ActorNamespace: the objects of one Durable Object class, and the channels that reach them.

A container stands for one id from its first use until nobody has used it for a while: it makes and
evicts instances, and remembers the name. A channel (one per stub) binds to the container at its
first call. When an instance breaks, its container is forgotten: channels bound to it keep failing
with the same error, new ones reach a new container.

Guarantees: at most one container per id is in the table, and a container has at most one instance.
Source: workerd src/workerd/server/server.c++ (`ActorNamespace`, `ActorContainer`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final

from emulator.errors import StorageFormatError
from emulator.js.errors import JsThrow
from emulator.runtime.actor import Actor
from emulator.runtime.actor_ids import ActorId, ActorIdFactory
from emulator.runtime.actor_storage import StorageFactory
from emulator.runtime.alarm_index import AlarmKey
from emulator.runtime.alarm_scheduler import (
    AlarmOutcome,
    AlarmScheduler,
    AlarmTarget,
)
from emulator.runtime.errors import GuestError, guest_error
from emulator.runtime.guest_class import GuestClass
from emulator.runtime.hibernation import HibernationManager
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.internal_errors import internal_error
from emulator.runtime.services import Services
from emulator.runtime.worker_interface import RpcCall, RpcPayload
from emulator.storage import StorageFailed

IDLE_EVICTION_S: Final = 10.0
CONTAINER_EXPIRY_S: Final = 70.0
MAX_NAME_BYTES: Final = 1024
"""Objects do not learn names that are longer; their callers have them."""


@dataclass(frozen=True, slots=True)
class NamespaceStatistics:
    """What a namespace holds in memory."""

    containers: int
    actors: int


class ActorContainer:
    """One id of a namespace; see the module docstring."""

    __slots__ = (
        "_namespace", "_timer", "actor", "broken", "expired", "id", "last_used_s", "sockets",
    )  # fmt: skip

    def __init__(self, namespace: ActorNamespace, actor_id: ActorId) -> None:
        self.id = actor_id
        self.actor: Actor | None = None
        self.broken: GuestError | None = None
        self.expired = False
        self.last_used_s = namespace.services.loop.time()
        self.sockets = HibernationManager(namespace.services, self)
        self._namespace = namespace
        self._timer: asyncio.TimerHandle | None = None

    def live_actor(self) -> Actor:
        """The instance, made now if there is none; raises what broke the container."""
        if self.broken is not None:
            raise self.broken
        self.last_used_s = self._namespace.services.loop.time()
        if self.actor is None:
            self.actor = self._namespace.new_actor(self)
            self.arm()
        return self.actor

    def arm(self) -> None:
        """Sees to it that the container is looked at."""
        due = self._namespace.services.loop.time() + IDLE_EVICTION_S
        if self._timer is None or self._timer.when() > due:  # that of an empty container is later
            self._arm(IDLE_EVICTION_S)

    def _arm(self, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._namespace.services.loop.call_later(delay_s, self._timer_due)

    def _timer_due(self) -> None:
        """Evicts an instance that has been idle for long enough, later the container too.

        One timer per container looks at the time of the last use, so that the hot path never
        touches a timer.
        """
        self._timer = None
        if self.broken is not None or self.expired or self._namespace.closed:
            return
        now = self._namespace.services.loop.time()
        actor = self.actor
        if actor is not None:
            due = actor.last_busy_s + IDLE_EVICTION_S
            if not actor.idle:
                self._arm(IDLE_EVICTION_S)
                return
            if now < due:
                self._arm(due - now)
                return
            self.last_used_s = actor.last_busy_s
            self.actor = None
            actor.evict()
        self._expire_or_wait(now)

    def _expire_or_wait(self, now: float) -> None:
        due = self.last_used_s + CONTAINER_EXPIRY_S
        if self.sockets:
            self._arm(CONTAINER_EXPIRY_S)
        elif now < due:
            self._arm(due - now)
        else:
            self.expired = True
            self._namespace.forget(self)

    def reset(self, error: GuestError) -> None:
        """The instance broke: this container is done for."""
        self.broken = error
        self.actor = None
        self._namespace.forget(self)
        self.sockets.disconnect()

    def hand_over(self) -> None:
        """Gives the sockets to a new container, before this one is reset."""
        self._namespace.forget(self)
        heir = self._namespace.container(self.id)
        heir.sockets, self.sockets = self.sockets, heir.sockets
        heir.sockets.home, self.sockets.home = heir, self

    def __repr__(self) -> str:
        state = "broken" if self.broken else "live" if self.actor else "empty"
        return f"<ActorContainer {self.id.hex[:8]} {state}>"


class ActorChannel:
    """What a stub calls through. Implements WorkerInterface.

    It binds when a call is made, not when that begins: calls that were made together share the
    fate of one instance, even if that breaks while it starts.
    """

    __slots__ = ("_container", "_namespace", "id")

    def __init__(self, namespace: ActorNamespace, actor_id: ActorId) -> None:
        self.id = actor_id
        self._namespace = namespace
        self._container: ActorContainer | None = None

    def anew(self) -> ActorChannel:
        """Another channel to the same object, bound to nothing yet."""
        return ActorChannel(self._namespace, self.id)

    def _bound(self) -> ActorContainer:
        container = self._container
        if container is None or container.expired:
            container = self._container = self._namespace.container(self.id)
        return container

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        return await self._bound().live_actor().fetch(request)

    def call(self, call: RpcCall) -> Coroutine[Any, Any, RpcPayload]:
        return self._call(self._bound(), call)

    async def _call(self, container: ActorContainer, call: RpcCall) -> RpcPayload:
        if container.expired:  # while the call waited to leave
            container = self._bound()
        return await container.live_actor().call(call)


class ActorNamespace:
    """See the module docstring."""

    def __init__(
        self,
        services: Services,
        new_storage: StorageFactory,
        guest_class: GuestClass,
        unique_key: str,
        alarms: AlarmScheduler,
    ) -> None:
        self.services = services
        self.unique_key = unique_key
        self.ids = ActorIdFactory(unique_key, services.entropy)
        self.closed = False
        self._new_storage = new_storage
        self._guest_class = guest_class
        self._alarms = alarms
        alarms.register(unique_key, AlarmTarget(self.run_alarm, self.clear_alarm))
        self._containers: dict[str, ActorContainer] = {}

    def channel(self, actor_id: ActorId) -> ActorChannel:
        """A new way to reach an object; nothing happens until it is used."""
        return ActorChannel(self, actor_id)

    def container(self, actor_id: ActorId) -> ActorContainer:
        """The container of an id. The first caller's name for it is the one it keeps."""
        container = self._containers.get(actor_id.hex)
        if container is None:
            known = ActorId(actor_id.hex, _name_inside(actor_id.name))
            container = self._containers[actor_id.hex] = ActorContainer(self, known)
            container.arm()
        return container

    def new_actor(self, container: ActorContainer) -> Actor:
        """A new instance for a container; raises GuestError if its storage cannot be read."""
        key = AlarmKey(self.unique_key, container.id.hex)
        try:
            return Actor(
                self.services,
                self._new_storage,
                self._guest_class,
                container.id,
                container.reset,
                container.sockets,
                self._alarms.hooks(key, container.id.name),
            )
        except (StorageFailed, StorageFormatError) as error:
            raise internal_error(self.services, error) from error
        except JsThrow as thrown:  # what a database says of itself
            raise container.broken or guest_error(thrown) from thrown

    async def run_alarm(self, actor_id: ActorId, time_ms: int, retry_count: int) -> AlarmOutcome:
        """Runs an object's alarm (alarm_scheduler.AlarmTarget)."""
        actor = self.container(actor_id).live_actor()
        return await actor.alarm.run(time_ms, retry_count)

    async def clear_alarm(self, actor_id: ActorId, time_ms: int) -> None:
        """Gives an object's alarm up (alarm_scheduler.AlarmTarget)."""
        await self.container(actor_id).live_actor().alarm.clear(time_ms)

    def forget(self, container: ActorContainer) -> None:
        """Takes a container out of the table, unless another has its place already."""
        if self._containers.get(container.id.hex) is container:
            del self._containers[container.id.hex]

    def close(self, error: GuestError) -> None:
        """Ends all instances; those who wait get the error. What was committed stays."""
        self.closed = True
        for container in list(self._containers.values()):
            if container.actor is not None:
                container.actor.shut_down(error)
            container.sockets.disconnect()
        self._containers.clear()

    def statistics(self) -> NamespaceStatistics:
        """A moment of the namespace."""
        actors = sum(container.actor is not None for container in self._containers.values())
        return NamespaceStatistics(len(self._containers), actors)

    def __repr__(self) -> str:
        return f"<ActorNamespace {self.unique_key} containers={len(self._containers)}>"


def _name_inside(name: str | None) -> str | None:
    if name is None or len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return None
    return name
