"""The demo's contact centre: who sits at the desk is signed in there, and colleagues take or let go."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentdesk.bootstrap import centres, plan
from agentdesk.demo import centre_browser, centre_settings, settings_file
from agentdesk.demo.centre import LEAVES, QUEUE, TAKES, DemoCentre, Pace
from agentdesk.demo.people import CLAIMS
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.clock import ManualClock
from agentdesk.sandbox.centre import Letter
from agentdesk.sandbox.model import Agent, Conversation
from agentdesk.settings import load, warnings

AT_ONCE = Pace((0.0, 0.0), (0.0, 0.0), 0.0)


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[DemoCentre]:
    made = DemoCentre(tmp_path, 1, ManualClock(), settings_file.code_labels(), staffed=False)
    made.pace = AT_ONCE
    await made.start()
    yield made
    await made.close()


def agent(centre: DemoCentre, name: str) -> Agent:
    return next(a for a in centre.sandbox.office.agents.values() if a.name == name)


async def transferred(centre: DemoCentre, to: str) -> Conversation:
    """Ana accepts a mail and passes it on; it has arrived at the other one."""
    there, ana = centre.sandbox.centre, agent(centre, "Ana Ruiz")
    queue = next(q for q in there.office.queues.values() if q.name == QUEUE)
    await centre.on_queue(ana.email)

    def work() -> Conversation:
        made = there.create(Letter(queue.id, "agentdesk"))
        part = next(p for p in made.participants if p.agent == ana.id)
        there.connect(made, part)
        there.transfer_to_agent(ana, made, part, agent(centre, to).id)
        return made

    made = await centre.sandbox.do(work)
    await centre.sandbox.do(lambda: centre.sandbox.move_clock(1))
    return made


def newest(made: Conversation, who: Agent) -> str:
    return [p.state for p in made.participants if p.agent == who.id][-1]


async def test_one_colleague_takes_what_is_transferred_and_ends_it_with_a_code(
    centre: DemoCentre,
) -> None:
    made, cleo = await transferred(centre, TAKES), agent(centre, TAKES)
    assert newest(made, cleo) == "alerting"
    await centre.look()
    assert [newest(made, cleo), made.transfers[-1].outcome] == ["connected", "Complete"]
    await centre.look()
    assert newest(made, cleo) == "disconnected"
    assert made.ended
    assert made.participants[-1].wrapup is not None


async def test_another_one_lets_it_go_and_it_waits_in_its_queue_again(centre: DemoCentre) -> None:
    made = await transferred(centre, LEAVES)
    await centre.look()
    assert [newest(made, agent(centre, LEAVES)), made.transfers[-1].outcome] == [
        "disconnected",
        "Failed",
    ]
    assert not made.ended


async def test_the_settings_name_the_centre_and_its_agent_is_signed_in_by_a_browser(
    centre: DemoCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    async with DemoWorld(1, 1.0, clock) as world:
        path, environment = settings_file.write(tmp_path, world, centre)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load(path)
    assert list(warnings(settings)) == []
    routed = {q.key for q in plan.setup(settings).policy.queues if q.external}
    assert routed == {CLAIMS.key, "repairs"}
    found = await centres.build(settings, clock, tmp_path / "sign-in")
    sign_ins, there = found.sign_ins[centre_settings.KEY], agent(centre, "Ana Ruiz")
    who = Identity(centre_settings.KEY, "ana", "Ana Ruiz", "ana@northwind.example")
    stop = threading.Event()
    sign_in = (centre_browser.sign_in_as, sign_ins, who, there.id, clock, stop)
    await asyncio.to_thread(*sign_in)
    at = found.at[centre_settings.KEY]
    try:
        assert at.acts_for(there.id)
        assert {r.name for r in await at.catalogue()} >= {"Claims", "Repairs", "Issue resolved"}
        assert await at.held_by(there.id) == ()
    finally:
        await at.disconnect()


async def test_a_kept_centre_goes_on_as_it_was(centre: DemoCentre, tmp_path: Path) -> None:
    made = await transferred(centre, LEAVES)
    await centre.close()
    again = DemoCentre(tmp_path, 7, ManualClock(), ("Another",), staffed=True)
    await again.start()
    try:
        assert again.seed == 1
        assert made.id in again.sandbox.centre.conversations
        assert agent(again, TAKES).presence == "Available"
    finally:
        await again.close()
