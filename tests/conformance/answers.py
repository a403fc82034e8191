"""Answers: what a Worker replied to each request of a scenario, as values that can be kept as JSON.

`drive` makes the requests of a scenario in order through any client, which is how the recorder (over
a socket) and the tests (in process) come to do exactly the same thing.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .scenario import Request


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A response as it came."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The compared parts of a response: status, chosen headers, body (parsed if it is JSON)."""

    status: int
    body: Any
    headers: Mapping[str, str | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The form in which recordings keep it."""
        kept: dict[str, Any] = {"status": self.status}
        if self.headers:
            kept["headers"] = dict(self.headers)
        return kept | {"body": self.body}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Answer:
        """Read what `as_json` wrote."""
        return cls(kept["status"], kept["body"], kept.get("headers", {}))


class Client(Protocol):
    """Whoever can carry a request to a Worker."""

    async def fetch(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> RawAnswer:
        """Send one request and read the entire response."""
        ...


async def drive(
    requests: Iterable[Request], client: Client, restart: Callable[[], Awaitable[None]]
) -> dict[str, Answer]:
    """Make all requests and return the answers by label."""
    answers: dict[str, Answer] = {}
    for _, grouped in itertools.groupby(requests, key=lambda request: request.group or request):
        batch = list(grouped)
        if batch[0].restart:
            await restart()
            continue
        if batch[0].wait_s:
            await asyncio.sleep(batch[0].wait_s)
            continue
        sent = [client.fetch(r.method, r.path, r.headers, r.body) for r in batch]
        for request, raw in zip(batch, await asyncio.gather(*sent), strict=True):
            answers[request.label] = _answer(request, raw)
    return answers


def _answer(request: Request, raw: RawAnswer) -> Answer:
    chosen = {name: raw.headers.get(name) for name in request.compare_headers}
    text = raw.body.decode("utf-8", "surrogateescape")
    if raw.headers.get("content-type", "").startswith("application/json"):
        return Answer(raw.status, json.loads(text), chosen)
    return Answer(raw.status, text, chosen)
