"""What a centre has, brought in, and what of it stands for what of ours. Source: docs/ccaas.md, *Mapping*."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta

from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas import mappings, missing
from agentdesk.domain.ccaas.errors import ContractViolation
from agentdesk.domain.ccaas.mappings import (
    ON_QUEUE,
    PAIRS,
    Difference,
    Imported,
    Known,
    Ours,
    Said,
    Standing,
)
from agentdesk.domain.ccaas.missing import CentreFinding
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import CentreRecord, Kind
from agentdesk.domain.errors import BadInput, NotFound
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.text import safe
from agentdesk.services.ccaas import ends
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_records as records
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction

STALE = timedelta(hours=1)
BY_NAME = "import"
"""Who said what an import found by name."""


async def import_(desk: Desk, actor: Actor, centre: str) -> Imported:
    """Read what *centre* has and keep it; map what has the same name, unless a person said otherwise.

    Raises `NotAllowed`, `NotFound`, `CentreProblem`.
    """
    actor.must_administer()
    return await _read(desk, centre, By.actor(actor))


async def read_again(desk: Desk, centre: str) -> Imported:
    """The same by the desk itself, such as when the centre says that it changed."""
    return await _read(desk, centre, SYSTEM)


async def is_stale(desk: Desk, centre: str) -> bool:
    """Whether what was imported is so old that it is read again by itself."""
    async with desk.store.read() as tx:
        at = await records.imported_at(tx, centre)
    return at is not None and desk.clock.now() - at >= STALE


async def _read(desk: Desk, centre: str, by: By) -> Imported:
    rules = rules_of(desk, centre)
    if centre not in desk.centres:
        raise NotFound(f"{rules.name} is not set up here. Run agentdesk check.")
    there = desk.centres[centre]
    found = [_clean(record) for record in await there.catalogue()]
    if not found:
        sentence = f"{rules.name} says that it has nothing at all, so nothing was changed."
        raise ContractViolation(sentence)
    async with desk.store.write() as tx:
        if not there.caps.native_wrap_up:  # it takes any: ours stand for themselves
            found += [CentreRecord(Kind.CODE, c.key, c.label) for c in await desk_rows.codes(tx)]
        return await take_in(desk, tx, rules, found, by)


def _clean(r: CentreRecord) -> CentreRecord:
    name, detail = safe(r.name, multiline=False), safe(r.detail, multiline=False)
    return CentreRecord(r.kind, r.external_id, name or r.external_id, detail)


async def take_in(
    desk: Desk, tx: Transaction, rules: CentreRules, found: Collection[CentreRecord], by: By
) -> Imported:
    """Keep what was found, inside a transaction."""
    kept = {(k.kind, k.external_id): k for k in await records.all_of(tx, rules.key)}
    difference = mappings.taken_in(kept, found)
    await _keep(desk, tx, rules, difference)
    before = await standing(desk, tx, rules.key)
    mapped = list(mappings.suggestions(before))
    for ours, there in mapped:
        await _tie(desk, tx, rules.key, ours.kind, ours.key, there, BY_NAME)
    after = await standing(desk, tx, rules.key)
    if difference != Difference((), (), ()) or mapped:
        await changed(desk, tx, rules.key, "imported", by)
    return Imported(
        rules.name,
        Counter(r.kind for r in found),
        _lines(difference.new),
        _lines(difference.gone),
        tuple(f"{o.kind.value} {o.label} = {t.name}" for o, t in mapped),
        tuple(f"{o.kind.value} {o.label}" for kind in Kind for o in after.unmapped(kind)),
    )


def _lines(found: Iterable[CentreRecord | Known]) -> tuple[str, ...]:
    return tuple(sorted(f"{r.kind.value} {r.name}" for r in found))


async def _keep(desk: Desk, tx: Transaction, rules: CentreRules, d: Difference) -> None:
    now = desk.clock.now()
    await records.add(tx, rules.key, d.new, now)
    for r in d.changed:
        values = {"name": r.name, "detail": r.detail, "active": True}
        await records.change(tx, rules.key, r.kind, r.external_id, **values)
    for old in d.gone:
        await records.change(tx, rules.key, old.kind, old.external_id, active=False)
    await records.be_imported(tx, rules.key, rules.name, now)


async def map_(
    desk: Desk, actor: Actor, centre: str, kind: Kind, external_id: str, local: str
) -> None:
    """*local* of ours is called *external_id* there, and that means *local* here where it meant nothing.

    Of queues and agents one is one; of presences and codes several of ours may be one of theirs. Raises
    `NotAllowed`, `NotFound`, `BadInput`.
    """
    actor.must_administer()
    rules = rules_of(desk, centre)
    async with desk.store.write() as tx:
        now = await standing(desk, tx, centre)
        ours = _ours(now, rules, kind, local)
        there = await records.get(tx, centre, kind, external_id)
        if there is None or not there.active:
            raise NotFound(f"{rules.name} has no such {kind.value}. Import what it has first.")
        _one_to_one(now, ours, there)
        await _tie(desk, tx, centre, kind, local, there, actor.name)
        await changed(
            desk, tx, centre, f"{kind.value} {ours.label} = {there.name}", By.actor(actor)
        )


def _ours(now: Standing, rules: CentreRules, kind: Kind, local: str) -> Ours:
    found = next((o for o in now.of(kind) if o.key == local), None)
    if found is None and kind is Kind.QUEUE:
        raise NotFound(f'No queue "{local}" has external = "{rules.key}" in the routing setup.')
    if found is None:
        raise NotFound(f'There is no {kind.value} "{local}" here.')
    return found


def _one_to_one(now: Standing, ours: Ours, there: Known) -> None:
    if ours.kind not in PAIRS:
        return
    for other in now.of(ours.kind):
        if other.key != ours.key and now.known(ours.kind, other.key) == there:
            raise BadInput(f"{there.name} stands for {other.label} already. Remove that first.")


async def _tie(
    desk: Desk, tx: Transaction, centre: str, kind: Kind, local: str, there: Known, by: str
) -> None:
    await records.say(tx, centre, kind, local, there.external_id, desk.clock.now(), by)
    if kind in PAIRS:
        await records.mean_nothing(tx, centre, kind, local)
    if kind in PAIRS or not there.local:
        await records.change(tx, centre, kind, there.external_id, local=local)


async def unmap(
    desk: Desk, actor: Actor, centre: str, kind: Kind, external_id: str = "", local: str = ""
) -> None:
    """Take a mapping back: of *local*, of one of theirs, or of the two; an import leaves it so.

    Raises `NotAllowed`, `NotFound`.
    """
    actor.must_administer()
    rules = rules_of(desk, centre)
    async with desk.store.write() as tx:
        ties = [s for s in await records.said_of(tx, centre) if _meant(s, kind, external_id, local)]
        for tie in ties:
            await records.say(tx, centre, kind, tie.local, "", desk.clock.now(), actor.name)
        if external_id:
            loose = await _mean_nothing(tx, centre, kind, external_id, local)
        else:
            loose = await records.mean_nothing(tx, centre, kind, local)
        if not ties and not loose:
            raise NotFound(f"Nothing of {rules.name} is mapped so.")
        await changed(desk, tx, centre, f"{kind.value} {local or external_id}", By.actor(actor))


async def _mean_nothing(
    tx: Transaction, centre: str, kind: Kind, external_id: str, local: str
) -> bool:
    there = await records.get(tx, centre, kind, external_id)
    if there is None or not there.local or local not in ("", there.local):
        return False
    await records.change(tx, centre, kind, external_id, local="")
    return True


def _meant(s: Said, kind: Kind, external_id: str, local: str) -> bool:
    return (
        s.kind is kind
        and bool(s.external_id)
        and external_id in ("", s.external_id)
        and local in ("", s.local)
    )


async def look(desk: Desk, actor: Actor, centre: str) -> Standing:
    """All of ours and theirs, and what stands for what. Raises `NotAllowed`, `NotFound`."""
    actor.must_administer()
    rules_of(desk, centre)
    async with desk.store.read() as tx:
        return await standing(desk, tx, centre)


async def findings(desk: Desk, actor: Actor, centre: str) -> tuple[CentreFinding, ...]:
    """What is unmapped or gone at *centre*, and what that stops. Raises `NotAllowed`, `NotFound`."""
    actor.must_administer()
    rules = rules_of(desk, centre)
    async with desk.store.read() as tx:
        return tuple(missing.findings(rules, await standing(desk, tx, centre)))


async def standing(desk: Desk, tx: Transaction, centre: str) -> Standing:
    """Ours, theirs and what was said of both."""
    theirs, said = await records.all_of(tx, centre), await records.said_of(tx, centre)
    ours = await _all_ours(desk, tx, centre)
    imported = await records.imported_at(tx, centre) is not None
    return Standing(ours, tuple(theirs), tuple(said), imported)


async def _all_ours(desk: Desk, tx: Transaction, centre: str) -> tuple[Ours, ...]:
    """What of ours may stand for something there: of the queues those that it routes."""
    p = desk.policy
    queues = [q for q in p.queues if q.external == centre]
    codes = await desk_rows.codes(tx)
    return (
        *(Ours(Kind.QUEUE, q.key, q.name, (q.name, q.key)) for q in queues),
        *(Ours(Kind.AGENT, a.login, a.name, (a.email, a.login)) for a in p.agents),
        *(
            Ours(Kind.PRESENCE, x.key, x.label, (*([ON_QUEUE] if x.work else []), x.label, x.key))
            for x in p.presences
        ),
        *(Ours(Kind.CODE, c.key, c.label, (c.label, c.key)) for c in codes),
    )


def rules_of(desk: Desk, centre: str) -> CentreRules:
    """What settings say of it. Raises `NotFound` with those that there are."""
    if centre not in desk.rules.centres:
        known = ", ".join(desk.rules.centres) or "none"
        raise NotFound(f'There is no contact centre "{centre}". Settings know: {known}.')
    return desk.rules.centres[centre]


async def changed(desk: Desk, tx: Transaction, centre: str, what: str, by: By) -> None:
    """Let everybody know, and let what waited for it go on."""
    data = {"centre": centre, "what": what}
    about = (Record.CENTRE, 0, Happened.CENTRE_CHANGED)
    tx.record(Event(desk.clock.now(), by, *about, data, shown=False))
    await ends.resume_all(desk, tx, centre)
