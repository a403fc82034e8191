"""The sixty conformance checks of the Python surface, each named after its number.

Left out, since another part has them: 4 and 5 (scheduled, queue), 13 (service bindings), 49
(outbound fetch), 53 (HTMLRewriter), 55 (bindings), 59 (Workflows).
"""
