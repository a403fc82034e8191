"""Runs seeds: `python -m tests.simulation --seeds 100000 --from 0`. Stops at the tenth failure."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.simulation.scenario import run_seed

FAILURES_MAX = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--story", action="store_true", help="print what happened")
    options = parser.parse_args()
    started = time.perf_counter()
    acknowledged = crashes = 0
    failures: Counter[str] = Counter()
    failed: list[int] = []
    for seed in range(options.first, options.first + options.seeds):
        outcome = run_seed(seed)
        acknowledged += outcome.acknowledged
        crashes += outcome.crashes
        failures.update(outcome.failures)
        if options.story:
            print("\n".join(outcome.steps))
        if outcome.violations:
            failed.append(seed)
            print(outcome.report(), flush=True)
            if len(failed) >= FAILURES_MAX:
                break
    seconds = time.perf_counter() - started
    print(f"{acknowledged} acknowledged, {crashes} crashes, errors: {dict(failures)}")
    print(f"{len(failed)} seeds failed {failed}; {seconds:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
