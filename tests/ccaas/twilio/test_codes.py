"""A centre without codes of its own takes ours as they are."""

from agentdesk.domain.actor import at_the_command_line
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.clock import ManualClock
from agentdesk.services.ccaas import catalogue
from agentdesk.storage import ccaas_records
from agentdesk.storage import desk as desk_rows
from tests.ccaas.twilio.offices import office
from tests.centres import CENTRE, CENTRE_RULES, CENTRE_SETUP
from tests.desks import desk


async def test_each_of_our_codes_stands_for_itself_after_an_import(url: str) -> None:
    async with (
        office() as here,
        desk(url, clock=ManualClock(), rules=CENTRE_RULES, setup=CENTRE_SETUP) as made,
    ):
        made.centres[CENTRE] = here.centre
        await catalogue.import_(made, at_the_command_line("root"), CENTRE)
        async with made.store.read() as tx:
            codes = [c.key for c in await desk_rows.codes(tx)]
            assert codes
            assert [
                await ccaas_records.external(tx, CENTRE, Kind.CODE, key) for key in codes
            ] == codes
        again = await catalogue.import_(made, at_the_command_line("root"), CENTRE)
        assert (again.new, again.gone) == ((), ())
