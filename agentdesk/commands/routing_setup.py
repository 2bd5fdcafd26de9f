"""What `agentdesk routing` does and prints."""

import asyncio
import json
import sys
from collections.abc import Iterator

import typer

from agentdesk.commands.beside import Wanted, opened, read_text
from agentdesk.domain.editing import Checked, Fault
from agentdesk.domain.errors import BadInput

DONE, NOT_DONE = 0, 1


def run_try(wanted: Wanted, condition: str, last: int) -> int:
    """Print which of the *last* interactions meet *condition*. Raises `ConditionError`."""
    typer.echo(asyncio.run(_tried(wanted, condition, last)))
    return DONE


async def _tried(wanted: Wanted, condition: str, last: int) -> str:
    from agentdesk.services import qualifying

    async with opened(wanted) as at:
        tried = await qualifying.try_out(at.desk, at.actor, condition, last)
    return "\n".join([f"The condition {tried.sentence}.", *tried.numbers])


def run_export(wanted: Wanted, version: int | None) -> int:
    """Print the document. Raises `NotFound` for a version that is not kept."""
    typer.echo(asyncio.run(_exported(wanted, version)), nl=False)
    return DONE


async def _exported(wanted: Wanted, version: int | None) -> str:
    from agentdesk.services import setup

    async with opened(wanted) as at:
        held = version or at.desk.in_force.version
        return await setup.text_of(at.desk, at.actor, held, at.settings.default_queue.key)


def run_check(wanted: Wanted, file: str) -> int:
    """Print what is wrong and odd; 1 when something is wrong."""
    return asyncio.run(_check(wanted, file))


async def _check(wanted: Wanted, file: str) -> int:
    from agentdesk.services import setup

    text = read_text(file) if file else ""
    async with opened(wanted) as at:
        text = text or (await setup.current(at.desk, at.actor)).toml
        checked = await setup.check(at.desk, at.actor, text)
    typer.echo("\n".join(_said(checked, file)))
    if file and not checked.problems:
        typer.echo("\n".join(_changes(checked)))
    return NOT_DONE if checked.problems else DONE


def run_import(wanted: Wanted, file: str, *, dry_run: bool, yes: bool) -> int:
    """Put the file in force; 1 when it cannot be, or somebody said no."""
    return asyncio.run(_import(wanted, read_text(file), file, dry_run=dry_run, yes=yes))


async def _import(wanted: Wanted, text: str, file: str, *, dry_run: bool, yes: bool) -> int:
    from agentdesk.services import setup

    async with opened(wanted) as at:
        base = at.desk.in_force.version
        checked = await setup.check(at.desk, at.actor, text)
        typer.echo("\n".join(_said(checked, file)))
        if checked.problems:
            typer.echo("Nothing was changed.")
            return NOT_DONE
        typer.echo("\n".join(_changes(checked)))
        if not checked.changes or dry_run:
            return DONE
        if not _agreed("Put this in force?", yes=yes, piped=file == "-"):
            return NOT_DONE
        version = await setup.save(at.desk, at.actor, text, base)
    typer.echo(f"Version {version} is in force.")
    return DONE


def run_restore(wanted: Wanted, version: int, *, yes: bool) -> int:
    """Put an earlier version in force. Raises `NotFound` when it is not kept any more."""
    return asyncio.run(_restore(wanted, version, yes=yes))


async def _restore(wanted: Wanted, version: int, *, yes: bool) -> int:
    from agentdesk.services import setup

    async with opened(wanted) as at:
        text = await setup.text_of(at.desk, at.actor, version)
    return await _import(wanted, text, f"version {version}", dry_run=False, yes=yes)


def run_history(wanted: Wanted, *, as_json: bool) -> int:
    """Print the versions, the newest first."""
    typer.echo("\n".join(asyncio.run(_history(wanted, as_json=as_json))))
    return DONE


async def _history(wanted: Wanted, *, as_json: bool) -> list[str]:
    from agentdesk.bootstrap import plan
    from agentdesk.services import setup

    async with opened(wanted) as at:
        versions = await setup.history(at.desk, at.actor)
    if as_json:
        rows = [
            {"version": v.version, "at": v.at.isoformat(), "by": v.by, "origin": v.origin}
            for v in versions
        ]
        return [json.dumps(rows, indent=2, ensure_ascii=False)]
    if not versions:
        return ["There is no routing yet. The first start of agentdesk run takes that of the file."]
    zone = plan.zone(at.settings)
    return [f"{v.version:>6}  {v.at.astimezone(zone):%Y-%m-%d %H:%M}  {v.said}" for v in versions]


def _said(checked: Checked, file: str) -> Iterator[str]:
    where = {"": "", "-": "standard input, "}.get(file, f"{file}, ")
    for level, faults in (("fail", checked.problems), ("warn", checked.warnings)):
        yield from (f"{level}  {_placed(fault, where)}" for fault in faults)
    if checked.skipped:
        yield f"ok    Passed over, as it is not about routing: {', '.join(checked.skipped)}."
    if not checked.problems and not checked.warnings:
        yield "ok    Everything holds together."


def _placed(fault: Fault, where: str) -> str:
    return f"{where}{fault}" if fault.line and where else fault.sentence


def _changes(checked: Checked) -> Iterator[str]:
    yield ""
    if not checked.changes:
        yield "Nothing changes: this is in force already."
        return
    count = len(checked.changes)
    yield f"{count} {'change' if count == 1 else 'changes'}:"
    yield from (f"  {change}" for change in checked.changes)


def _agreed(question: str, *, yes: bool, piped: bool) -> bool:
    if yes:
        return True
    if piped or not sys.stdin.isatty():
        raise BadInput("Say --yes to put it in force without being asked.")
    return typer.confirm(question)
