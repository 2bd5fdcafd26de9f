"""One read of everything that a batch of mails may belong to."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from agentdesk.domain.case import Case
from agentdesk.domain.ccaas.source import id_headers
from agentdesk.domain.ids import names_a_case
from agentdesk.domain.ladder import Opinion
from agentdesk.domain.mail_identity import MailIdentity, extract_marks, token_of
from agentdesk.domain.message import MailKind, ParsedMail
from agentdesk.services import matters, qualifying
from agentdesk.services.batch import Batch, ids_in, thread_of
from agentdesk.services.desk import Desk
from agentdesk.storage import cases, interactions, messages, people
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.store import Transaction

Arrived = tuple[Located, ParsedMail]


async def gather(
    desk: Desk,
    tx: Transaction,
    fresh: Sequence[Arrived],
    ids: dict[str, list[int]],
    advice: Mapping[int, Opinion],
    *,
    hold: bool = True,
) -> Batch:
    """The batch of *fresh* mails, with *ids* for what they will become.

    *hold*: the addresses of their senders stay with their people until the end of the transaction.
    """
    mails = [m for _, m in fresh]
    identities = [MailIdentity.of(m) for m in mails]
    known = await messages.by_header_ids(tx, ids_in(mails))
    own_mail = {r.header_id: r.id for r in known if r.direction == "outbound"}
    marks = [mark for m in mails for mark in extract_marks(m.desk_ids)]
    by_own = await _own(tx, known, {own for i in identities for own in i.own})
    by_token = await _tokens(tx, {t for i in identities for t in i.tokens})
    named = {n for i in identities for n in i.numbers} | {number for number, _ in marks}
    by_number = await _numbers(tx, named)
    wanted = {r.interaction_id for r in known if r.interaction_id} | set(by_token.values())
    wanted |= {*by_number.values(), *by_own.values()}
    records = {i.id: i for i in await interactions.get_many(tx, wanted)} if wanted else {}
    wanted = wanted - set(records) | {r.case_id for r in known if r.case_id}
    grown = {i.case_id for i in records.values() if i.case_id is not None and i.state.closed}
    with_cases = await with_survivors(tx, {}, wanted | grown)
    threads = [*records, *with_cases]
    taking_part = await interactions.participants_of(tx, threads)
    by_header: dict[str, list[int]] = {}
    for r in known:
        by_header.setdefault(r.header_id, []).append(thread_of(r) or 0)
    senders = await people.by_addresses(tx, {m.sender.email for m in mails}, hold=hold)
    what = qualifying.criteria(desk)
    asked = what.headers | id_headers(desk.rules.centres)
    return Batch(
        desk=desk,
        tx=tx,
        now=desk.clock.now(),
        ids=ids,
        accounts={a.id: a for a in await desk_rows.all_accounts(tx)},
        people=senders,
        records={int(k): v for k, v in records.items()},
        cases=with_cases,
        by_header=by_header,
        moved={r.header_id for r in known if r.move_id is not None},
        own_mail=own_mail,
        outbound=await _outbound(tx, mails, own_mail, {message_id for _, message_id in marks}),
        by_own=by_own,
        by_token=by_token,
        by_number=by_number,
        participants={k: set(v) for k, v in taking_part.items()},
        third_parties=await interactions.third_parties_of(tx, threads),
        criteria=what,
        known_emails=frozenset(senders),
        headers=await matters.headers_of(tx, [w.sha256 for w, _ in fresh], asked),
        advice=advice,
    )


async def _own(
    tx: Transaction, known: Sequence[Any], cited: Collection[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """Where our own messages lie that are cited, by token and number. A number alone proves nothing:
    the message must bear the token.
    """
    there = {r.id: r for r in known if r.direction == "outbound" and token_of(r.header_id)}
    missing = {message_id for _, message_id in cited} - set(there)
    there |= {r.id: r for r in await messages.places(tx, missing)}
    found = {(token_of(r.header_id), r.id): thread_of(r) for r in there.values()}
    return {own: thread for own, thread in found.items() if own in cited and thread}


async def _tokens(tx: Transaction, tokens: set[str]) -> dict[str, int]:
    found: dict[str, int] = {**await interactions.by_tokens(tx, tokens)}
    return found | await cases.by_tokens(tx, tokens - set(found))


async def _numbers(tx: Transaction, numbers: set[str]) -> dict[str, int]:
    of_cases = {n for n in numbers if names_a_case(n)}
    found: dict[str, int] = {**await interactions.by_numbers(tx, numbers - of_cases)}
    return found | await cases.by_numbers(tx, of_cases)


async def with_survivors(
    tx: Transaction, known: Mapping[int, Case], wanted: Collection[int]
) -> dict[int, Case]:
    """*known* cases and *wanted* ones, locked, with everything that they were merged into."""
    found = dict(known)
    missing: set[int] = set(wanted) - set(found)
    while missing:
        read = await cases.get_many(tx, missing)
        found |= {c.id: c for c in read}
        missing = {int(c.merged_into) for c in read if c.merged_into is not None} - set(found)
    return found


async def _outbound(
    tx: Transaction, mails: Sequence[ParsedMail], own_mail: dict[str, int], marked: set[int]
) -> dict[int, Any]:
    """Rows of our own mails that reports, loops and marks name; a person's answer needs none."""
    unusual = [m for m in mails if m.kind in (MailKind.BOUNCE, MailKind.LOOP)]
    rows = await messages.get_many(
        tx, marked | {own_mail[i] for i in ids_in(unusual) & {*own_mail}}
    )
    return {key: row for key, row in rows.items() if row.direction == "outbound"}
