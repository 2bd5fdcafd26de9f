"""A quarantine without storage: mails in memory that move as the services would move them."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.ids import LocationId
from agentdesk.domain.quarantine import (
    Cause,
    Choice,
    Counts,
    Outcome,
    Place,
    SetAside,
    SetAsideMail,
    Step,
)
from agentdesk.domain.views import Page
from agentdesk.services.set_aside import file_name

START = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
WHY = {
    Cause.PARSE: "This is not a mail: it has no header and no legible text.",
    Cause.TOO_LARGE: "This mail has 92 MB. At most 50 MB are downloaded.",
    Cause.FILING: "Filing it failed: ValueError.",
}
TEXT = "Dear team,\nthe lamp came in pieces. [bold]What[/] now?\n\nMara Olsen"


def set_aside(number: int, **changes: Any) -> SetAside:
    """A mail in the quarantine; higher numbers are newer."""
    cause = (Cause.PARSE, Cause.FILING, Cause.TOO_LARGE)[number % 3]
    row = SetAside(
        location_id=LocationId(number),
        place=Place.ASIDE,
        account="support@acme.example",
        mailbox="INBOX",
        uid=500 + number,
        at=START - timedelta(minutes=17 * (40 - number)),
        size=92_000_000 if cause is Cause.TOO_LARGE else 2_400,
        cause=cause,
        why=WHY[cause],
        attempts=3,
        left_on_server=cause is Cause.TOO_LARGE,
        sender="" if cause is Cause.PARSE else "Mara Olsen <mara@olsen.example>",
        subject="" if cause is Cause.PARSE else f"Order {5500 + number} [/damaged]",
    )
    return replace(row, **changes)


@dataclass
class FakeSetAside:
    """The mails and what was done with them; `again`: those that fail once more."""

    rows: list[SetAside] = field(default_factory=list)
    done: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    again: set[int] = field(default_factory=set)
    error: Exception | None = None
    text: str = TEXT
    hold: Any = None
    """An event that a step of a move waits for."""

    def parts(self) -> dict[str, dict[str, Any]]:
        """What it stands in for."""
        names = ("page", "mail", "counts", "waiting")
        moves = {n: getattr(self, n) for n in ("retry_now", "release", "discard", "restore")}
        return {
            "set_aside": {n: getattr(self, n) for n in names} | {"file_name": file_name},
            "quarantine": {**moves, "run": self.run, "original": self.original},
        }

    def _of(self, choice: Choice) -> list[SetAside]:
        found = [r for r in self.rows if r.place is choice.place]
        found = [r for r in found if choice.cause in (None, r.cause)]
        return sorted(found, key=lambda r: -r.location_id)

    async def page(
        self,
        _desk: Any,
        _actor: Actor,
        choice: Choice,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> Page[SetAside]:
        rows = self._of(choice)
        if after is not None:
            rows = [r for r in rows if r.location_id < int(after)]
        kept = rows[:limit]
        more = str(kept[-1].location_id) if len(rows) > limit else None
        return Page(tuple(kept), before=None, after=more)

    async def mail(self, _desk: Any, _actor: Actor, number: LocationId) -> SetAsideMail:
        row = next(r for r in self.rows if r.location_id == number)
        fields = (("From", row.sender), ("Subject", row.subject)) if row.sender else ()
        steps = (Step(row.at, f"Set aside: {row.why}"),)
        return SetAsideMail(row, fields, self.text, "\\x00\\x1b[2J source", False, steps)

    async def counts(self, _desk: Any, _actor: Actor) -> Counts:
        places = {p: len(self._of(Choice(p))) for p in Place}
        aside = self._of(Choice())
        return Counts(places, {r.cause: sum(o.cause is r.cause for o in aside) for r in aside})

    async def waiting(self, _desk: Any, _actor: Actor) -> int:
        return min(100, len(self._of(Choice())))

    async def run(
        self,
        desk: Any,
        actor: Actor,
        do: Callable[..., Any],
        which: Choice | Sequence[LocationId],
    ) -> AsyncGenerator[Outcome, None]:
        if self.error is not None:
            raise self.error
        ids = [r.location_id for r in self._of(which)] if isinstance(which, Choice) else which
        done = Outcome()
        for start in range(0, len(ids), 2):
            if self.hold is not None and start:
                await self.hold.wait()
            done += await do(desk, actor, ids[start : start + 2])
            yield done

    def _put(self, what: str, ids: Sequence[LocationId], place: Place | None) -> Outcome:
        self.done.append((what, tuple(ids)))
        again = [i for i in ids if i in self.again]
        moved = [i for i in ids if i not in self.again]
        rows = [
            replace(r, place=place) if r.location_id in moved and place else r for r in self.rows
        ]
        self.rows = [r for r in rows if place or r.location_id not in moved]
        return Outcome(changed=len(moved), again=len(again), why="It fails." if again else "")

    async def retry_now(self, _d: Any, _a: Actor, ids: Sequence[LocationId]) -> Outcome:
        return self._put("retry", ids, None)

    async def release(self, _d: Any, _a: Actor, ids: Sequence[LocationId]) -> Outcome:
        return replace(self._put("release", ids, None), numbers=("IMS0000777",))

    async def discard(self, _d: Any, _a: Actor, ids: Sequence[LocationId]) -> Outcome:
        return self._put("discard", ids, Place.DISCARDED)

    async def restore(self, _d: Any, _a: Actor, ids: Sequence[LocationId]) -> Outcome:
        return self._put("restore", ids, Place.ASIDE)

    async def original(self, _d: Any, _a: Actor, number: LocationId) -> tuple[str, bytes]:
        self.done.append(("export", (number,)))
        return f"mail {number}.eml", b"\x00raw"
