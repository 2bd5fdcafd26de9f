"""Engines die everywhere, and the books are right: nothing lost, nothing twice, nothing left hanging.

Each seed is a whole run: see `plan.py`. Seen again by `python -m tests.faults --seed N`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.demo.faults import Drop
from tests.databases import POSTGRES
from tests.faults.child import Death
from tests.faults.disk import can_mount
from tests.faults.engines import Engines, engines
from tests.faults.plan import UNREACHED, Act, Hand, Mail, Plan, Wire, aims, plan
from tests.faults.points import points
from tests.faults.run import Run, play, without
from tests.faults.tally import Outcome, Tally
from tests.faults.world import DESKS, world

SEEDS = range(1, 51)
DISKS = can_mount()
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_books_are_right_after_a_run_of_faults(
    seed: int, forked: Engines, tmp_path: Path, tell: Callable[[Outcome], None]
) -> None:
    drawn = without(plan(seed), disks=DISKS, postgresql=bool(POSTGRES))
    outcome = await play(drawn, forked, tmp_path)
    tell(outcome)
    assert not outcome.breaches, outcome.told()


async def test_fifty_seeds_aim_at_every_commit_point_before_and_after_its_commit() -> None:
    assert {aim for seed in SEEDS for aim in plan(seed).aimed} == set(aims())
    assert set(UNREACHED) <= set(points())


async def test_a_seed_is_always_the_same_run() -> None:
    assert all(plan(seed) == plan(seed) for seed in SEEDS)
    assert plan(1).acts != plan(2).acts


# The harness can fail: engines broken on purpose are caught


def _mails(count: int) -> tuple[Mail, ...]:
    return tuple(Mail(n, DESKS[0], "plain") for n in range(1, count + 1))


def _dying(point: str, **more: object) -> tuple[Act, ...]:
    """Mail is filed, answers go out, and an engine dies."""
    hand = Hand((Death(point, "after"),))
    return (
        Act(_mails(6), ending="filed"),
        replace(Act(answers=2, hands=(hand,), after_s=5), **more),  # type: ignore[arg-type]
    )


BROKEN: dict[str, tuple[tuple[Act, ...], str]] = {
    "file_before_commit": (
        (
            Act(
                _mails(6), hands=(Hand((Death("defects.file_before_commit", "after"),)),), after_s=5
            ),
        ),
        "there is no message of it",
    ),
    "move_cursor_first": (
        (Act(_mails(6), hands=(Hand((Death("defects.move_cursor_first", "after"),)),), after_s=5),),
        "was lost",
    ),
    "forget_contents": (
        (Act(_mails(4), ending="filed"), Act(_mails(4), ending="filed")),
        "was filed 2 times",
    ),
    "send_unknown_again": (
        _dying(
            "never",
            wires=(Wire("smtp", "ANSWER", Drop()),),
            heard=("smtp", "ANSWER"),
            ending="heard",
        ),
        "went out more than once",
    ),
    "say_sent_too_early": (
        _dying("outgoing.mark_sent>_settle"),
        "never got it and nothing says so",
    ),
    "forget_in_flight": (_dying("outgoing.claim"), "is sending"),
}


@pytest.mark.parametrize("defect", BROKEN)
async def test_a_broken_engine_is_caught(
    defect: str, forked: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts, sentence = BROKEN[defect]
    for patience in (4.0, 15.0):  # the harm may take its time on a busy machine
        monkeypatch.setattr("tests.faults.run.PATIENCE_S", patience)
        place = tmp_path / f"{patience}"
        place.mkdir()
        outcome = await play(Plan(0, (), acts), forked, place, defect)
        if caught := any(sentence in breach for breach in outcome.breaches):
            break
    assert caught, outcome.told()


@pytest.mark.parametrize("defect", BROKEN)
async def test_an_engine_that_is_whole_passes_where_the_broken_one_is_caught(
    defect: str, forked: Engines, tmp_path: Path
) -> None:
    acts = tuple(replace(a, hands=tuple(_known(h) for h in a.hands)) for a in BROKEN[defect][0])
    outcome = await play(Plan(0, (), acts), forked, tmp_path)
    assert not outcome.breaches, outcome.told()


def _known(hand: Hand) -> Hand:
    return Hand(tuple(d for d in hand.deaths if d.point in points()))


async def test_no_engine_outlives_the_process_that_forks_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    async with world(tmp_path, url, "mark", "none") as made, engines() as forked:
        engine = await Run(plan(1), made, forked, None).begin()
        command = Path(f"/proc/{engine.pid}/cmdline")
        assert await asyncio.to_thread(_runs, command)
        forked.process.kill()
        async with asyncio.timeout(20):
            while await asyncio.to_thread(_runs, command):
                await asyncio.sleep(0.02)


def _runs(command: Path) -> bool:
    try:
        return bool(command.read_bytes())  # empty for what is dead and not buried yet
    except OSError:
        return False


async def test_an_outcome_survives_the_way_from_another_process() -> None:
    outcome = Outcome(7, mails=40, kills=3, deaths=Counter({"after intake.store": 2}))
    assert Outcome.read(outcome.line()) == outcome
    tally = Tally()
    tally.add(outcome)
    assert "1 runs" in tally.sentence()
    assert "3 kills (2 at 1 of" in tally.sentence()
