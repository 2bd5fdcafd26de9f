"""Where a mail belongs: what is stored about its clues, put before `domain.ladder`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from agentdesk.domain import ladder
from agentdesk.domain.ladder import (
    NO_OPINION,
    NOTHING_AROUND,
    Around,
    Found,
    Known,
    Link,
    Matches,
    Opinion,
    Unthreaded,
)
from agentdesk.domain.mail_identity import MailIdentity
from agentdesk.domain.message import MailKind, ParsedMail
from agentdesk.services import bounced, nearby, weighing
from agentdesk.services.batch import Batch, thread_of
from agentdesk.services.gathering import with_survivors
from agentdesk.storage import interactions, messages, people
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.people import Person

LAST_WRITTEN = timedelta(days=7)
"""How long after our mail a report or automatic reply that names none is taken as its answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of a mail before a matcher is asked."""

    identity: MailIdentity
    matches: Matches
    around: Around
    contenders: tuple[Known, ...]


async def ask(b: Batch, mail: ParsedMail, person: Person | None) -> Question:
    """What identifies *mail*, and among which records a matcher would choose."""
    who = (person.customer_id, person.account_id) if person else (None, None)
    identity = MailIdentity.of(mail, *who)
    matches = Matches(
        tokens=_by_token(b, identity),
        references=_referred(b, identity, identity.cited),
        numbers=_known(b, b.by_number, identity.numbers),
        moved=_referred(b, identity, [c for c in identity.cited if c in b.moved]),
        reported=await _record(b, bounced.reported(b, mail)),
    )
    found = ladder.identify(identity, matches)
    if found is None and identity.answered_by_program:
        matches = replace(matches, last_written=await _last_written(b, mail))
    around = await _around(b, mail, identity, matches, found)
    return Question(identity, matches, around, ladder.contenders(found, around))


async def place(
    b: Batch, located: Located, mail: ParsedMail, person: Person
) -> tuple[Link, Opinion]:
    """Where *mail* goes and why, and what a matcher said of it."""
    q = await ask(b, mail, person)
    opinion = await weighing.opinion(b, located, mail, q.contenders) if q.contenders else NO_OPINION
    linking = b.desk.rules.linking
    choices = {"threshold": linking.threshold, "unthreaded": linking.unthreaded}
    link = ladder.decide(q.identity, q.matches, q.around, opinion, **choices)  # type: ignore[arg-type]
    if link.target is not None and b.at(link.target.id) is None:
        link = await _taken(b, q, link)
    return link, opinion


async def _taken(b: Batch, q: Question, link: Link) -> Link:
    """Its target is locked now, unless it was closed meanwhile: then nothing is linked."""
    assert link.target is not None
    await read(b, [link.target.id])
    now = b.at(link.target.id)
    return link if now is not None and now.open else ladder.decide(q.identity, q.matches)


def _by_token(b: Batch, identity: MailIdentity) -> dict[str, Known]:
    """The record of each token: that in which the message lies which it came with, else its own."""
    found = dict(_known(b, b.by_token, identity.tokens))
    for own in reversed(identity.own):  # the nearest last, so that it stays
        record = b.at(b.by_own[own]) if own in b.by_own else None
        if record is not None:
            found[own[0]] = record
    return found


def _known(b: Batch, index: dict[str, int], clues: Iterable[str]) -> dict[str, Known]:
    found = {clue: b.at(index[clue]) for clue in clues if clue in index}
    return {clue: record for clue, record in found.items() if record is not None}


def _referred(b: Batch, identity: MailIdentity, ids: Iterable[str]) -> dict[str, Known]:
    found = {}
    for cited in ids:
        records = [b.at(k) for k in dict.fromkeys(b.by_header.get(cited, ()))]
        record = ladder.meant([r for r in records if r is not None], identity)
        if record is not None:
            found[cited] = record
    return found


async def _around(
    b: Batch, mail: ParsedMail, identity: MailIdentity, matches: Matches, found: Found | None
) -> Around:
    """What has to be known beside the record that was found, where anything has."""
    if found is not None:
        closed = not found.record.open and not identity.automatic
        return await nearby.around(b, found.record) if closed else NOTHING_AROUND
    quiet = b.desk.rules.linking.unthreaded is Unthreaded.OFF or ladder.claimed(identity, matches)
    known = mail.sender.email in b.known_emails and identity.customer_id is not None
    if quiet or not known or mail.kind is not MailKind.NORMAL:
        return NOTHING_AROUND
    return await nearby.of_sender(b, identity.customer_id)


async def read(b: Batch, thread_ids: Iterable[int]) -> None:
    """Lock these threads, as far as they are not yet, and keep them in the batch."""
    missing = {t for t in thread_ids if t not in b.records and t not in b.cases}
    if not missing:
        return
    for i in await interactions.get_many(b.tx, missing):
        b.records[i.id] = i
    b.cases.update(await with_survivors(b.tx, b.cases, missing - set(b.records)))


async def _record(b: Batch, row: Any) -> Known | None:
    """The record that one of our mails lies in."""
    thread = thread_of(row) if row is not None else None
    if thread is None:
        return None
    await read(b, [thread])
    return b.at(thread)


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
