"""Notices saved files by looking at them again and again, without a thread or a process.

The supervisor may have no thread when it forks, and a process of its own for this would hold more
memory than the looking costs. The supervisor's loop calls `look` when it is due:

    the known files    those the Worker is made of, some 20 times per second (for 200 files, 12)
    the tree           the project's directories, some 5 times per second: new modules, templates;
                       as often as the known files while nobody knows what the Worker is made of

Guarantees: looking takes at most one hundredth of one processor, however large the project is
(after an expensive look it rests longer), and less once nothing was saved for a while. Changes are
reported when they have settled, together, and only files that differ from before; those that come
and go in between are not seen. A file that vanishes is given time to come back, as some editors
save by removing it first.

Does not know: what a change means. A file that is saved twice within the resolution of the file
system's clock, in place and at the same size, and looked at in between, is not noticed.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emulator.host.file_view import RealFileView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from emulator.host.file_view import FileView, Stamp

QUIET_S: Final = 0.03
"""So long nothing may have changed before changes are reported."""
BATCH_S: Final = 0.3
"""After so long they are reported even so."""
_BATCH_LOOK_S: Final = 0.01
_LOOKS_S: Final = ((60.0, 0.05), (600.0, 0.1), (float("inf"), 0.25))
"""How often the known files are looked at, by how long ago something changed."""
_TREE_LOOK_S: Final = 0.2
_FILES_REST: Final = 200
_TREE_REST: Final = 500
"""A look is followed by a rest so many times as long: 1/200 + 1/500 leave room for the loop."""
_FILES_REST_MAX_S: Final = 1.0
_TREE_REST_MAX_S: Final = 10.0
_DIRECTORIES_MAX: Final = 4096
NOTHING: Final[frozenset[str]] = frozenset()


class Watcher:
    """Looks at the files of one project."""

    def __init__(
        self,
        root: Path,
        known: Collection[Path],
        *,
        since_ns: int,
        view: FileView | None = None,
        now_s: Callable[[], float] = time.monotonic,
        spent_s: Callable[[], float] = time.process_time,
    ) -> None:
        """Watches from now on; what changed after `since_ns` of the file system's clock counts.

        Args:
            root: the directory whose tree is looked at.
            known: files to look at from the start.
            now_s: for when to look.
            spent_s: for what looking costs.
        """
        self._root = root
        self._view = view or RealFileView()
        self._now_s = now_s
        self._spent_s = spent_s
        self._known: frozenset[str] = NOTHING
        self._stamps: dict[str, Stamp | None] = {}
        self._in_tree: frozenset[str] | None = None
        self._outside: frozenset[str] = NOTHING
        """Directories of known files that are not in the tree."""
        self._outside_seen: frozenset[str] = NOTHING
        self._before: dict[str, Stamp | None] = {}
        """What changed and was not reported yet, as it was before."""
        self._opened_at_s = 0.0
        self._changed_at_s = now_s()
        self._files_due_s = self._tree_due_s = self._changed_at_s
        self.know(known, since_ns=since_ns)
        self._is_eager = True

    def __repr__(self) -> str:
        return f"<Watcher of {self._root}, {len(self._stamps)} files, changing: {[*self._before]}>"

    def know(self, paths: Collection[Path], *, since_ns: int) -> None:
        """The Worker is made of these files, which were read after `since_ns`."""
        self._is_eager = False
        self._since_ns = since_ns
        known = frozenset(str(path) for path in paths)
        for path in self._known - known - (self._in_tree or NOTHING) - self._before.keys():
            del self._stamps[path]
        self._known = known
        self._outside = frozenset(
            str(path.parent) for path in paths if not path.is_relative_to(self._root)
        )
        for path in self._known - self._stamps.keys():
            self._meet(path, self._view.stamp(path), since_ns)

    def know_too(self, paths: Collection[Path], *, since_ns: int) -> None:
        """The Worker did not start: nobody knows what it is made of, beyond these files."""
        self.know({*map(Path, self._known), *paths}, since_ns=since_ns)
        self._is_eager = True
        self._tree_due_s = min(self._tree_due_s, self._files_due_s)

    def due_in_s(self) -> float:
        """When the next look is due."""
        return max(min(self._files_due_s, self._tree_due_s) - self._now_s(), 0.0)

    def look(self) -> frozenset[str]:
        """The files that changed and have settled; does nothing before it is due."""
        now_s = self._now_s()
        if now_s >= self._files_due_s:
            cost_s = self._cost_s(self._look_at_known)
            self._files_due_s = now_s + _rest_s(
                self._look_s(now_s), cost_s * _FILES_REST, _FILES_REST_MAX_S
            )
        if now_s >= self._tree_due_s:
            self._look_at_tree_now(now_s)
        if not self._before:
            return NOTHING
        if self._is_settled(now_s):
            # New files belong to this change too. A second one would load the Worker twice.
            self._look_at_tree_now(now_s)
            if self._is_settled(now_s):
                return self._take()
        self._files_due_s = now_s + _BATCH_LOOK_S
        return NOTHING

    def _look_at_tree_now(self, now_s: float) -> None:
        cost_s = self._cost_s(self._look_at_tree)
        least_s = self._look_s(now_s)
        self._tree_due_s = now_s + _rest_s(
            least_s if self._is_eager else max(least_s, _TREE_LOOK_S),
            cost_s * _TREE_REST,
            _TREE_REST_MAX_S,
        )

    def _look_at_known(self) -> None:
        stamp, stamps = self._view.stamp, self._stamps
        for path in self._known:
            now = stamp(path)
            if now != stamps[path]:
                self._note(path, now)

    def _look_at_tree(self) -> None:
        found: set[str] = set()
        root = str(self._root)
        waiting, left = [*self._outside, root], _DIRECTORIES_MAX
        while waiting and left:
            left -= 1
            directory = waiting.pop()
            listing = self._view.listing(directory)
            if listing.is_environment and directory != root:
                continue
            if directory not in self._outside:
                waiting += listing.directories
            is_first = self._in_tree is None or directory in self._outside - self._outside_seen
            for path, stamp in listing.files.items():
                found.add(path)
                if is_first and path not in self._stamps:
                    self._meet(path, stamp, self._since_ns)
                else:
                    self._note(path, stamp)
        for path in (self._in_tree or NOTHING) - found - self._known:
            self._note(path, None)
        self._in_tree, self._outside_seen = frozenset(found), self._outside

    def _meet(self, path: str, stamp: Stamp | None, since_ns: int) -> None:
        """Sees a file for the first time: only its own clock tells whether it changed."""
        if stamp is not None and stamp[0] > since_ns:
            self._note(path, stamp)
        else:
            self._stamps[path] = stamp

    def _note(self, path: str, stamp: Stamp | None) -> None:
        before = self._stamps.get(path)
        if before == stamp:
            return
        self._changed_at_s = self._now_s()
        if not self._before:
            self._opened_at_s = self._changed_at_s
        self._before.setdefault(path, before)
        self._stamps[path] = stamp

    def _is_settled(self, now_s: float) -> bool:
        if now_s - self._opened_at_s >= BATCH_S:
            return True
        if any(before and self._stamps[path] is None for path, before in self._before.items()):
            return False
        return now_s - self._changed_at_s >= QUIET_S

    def _take(self) -> frozenset[str]:
        before, self._before = self._before, {}
        changed = frozenset(path for path, stamp in before.items() if stamp != self._stamps[path])
        for path in before.keys() - self._known:
            if self._stamps[path] is None:
                del self._stamps[path]
        return changed

    def _look_s(self, now_s: float) -> float:
        idle_s = now_s - self._changed_at_s
        return next(look_s for below_s, look_s in _LOOKS_S if idle_s < below_s)

    def _cost_s(self, work: Callable[[], None]) -> float:
        before_s = self._spent_s()
        work()
        return self._spent_s() - before_s


def _rest_s(least_s: float, wanted_s: float, most_s: float) -> float:
    return max(least_s, min(wanted_s, most_s))
