"""What `agentdesk ccaas import`, `map` and `check` do and print."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from agentdesk.commands import centre_checks
from agentdesk.commands.beside import At, Wanted, opened
from agentdesk.domain.ccaas.mappings import Imported, Known, Ours, Standing
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.errors import BadInput
from agentdesk.settings import Finding, Level, load

if TYPE_CHECKING:
    from agentdesk.services.desk import Desk

DONE, NOT_DONE = 0, 1
T = TypeVar("T", Ours, Known)


# Import


def run_import(wanted: Wanted, centre: str, *, as_json: bool) -> int:
    """Bring in what a centre has, or all of them. Raises `CentreProblem`."""
    found = asyncio.run(_import(wanted, centre))
    if as_json:
        _print([_imported(each) for each in found])
    else:
        typer.echo("\n".join(line for each in found for line in _told(each)))
    return DONE


async def _import(wanted: Wanted, centre: str) -> list[Imported]:
    from agentdesk.bootstrap import centres
    from agentdesk.services.ccaas import catalogue

    found = []
    async with opened(wanted) as at:
        for key in _keys(at, centre):
            there = await centres.one(at.settings, key)
            try:
                desk: Desk = replace(at.desk, centres={key: there})
                found.append(await catalogue.import_(desk, at.actor, key))
            finally:
                await there.disconnect()
    return found


def _keys(at: At, centre: str) -> list[str]:
    keys = [c.key for c in at.settings.contact_centres]
    if not keys:
        raise BadInput("The settings name no contact centre; docs/ccaas.md says how one is set up.")
    return [centre] if centre else keys


def _told(found: Imported) -> Iterator[str]:
    yield found.words
    parts = {
        "new": found.new,
        "gone": found.gone,
        "mapped by name": found.mapped,
        "of ours not mapped": found.unmapped,
    }
    for what, lines in parts.items():
        yield from (f"  {what}: {line}" for line in lines)


def _imported(found: Imported) -> dict[str, Any]:
    return {
        "centre": found.centre,
        "counts": {kind.value: n for kind, n in found.counts.items()},
        "new": found.new,
        "gone": found.gone,
        "mapped": found.mapped,
        "unmapped": found.unmapped,
    }


# Map


def run_map(wanted: Wanted, centre: str, kind: str, ours: str, theirs: str, *, remove: bool) -> int:
    """Say what stands for what, or take it back. Raises `BadInput` for a name that means none or several."""
    typer.echo(asyncio.run(_map(wanted, centre, Kind(kind), ours, theirs, remove=remove)))
    return DONE


async def _map(
    wanted: Wanted, centre: str, kind: Kind, ours: str, theirs: str, *, remove: bool
) -> str:
    from agentdesk.services.ccaas import catalogue

    if not theirs and not remove:
        raise BadInput("Say what it is called there, too, or --remove.")
    async with opened(wanted) as at:
        now = await catalogue.look(at.desk, at.actor, centre)
        mine = _ours(now, kind, ours)
        there = _theirs(now, kind, theirs) if theirs else None
        where = at.desk.rules.centres[centre].name
        if remove:
            id_there = there.external_id if there else ""
            await catalogue.unmap(at.desk, at.actor, centre, kind, id_there, mine.key)
            return f"The {kind.value} {mine.label} stands for nothing at {where} any more."
        assert there is not None
        await catalogue.map_(at.desk, at.actor, centre, kind, there.external_id, mine.key)
    return f"The {kind.value} {mine.label} is {there.name} at {where}."


def run_list(wanted: Wanted, centre: str, kind: str, *, as_json: bool) -> int:
    """Print what stands for what."""
    now = asyncio.run(_list(wanted, centre))
    rows = [row for each in Kind if kind in ("", each.value) for row in _rows(now, each)]
    if as_json:
        _print(rows)
    else:
        typer.echo("\n".join(_table(rows)))
    return DONE


async def _list(wanted: Wanted, centre: str) -> Standing:
    from agentdesk.services.ccaas import catalogue

    async with opened(wanted) as at:
        return await catalogue.look(at.desk, at.actor, centre)


def _rows(now: Standing, kind: Kind) -> Iterator[dict[str, str]]:
    named = set()
    for ours in now.of(kind):
        there = now.known(kind, ours.key)
        row = {"kind": kind.value, "ours": ours.key, "theirs": there.name if there else ""}
        yield {**row, "id": there.external_id if there else ""}
        named.add(there.external_id if there else "")
    for there in now.theirs:
        if there.kind is kind and there.active and there.external_id not in named:
            row = {"kind": kind.value, "ours": there.local, "theirs": there.name}
            yield {**row, "id": there.external_id}


def _table(rows: Sequence[dict[str, str]]) -> Iterator[str]:
    wide = max((len(row["ours"]) for row in rows), default=0)
    for row in rows:
        yield f"{row['kind']:<9} {row['ours'] or '-':<{wide}}  {row['theirs'] or '-'}"


def _ours(now: Standing, kind: Kind, text: str) -> Ours:
    exact = [o for o in now.of(kind) if o.key == text]
    return _one(exact or [o for o in now.of(kind) if _same(text, o.label)], kind, text, "here")


def _theirs(now: Standing, kind: Kind, text: str) -> Known:
    there = [t for t in now.theirs if t.kind is kind and t.active]
    exact = [t for t in there if t.external_id == text]
    named = [t for t in there if _same(text, t.name)]
    address = [t for t in there if kind is Kind.AGENT and _same(text, t.detail)]
    return _one(exact or named or address, kind, text, "there")


def _same(a: str, b: str) -> bool:
    return " ".join(a.casefold().split()) == " ".join(b.casefold().split())


def _one(found: Sequence[T], kind: Kind, text: str, where: str) -> T:
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadInput(
            f'No {kind.value} {where} is called "{text}". agentdesk ccaas map CENTRE lists them.'
        )
    raise BadInput(f'{len(found)} {kind.value}s {where} are called "{text}": say it by its id.')


# Check


def run_check(path: Path, centre: str, *, as_json: bool) -> int:
    """Print how the centres are and what is missing; 1 where something does not work."""
    settings = load(path)
    keys = [c.key for c in settings.contact_centres]
    if not keys or (centre and centre not in keys):
        known = ", ".join(keys) or "none"
        raise BadInput(
            f"There is no contact centre {centre}; there are: {known}.".replace("  ", " ")
        )
    wanted = [centre] if centre else keys
    findings = asyncio.run(centre_checks.centres(settings, centre_checks.PATIENCE, wanted))
    if as_json:
        _print([f.as_dict() for f in findings])
    else:
        typer.echo("\n".join(_lines(findings)))
    return NOT_DONE if any(f.level is Level.FAIL for f in findings) else DONE


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for f in findings:
        yield f"{f.level.value:<4}  {f.subject}: {f.sentence}"
        if f.advice:
            yield f"      → {f.advice}"


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
