"""`request.cf`: what Cloudflare's edge tells a Worker about a request.

Offline there is no edge, so every request carries the placeholder that `wrangler dev` falls back
to, plus the client's own Accept-Encoding. The parts that are the same for all requests are shared;
the outer object is new for each, because the host writes one field into it.

Source: the fallback object of Miniflare.
"""

from __future__ import annotations

from typing import Final

_EMPTY_CERTIFICATE_FIELDS: Final = (
    "certIssuerDN",
    "certSubjectDN",
    "certIssuerDNRFC2253",
    "certSubjectDNRFC2253",
    "certIssuerDNLegacy",
    "certSubjectDNLegacy",
    "certSerial",
    "certIssuerSerial",
    "certSKI",
    "certIssuerSKI",
    "certFingerprintSHA1",
    "certFingerprintSHA256",
    "certNotBefore",
    "certNotAfter",
    "certRFC9440",
    "certChainRFC9440",
)

_TLS_CLIENT_AUTH: Final[dict[str, object]] = {
    "certPresented": "0",
    "certVerified": "NONE",
    "certRevoked": "0",
    **dict.fromkeys(_EMPTY_CERTIFICATE_FIELDS, ""),
    "certRFC9440TooLarge": False,
    "certChainRFC9440TooLarge": False,
}

_BOT_MANAGEMENT: Final[dict[str, object]] = {
    "corporateProxy": False,
    "verifiedBot": False,
    "ja3Hash": "25b4882c2bcb50cd6b469ff28c596742",
    "staticResource": False,
    "detectionIds": [],
    "score": 99,
}

PLACEHOLDER: Final[dict[str, object]] = {
    "asOrganization": "",
    "asn": 395747,
    "colo": "DFW",
    "city": "Austin",
    "region": "Texas",
    "regionCode": "TX",
    "metroCode": "635",
    "postalCode": "78701",
    "country": "US",
    "continent": "NA",
    "timezone": "America/Chicago",
    "latitude": "30.27130",
    "longitude": "-97.74260",
    "clientTcpRtt": 0,
    "httpProtocol": "HTTP/1.1",
    "requestPriority": "weight=192;exclusive=0",
    "tlsCipher": "AEAD-AES128-GCM-SHA256",
    "tlsVersion": "TLSv1.3",
    "tlsClientAuth": _TLS_CLIENT_AUTH,
    "edgeRequestKeepAliveStatus": 0,
    "clientTrustScore": 99,
    "botManagement": _BOT_MANAGEMENT,
}
"""Treat as read-only: the nested objects are shared by all requests."""


def incoming_cf(client_accept_encoding: str) -> dict[str, object]:
    """The `cf` of a request from outside, for one client's Accept-Encoding ("" if it sent none)."""
    return {**PLACEHOLDER, "clientAcceptEncoding": client_accept_encoding}
