"""`python -m benchmarks`: measure pyworkers and its installed peers, print figures beside goals."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path

from .measure import BenchmarkError, Figures, Settings
from .report import BENCHMARKS, lines
from .servers import ServerError, installed


def main() -> int:
    """Parse the command line and run. Status 1: something failed, not: a goal was missed."""
    options = _parser().parse_args()
    names = tuple(options.server or installed())
    chosen = [b for b in BENCHMARKS if not options.only or b.key in options.only]
    results: dict[str, Figures] = {}
    if not options.json:
        print(f"Python {platform.python_version()}, {platform.platform()}; {', '.join(names)}\n")
    with tempfile.TemporaryDirectory(dir=options.state, prefix="pyworkers-benchmark-") as folder:
        for benchmark in chosen:
            settings = Settings(
                names=names,
                folder=Path(folder) / benchmark.key,
                duration=options.duration,
                connections=options.connections,
                rounds=options.rounds,
            )
            try:
                figures = results[benchmark.key] = benchmark.run(settings)
            except (ServerError, BenchmarkError) as error:
                print(f"{benchmark.title}: {error}", file=sys.stderr)
                return 1
            if not options.json:
                print("\n".join(lines(benchmark, figures)), flush=True)
    if options.json:
        print(json.dumps(results, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    keys = [benchmark.key for benchmark in BENCHMARKS]
    parser.add_argument("--duration", type=float, default=3.0, help="seconds of one round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median counts")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--only", action="append", choices=keys, help="may be repeated")
    parser.add_argument(
        "--server", action="append", choices=installed(), help="may be repeated; default: all"
    )
    parser.add_argument("--state", metavar="DIR", help="where state is kept, e.g. on a real disk")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
