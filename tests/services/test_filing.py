"""What a mail becomes when it is filed: who it is from, where it belongs, what it changes."""

from dataclasses import replace
from typing import Any

from agentdesk import services
from agentdesk.domain.message import Verdict
from agentdesk.domain.views import StreamEntry
from agentdesk.services import configuration
from tests.desks import SETUP, World, mail


async def streams(world: World) -> list[tuple[Any, list[StreamEntry]]]:
    """Every interaction's row and its entries with mails, newest first."""
    actor = world.actors.get("ana") or await world.sign_in("ana")
    found = []
    for row in (await services.views.interactions(world.desk, actor)).rows:
        page = await services.views.stream(world.desk, actor, row.interaction_id)
        found.append((row, [e for e in page.entries if e.message_id]))
    return found


async def test_each_account_trusts_its_own_server(world: World) -> None:
    support, sales = SETUP.accounts
    accounts = (replace(support, authserv_id="mx.northwind.example"), sales)
    await configuration.apply(world.desk, replace(SETUP, accounts=accounts))
    checked = b"Authentication-Results: mx.northwind.example; dmarc=pass; spf=fail\r\n"
    await world.arrive(checked + mail(subject="trusted"))
    await world.arrive(checked + mail(subject="not trusted"), account="sales")
    found = {row.subject: entry.auth for row, (entry,) in await streams(world)}
    assert found["trusted"].verdict is Verdict.PASS
    assert found["trusted"].spf == "fail"
    assert found["not trusted"].verdict is Verdict.NONE
