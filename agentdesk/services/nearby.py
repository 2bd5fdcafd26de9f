"""Open records around a closed one, and those of a sender. Source: docs/linking.md, *Related*."""

from collections.abc import Collection

from agentdesk.domain.case import Case
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.ladder import NOTHING_AROUND, Around, Known
from agentdesk.services.batch import Batch
from agentdesk.services.gathering import with_survivors
from agentdesk.storage import interactions, links

MOST = 50
"""Records that are considered for one mail, the newest first."""

MOST_PROPOSALS = 5
"""Mails of one batch that nothing identifies and that are weighed all the same: a backlog is filed
without."""


async def around(b: Batch, closed: Known) -> Around:
    """What is related to a *closed* record, and the open cases of its customer."""
    related = await _related(b, closed)
    if any(record.open for record in related) or closed.customer_id is None:
        return Around(related)
    others = await links.open_cases(b.tx, [closed.customer_id])
    return Around(related, [b.known_case(c) for c in await _locked(b, [c.id for c in others])])


async def _related(b: Batch, closed: Known) -> list[Known]:
    """Its family of interactions with those of this very batch, the cases that grew out of these, and
    the cases around them.
    """
    if closed.interaction_id is not None:
        family = await interactions.family(b.tx, closed.interaction_id)
        opened = {i.id for i, _, _ in b.opened if i.parent_id in family}
        await _read_interactions(b, family)
        talks = [b.records[key] for key in sorted(family | opened)]
    else:
        await _read_interactions(b, await links.interactions_of(b.tx, [closed.id]))
        talks = [i for i in b.records.values() if i.case_id == closed.id]
    grown = {i.case_id for i in talks if i.case_id is not None} | {closed.case_id or 0} - {0}
    near = {c.id for c in await _locked(b, grown)} | grown
    cases = await _locked(b, near | await links.cases_around(b.tx, near))
    open_talks = [b.known(i) for i in talks if not i.state.closed and i.id != closed.id]
    return [*open_talks, *(b.known_case(c) for c in cases if c.id != closed.id)]


async def _read_interactions(b: Batch, ids: Collection[int]) -> None:
    missing = set(ids) - set(b.records)
    for i in await interactions.get_many(b.tx, missing) if missing else ():
        b.records[i.id] = i


async def _locked(b: Batch, case_ids: Collection[int]) -> list[Case]:
    """What took over these cases, or themselves, locked and kept in the batch, the newest first."""
    b.cases.update(await with_survivors(b.tx, b.cases, case_ids))
    found = {c.id: c for c in (b.survivor(key) for key in case_ids if key in b.cases)}
    return sorted(found.values(), key=lambda c: c.id, reverse=True)[:MOST]


async def of_sender(b: Batch, customer_id: CustomerId | None) -> Around:
    """The open records of a customer who wrote a mail that nothing identifies; none is locked.

    Those of everybody in the batch are read at once. Interactions of this very batch are left out.
    """
    if b.proposals >= MOST_PROPOSALS:
        return NOTHING_AROUND
    if b.open_of is None:
        b.open_of = await _open_of_everybody(b)
    mine = b.open_of.get(customer_id, []) if customer_id is not None else []
    b.proposals += bool(mine)
    newest = sorted(mine, key=lambda r: r.id, reverse=True)[:MOST]
    return Around(
        (), [b.known(r) if isinstance(r, Interaction) else b.known_case(r) for r in newest]
    )


async def _open_of_everybody(b: Batch) -> dict[CustomerId, list[Interaction | Case]]:
    everybody = {b.people[email].customer_id for email in b.known_emails}
    found: dict[CustomerId, list[Interaction | Case]] = {}
    for interaction in await links.open_interactions(b.tx, everybody):
        found.setdefault(interaction.customer_id, []).append(interaction)
    for case in await links.open_cases(b.tx, everybody):
        found.setdefault(case.customer_id, []).append(case)
    return found
