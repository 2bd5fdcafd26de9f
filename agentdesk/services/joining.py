"""A mail comes into a conversation that is there: what it moves, and who looks after it then."""

from dataclasses import replace

from agentdesk.domain import interaction as moves
from agentdesk.domain.case import Case
from agentdesk.domain.event import SYSTEM, Record
from agentdesk.domain.ids import QueueId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.message import MailKind, ParsedMail
from agentdesk.domain.text import safe
from agentdesk.services import bounced, capacity, cases_inside, qualifying, tally, waiting
from agentdesk.services.batch import Batch
from agentdesk.services.ccaas import telling
from agentdesk.services.handling import changed, stop_wrap_up
from agentdesk.storage import interactions, people
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.tables import interactions as interaction_table

PREVIEW = 160


def preview(mail: ParsedMail) -> str:
    """The first words of what the writer says now, on one line."""
    return safe(mail.latest_text[: 4 * PREVIEW], multiline=False)[:PREVIEW]


async def joins(b: Batch, before: Interaction, located: Located, mail: ParsedMail) -> None:
    """A mail came into a conversation. Only the customer's own words move it."""
    if mail.kind is MailKind.BOUNCE:
        await bounced.tell(b, Record.INTERACTION, before.id, mail)
    if mail.kind is not MailKind.NORMAL:
        return
    if (before.id, mail.sender.email) in b.third_parties:
        return await _third_party_wrote(b, before, mail)
    b.answered[before.id] = mail.sender.name or mail.sender.email
    available = await capacity.at_work(b.desk, b.tx, before.owner_id)
    reroute = b.desk.policy.options.reroute and not telling.external(before)
    after = moves.take_a_reply(before, b.now, owner_available=available, reroute=reroute)
    if any(i.id == before.id for i, _, _ in b.opened):
        b.records[before.id] = after
        return
    if before.state is State.WRAP_UP:
        await stop_wrap_up(b.tx, before)
    if before.state is State.ON_HOLD:
        await waiting.end(b.desk, b.tx, before)
    if after.state is State.NEW and before.state is not State.NEW:
        after = await _search_again(b, before, after, located, mail)
    b.records[before.id] = await interactions.save(
        b.tx, after, unread=interaction_table.c.unread + 1, preview=preview(mail)
    )
    if after.state is not before.state:
        changed(b.desk, b.tx, before, after, SYSTEM)
    await telling.replied(b.desk, b.tx, before, mail.sender)


async def joins_case(b: Batch, before: Case, mail: ParsedMail) -> None:
    """A mail came into a case. Only the customer's own words move it."""
    if mail.kind is MailKind.BOUNCE:
        await bounced.tell(b, Record.CASE, before.id, mail)
    if mail.kind is not MailKind.NORMAL or before.state.closed:
        return
    who = mail.sender.name or mail.sender.email
    if (before.id, mail.sender.email) in b.third_parties:
        return await cases_inside.mark_unread(b.tx, before)
    b.answered[before.id] = who
    heard = cases_inside.heard_from_customer(b.desk, b.tx, before, who, preview(mail))
    b.cases[before.id] = await heard


async def _third_party_wrote(b: Batch, before: Interaction, mail: ParsedMail) -> None:
    """Who was asked by passing a mail on has answered: the owner sees it; the customer is still awaited."""
    if not any(i.id == before.id for i, _, _ in b.opened):
        unread = interaction_table.c.unread + 1
        after = replace(before, changed_at=b.now)
        b.records[before.id] = await interactions.save(
            b.tx, after, unread=unread, preview=preview(mail)
        )


async def _search_again(
    b: Batch, before: Interaction, after: Interaction, located: Located, mail: ParsedMail
) -> Interaction:
    """Its owner is away: an agent is to be found as if it were new; its queue and priority stay."""
    account = b.accounts[before.mail_account_id]
    person = (await people.by_ids(b.tx, [before.customer_id]))[before.customer_id]
    matter = replace(
        b.matter(located, mail, person, account.key),
        subject=before.subject,
        priority=before.priority,
    )
    item = await qualifying.requeued(
        b.desk,
        b.tx,
        after,
        before.queue_id or QueueId(account.queue_id),
        matter=matter,
        returns_from=before.owner_id,
    )
    await tally.handled(b.desk, b.tx, before)
    b.rerouted.append(item)
    b.tx.record(qualifying.opened(b.desk, item))
    return qualifying.as_queued(after, item)
