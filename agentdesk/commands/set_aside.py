"""What `agentdesk quarantine` does and prints."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agentdesk.commands.signing_in import user_name
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, NotFound
from agentdesk.domain.ids import LocationId
from agentdesk.domain.quarantine import (
    EMPTY,
    Cause,
    Choice,
    Outcome,
    Place,
    SetAside,
    SetAsideMail,
    became,
)
from agentdesk.settings import load

if TYPE_CHECKING:
    from agentdesk.services.desk import Desk

NEWEST = 100
DONE, SOME_FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which desk, whose doing, and how to print."""

    settings: Path
    login: str = ""
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What to do (retry, release, discard, restore) with which mails. `yes`: do not ask."""

    what: str
    ids: tuple[int, ...]
    every: bool
    cause: Cause | None
    yes: bool


@dataclass(frozen=True, slots=True)
class _At:
    desk: "Desk"
    actor: Actor
    zone: tzinfo | None


@asynccontextmanager
async def _opened(wanted: Wanted) -> AsyncIterator[_At]:
    from agentdesk.bootstrap import plan
    from agentdesk.bootstrap.existing import acting, existing_desk

    settings = load(wanted.settings)
    async with existing_desk(settings) as desk:
        yield _At(desk, await acting(desk, wanted.login, user_name()), plan.zone(settings))


def place(*, asked: bool, discarded: bool) -> Place:
    """Which list. Raises `BadInput` for two at once."""
    if asked and discarded:
        raise BadInput("Choose one of --asked and --discarded.")
    return Place.ASKED if asked else Place.DISCARDED if discarded else Place.ASIDE


# List and show


def run_list(wanted: Wanted, where: Place, cause: Cause | None, *, every: bool) -> int:
    """Print the mails of a place; 0 also for none."""
    return asyncio.run(_list(wanted, Choice(where, cause), every=every))


async def _list(wanted: Wanted, choice: Choice, *, every: bool) -> int:
    from agentdesk.services import set_aside

    rows: list[SetAside] = []
    async with _opened(wanted) as at:
        after: str | None = None
        while True:
            found = await set_aside.page(at.desk, at.actor, choice, after=after, limit=NEWEST)
            rows += found.rows
            after = found.after
            if after is None or not every:
                break
    if wanted.as_json:
        typer.echo(json.dumps([_row_json(r) for r in rows], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_table(rows, choice, at.zone, more=after is not None)))
    return DONE


def _row_json(r: SetAside) -> dict[str, Any]:
    return {
        "id": r.location_id,
        "place": r.place.name.lower(),
        "cause": r.cause.value,
        "why": r.why,
        "account": r.account,
        "mailbox": r.mailbox,
        "uid": r.uid,
        "received": r.at.isoformat(),
        "size": r.size,
        "attempts": r.attempts,
        "downloaded": not r.left_on_server,
        "from": r.sender,
        "subject": r.subject,
    }


def _table(
    rows: Sequence[SetAside], choice: Choice, zone: tzinfo | None, *, more: bool
) -> Iterator[str]:
    if not rows:
        yield EMPTY[choice.place]
        return
    yield _cells("ID", "Received", "Cause", "Size", "From", "Subject")
    for r in rows:
        when = f"{r.at.astimezone(zone):%Y-%m-%d %H:%M}"
        named = (r.sender or "–", r.subject or "–")
        yield _cells(str(r.location_id), when, r.cause.label, _size(r.size), *named)
    yield ""
    if more:
        yield f"The newest {len(rows)}. --all lists every one."
    yield "agentdesk quarantine show ID tells why, and what can be done."


def _cells(number: str, when: str, cause: str, size: str, sender: str, subject: str) -> str:
    start = f"{number:>6}  {when:<16}  {cause:<16}  {size:>7}"
    return f"{start}  {_clipped(sender, 30):<30}  {_clipped(subject, 60)}".rstrip()


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _size(size: int) -> str:
    """`84 KB`; powers of 1,000."""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:,.0f} KB" if size < 10_000_000 else f"{size / 1_000_000:,.0f} MB"


def run_show(wanted: Wanted, mail_id: int, *, source: bool) -> int:
    """Print one mail. Raises `NotFound`."""
    return asyncio.run(_show(wanted, LocationId(mail_id), source=source))


async def _show(wanted: Wanted, mail_id: LocationId, *, source: bool) -> int:
    from agentdesk.services import set_aside

    async with _opened(wanted) as at:
        mail = await set_aside.mail(at.desk, at.actor, mail_id)
    if wanted.as_json:
        typer.echo(json.dumps(_mail_json(mail), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_described(mail, at.zone, source=source)))
    return DONE


def _mail_json(mail: SetAsideMail) -> dict[str, Any]:
    history = [{"at": s.at.isoformat(), "what": s.sentence} for s in mail.history]
    return {
        **_row_json(mail.row),
        "head": dict(mail.fields),
        "text": mail.text,
        "source": mail.source,
        "cut": mail.cut,
        "history": history,
    }


def _described(mail: SetAsideMail, zone: tzinfo | None, *, source: bool) -> Iterator[str]:
    r = mail.row
    yield f"{r.cause.label}: {r.why}"
    yield ""
    if r.place is not Place.ASIDE:
        yield f"State:    {r.place.label}"
    yield f"Mailbox:  {r.account}, {r.mailbox}, number {r.uid} on the server"
    yield f"Received: {r.at.astimezone(zone):%Y-%m-%d %H:%M}, {_size(r.size)}"
    yield from (f"{name + ':':<9} {value}" for name, value in mail.fields)
    if mail.history:
        yield ""
        yield from (f"{s.at.astimezone(zone):%Y-%m-%d %H:%M}  {s.sentence}" for s in mail.history)
    yield ""
    yield (mail.source if source else mail.text).rstrip() or "(There is nothing to read in it.)"
    if mail.cut:
        yield f"\nOnly the beginning is shown. agentdesk quarantine export {r.location_id} has it all."
    yield f"\n{advice(r)}"


def advice(r: SetAside) -> str:
    """What can be done with it, in the words of the command line."""
    if r.place is Place.DISCARDED:
        return f"agentdesk quarantine restore {r.location_id} takes it back."
    if r.place is Place.ASKED:
        return "Its server is asked for it again by the next agentdesk run or engine."
    again = "asks its server again" if r.left_on_server else "tries it again"
    return (
        f"agentdesk quarantine retry {r.location_id} {again}, release {r.location_id} files it as "
        f"plain text,\ndiscard {r.location_id} puts it away."
    )


# Moves


def run_move(wanted: Wanted, move: Move) -> int:
    """Do it and say what became of the mails; 1 when some failed. Raises `BadInput`, `NotFound`."""
    if bool(move.ids) == move.every:
        raise BadInput("Name the numbers of mails, or --all of them.")
    if move.ids and move.cause:
        raise BadInput("--cause goes with --all.")
    _agree(move)
    return asyncio.run(_move(wanted, move))


def _agree(move: Move) -> None:
    """Many mails at once are asked for once more, where somebody can answer."""
    if not move.every or move.yes:
        return
    if not sys.stdin.isatty():
        raise BadInput(f"Say --yes to {move.what} all mails without being asked.")
    if not typer.confirm(f"{move.what.capitalize()} all of them?"):
        raise typer.Exit(SOME_FAILED)


async def _move(wanted: Wanted, move: Move) -> int:
    from agentdesk.services import quarantine

    do = {
        "retry": quarantine.retry_now,
        "release": quarantine.release,
        "discard": quarantine.discard,
        "restore": quarantine.restore,
    }[move.what]
    ids = [LocationId(i) for i in dict.fromkeys(move.ids)]
    from_place = Place.DISCARDED if move.what == "restore" else Place.ASIDE
    done = Outcome()
    async with _opened(wanted) as at:
        await _all_there(at, ids)
        which = ids or Choice(from_place, move.cause)
        async for done in quarantine.run(at.desk, at.actor, do, which):
            if sys.stderr.isatty():
                typer.echo(f"\r{done.total:,} …", err=True, nl=False)
    if sys.stderr.isatty():
        typer.echo("\r", err=True, nl=False)
    typer.echo("\n".join(became(move.what, done)))
    return SOME_FAILED if done.again or done.failed else DONE


async def _all_there(at: _At, ids: Sequence[LocationId]) -> None:
    """A mistyped number is found before anything is done with the others."""
    from agentdesk.services import set_aside

    known = await set_aside.known(at.desk, at.actor, ids)
    unknown = [str(i) for i in ids if i not in known]
    if unknown:
        few = ", ".join(unknown[:10])
        raise NotFound(f"No mail was set aside under {few}. agentdesk quarantine list has them.")


# Export


def run_export(wanted: Wanted, mail_id: int, to: Path, *, replace: bool) -> int:
    """Save the bytes of a mail. Raises `NotFound`, `BadInput` where they cannot be written."""
    name, content = asyncio.run(_original(wanted, LocationId(mail_id)))
    if str(to) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return DONE
    target = to / name if to.is_dir() else to
    if target.exists() and not replace:
        if not sys.stdin.isatty():
            raise BadInput(f"{target} exists already. Say --replace to replace it.")
        if not typer.confirm(f"{target} exists already. Replace it?"):
            return SOME_FAILED
        replace = True
    try:
        write_private(target, content, replace=replace)
    except OSError as error:
        raise BadInput(
            f"{target} cannot be saved: {(error.strerror or 'refused').lower()}."
        ) from error
    typer.echo(f"{target} has the mail as it came: {_size(len(content))}.")
    return DONE


async def _original(wanted: Wanted, mail_id: LocationId) -> tuple[str, bytes]:
    from agentdesk.services import quarantine

    async with _opened(wanted) as at:
        return await quarantine.original(at.desk, at.actor, mail_id)


def write_private(target: Path, content: bytes, *, replace: bool) -> None:
    """Only this user may read it; the old file stays whole until the new one is. Raises `OSError`."""
    place = target.with_name(f".{target.name}.part") if replace else target
    if replace:
        place.unlink(missing_ok=True)
    only_new = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(place, only_new, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            place.unlink(missing_ok=True)
            raise
    if replace:
        place.replace(target)
