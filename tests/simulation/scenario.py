"""A scenario: from a seed, what a few processes in a row, their clients and their disk do.

Each process serves random clients until they are done or the disk crashes. Then the next one finds
what the disk kept. All choices come from one generator, so a seed is a whole story.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from emulator import codec
from emulator.errors import StorageFormatError
from emulator.js.array import JsArray
from emulator.runtime.actor_namespace import ActorChannel
from emulator.runtime.errors import GuestError
from emulator.runtime.worker_interface import RpcCall, RpcPayload
from emulator.storage import StorageFailed
from emulator.testing.faulty_disk import FaultyDisk, SimulatedCrash
from emulator.testing.virtual_loop import EPOCH_MS, Deadlock
from tests.simulation.checkers import History
from tests.simulation.process import EXPECTED_ERRORS, IDS, Process, know

NAMES = ("a", "b", "c")
# How often each operation is chosen, and whether it takes another object's name.
OPERATIONS = {
    "increment": (8, False),
    "increment_late": (6, False),
    "increment_in_transaction": (5, False),
    "increment_in_section": (4, False),
    "increment_in_nested": (3, False),
    "unawaited": (3, False),
    "unconfirmed": (2, False),
    "synced": (2, False),
    "scattered": (3, False),
    "background": (2, False),
    "big": (2, False),
    "clear": (1, False),
    "forget": (3, False),
    "set_alarm": (4, False),
    "delete_alarm": (0.7, False),
    "set_alarm_and_fail": (1, False),
    "fail": (1, False),
    "fail_transaction": (3, False),
    "fail_section": (1, False),
    "stuck_section": (0.3, False),
    "abort": (1, False),
    "abort_late": (1, False),
    "outbound": (4, False),
    "transfer": (5, True),
    "round_trip": (3, True),
    "read": (9, False),
    "read_elsewhere": (4, True),
}
CLIENT_DELAYS_S = (0, 0, 0, 0.001, 0.001, 0.002, 0.005, 0.02)
LONG_DELAYS_S = (5, 10, 12, 25, 75, 90)
# After this long without disturbance every alarm has run, the retried ones too.
ALARMS_OVER_S = 30.0
WORK_DELAYS_MS = (0, 1, 1, 2, 5)

know(NAMES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a seed came to."""

    seed: int
    violations: tuple[str, ...]
    steps: tuple[str, ...]
    acknowledged: int
    crashes: int
    failures: dict[str, int]

    def report(self) -> str:
        """Everything to understand a failure, and the command that shows it again."""
        lines = [f"seed {self.seed} broke {len(self.violations)} rules:"]
        lines += [f"  {violation}" for violation in self.violations[:10]]
        lines += [f"replay: python -m tests.simulation --from {self.seed} --seeds 1 --story"]
        return "\n".join(lines)


class Scenario:
    """See the module docstring."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.history = History()
        # Then a full disk may show what the power takes: docs/storage-format.md says when.
        self.sync_failed = False
        self.crashes = 0
        self.now_ms = EPOCH_MS

    def run(self) -> Outcome:
        disk = FaultyDisk(self.chance.getrandbits(32))
        for generation in range(self.chance.choice((1, 2, 2, 3))):
            disk = self._generation(generation, disk)
        self._look(disk)
        history = self.history
        return Outcome(
            self.seed,
            tuple(history.violations),
            tuple(history.steps),
            history.acknowledged,
            self.crashes,
            history.failures,
        )

    def _look(self, disk: FaultyDisk) -> None:
        """Opens the state once more, undisturbed, and waits for the last alarms."""
        disk.crash_at = disk.capacity_bytes = None
        try:
            process = self._process(disk, 9)
            process.loop.advance(ALARMS_OVER_S)
            for name in NAMES:
                self.history.all_alarms_ran(name, process.entries(name))
            process.end(orderly=True)
        except StorageFormatError as error:
            self.history.violate("every crash can be recovered from", str(error))

    def _process(self, disk: FaultyDisk, number: int) -> Process:
        chance = self.chance
        return Process(
            disk,
            self.history,
            chance,
            number=number,
            started_ms=self.now_ms,
            checkpoint_bytes=chance.choice((300, 2000, 10_000, 1_000_000)),
            disk_delays_s=chance.choice(((0,), (0, 0.001), (0.001, 0.004), (0, 0.02), (0.001, 12))),
        )

    def _generation(self, generation: int, disk: FaultyDisk) -> FaultyDisk:
        chance, history = self.chance, self.history
        if chance.random() < 0.6:
            disk.crash_at = chance.choice((chance.randint(1, 12), chance.randint(1, 80)))
        if chance.random() < 0.05 and not self.sync_failed:
            disk.capacity_bytes = chance.randint(500, 8000)
        history.note(f"-- process {generation} on {disk!r}")
        try:
            process = self._process(disk, generation)
        except (SimulatedCrash, StorageFailed):
            self.crashes += 1
            history.note("crash while opening")
            history.lost_process()
            return self._reopen(disk)
        except StorageFormatError as error:
            history.violate("every crash can be recovered from", str(error))
            return FaultyDisk()
        try:
            process.loop.run(self._serve(process, generation))
        except Deadlock as deadlock:
            history.violate("every call ends", str(deadlock))
        orderly = not disk.crashed and chance.random() < 0.6
        self.crashes += disk.crashed
        self.now_ms = process.clock.now_ms()
        process.end(orderly=orderly)
        return self._reopen(disk)

    def _reopen(self, disk: FaultyDisk) -> FaultyDisk:
        outcome = self.chance.choice(("power", "power", "kill"))
        self.history.note(f"-- {outcome}: {disk!r}")
        found = disk.reopen(outcome)
        found.capacity_bytes = None
        return found

    async def _serve(self, process: Process, generation: int) -> None:
        clients = [
            asyncio.create_task(self._client(process, f"{generation}{name}"))
            for name in "xyzuvw"[: self.chance.randint(2, 6)]
        ]
        if self.chance.random() < 0.12:
            clients.append(asyncio.create_task(self._break_disk(process.disk)))
        served = asyncio.gather(*clients)
        await asyncio.wait((served, process.crashed), return_when=asyncio.FIRST_COMPLETED)
        if served.done():
            served.result()
        else:
            served.cancel()
            await asyncio.gather(served, *clients, return_exceptions=True)

    async def _break_disk(self, disk: FaultyDisk) -> None:
        await asyncio.sleep(self.chance.choice((0, 0.001, 0.004, 0.02, 11)))
        operation = self.chance.choice(("append", "fdatasync", "fdatasync", "create", "rename"))
        self.sync_failed = self.sync_failed or operation == "fdatasync"
        disk.fail_next(operation)

    # -- clients ----------------------------------------------------------------------------------

    async def _client(self, process: Process, name: str) -> None:
        channels: dict[str, ActorChannel] = {}
        for number in range(self.chance.randint(2, 7)):
            rare = self.chance.random() < 0.06
            await asyncio.sleep(self.chance.choice(LONG_DELAYS_S if rare else CLIENT_DELAYS_S))
            if process.disk.crashed:
                return
            target = self.chance.choice(NAMES)
            channel = channels.get(target)
            if channel is None or self.chance.random() < 0.5:
                channel = channels[target] = process.namespace.channel(IDS.from_name(target))
            await self._operation(process, channel, f"{name}{number}")

    async def _operation(self, process: Process, channel: ActorChannel, operation: str) -> None:
        chance, history = self.chance, self.history
        method = chance.choices(list(OPERATIONS), [weight for weight, _ in OPERATIONS.values()])[0]
        arguments = [operation, chance.choice(WORK_DELAYS_MS)]
        if OPERATIONS[method][1]:
            arguments.append(chance.choice(NAMES))
        history.note(f"{operation} {method} {channel.id.name} {arguments[1:]}")
        call = channel.call(RpcCall((method,), RpcPayload(codec.encode(JsArray(arguments)))))
        try:
            if chance.random() < 0.04:
                await asyncio.wait_for(call, chance.choice((0.0005, 0.001, 0.003)))
            else:
                await call
        except TimeoutError:
            history.note(f"{operation} left")
        except GuestError as error:
            history.note(f"{operation} failed: {error.summary[:80]}")
            history.failed(operation, str(error), EXPECTED_ERRORS)
        else:
            history.note(f"{operation} answered")
            history.answered(operation)
            history.output(f"answer to {operation}", process.guest.sent.pop(operation, ()))


def run_seed(seed: int) -> Outcome:
    """Runs the scenario of a seed."""
    return Scenario(seed).run()
