"""Everything that ever passed between us and a person or an account: its history and its stream."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import AccountId, CaseId, CustomerId, InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.people import HistoryRow
from agentdesk.domain.views import Page, StreamPage
from agentdesk.services import stream as streams
from agentdesk.services.desk import Desk
from agentdesk.storage import records
from agentdesk.storage.records import Whose

Row = tuple[str, Any]
"""`i` or `c`, for an interaction or a case, and its row."""


async def history(
    desk: Desk,
    actor: Actor,
    *,
    customer_id: CustomerId | None = None,
    account_id: AccountId | None = None,
    after: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page[HistoryRow]:
    """A page of the interactions and cases of a person or an account, newest first."""
    whose = _whose(customer_id, account_id)
    forward = before is None
    seen = _position(after if forward else before)
    async with desk.store.read() as tx:
        stretch = {"below": None, "above": None}
        way = "below" if forward else "above"
        talks = await records.conversations(tx, whose, **{**stretch, way: seen[0]}, limit=limit + 1)
        cases = await records.investigations(
            tx, whose, **{**stretch, way: seen[1]}, limit=limit + 1
        )
    rows = _merged(talks, cases, newest_first=forward)
    kept, more = rows[:limit], len(rows) > limit
    if not forward:
        kept.reverse()
    if not kept:
        return Page(())
    return Page(
        tuple(_row(kind, r) for kind, r in kept),
        before=_first(kept, seen, forward=forward) if (after if forward else more) else None,
        after=_last(kept, seen, forward=forward) if (more if forward else True) else None,
    )


def _whose(customer_id: CustomerId | None, account_id: AccountId | None) -> Whose:
    if customer_id is not None:
        return records.of_person(customer_id)
    if account_id is None:
        raise BadInput("Name a person or an account.")
    return records.of_account(account_id)


def _merged(talks: Iterable[Any], cases: Iterable[Any], *, newest_first: bool) -> list[Row]:
    """By the time of opening; each kind keeps the order of its ids, which the cursors count by."""
    pairs = ([("i", r) for r in talks], [("c", r) for r in cases])
    return list(heapq.merge(*pairs, key=lambda pair: pair[1].at, reverse=newest_first))


def _row(kind: str, r: Any) -> HistoryRow:
    state = State(r.state).label if kind == "i" else r.state.replace("_", " ").title()
    key = InteractionId(r.id) if kind == "i" else CaseId(r.id)
    return HistoryRow(r.number, r.subject, r.customer, state, r.direction, r.at, key)


# A cursor is the id of an interaction and that of a case, between which and the next ones the page
# ends: everything older has a smaller id of its kind.


def _position(cursor: str | None) -> tuple[int | None, int | None]:
    if cursor is None:
        return None, None
    talk, _, case = cursor.partition(".")
    return int(talk), int(case)


def _first(kept: Sequence[Row], seen: tuple[int | None, int | None], *, forward: bool) -> str:
    """The cursor to read newer rows above."""
    talk = max((r.id for kind, r in kept if kind == "i"), default=None)
    case = max((r.id for kind, r in kept if kind == "c"), default=None)
    # of a kind that is not on the page, what was seen before lies above its first unseen one
    last = (_less(seen[0]), _less(seen[1])) if forward else seen
    return f"{_or(talk, last[0])}.{_or(case, last[1])}"


def _last(kept: Sequence[Row], seen: tuple[int | None, int | None], *, forward: bool) -> str:
    """The cursor to read older rows below."""
    talk = min((r.id for kind, r in kept if kind == "i"), default=None)
    case = min((r.id for kind, r in kept if kind == "c"), default=None)
    last = seen if forward else (_more(seen[0]), _more(seen[1]))
    return f"{_or(talk, last[0], ENDLESS)}.{_or(case, last[1], ENDLESS)}"


ENDLESS = 2**62


def _less(key: int | None) -> int | None:
    return None if key is None else key - 1


def _more(key: int | None) -> int | None:
    return None if key is None else key + 1


def _or(key: int | None, seen: int | None, otherwise: int = 0) -> int:
    return key if key is not None else seen if seen is not None else otherwise


async def stream(
    desk: Desk,
    actor: Actor,
    *,
    customer_id: CustomerId | None = None,
    account_id: AccountId | None = None,
    before: int | None = None,
    limit: int = 100,
) -> StreamPage:
    """The newest *limit* mails and notes below seq *before* over all interactions and cases, oldest first."""
    whose = _whose(customer_id, account_id)
    async with desk.store.read() as tx:
        rows = await records.said(tx, whose, before, limit + 1)
        kept = list(reversed(rows[:limit]))
        entries = await streams.entries(desk, tx, actor, kept)
    numbers = {r.seq: r.number for r in kept}
    named = tuple(replace(e, number=numbers[e.seq]) for e in entries)
    return StreamPage(named, kept[-1].seq if kept else 0, len(rows) > limit)
