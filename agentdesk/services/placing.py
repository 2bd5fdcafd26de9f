"""Where a mail belongs: what is stored about its clues, put before `domain.linking`."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from agentdesk.domain import linking
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.linking import Known, Link, MailIdentity, Matches
from agentdesk.domain.message import ParsedMail
from agentdesk.services import bounced
from agentdesk.services.batch import Batch
from agentdesk.storage import interactions, messages, people
from agentdesk.storage.people import Person

LAST_WRITTEN = timedelta(days=7)
"""How long after our mail a report or automatic reply that names none is taken as its answer."""


async def place(b: Batch, mail: ParsedMail, person: Person) -> Link:
    """Where *mail* goes and why."""
    identity = MailIdentity.of(mail, person.customer_id, person.account_id)
    matches = Matches(
        tokens=_known(b, b.by_token, identity.tokens),
        references=_referred(b, identity),
        numbers=_known(b, b.by_number, identity.numbers),
        reported=await _record(b, bounced.reported(b, mail)),
    )
    found = linking.identify(identity, matches)
    if found is None and identity.answered_by_program:
        last = await _last_written(b, mail)
        matches = Matches(matches.tokens, matches.references, matches.numbers, last_written=last)
    related: list[Known] = []
    if found is not None and not found.record.open and found.record.interaction_id:
        related = await _related(b, found.record.interaction_id)
    return linking.decide(identity, matches, related)


def _known(b: Batch, index: dict[str, InteractionId], clues: Iterable[str]) -> dict[str, Known]:
    found = {clue: index.get(clue) for clue in clues}
    return {c: b.known(b.records[i]) for c, i in found.items() if i in b.records}


def _referred(b: Batch, identity: MailIdentity) -> dict[str, Known]:
    found = {}
    for cited in identity.cited:
        keys = dict.fromkeys(b.by_header.get(cited, ()))
        record = linking.meant([b.known(b.records[k]) for k in keys if k in b.records], identity)
        if record is not None:
            found[cited] = record
    return found


async def _record(b: Batch, row: Any) -> Known | None:
    """The record that one of our mails lies in."""
    if row is None or row.interaction_id is None:
        return None
    if row.interaction_id not in b.records:
        for i in await interactions.get_many(b.tx, [row.interaction_id]):
            b.records[i.id] = i
    return b.known(b.records[row.interaction_id])


async def _last_written(b: Batch, mail: ParsedMail) -> Known | None:
    """The record of our newest mail to whom the report is about, or from whom the reply comes."""
    emails = [r.email for r in mail.bounced if r.email] or [mail.sender.email]
    since = b.now - LAST_WRITTEN
    known = await people.by_addresses(b.tx, emails[:5])
    for email, person in known.items():
        row = await messages.last_to(b.tx, person.customer_id, email, since)
        if row is not None:
            return await _record(b, row)
    return None


async def _related(b: Batch, closed: InteractionId) -> list[Known]:
    """Open interactions that continue the closed one, also those of this very batch."""
    family = await interactions.family(b.tx, closed)
    for i in await interactions.get_many(b.tx, family - set(b.records)):
        b.records[i.id] = i
    new = {i.id for i, _, _ in b.opened if i.parent_id in family | {closed}}
    return [b.known(b.records[n]) for n in sorted(family | new) if not b.records[n].state.closed]
