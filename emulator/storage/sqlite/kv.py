"""The key-value table of a database: the SQL behind `storage.get` and its like.

Keys are TEXT in UTF-8, so SQLite's own order is the one that Cloudflare has. A key with a lone
surrogate goes in as bytes that are cast, and every key comes out as bytes, since the driver's codec
refuses such text.
"""

from __future__ import annotations

from typing import Final

from emulator.storage.sqlite.values import STRING_ERRORS, SqlValue, is_plain_text

CREATE_KV: Final = """CREATE TABLE IF NOT EXISTS _cf_KV (
        key TEXT PRIMARY KEY,
        value BLOB
      ) WITHOUT ROWID"""
# workerd's own: key 1 is the alarm in nanoseconds (NULL: none), key 2 the bookmark's counter.
CREATE_METADATA: Final = """CREATE TABLE IF NOT EXISTS _cf_METADATA (
        key INTEGER PRIMARY KEY,
        value BLOB
      )"""
CREATE_RECORDS: Final = """CREATE TABLE IF NOT EXISTS _cf_RECORDS (
        name TEXT PRIMARY KEY,
        value BLOB
      ) WITHOUT ROWID"""

HAS_TABLE: Final = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"

_GET: Final = "SELECT value FROM _cf_KV WHERE key = {}"
_PUT: Final = "INSERT INTO _cf_KV VALUES ({}, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
_DELETE: Final = "DELETE FROM _cf_KV WHERE key = {}"
_LIST: Final = "SELECT CAST(key AS BLOB), value FROM _cf_KV"

Query = tuple[str, tuple[SqlValue, ...]]


def _key(key: str) -> tuple[str, SqlValue]:
    """How to write a key in SQL, and what to bind."""
    if is_plain_text(key):
        return "?", key
    return "CAST(? AS TEXT)", key.encode(errors=STRING_ERRORS)


def get_query(key: str) -> Query:
    """Selects one value."""
    place, bound = _key(key)
    return _GET.format(place), (bound,)


def put_query(key: str, value: bytes) -> Query:
    """Stores one value."""
    place, bound = _key(key)
    return _PUT.format(place), (bound, value)


def delete_query(key: str) -> Query:
    """Deletes one key."""
    place, bound = _key(key)
    return _DELETE.format(place), (bound,)


def list_query(start: str | None, end: str | None, *, reverse: bool, limit: int | None) -> Query:
    """Selects a range in order: `start` inclusive, `end` exclusive."""
    conditions = []
    bindings: list[SqlValue] = []
    for bound, operator in ((start, ">="), (end, "<")):
        if bound is not None:
            place, value = _key(bound)
            conditions.append(f"key {operator} {place}")
            bindings.append(value)
    sql = _LIST
    if conditions:
        sql += " WHERE " + " AND ".join(conditions)
    sql += " ORDER BY key" + (" DESC" if reverse else "")
    if limit is not None:
        sql += " LIMIT ?"
        bindings.append(min(limit, 2**62))
    return sql, tuple(bindings)


def decode_key(key: SqlValue) -> str:
    """A key as it comes out of `list_query`."""
    assert isinstance(key, bytes)
    return key.decode(errors=STRING_ERRORS)
