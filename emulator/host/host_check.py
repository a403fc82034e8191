"""The guard in front of `/cdn-cgi/*`.

Those paths are tools of the developer. A page on the internet could make the developer's browser
call them (DNS rebinding, cross-site requests), so they answer only to names of this machine and to
the hosts that the config names.

Source: `wrangler dev`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from emulator.runtime.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

_GUARDED: Final = "/cdn-cgi/"
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def refusal(
    target: str, headers: Mapping[str, str], allowed_hosts: frozenset[str]
) -> HttpResponse | None:
    """The response to a guarded request from elsewhere, None if the request may pass.

    `allowed_hosts` are host names in lower case; `*.example.com` admits every subdomain.
    """
    if not target.startswith(_GUARDED):
        return None
    if not _is_allowed(f"//{headers.get('Host', '')}", allowed_hosts):
        return _forbidden("Invalid Host header")
    origin = headers.get("Origin")
    if origin is not None and not _is_allowed(origin, allowed_hosts):
        return _forbidden("Invalid Origin header")
    return None


def _is_allowed(url: str, allowed_hosts: frozenset[str]) -> bool:
    try:
        name = urlsplit(url).hostname
    except ValueError:
        return False
    if name is None:
        return False
    if name in _LOCAL_NAMES or name in allowed_hosts:
        return True
    parents = name.split(".")[1:]
    return any(f"*.{'.'.join(parents[at:])}" in allowed_hosts for at in range(len(parents)))


def _forbidden(text: str) -> HttpResponse:
    headers = [("Content-Type", "text/plain;charset=UTF-8")]
    return HttpResponse(403, "Forbidden", headers, text.encode())
