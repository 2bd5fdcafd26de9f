"""Find as you type: a range of `find_words` for one beginning of a word, at a cost that the number of
people does not raise.

Several beginnings: the rarest gives the candidates, the words kept beside each record decide. Where
all are very common (`MOST_JOINED`), the first `MOST_LOOKED_AT` of the rarest are looked at.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from agentdesk.domain import finding
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import accounts, addresses, customers, find_words, interactions

VIP: Final = 0
OTHERS: Final = 1
ACCOUNTS: Final = 2
"""The shelves: people of importance are looked through first, companies by themselves."""

MOST_LOOKED_AT: Final = 2_000
MOST_JOINED: Final = 10_000
RANKED: Final = 100
"""So many of those that fit are put in order."""
BATCH: Final = 500
AFTER: Final = "\U0010ffff"
MOST_COUNTED: Final = 100

w, c = find_words.c, customers.c


# -- keeping the words -----------------------------------------------------------------------


async def add_people(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """The words of new customers; *rows* have `id`, `words` and, if so, `vip`."""
    await _add(tx, ((VIP if r.get("vip") else OTHERS, r["id"], r["words"]) for r in rows))


async def add_accounts(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """The words of new accounts; *rows* have `id` and `words`."""
    await _add(tx, ((ACCOUNTS, r["id"], r["words"]) for r in rows))


async def _add(tx: Transaction, found: Iterable[tuple[int, int, str]]) -> None:
    lines = [
        {"shelf": shelf, "word": word, "subject": key}
        for shelf, key, words in found
        for word in words.split()
    ]
    await tx.insert(find_words, lines)


async def _drop(tx: Transaction, shelves: Sequence[int], old: Mapping[int, str]) -> None:
    lines = [
        {"s": shelf, "w": word, "k": key}
        for key, words in old.items()
        for word in words.split()
        for shelf in shelves
    ]
    if lines:
        same = (w.shelf == sa.bindparam("s")) & (w.word == sa.bindparam("w"))
        same &= w.subject == sa.bindparam("k")
        await tx.execute(sa.delete(find_words).where(same), lines)


async def renew_people(tx: Transaction, ids: Collection[int]) -> None:
    """Find these customers by what their rows say now; who was merged or erased, no more."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), BATCH):
        await _renew(tx, ordered[start : start + BATCH])


async def _renew(tx: Transaction, ids: Sequence[int]) -> None:
    joined = customers.outerjoin(accounts, accounts.c.id == c.account_id)
    columns = (c.id, c.name, c.vip, c.words, c.merged_into, c.erased_at)
    query = sa.select(*columns, accounts.c.name.label("account")).select_from(joined)
    rows = await tx.all(query.where(c.id.in_(ids)))
    emails = await emails_of(tx, ids)
    new = [
        {
            "id": r.id,
            "vip": r.vip,
            "words": ""
            if r.merged_into is not None or r.erased_at is not None
            else finding.words(r.name, emails.get(r.id, ()), r.account or ""),
        }
        for r in rows
    ]
    await _drop(tx, (VIP, OTHERS), {r.id: r.words for r in rows})
    await add_people(tx, new)
    await _keep(tx, customers, {row["id"]: row["words"] for row in new})


async def _keep(tx: Transaction, table: sa.Table, words: Mapping[int, str]) -> None:
    if words:
        lines = [{"k": key, "said": said} for key, said in words.items()]
        same = table.c.id == sa.bindparam("k")
        await tx.execute(sa.update(table).where(same).values(words=sa.bindparam("said")), lines)


async def renew_account(tx: Transaction, account_id: int) -> None:
    """Find an account, and its contacts by it, under the name that it has now."""
    row = await tx.one(sa.select(accounts).where(accounts.c.id == account_id))
    assert row is not None
    words = finding.words(row.name)
    await _drop(tx, (ACCOUNTS,), {account_id: row.words})
    await add_accounts(tx, [{"id": account_id, "words": words}])
    await _keep(tx, accounts, {account_id: words})
    contacts = await tx.all(sa.select(c.id).where(c.account_id == account_id))
    await renew_people(tx, [r.id for r in contacts])


async def emails_of(tx: Transaction, ids: Collection[int]) -> dict[int, list[str]]:
    """The addresses of each of these customers, in order."""
    query = sa.select(addresses.c.customer_id, addresses.c.email)
    query = query.where(addresses.c.customer_id.in_(set(ids))).order_by(addresses.c.email)
    found: dict[int, list[str]] = {}
    for r in await tx.all(query) if ids else []:
        found.setdefault(r.customer_id, []).append(r.email)
    return found


# -- looking through them --------------------------------------------------------------------


async def people(tx: Transaction, terms: Sequence[str], limit: int) -> list[sa.Row[Any]]:
    """Customers whom every beginning in *terms* fits: VIPs, then whose mail is newest, then by name.

    Columns: id, kind, name, vip, account_id, account, last (their newest interaction's id).
    """
    counted = await _counted(tx, (VIP, OTHERS), terms)
    fitting = [
        sa.select(_fitting(wanted, terms).subquery())
        for shelf in (VIP, OTHERS)
        if (wanted := _candidates(shelf, counted)) is not None
    ]
    if not fitting:
        return []
    some = sa.union_all(*fitting).subquery()
    last = (
        sa.select(sa.func.max(interactions.c.id))
        .where(interactions.c.customer_id == some.c.id)
        .scalar_subquery()
        .label("last")
    )
    named = some.outerjoin(accounts, accounts.c.id == some.c.account_id)
    query = sa.select(*some.c, accounts.c.name.label("account"), last).select_from(named)
    order = (some.c.vip.desc(), sa.func.coalesce(last, 0).desc(), some.c.name, some.c.id)
    return await tx.all(query.order_by(*order).limit(limit))


def _fitting(wanted: sa.Select[tuple[int]], terms: Sequence[str]) -> sa.Select[Any]:
    query = sa.select(c.id, c.kind, c.name, c.vip, c.account_id).where(c.id.in_(wanted))
    if len(terms) > 1:
        query = query.where(*(c.words.contains(f" {t}", autoescape=True) for t in terms))
    return query.limit(RANKED)


async def companies(tx: Transaction, terms: Sequence[str], limit: int) -> list[sa.Row[Any]]:
    """Accounts whom every beginning in *terms* fits, by name."""
    wanted = _candidates(ACCOUNTS, await _counted(tx, (ACCOUNTS,), terms))
    if wanted is None:
        return []
    fits = (accounts.c.words.contains(f" {term}", autoescape=True) for term in terms)
    query = sa.select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(wanted), *fits)
    return await tx.all(query.order_by(accounts.c.name, accounts.c.id).limit(limit))


Counted = Mapping[int, Mapping[str, int]]


async def _counted(tx: Transaction, shelves: Sequence[int], terms: Sequence[str]) -> Counted:
    """How many words of each shelf begin so, at most `MOST_JOINED` + 1; not asked for a single one."""
    pairs = [(shelf, term) for shelf in shelves for term in terms]
    if len(terms) == 1:
        return {shelf: {terms[0]: 1} for shelf in shelves}
    columns = [
        sa.select(sa.func.count())
        .select_from(sa.select(w.subject).where(_begins(*pair)).limit(MOST_JOINED + 1).subquery())
        .scalar_subquery()
        for pair in pairs
    ]
    row = await tx.one(sa.select(*columns))
    assert row is not None
    found: dict[int, dict[str, int]] = {}
    for (shelf, term), count in zip(pairs, row, strict=True):
        found.setdefault(shelf, {})[term] = int(count)
    return found


def _candidates(shelf: int, counted: Counted) -> sa.Select[tuple[int]] | None:
    """Whose words are looked at; None where one of the beginnings begins nothing on this shelf.

    Looking at a record costs more than passing over a word. So the few of the rarest beginning are
    looked at; those of several common ones only where a record is found by all of them; and of very
    common ones the first, which are likely to have all.
    """
    by_count = sorted(counted[shelf].items(), key=lambda pair: pair[1])
    rarest, fewest = by_count[0]
    if not fewest:
        return None
    if len(by_count) == 1:
        return _first(shelf, rarest, 3 * RANKED)  # one record has few words that begin alike
    if fewest <= MOST_LOOKED_AT or by_count[1][1] > MOST_JOINED:
        return _first(shelf, rarest, MOST_LOOKED_AT)
    also = (
        w.subject.in_(_first(shelf, term, MOST_JOINED))
        for term, count in by_count[1:]
        if count <= MOST_JOINED
    )
    some = sa.select(w.subject).where(_begins(shelf, rarest), *also).limit(MOST_LOOKED_AT)
    return sa.select(some.subquery().c.subject)


def _first(shelf: int, term: str, most: int) -> sa.Select[tuple[int]]:
    some = sa.select(w.subject).where(_begins(shelf, term)).order_by(w.word, w.subject)
    return sa.select(some.limit(most).subquery().c.subject)


def _begins(shelf: int, term: str) -> sa.ColumnElement[bool]:
    return (w.shelf == shelf) & (w.word >= term) & (w.word < term + AFTER)


async def recent(tx: Transaction, limit: int) -> list[sa.Row[Any]]:
    """The customers of the newest interactions, newest first: columns as `people`."""
    newest = sa.select(interactions.c.id, interactions.c.customer_id)
    newest_ones = newest.order_by(interactions.c.id.desc()).limit(5 * limit).subquery()
    last = sa.func.max(newest_ones.c.id).label("last")
    grouped = sa.select(newest_ones.c.customer_id, last).group_by(newest_ones.c.customer_id)
    each = grouped.subquery()
    joined = each.join(customers, c.id == each.c.customer_id)
    joined = joined.outerjoin(accounts, accounts.c.id == c.account_id)
    columns = (c.id, c.kind, c.name, c.vip, c.account_id, accounts.c.name.label("account"))
    query = sa.select(*columns, each.c.last).select_from(joined).where(c.erased_at.is_(None))
    return await tx.all(query.order_by(each.c.last.desc()).limit(limit))


async def counts(tx: Transaction, ids: Collection[int]) -> dict[int, int]:
    """How many interactions each of these customers has, at most `MOST_COUNTED`."""
    each = []
    for key in ids:
        some = sa.select(interactions.c.id).where(interactions.c.customer_id == key)
        few = some.limit(MOST_COUNTED).subquery()
        count = sa.func.count().label("many")
        each.append(sa.select(sa.literal(key).label("id"), count).select_from(few))
    rows = await tx.all(sa.union_all(*each)) if each else []
    return {r.id: r.many for r in rows}


async def with_words(tx: Transaction, words: Sequence[str], limit: int) -> list[sa.Row[Any]]:
    """Customers who are found by every one of these whole words: columns as `people`, without
    `last`. They are looked for among the first `MOST_LOOKED_AT` with the rarest.
    """
    fewest, rarest = MOST_LOOKED_AT + 1, ""
    for word in words:
        some = sa.select(w.subject).where(_is(word)).limit(MOST_LOOKED_AT).subquery()
        row = await tx.one(sa.select(sa.func.count()).select_from(some))
        count = int(row[0]) if row else 0
        if count < fewest:
            fewest, rarest = count, word
    if not rarest:
        return []
    nearest = sa.select(w.subject).where(_is(rarest)).limit(MOST_LOOKED_AT).subquery()
    fits = (c.words.contains(f" {word} ", autoescape=True) for word in words)
    return await tx.all(_rows(sa.select(nearest.c.subject)).where(*fits).limit(limit))


def _is(word: str) -> sa.ColumnElement[bool]:
    return w.shelf.in_((VIP, OTHERS)) & (w.word == word)


async def with_addresses(tx: Transaction, begins: Sequence[str], limit: int) -> list[sa.Row[Any]]:
    """Customers with an address that begins in one of these ways: columns as `with_words`."""
    found: list[sa.Row[Any]] = []
    for start in begins:
        some = sa.or_(*(_begins(shelf, start) for shelf in (VIP, OTHERS)))
        nearest = sa.select(w.subject).where(some).limit(limit).subquery()
        found += await tx.all(_rows(sa.select(nearest.c.subject)))
    return found


def _rows(wanted: sa.Select[tuple[int]]) -> sa.Select[Any]:
    joined = customers.outerjoin(accounts, accounts.c.id == c.account_id)
    columns = (c.id, c.kind, c.name, c.vip, c.account_id, accounts.c.name.label("account"))
    return sa.select(*columns).select_from(joined).where(c.id.in_(wanted))
