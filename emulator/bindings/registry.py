"""All kinds of bindings, in the order in which the start-up table shows them.

A new kind is one module with a `KIND` and one line here.
"""

from __future__ import annotations

from typing import Final

from emulator.bindings import durable_objects, vars
from emulator.bindings.kind import BindingKind

REGISTRY: Final[tuple[BindingKind, ...]] = (
    durable_objects.KIND,
    vars.KIND,
)
