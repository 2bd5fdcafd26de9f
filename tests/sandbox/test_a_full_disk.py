"""Where the file cannot be written, nothing happened: neither in memory, nor for who listens."""

from pathlib import Path

from agentdesk.domain.clock import ManualClock
from agentdesk.sandbox.server import opened, serving
from tests.contracts.checking import Checked
from tests.sandbox.test_channels import channel, listening, of
from tests.sandbox.wire import CONVERSATIONS, Wire, queue_id

LONG = {"queueId": queue_id("Claims"), "direction": "INBOUND", "subject": "Kettle " * 4_000}


async def test_what_does_not_fit_on_the_disk_is_refused_and_was_not_done(tmp_path: Path) -> None:
    file, clock, checked = tmp_path / "centre.db", ManualClock(), Checked()
    sandbox = opened(file, 1, clock)
    async with (
        serving(sandbox, heartbeat_s=60, around=[checked.middleware]) as address,
        Wire.to(address, sandbox, clock, checked) as wire,
    ):
        service, ana = await wire.service(), await wire.agent("ana")
        await wire.on_queue("ana")
        kept = await wire.hand_over(service)
        made = await channel(ana, of("ana"))
        async with listening(wire, made) as ear:
            await ear.pong()
            fill(sandbox)
            reply = await service("POST", f"{CONVERSATIONS}/emails", LONG)
            assert (reply.status, reply.body["code"]) == (500, "internal.server.error")
            assert "make room for it. Nothing was done." in reply.body["message"]
            make_read_only(sandbox)
            clock.turn(31)
            assert (await service("GET", f"{CONVERSATIONS}/{kept}")).status == 500
            assert await ear.pong() == []
            make_room(sandbox)
            assert [c["id"] for c in (await wire.state())["conversations"]] == [kept]
            assert [m["topicName"] for m in await ear.pong()] == [of("ana")], "missed, once kept"
        assert (await service("POST", f"{CONVERSATIONS}/emails", LONG)).status == 200
        there = await wire.state()
    assert checked.bad_responses == []
    again = opened(file, 1, clock)
    assert [c["id"] for c in again.snapshot()["conversations"]] == [
        c["id"] for c in there["conversations"]
    ]
    assert again.office.minted == there["office"]["minted"]
    await again.close()


def fill(sandbox: object) -> None:
    """SQLite's own word for a disk of a few pages: the same error as a full one."""
    db = sandbox._keeping._db
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")


def make_read_only(sandbox: object) -> None:
    sandbox._keeping._db.execute("PRAGMA query_only = ON")


def make_room(sandbox: object) -> None:
    sandbox._keeping._db.execute("PRAGMA query_only = OFF")
    sandbox._keeping._db.execute("PRAGMA max_page_count = 1000000")
