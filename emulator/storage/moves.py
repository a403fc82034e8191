"""Moves: namespaces that have the data of another one, because somebody moved it there by hand.

Moving data changes no data. Ids are made from the unique key, and guests keep them, so the bytes
stay under the key they were stored with; what changes is which key a class uses. `moves.json` has,
for each key that a class would have by its name and its migrations, the one that it uses instead.

Guarantees: a move is there or not, whatever stops the process; moving again changes nothing. Two
namespaces may be given the same data here: who assigns keys to classes decides. The caller holds
the directory's lock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from emulator.storage.disk import Disk, write_atomically
from emulator.storage.format import check_version, damaged
from emulator.storage.layout import Layout

_FORMAT: Final = "pyworkers-moves"
_VERSION: Final = 1


def read_moves(disk: Disk, directory: Path) -> Mapping[str, str]:
    """From the unique key that a class would have to the one that it uses."""
    path = Layout(directory).moves
    if not disk.exists(path):
        return {}
    try:
        fields = json.loads(disk.read(path))
        name, version, moves = fields["format"], fields["version"], dict(fields["moves"])
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, 0, f"it does not say which data was moved ({error!r})") from error
    if name != _FORMAT or not all(isinstance(key, str) for key in moves.values()):
        raise damaged(path, 0, "it does not say which data was moved")
    check_version(path, version)
    return moves


def write_move(disk: Disk, directory: Path, namespace: str, data_of: str) -> None:
    """Gives a namespace the data of another one; its own, if both are the same. Durable."""
    moves = {**read_moves(disk, directory), namespace: data_of}
    if namespace == data_of:
        del moves[namespace]
    fields = {"format": _FORMAT, "version": _VERSION, "moves": moves}
    text = json.dumps(fields, indent=2) + "\n"
    write_atomically(disk, Layout(directory).moves, text.encode())
