"""The adapter against the vendor's own OpenAPI by way of Prism, an independent judge of both sides.

`.ci/run` installs Prism and the OpenAPI and names the folder in AGENTDESK_TEST_PRISM. The contract beside
these tests is a part of that OpenAPI, which is checked here as well.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from agentdesk.domain.ccaas.errors import CentreProblem, Transient
from agentdesk.domain.ccaas.values import CentreTarget, SegmentRef, SegmentState, TargetKind
from agentdesk.domain.clock import ManualClock, SystemClock
from tests.ccaas.twilio.offices import ANA, BEN, BILLING, Office, centre, work
from tests.ccaas.twilio.taskrouter import CONTRACT, TaskRouterServer, sid
from tests.contracts.derive_twilio import OPERATIONS, cut

HOME = os.environ.get("AGENTDESK_TEST_PRISM", "")
VENDOR = Path(HOME) / "taskrouter.json"
pytestmark = pytest.mark.skipif(
    not HOME, reason="no Prism here: set AGENTDESK_TEST_PRISM (.ci/run does)"
)
A = "a" * 32
WITHIN_S = 60.0


@asynccontextmanager
async def prism(kind: str, *upstream: str) -> AsyncIterator[str]:
    """Prism's address: it refuses what is against the OpenAPI, in what is asked and in what is answered."""
    port = unused_port()
    program = Path(HOME) / "node_modules" / ".bin" / "prism"
    options = ("--errors", "-h", "127.0.0.1", "-p", str(port))
    process = await asyncio.create_subprocess_exec(
        str(program),
        kind,
        str(VENDOR),
        *upstream,
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WITHIN_S):
            while b"is listening" not in (line := await process.stdout.readline()):
                assert line, "Prism ended"
        reading = asyncio.create_task(process.stdout.read())  # so that it never waits for a reader
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
    await reading


async def secret() -> str:
    return "the auth token of a test"


async def test_prisms_mock_takes_every_command_and_its_examples_are_understood() -> None:
    async with prism("mock") as url:
        twilio = centre(url, SystemClock(), secret)
        at = SegmentRef("WT" + A, "WR" + A, "WT" + A, "WK" + A)
        now = await twilio.snapshot("WT" + A)
        assert (now.queue, now.segments[0].state) == ("WQ" + A, SegmentState.CONNECTED)
        assert now.segments[0].connected_at == datetime(2014, 5, 15, 16, 3, 42, tzinfo=UTC)
        assert await twilio.submit(work(), "key") == "WT" + A
        await twilio.tell_reply("WT" + A, work(), "reply")
        await twilio.accept(at, "accept")
        await twilio.reject(at, "reject")
        await twilio.wrap_up(at, "resolved", "Ça va – “fine”", "code")
        await twilio.describe("WT" + A, "WR" + A, {"a": "b"})
        to_billing = CentreTarget(TargetKind.QUEUE, BILLING, "Billing", available=True)
        await twilio.transfer(at, to_billing, "pass")
        await twilio.end(at, "end")
        await twilio.close("WT" + A)
        state = await twilio.agent_state("WK" + A)
        assert (state.agent, state.presence) == ("WK" + A, "WA" + A)
        assert await twilio.held_by("WK" + A) == ("WT" + A,)
        await twilio.set_presence("WK" + A, sid("WA", "Lunch"))
        assert {record.external_id[:2] for record in await twilio.catalogue()} == {"WQ", "WK", "WA"}
        assert await twilio.targets(SegmentRef("WT" + A, "WR" + A, "", ANA))
        async with aclosing(twilio.events()) as events:
            assert (await anext(events)).gap
        steps = ("Tasks", at.communication, "Reservations", at.segment)
        with pytest.raises(CentreProblem, match="422"):  # the judge is awake
            await twilio._router.post({"ReservationStatus": "taken"}, *steps)
        await twilio.disconnect()


async def test_a_whole_life_passes_prism_in_both_directions() -> None:
    clock = ManualClock()
    server = TaskRouterServer(clock)
    async with (
        TestServer(server.app()) as served,
        prism("proxy", f"http://127.0.0.1:{served.port}") as url,
    ):
        twilio = centre(url, clock, secret, poll_s=0.01)
        here = Office(server, clock, twilio)
        async with aclosing(twilio.events()) as events:
            assert (await anext(events)).gap
            conversation = await here.submit(7)
            assert (await anext(events)).conversation == conversation
        at = await here.taken(conversation)
        await twilio.tell_reply(conversation, work(7), "reply")
        await twilio.wrap_up(at, "billing", "Ça va – “fine”", "code")
        to = next(t for t in await twilio.targets(at) if t.external_id == BILLING)
        await twilio.transfer(at, to, "pass-1")
        again = await here.taken(conversation, "Ben Okafor", here.newest())
        await twilio._reservation("Tasks", here.newest(), "Reservations", again.segment)
        to_ana = CentreTarget(TargetKind.AGENT, ANA, "Ana Ruiz", available=True)
        await twilio.transfer(again, to_ana, "pass-2")
        last = await here.taken(conversation, "Ana Ruiz", here.newest())
        assert await twilio.held_by(ANA) == (conversation,)
        await twilio.set_presence(ANA, sid("WA", "Lunch"))
        assert (await twilio.agent_state(ANA)).presence == sid("WA", "Lunch")
        await twilio.catalogue()
        await twilio.end(last, "end")
        now = await here.snapshot(conversation)
        assert now.ended_at is not None
        assert [s.agent for s in now.segments] == [ANA, BEN, ANA]
        assert server.violations == []
        server.faults = [web.json_response({"sid": "WT1"})]
        with pytest.raises(
            Transient, match="has a problem of its own"
        ):  # that is what Prism makes of it
            await twilio._router.get("Tasks", conversation)
        await twilio.disconnect()
    assert len(server.operations) == sum(map(len, OPERATIONS.values()))


def test_the_contract_is_a_part_of_what_the_vendor_publishes() -> None:
    whole = json.loads(VENDOR.read_text(encoding="utf-8"))
    assert cut(whole) == json.loads(CONTRACT.read_text(encoding="utf-8"))
