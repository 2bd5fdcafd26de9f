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
    renumber: str = ""
    drop_all: bool = False
    present: bool = False
    room: int = 0
    """Bytes that the disk has left until the act ends, 0 for as many as there are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `aimed`: the commit point that must be reached. `fresh`: no database at the start."""

    seed: int
    aimed: Death
    acts: tuple[Act, ...] = field(repr=False)
    after_filing: str = "mark"
    copies: str = "none"
    fresh: bool = False
    disk: Literal["", "small", "pages"] = ""
    postgresql: bool = False

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
    return [Death(point, when) for when in ("before", "after") for point in points()]  # type: ignore[arg-type]


def plan(seed: int) -> Plan:
    """The run of *seed*. Consecutive seeds aim at consecutive commit points."""
    chance = random.Random(seed)
    aimed = aims()[(seed - 1) % len(aims())]
    mails = _mails(chance)
    acts = [_first(chance, mails), *(_act(chance, mails) for _ in range(chance.randint(1, 2)))]
    where = 0 if aimed.point == SCHEMA else 1
    acts[where:where] = _aiming(chance, mails, aimed)
    disk = chance.choice(("", "", "", "small", "pages", "injected"))
    if disk:
        acts.append(_full(chance, mails, disk))
    elif chance.random() < 0.4:
        acts.append(replace(_act(chance, mails), ending="stay", wires=_mild(chance, 2)))
    return Plan(
        seed,
        aimed,
        tuple(acts),
        chance.choice(
            ("mark", "mark", "move", "leave") if not _settles(aimed) else ("mark", "move")
        ),
        chance.choice(("none", "desk", "server")),
        aimed.point == SCHEMA or chance.random() < 0.1,
        "" if disk == "injected" else disk,  # type: ignore[arg-type]
        not disk and chance.random() < 0.3,
    )


def _settles(aimed: Death) -> bool:
    return aimed.point == "reader.Reader._settle"


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
        chance.choice(("", "", *DESKS)),
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
    act = Act(mails(chance.randint(3, 8)), chance.randint(1, 3), hands=(Hand((aimed,)),), after_s=5)
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
    return [replace(act, mails=few, wires=(Wire("imap", "FETCH BODY", said, 40),))]


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


_AIMS: dict[str, Callable[[Act, random.Random], list[Act]]] = {
    "intake.file_stored>_set_aside": _unreadable,
    "wanted.attempt": _refused,
    "wanted.settle": _refused,
    "outgoing.defer>_settle": _with_wire(Wire("smtp", "DOT", Say("451 4.3.0 Later"))),
    "outgoing.mark_failed>_settle": _with_wire(Wire("smtp", "DOT", Say("554 5.7.1 Spam"))),
    "outgoing.mark_unknown>_settle": _with_wire(Wire("smtp", "ANSWER", Drop())),
    "outgoing.recover": _in_flight,
    "engine.Engine.stop": _stopped,
    "presence.sign_out": _stopped,
    "routing.route>_commit": _offered,
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
