"""`ctx.facets`: a Durable Object's child objects, as its guest sees them.

Source: workerd src/workerd/api/actor-state.h (`DurableObjectFacets`); texts confirmed by running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from emulator.js.clone import data_clone_error
from emulator.js.define import method
from emulator.js.errors import error, type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import function_argument, string_argument, wrong_parameter
from emulator.runtime.errors import guest_error_from_value
from emulator.runtime.facets import MAX_DEPTH, TOO_DEEP, FacetChannel, FacetOpening, FacetTree
from emulator.runtime.io_context import current_context
from emulator.runtime.rpc_client import OTHER_REQUEST
from emulator.runtime.rpc_values import Sender
from emulator.runtime.stub import Fetcher
from emulator.runtime.worker_interface import WorkerInterface

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

_CLASS: Final = "DurableObjectFacets"
NAME_BYTES_MAX: Final = 256
NAME_TOO_LONG: Final = f"Facet name is too long (max {NAME_BYTES_MAX} characters)."
NOT_SENDABLE: Final = "Stubs pointing to Durable Object facets are not serializable."


class FacetStub(Fetcher, name="Fetcher", constructible=False):
    """A stub of a facet. It stays with the object whose facet that is."""

    __slots__ = ("_opening",)

    def __init__(self, opening: FacetOpening) -> None:
        super().__init__(FacetChannel(opening, opening.tree.parent.context.gate))
        self._opening = opening

    def rpc_client(self) -> WorkerInterface:
        context = current_context()
        if context is not self._opening.tree.parent.context:
            raise error(OTHER_REQUEST)
        return FacetChannel(self._opening, context.current_gate)

    def rpc_send(self, sender: Sender) -> NoReturn:
        raise data_clone_error(NOT_SENDABLE)


class DurableObjectFacets(JsObject, name=_CLASS, constructible=False):
    """See the module docstring."""

    __slots__ = ("_actor",)

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor

    @property
    def _tree(self) -> FacetTree:
        self._actor.check_guest_alive()
        return facets_of(self._actor)

    @method
    def get(self, name: JsValue = MISSING, callback: JsValue = MISSING) -> FacetStub:
        text = _name(name, "get", 1)
        if callback is MISSING:
            raise wrong_parameter(_CLASS, "get", 2, "function")
        function_argument(callback, _CLASS, "get", 2)
        tree = self._tree
        if tree.home.depth >= MAX_DEPTH:
            raise error(TOO_DEEP)
        return FacetStub(FacetOpening(tree, text, callback))

    @method
    def abort(self, name: JsValue = MISSING, reason: JsValue = MISSING) -> None:
        text = _name(name, "abort", 1)
        if reason is MISSING:
            raise wrong_parameter(_CLASS, "abort", 2, "Value")
        self._tree.abort(text, guest_error_from_value(reason))

    @method
    def delete(self, name: JsValue = MISSING) -> None:
        self._tree.delete(_name(name, "delete", 1))

    @method
    def clone(self, source: JsValue = MISSING, target: JsValue = MISSING) -> None:
        names = _name(source, "clone", 1), _name(target, "clone", 2)
        self._tree.clone(*names)


def _name(value: JsValue, operation: str, index: int) -> str:
    text = string_argument(value, _CLASS, operation, index)
    if len(text.encode("utf-8", "surrogatepass")) > NAME_BYTES_MAX:
        raise type_error(NAME_TOO_LONG)
    return text


def facets_of(actor: Actor) -> FacetTree:
    """The facets of an actor; what keeps them is made at the first use."""
    if actor.facets is None:
        actor.facets = FacetTree(actor, actor.hibernation.home)  # type: ignore[arg-type]
        actor.facets.guest = DurableObjectFacets(actor)
    return actor.facets
