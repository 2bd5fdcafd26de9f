"""`python -m tests.faults`: many runs from consecutive seeds, or one again."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.databases import POSTGRES, database, drop_idle, empty_desk
from tests.faults import disk
from tests.faults.engines import Engines, engines
from tests.faults.plan import plan
from tests.faults.run import forget, play, without
from tests.faults.tally import Outcome, Tally


def main() -> int:
    """Returns 1 where a promise was broken."""
    options = _options()
    disk.sweep()
    tally = Tally()
    try:
        asyncio.run(_soak(options, tally))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Stopped.")
    drop_idle()
    print(tally.sentence())
    return 1 if tally.broken or not tally.runs else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--runs", type=int, default=1, help="how many seeds from there")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once")
    parser.add_argument("--minutes", type=float, default=0, help="begin no run after this time")
    parser.add_argument("--keep", action="store_true", help="keep the folder of a broken run")
    parser.add_argument("--defect", default="", help="break the engine on purpose: defects.py")
    return parser.parse_args()


async def _soak(options: argparse.Namespace, tally: Tally) -> None:
    here = asyncio.current_task()
    assert here is not None
    for each in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(each, here.cancel)
    await empty_desk()  # Alembic makes one database of a process at a time
    if POSTGRES:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(options.jobs):
                await stack.enter_async_context(database("postgresql", Path()))
    until = time.monotonic() + options.minutes * 60 if options.minutes else None
    seeds = iter(range(options.seed, options.seed + options.runs))
    async with asyncio.TaskGroup() as group:
        for _ in range(options.jobs):
            group.create_task(_work(options, seeds, until, tally))


async def _work(
    options: argparse.Namespace, seeds: Iterator[int], until: float | None, tally: Tally
) -> None:
    disks = disk.can_mount()
    async with engines() as made:
        for seed in seeds:
            if until is not None and time.monotonic() > until:
                print(f"The time is over: go on with --seed {seed}.", flush=True)
                return
            outcome = await _one(options, seed, made, disks)
            tally.add(outcome)
            if outcome.breaches:
                print(outcome.told(), flush=True)
            elif tally.runs % 50 == 0:
                print(tally.sentence(), flush=True)


async def _one(options: argparse.Namespace, seed: int, made: Engines, disks: bool) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix=f"{disk.PREFIX}-{seed}-"))
    outcome = Outcome(seed)
    try:
        drawn = without(plan(seed), disks=disks, postgresql=bool(POSTGRES))
        outcome = await play(drawn, made, folder, options.defect)
    finally:
        if options.keep and outcome.breaches:
            print(f"Its files are in {folder}.", flush=True)
        else:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(forget, folder)
    return outcome


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    sys.exit(main())
