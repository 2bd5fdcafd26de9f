"""What goes wrong in one run, drawn from its seed: the same seed is the same run.

A run is a few acts. In each, mail comes in, an agent answers, engines start, the servers misbehave,
and then the engines end: killed at an instant, at a commit point or where a server hears them,
frozen until another took over, stopped politely, or left to go on.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Literal

from agentdesk.demo.faults import Delay, Drop, Fault, Say
from tests.desks import SUPPORT
from tests.faults.child import Death, Full
from tests.faults.points import SCHEMA, points
from tests.faults.post import KINDS, TWICE
from tests.faults.world import DESKS

Server = Literal["imap", "smtp"]
Ending = Literal["kill", "heard", "freeze", "stop", "stay", "filed"]


@dataclass(frozen=True, slots=True)
class Hang:
    """The server says nothing more."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What a server does *times* times at one point of its protocol."""

    server: Server
    point: str
    fault: Fault | Hang
    times: int = 1


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to come in; `twice` tells where the same bytes come once more."""

    number: int
    desk: str
    kind: str
    twice: str = ""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one engine of an act dies, or finds the disk full."""

    deaths: tuple[Death, ...] = ()
    full: Full | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """`after_s`: the instant of the ending, from the start of the engines. `heard`: where to kill."""

    mails: tuple[Mail, ...] = ()
    answers: int = 0
    wires: tuple[Wire, ...] = ()
    hands: tuple[Hand, ...] = (Hand(),)
    ending: Ending = "kill"
    after_s: float = 0.5
    heard: tuple[Server, str] | None = None
    renumber: tuple[str, ...] = ()
    early: bool = False
    """Whether the mailboxes are renumbered before the engines start, or while they work."""
    hidden: tuple[str, ...] = ()
    """What the IMAP server denies to be able to do."""
    drop_all: bool = False
    present: bool = False
    room: int = 0
    """Bytes that the disk has left until the act ends, 0 for as many as there are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `aimed`: commit points that must be reached. `fresh`: no database at the start."""

    seed: int
    aimed: tuple[Death, ...]
    acts: tuple[Act, ...] = field(repr=False)
    after_filing: str = "mark"
    copies: str = "none"
    fresh: bool = False
    disk: Literal["", "small", "pages"] = ""
    postgresql: bool = False
    thread: bool = True
    """Whether engines read mails in a thread; else in a second process, as the program does."""

    def told(self) -> str:
        """For a person who replays it."""
        acts = "\n".join(f"  act {n}: {_shown(act)}" for n, act in enumerate(self.acts))
        return f"{_shown(replace(self, acts=()))}\n{acts}"


def _shown(value: Any) -> str:
    """A dataclass without the fields that say nothing."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if not is_dataclass(value):
        return str(value)
    said = {
        f.name: getattr(value, f.name) for f in fields(value) if getattr(value, f.name) != f.default
    }
    return f"{type(value).__name__}({', '.join(f'{k}={_shown(v)}' for k, v in said.items())})"


def aims() -> list[Death]:
    """Every commit point, before and after its commit."""
    reached = [point for point in points() if point not in UNREACHED]
    return [Death(point, when) for when in ("before", "after") for point in reached]  # type: ignore[arg-type]


UNREACHED = {
    "outgoing.mark_failed>_settle": "only for an envelope that letters.check let through",
    "wanted.due>settle": "only for a mail that a person asks for after its numbers were gone",
}
"""Commit points that nothing from outside leads to, with the reason."""

AIMS_A_RUN = 2
PATIENCE_S = 12.0
"""For an engine to come to the point where it dies."""


def plan(seed: int) -> Plan:
    """The run of *seed*. Consecutive seeds aim at consecutive commit points."""
    chance = random.Random(seed)
    mails = _mails(chance)
    aimed = _aimed(seed)
    acts = [_first(chance, mails)]
    for aim in aimed:
        where = 0 if aim.point == SCHEMA else len(acts)
        acts[where:where] = _aiming(chance, mails, aim)
    acts.append(_act(chance, mails))
    disk = chance.choice(("", "", "", "small", "pages", "injected"))
    if disk:
        acts.append(_full(chance, mails, disk))
    elif chance.random() < 0.4:
        acts.append(replace(_act(chance, mails), ending="stay", wires=_mild(chance, 2)))
    named = {aim.point for aim in aimed}
    settles = named & {"reader.Reader._settle", "reader.Reader._settle_some"}
    moves = "reader.Reader._settle_some" in named
    return Plan(
        seed,
        aimed,
        tuple(acts),
        "move" if moves else chance.choice(_SETTLES if settles else (*_SETTLES, "mark", "leave")),
        next(
            (_COPIES[p] for p in named & _COPIES.keys()), chance.choice(("none", "desk", "server"))
        ),
        SCHEMA in named or chance.random() < 0.1,
        "" if disk == "injected" else disk,  # type: ignore[arg-type]
        not disk and chance.random() < 0.3,
        chance.random() < 0.75,
    )


def _aimed(seed: int) -> tuple[Death, ...]:
    ring = aims()
    first = (seed - 1) * AIMS_A_RUN
    return tuple(ring[(first + n) % len(ring)] for n in range(AIMS_A_RUN))


_SETTLES = ("mark", "move")
_COPIES = {"sent_mail.found": "server", "sent_mail.put_off": "desk"}


# Acts


def _mails(chance: random.Random) -> Callable[[int], tuple[Mail, ...]]:
    number = 0
    big_at = chance.randint(1, 60)  # one large mail in two runs of three

    def some(count: int) -> tuple[Mail, ...]:
        nonlocal number
        made = []
        for _ in range(count):
            number += 1
            kind = "big" if number == big_at else chance.choice(KINDS)
            twice = chance.choice(TWICE) if chance.random() < 0.12 else ""
            made.append(Mail(number, chance.choice(DESKS), kind, twice))
        return tuple(made)

    return some


Mails = Callable[[int], tuple[Mail, ...]]


def _first(chance: random.Random, mails: Mails) -> Act:
    """Enough comes in for an agent to answer."""
    return Act(
        mails(chance.randint(6, 14)), ending="filed", wires=_mild(chance, chance.randint(0, 2))
    )


def _act(chance: random.Random, mails: Mails) -> Act:
    server: Server = chance.choice(("imap", "smtp"))
    ending: Ending = chance.choice(("kill", "kill", "heard", "heard", "freeze", "stop"))
    return Act(
        mails(chance.randint(2, 12)),
        chance.randint(0, 4),
        tuple(_wire(chance) for _ in range(chance.randint(0, 4))),
        (Hand(_death(chance)),) * (2 if ending == "freeze" or chance.random() < 0.3 else 1),
        ending,
        chance.uniform(0.03, 0.9),
        (server, chance.choice(_HEARD[server])) if ending == "heard" else None,
        chance.choice(((), (), (DESKS[0],), (DESKS[1],))),
        chance.random() < 0.5,
        chance.choice(((), (), ("MOVE",), ("MOVE", "UIDPLUS"), ("IDLE",))),
        chance.random() < 0.2,
        chance.random() < 0.3,
    )


def _death(chance: random.Random) -> tuple[Death, ...]:
    if chance.random() < 0.6:
        return ()
    aim = chance.choice(aims())
    return (replace(aim, nth=chance.choice((1, 1, 2, 3))),)


def _aiming(chance: random.Random, mails: Mails, aimed: Death) -> list[Act]:
    """What it takes to bring an engine to the point, and its death there."""
    act = Act(
        mails(chance.randint(3, 8)),
        chance.randint(1, 3),
        hands=(Hand((aimed,)),),
        after_s=PATIENCE_S,
    )
    if aimed.point == SCHEMA:
        return [replace(act, answers=0)]
    aim = _AIMS.get(aimed.point)
    return aim(act, chance) if aim else [act]


def _with_wire(*wires: Wire) -> Callable[[Act, random.Random], list[Act]]:
    return lambda act, chance: [replace(act, answers=2, wires=wires)]


def _unreadable(act: Act, chance: random.Random) -> list[Act]:
    number = 1000 + chance.randint(0, 999)
    return [replace(act, mails=(*act.mails, Mail(number, SUPPORT, "unreadable")))]


def _refused(act: Act, chance: random.Random) -> list[Act]:
    said = Say(chance.choice(("NO [SERVERBUG] cannot read it", "BAD what", "NO later")))
    few = tuple(replace(m, desk=SUPPORT, kind="plain") for m in act.mails[:2])
    return [replace(act, mails=few, wires=(Wire("imap", "FETCH BODY", said, 400),))]


def _in_flight(act: Act, chance: random.Random) -> list[Act]:
    """One engine dies while it sends; the next must find what it left, and dies of it."""
    point = chance.choice(("outgoing.claim", "outgoing.mark_maybe_sent>_settle"))
    before = replace(act, answers=2, hands=(Hand((Death(point, "after"),)),))
    return [before, replace(act, mails=(), answers=0)]


def _stopped(act: Act, chance: random.Random) -> list[Act]:
    return [replace(act, ending="stop", after_s=chance.uniform(0.4, 0.9))]


def _offered(act: Act, chance: random.Random) -> list[Act]:
    plain = tuple(replace(m, kind="plain") for m in act.mails)
    return [replace(act, mails=plain, present=True)]


def _no_room_before_the_dot(act: Act, chance: random.Random) -> list[Act]:
    (hand,) = act.hands
    full = Full("outgoing.mark_maybe_sent>_settle")
    return [replace(act, answers=2, hands=(replace(hand, full=full),))]


def _renumbered(act: Act, chance: random.Random) -> list[Act]:
    return [replace(act, renumber=(chance.choice(DESKS),), early=True)]


def _moved_by_copying(act: Act, chance: random.Random) -> list[Act]:
    return [replace(act, hidden=("MOVE",))]


def _turned_away(act: Act, chance: random.Random) -> list[Act]:
    said = Say("NO [AUTHENTICATIONFAILED] wrong password")
    return [replace(act, wires=(Wire("imap", "LOGIN", said, 9),))]


_LOST = _with_wire(Wire("smtp", "ANSWER", Drop()))
_AIMS: dict[str, Callable[[Act, random.Random], list[Act]]] = {
    "intake.file_stored>_set_aside": _unreadable,
    "intake.tell_stopped": _turned_away,
    "reader.Reader._settle_some": _moved_by_copying,
    "renumbering.follow": _renumbered,
    "renumbering.recognise": _renumbered,
    "renumbering.end": _renumbered,
    "wanted.attempt": _refused,
    "wanted.settle": _refused,
    "outgoing.defer>_settle": _with_wire(Wire("smtp", "AUTH", Say("535 5.7.8 Wrong password"), 9)),
    "outgoing.mark_not_sent>_settle": _with_wire(Wire("smtp", "DOT", Say("554 5.7.1 Spam"))),
    "outgoing.mark_unknown": _LOST,
    "outgoing.put_back>_settle": _no_room_before_the_dot,
    "outgoing.recover": _in_flight,
    "engine.Engine.stop": _stopped,
    "presence.sign_out": _stopped,
    "routing.route>_attempt": _offered,
    "sent_mail.found": _LOST,
    "sent_mail.not_found": _with_wire(Wire("smtp", "DOT", Drop())),
    "sent_mail.put_off": _with_wire(Wire("imap", "APPEND", Say("NO [UNAVAILABLE] later"), 3)),
}
"""Points that an engine does not come to by itself when mail comes in and answers go out."""


def _full(chance: random.Random, mails: Mails, disk: str) -> Act:
    """The disk is full for a while; the engine stays and goes on when there is room."""
    act = Act(mails(chance.randint(8, 16)), 2, ending="stay", after_s=chance.uniform(0.3, 0.9))
    if disk != "injected":
        return replace(act, room=chance.randint(20, 160) * 1024)
    reached = [p for p in points() if p not in _AIMS and p != SCHEMA]
    full = Full(chance.choice(reached), chance.randint(1, 2), chance.randint(1, 12))
    return replace(act, hands=(Hand(full=full),), after_s=1.0)


# The wire

_NO = ("NO [OVERQUOTA] full", "NO [UNAVAILABLE] later", "NO no", "BAD what", "BYE going down")
_COMMANDS = ("CAPABILITY", "SELECT", "NOOP", "SEARCH", "FETCH", "FETCH BODY", "STORE", "IDLE")
_MORE_COMMANDS = ("MOVE", "COPY", "EXPUNGE", "APPEND", "EXAMINE", "STATUS", "LOGOUT")
_LATER = ("451 4.3.0 Later", "452 4.2.2 Full", "421 4.3.2 Going down")
_NEVER = ("550 5.1.1 No such user", "554 5.7.1 Spam", "552 5.3.4 Too big")
_STEPS = ("MAIL", "RCPT", "DATA", "BODY", "DOT")
_HEARD: dict[Server, tuple[str, ...]] = {
    "imap": ("CONNECT", "LOGIN", *_COMMANDS, "MOVE", "APPEND", "IDLING"),
    "smtp": ("CONNECT", "AUTH", *_STEPS, "ANSWER"),
}


def _wire(chance: random.Random) -> Wire:
    """Anything that a server may do."""
    if chance.random() < 0.15:
        return chance.choice(
            (
                Wire("imap", "LOGIN", Say("NO [AUTHENTICATIONFAILED] wrong password")),
                Wire("smtp", "AUTH", Say("535 5.7.8 wrong password")),
                Wire("imap", chance.choice(_COMMANDS), Hang()),
                Wire("smtp", chance.choice((*_STEPS, "ANSWER", "CONNECT", "AUTH")), Hang()),
            )
        )
    return _mild(chance, 1)[0]


def _mild(chance: random.Random, count: int) -> tuple[Wire, ...]:
    """Faults after which an engine goes on by itself."""
    return tuple(chance.choice((_imap, _imap, _smtp))(chance) for _ in range(count))


def _imap(chance: random.Random) -> Wire:
    times = chance.choice((1, 1, 1, 2, 4))
    if chance.random() < 0.2:
        fault: Fault = chance.choice((Drop(), Delay(0.05)))
        return Wire("imap", chance.choice(("CONNECT", "LOGIN", "IDLING")), fault, times)
    point = chance.choice((*_COMMANDS, *_COMMANDS, *_MORE_COMMANDS))
    if point == "LOGOUT":
        return Wire("imap", point, Drop())
    longest = 30_000 if point.startswith("FETCH") else 60
    drop = Drop(chance.randint(0, longest))
    return Wire("imap", point, chance.choice((drop, drop, Say(chance.choice(_NO)))), times)


def _smtp(chance: random.Random) -> Wire:
    point = chance.choice(("CONNECT", "AUTH", *_STEPS, *_STEPS, "ANSWER", "NOOP"))
    if point in ("CONNECT", "AUTH", "NOOP"):
        return Wire("smtp", point, chance.choice((Drop(), Say("421 4.3.2 Going down"))))
    if point == "ANSWER":  # it was taken: a refusal would be a lie
        return Wire("smtp", point, chance.choice((Drop(), Delay(0.05))))
    if point == "BODY" and chance.random() < 0.5:
        return Wire("smtp", point, Drop(chance.randint(1, 600)))
    answers = (Drop(), Say(chance.choice(_LATER)), Say(chance.choice(_NEVER)))
    return Wire("smtp", point, answers[1] if point == "BODY" else chance.choice(answers))
