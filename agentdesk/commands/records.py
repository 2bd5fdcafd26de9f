"""What `agentdesk people` does and prints."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agentdesk.commands.beside import Wanted, opened
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import CustomerId

if TYPE_CHECKING:
    from agentdesk.domain.people import PersonHit, PersonRecord
    from agentdesk.services.people_files import Report

DONE, NOT_ALL = 0, 1
SHOWN = 50
"""So many refused lines are printed; JSON has all."""


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


# Find


def run_find(wanted: Wanted, words: str, limit: int, *, as_json: bool) -> int:
    """Print who is found; 1 for nobody."""
    return asyncio.run(_find(wanted, words, limit, as_json=as_json))


async def _find(wanted: Wanted, words: str, limit: int, *, as_json: bool) -> int:
    from agentdesk.services import people

    async with opened(wanted) as at:
        found = await people.find(at.desk, at.actor, words, limit=limit)
    if as_json:
        _print([_hit(hit) for hit in found])
    else:
        typer.echo("\n".join(_lines(found)) or "Nobody is found by these words.")
    return DONE if found else NOT_ALL


def _hit(hit: "PersonHit") -> dict[str, Any]:
    return {
        "id": hit.customer_id,
        "account_id": hit.account_id,
        "name": hit.name,
        "kind": hit.kind,
        "account": hit.account,
        "email": hit.email,
        "vip": hit.vip,
        "interactions": hit.interactions,
    }


def _lines(found: tuple["PersonHit", ...]) -> Iterator[str]:
    if found:
        yield _cells("ID", "Kind", "Name", "Address", "Account")
    for hit in found:
        kind = f"{hit.kind}{' VIP' if hit.vip else ''}"
        yield _cells(str(hit.customer_id or ""), kind, hit.name, hit.email, hit.account)


def _cells(key: str, kind: str, name: str, email: str, account: str) -> str:
    return f"{key:>7}  {kind:<12} {name[:28]:<28}  {email[:32]:<32}  {account[:28]}".rstrip()


# Import


def run_import(wanted: Wanted, file: Path, *, dry_run: bool, as_json: bool) -> int:
    """Take a file in and print what became of it; 1 when lines were refused."""
    raw = sys.stdin.buffer.read() if str(file) == "-" else _read(file)
    report = asyncio.run(_import(wanted, raw, dry_run=dry_run))
    if as_json:
        _print(_report(report))
    else:
        typer.echo("\n".join(_told(report)))
    return NOT_ALL if report.refused_count else DONE


def _read(file: Path) -> bytes:
    from agentdesk.services.people_files import LARGEST_FILE

    try:
        if file.stat().st_size > LARGEST_FILE:
            raise BadInput(f"{file} is larger than {LARGEST_FILE // 2**20} MiB. Split it.")
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error


async def _import(wanted: Wanted, raw: bytes, *, dry_run: bool) -> "Report":
    from agentdesk.services import people_files

    async with opened(wanted) as at:
        with _progress("people") as tell:
            return await people_files.bring_in(
                at.desk, at.actor, raw, dry_run=dry_run, progress=tell
            )


class _progress:  # noqa: N801
    """A counter on standard error, where a person watches it."""

    def __init__(self, what: str) -> None:
        self._what, self._shown = what, False

    def __enter__(self) -> Callable[[int], None]:
        return self._tell

    def _tell(self, done: int) -> None:
        if sys.stderr.isatty():
            self._shown = True
            typer.echo(f"\r{done:,} {self._what} ", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            typer.echo("", err=True)


def _report(report: "Report") -> dict[str, Any]:
    return {
        **asdict(report.source),
        "dry_run": report.dry_run,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.as_was,
        "accounts_created": report.accounts,
        "refused": report.refused_count,
        "refused_lines": [asdict(r) for r in report.refused],
    }


def _told(report: "Report") -> Iterator[str]:
    source = report.source
    how = f", columns between “{source.delimiter}”" if source.delimiter.strip() else ""
    yield f"{'CSV' if source.form == 'csv' else 'vCard'}, {source.encoding}{how}."
    if source.unknown:
        yield f"Columns that are not known and were passed over: {', '.join(source.unknown)}."
    for refused in report.refused[:SHOWN]:
        yield f"Line {refused.line}: {refused.why}"
    if report.refused_count > SHOWN:
        yield f"… and {report.refused_count - SHOWN:,} more; --json lists them."
    would = "would be " if report.dry_run else ""
    yield (
        f"{report.created:,} {would}new, {report.updated:,} {would}updated, "
        f"{report.as_was:,} as they were, {report.refused_count:,} refused; "
        f"{report.accounts:,} {would}new accounts."
    )
    if report.dry_run:
        yield "Nothing was written: this was a dry run."


# Export


def run_export(wanted: Wanted, file: Path, form: str, *, guests: bool, replace: bool) -> int:
    """Write everybody to a file that only its owner can read, whole or not at all."""
    form = form or _form(file)
    if file.exists() and not replace and str(file) != "-":
        raise BadInput(f"{file} exists already. Add --replace, or name another.")
    done = asyncio.run(_export(wanted, file, form, guests=guests))
    typer.echo(f"{done:,} people written to {file}.", err=True)
    return DONE


def _form(file: Path) -> str:
    known = {".csv": "csv", ".vcf": "vcard", ".vcard": "vcard"}
    form = known.get(file.suffix.lower(), "")
    if not form:
        raise BadInput("Name a file that ends in .csv or .vcf, or say --form csv or --form vcard.")
    return form


async def _export(wanted: Wanted, file: Path, form: str, *, guests: bool) -> int:
    from agentdesk.services import people_files

    count = 0
    async with opened(wanted) as at:
        with _progress("people") as tell:

            def counted(done: int) -> None:
                nonlocal count
                count = done
                tell(done)

            pieces = people_files.export(at.desk, at.actor, form, guests=guests, progress=counted)
            if str(file) == "-":
                async for piece in pieces:
                    sys.stdout.write(piece)
                return count
            await _write(file, pieces)
    return count


async def _write(file: Path, pieces: AsyncIterator[str]) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            async for piece in pieces:
                out.write(piece)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


# Erase


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whom to erase. `sure`: do not ask; `compact`: write SQLite's file anew; `dry`: only say."""

    person: CustomerId
    sure: bool
    compact: bool
    dry: bool


def run_erase(wanted: Wanted, what: Erasure, *, as_json: bool) -> int:
    """Ask, erase, and print how much went."""
    return asyncio.run(_erase(wanted, what, as_json=as_json))


async def _erase(wanted: Wanted, what: Erasure, *, as_json: bool) -> int:
    from agentdesk.services import erasing, people

    async with opened(wanted) as at:
        at.actor.must_supervise()
        record = await people.record(at.desk, at.actor, what.person)
        if what.dry:
            typer.echo(_would(record))
            return DONE
        if not what.sure and not _sure(record):
            typer.echo("Nobody was erased.", err=True)
            return NOT_ALL
        done = await erasing.erase(at.desk, at.actor, what.person)
        if what.compact:
            await erasing.compact(at.desk, at.actor)
    said = asdict(done) | {"index_pending": done.index_pending and not what.compact}
    if as_json:
        _print(said)
        return DONE
    typer.echo(
        f"Erased: {done.interactions:,} interactions, {done.cases:,} cases, {done.messages:,} messages "
        f"and {done.drafts:,} drafts say nothing any more. Their counts and states stay."
    )
    if said["index_pending"]:
        typer.echo("SQLite's file may still hold single words. Run it with --compact at night.")
    return DONE


def _would(record: "PersonRecord") -> str:
    emails = ", ".join(a.email for a in record.addresses) or "no address"
    return f"{record.details.name} ({record.kind}, {emails}) would be erased. Nothing was written."


def _sure(record: "PersonRecord") -> bool:
    if not sys.stdin.isatty():
        raise BadInput("Say --yes: nobody is there to be asked.")
    emails = ", ".join(a.email for a in record.addresses) or "no address"
    return typer.confirm(f"Erase {record.details.name} ({emails}) for good?", err=True)
