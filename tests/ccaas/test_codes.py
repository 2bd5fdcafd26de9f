"""Wrap-up codes the whole way: given here, read again there, whoever gave them and whatever is missing."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor, at_the_command_line
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.wrapup import Segment, Sync
from agentdesk.services import handling
from agentdesk.services.ccaas import catalogue, troubles, wrapups
from agentdesk.storage.rows import load
from agentdesk.storage.tables import events, wrap_up_segments
from tests.ccaas.offices import KEY, Office, office

ROOT = at_the_command_line("root")
pytestmark = pytest.mark.parametrize(
    "url", ["sqlite"], indirect=True
)  # databases have tests of their own


@pytest.fixture
async def here(url: str) -> AsyncIterator[Office]:
    async with office(url) as made:
        yield made


async def worked_on(here: Office) -> tuple[Actor, InteractionId]:
    """A mail that the centre offered to ana, who accepted it here."""
    ana = await here.desk_of("ana")
    i = await here.arrives()
    await here.quiet()
    (card,) = (await services.views.desktop(here.desk, ana)).inbox
    await services.offers.accept(here.desk, ana, card.work_item_id)
    await here.quiet()
    return ana, i


async def give(here: Office, ana: Actor, i: InteractionId, code: str = "question") -> None:
    """Ana ends it with a code."""
    await handling.close(here.desk, ana, i)
    choices = await handling.wrap_up_codes(here.desk, ana, i)
    chosen = next(c.code_id for c in choices if c.key == code)
    await handling.wrap_up(here.desk, ana, i, chosen, "Told her.")


async def kept(here: Office) -> Segment:
    async with here.desk.store.read() as tx:
        (row,) = await tx.all(sa.select(wrap_up_segments))
    return load(Segment, row)


async def code_there(here: Office, i: InteractionId) -> tuple[str, str]:
    """The code of ana's part by its name, and its notes."""
    at = await here.room.at((await here.conversation(i)).external_id or "")
    code = (await here.room.segment(at)).code
    names = {here.room.code(name): name for name in ("Resolved", "Call back", "Forwarded")}
    return (names.get(code.code, code.code), code.notes) if code else ("", "")


async def test_a_code_is_given_here_and_confirmed_from_there(here: Office) -> None:
    ana, i = await worked_on(here)
    await give(here, ana, i)
    assert (await kept(here)).sync is Sync.AWAITING
    await here.quiet()
    assert await code_there(here, i) == ("Call back", "Told her.")
    assert (await kept(here)).sync is Sync.CONFIRMED
    assert {o.state for o in await here.orders(Op.WRAP_UP, Op.END)} == {OrderState.CONFIRMED}
    async with here.desk.store.read() as tx:
        told = await tx.all(sa.select(events).where(events.c.type == "code_confirmed"))
    assert [row.data for row in told] == [{"centre": "Genesys Cloud", "code": "Question answered"}]


async def ran_out(here: Office) -> InteractionId:
    """Nobody chose a code in time."""
    await here.map(Kind.CODE, "issue_resolved", here.room.code("Resolved"))
    ana, i = await worked_on(here)
    await handling.close(here.desk, ana, i)
    await here.turn(here.desk.rules.wrap_up.total_seconds() + 1)
    await services.deadlines.run_passed(here.desk)
    assert (await here.interaction(i)).state is State.CLOSED_COMPLETE
    return i


async def test_a_code_that_nobody_chose_arrives_as_well(here: Office) -> None:
    i = await ran_out(here)
    await here.quiet()
    assert (await code_there(here, i))[0] == "Resolved"
    assert (await kept(here)).sync is Sync.CONFIRMED


async def test_a_code_of_an_agent_who_is_gone_stands_beside_the_conversation(here: Office) -> None:
    i = await ran_out(here)
    await here.leaves("ana")
    async with here.process("ben") as other:
        await other.engine.carry_out_ready()
    assert (await kept(here)).sync is Sync.ATTRIBUTE
    at = await here.room.at((await here.conversation(i)).external_id or "")
    written = (await here.room.segment(at)).attributes
    assert written[wrapups.CODE] == here.room.code("Resolved")
    async with here.process("ben") as other:
        await troubles.decide(here.desk, ROOT, (await kept(here)).id, theirs=False)
        await other.engine.carry_out_ready()
        assert (await kept(here)).sync is Sync.AWAITING
    await here.quiet()
    assert (await code_there(here, i))[0] == "Resolved"
    assert (await kept(here)).sync is Sync.CONFIRMED


async def test_a_code_without_a_mapping_waits_for_one_and_then_arrives(here: Office) -> None:
    ana, i = await worked_on(here)
    await catalogue.import_(here.desk, ROOT, KEY)
    await catalogue.unmap(here.desk, ROOT, KEY, Kind.CODE, local="question")
    await give(here, ana, i)
    await here.quiet()
    (order,) = await here.orders(Op.WRAP_UP)
    assert (order.state, (await kept(here)).sync) == (OrderState.PARKED, Sync.PARKED)
    assert "Question answered stands for none of Genesys Cloud" in order.error
    there = here.room.code("Forwarded")
    await catalogue.map_(here.desk, ROOT, KEY, Kind.CODE, there, "question")
    await here.quiet()
    assert await code_there(here, i) == ("Forwarded", "Told her.")
    assert (await kept(here)).sync is Sync.CONFIRMED


async def test_what_the_centre_wrote_itself_is_replaced_by_what_the_agent_chose(
    here: Office,
) -> None:
    ana, i = await worked_on(here)
    await handling.close(here.desk, ana, i)
    await here.room.panel("presence", agent="Ana Ruiz", presence="OnQueue")
    at = await here.room.at((await here.conversation(i)).external_id or "")
    await here.room.centre.end(at, "past-the-desk")
    await here.turn(119)
    await here.turn(2)
    assert (await code_there(here, i))[0].startswith("ININ-")
    await here.quiet()
    assert (await here.interaction(i)).state is State.WRAP_UP
    choices = await handling.wrap_up_codes(here.desk, ana, i)
    chosen = next(c.code_id for c in choices if c.key == "question")
    await handling.wrap_up(here.desk, ana, i, chosen, "")
    await here.quiet()
    assert (await code_there(here, i))[0] == "Call back"
    assert (await kept(here)).sync is Sync.CONFIRMED


async def test_a_code_that_the_agent_gave_there_ends_the_wrap_up_here(here: Office) -> None:
    ana, i = await worked_on(here)
    await handling.close(here.desk, ana, i)
    at = await here.room.at((await here.conversation(i)).external_id or "")
    await here.room.centre.wrap_up(at, here.room.code("Call back"), "Said there.", "past-the-desk")
    await here.engine.read_everything()
    await here.quiet()
    assert (await here.interaction(i)).state is State.CLOSED_COMPLETE
    found = await kept(here)
    assert (found.sync, found.notes) == (Sync.CONFIRMED, "Said there.")


async def test_what_the_centre_no_longer_has_is_noticed_within_the_hour(here: Office) -> None:
    await catalogue.import_(here.desk, ROOT, KEY)
    office, removed = here.room.sandbox.centre.office, here.room.code("Call back")
    del office.codes[removed]
    for queue in office.queues.values():
        queue.codes.remove(removed)
    await here.engine.read_everything()
    await here.engine.read_again()
    assert not await gone(here)
    await here.turn(3601)
    await here.engine.read_everything()
    await here.engine.read_again()
    assert await gone(here) == ["Question answered"]


async def gone(here: Office) -> list[str]:
    found = await catalogue.findings(here.desk, ROOT, KEY)
    return [f.sentence.split(" stands")[0][9:] for f in found if "no longer has" in f.sentence]
