"""What `agentdesk templates` does and prints."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from agentdesk.commands.beside import Wanted, opened, read_text
from agentdesk.domain.template import ImportReport, Template, TemplateKind, found

DONE, NOT_DONE = 0, 1
EVERY = 100_000


def run_list(wanted: Wanted, words: str, *, as_json: bool) -> int:
    """Print the templates with all of *words*; 0 also for none."""
    rows = found(asyncio.run(_every(wanted)), words, EVERY)
    if as_json:
        typer.echo(json.dumps([_row(t) for t in rows], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_table(rows, words)))
    return DONE


async def _every(wanted: Wanted) -> tuple[Template, ...]:
    from agentdesk.services import templates

    async with opened(wanted) as at:
        return await templates.every(at.desk, at.actor)


def _row(t: Template) -> dict[str, Any]:
    return {
        "key": t.key,
        "kind": t.kind.value,
        "folder": t.folder,
        "name": t.name,
        "queues": sorted(t.queues),
        "subject": t.subject,
        "body": t.body,
        "changed_at": t.changed_at.isoformat() if t.changed_at else None,
        "changed_by": t.changed_by,
    }


def _table(rows: Sequence[Template], words: str) -> Iterator[str]:
    if not rows:
        yield f"No template has {words!r}." if words else "There are no templates yet."
        return
    width = max(len(t.key) for t in rows)
    for t in rows:
        place = f"{t.folder}/{t.name}" if t.folder else t.name
        marks = ["note"] if t.kind is TemplateKind.NOTE else []
        marks += [", ".join(sorted(t.queues))] if t.queues else []
        remark = f"  ({'; '.join(marks)})" if marks else ""
        yield f"{t.key:<{width}}  {place}{remark}"


def run_export(wanted: Wanted) -> int:
    """Print the file."""
    typer.echo(asyncio.run(_exported(wanted)), nl=False)
    return DONE


async def _exported(wanted: Wanted) -> str:
    from agentdesk.services import templates

    async with opened(wanted) as at:
        return await templates.export(at.desk, at.actor)


def run_import(wanted: Wanted, file: str, *, dry_run: bool) -> int:
    """Take the file over; 1 when something is wrong with it, so that nothing was."""
    report = asyncio.run(_imported(wanted, read_text(file), dry_run=dry_run))
    where = "standard input" if file == "-" else file
    typer.echo("\n".join(_said(report, where, dry_run=dry_run)))
    return NOT_DONE if report.problems else DONE


async def _imported(wanted: Wanted, text: str, *, dry_run: bool) -> ImportReport:
    from agentdesk.services import templates

    async with opened(wanted) as at:
        return await templates.import_file(at.desk, at.actor, text, dry_run=dry_run)


def _said(report: ImportReport, where: str, *, dry_run: bool) -> Iterator[str]:
    yield from (f"fail  {where}, {fault}" for fault in report.problems)
    if report.problems:
        yield "Nothing was changed."
        return
    yield from (f"new      {name}" for name in report.added)
    yield from (f"changed  {name}" for name in report.changed)
    yield f"{'It would be: ' if dry_run else ''}{report.sentence}"
