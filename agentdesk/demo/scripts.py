"""Who did what when: the plot of the demo's past, step by step, and of what is open at its start."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from agentdesk.demo import hours
from agentdesk.demo.letters import (
    Matter,
    agent_letter,
    filled,
    first_letter,
    later_letter,
    matters,
    matters_for,
    small_talk,
    special,
)
from agentdesk.demo.people import GUESTS, KNOWN, NEWSLETTER, Person, strangers

DAYS = 35
CLOSED = 318
TODAY = 9
CASES = 12
SPARE = 20
SILENCE = timedelta(days=5)
TEAMS = {"support": ("ana", "ben"), "returns": ("ana", "chi"), "sales": ("ben", "chi")}


class Move(Enum):
    """What can happen to a conversation."""

    ARRIVE = auto()
    RETURN = auto()
    PASS = auto()
    ACCEPT = auto()
    NOTE = auto()
    SEND = auto()
    CLOSE = auto()
    WRAP_UP = auto()
    RUN_OUT = auto()
    FALL_SILENT = auto()
    OPEN_CASE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One move. `text` is what was written; `file` names what came along; `agent` is a login."""

    at: datetime
    move: Move
    agent: str = ""
    text: str = ""
    file: str = ""
    code: str = ""
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation. `styled`: written with real mail programs, and what they make of quotes.
    `first_id` is the Message-ID of its first mail, where somebody is to know it.
    """

    person: Person
    matter: Matter
    steps: tuple[Step, ...]
    styled: bool = False
    first_id: str = ""


class _Teller:
    """Makes one story, with time passing as it does in an office."""

    def __init__(self, person: Person, m: Matter, rng: random.Random, *, brisk: bool) -> None:
        self.person, self.matter, self.rng = person, m, rng
        self.agent = rng.choice((*TEAMS[m.queue] * 12, "sue"))
        self.brisk = brisk
        self.now = hours.EPOCH
        self.steps: list[Step] = []

    def begin(self, at: datetime) -> None:
        """Nothing has happened before *at*."""
        self.now = at
        self.steps.clear()

    def do(self, move: Move, agent: str = "", **what: str | bool) -> None:
        """Something happens now."""
        self.steps.append(Step(self.now, move, agent, **what))  # type: ignore[arg-type]

    def work(self, least_s: float, most_s: float) -> None:
        """An agent takes that long, in office hours."""
        self.now += timedelta(seconds=self.rng.uniform(least_s, most_s))
        if not self.brisk:
            self.now = hours.office(self.now, self.rng)

    def wait(self) -> None:
        """The customer does something else first: minutes, or until the next day."""
        minutes = self.rng.lognormvariate(2.0, 0.6) if self.brisk else self.rng.lognormvariate(5, 1)
        self.now = self.now + timedelta(minutes=min(minutes, 60 * 40))
        if not self.brisk:
            self.now = hours.awake(self.now, self.rng)

    # -- the acts --------------------------------------------------------------------------

    def arrives(self) -> None:
        """The first mail comes, waits in its queue and is taken."""
        self.do(Move.ARRIVE, text=first_letter(self.person, self.matter, self.rng), file="photo")
        self.taken()

    def taken(self) -> None:
        """Routing offers it, sometimes to somebody who does not answer."""
        if self.rng.random() < 0.06:
            other = next(a for a in (*TEAMS[self.matter.queue], "ana") if a != self.agent)
            self.work(80, 100)
            self.do(Move.PASS, other)
        self.work(12, 420)
        self.do(Move.ACCEPT, self.agent)

    def noted(self) -> None:
        """The agent writes down what was found out."""
        if self.matter.note and self.rng.random() < 0.7:
            self.work(60, 600)
            self.do(Move.NOTE, self.agent, text=self.matter.note)

    def answered(self, text: str, file: str = "") -> None:
        """The agent answers, and waits for the customer."""
        self.work(200, 2000)
        letter = agent_letter(self.person, self.matter, text)
        self.do(Move.SEND, self.agent, text=letter, file=file)

    def replies(self, text: str) -> None:
        """The customer answers, now and then after an automatic reply."""
        if self.rng.random() < 0.04:
            self.now += timedelta(seconds=self.rng.uniform(1, 5))
            self.do(Move.ARRIVE, text=away(self.person, self.matter, self.rng), automatic=True)
        self.wait()
        self.do(Move.ARRIVE, text=later_letter(self.person, text))

    def ends(self, code: str) -> None:
        """The agent closes it and chooses a code, or forgets to."""
        self.work(60, 900)
        self.do(Move.CLOSE, self.agent)
        if self.rng.random() < 0.07:
            self.now += timedelta(seconds=120)
            self.do(Move.RUN_OUT)
        else:
            self.now += timedelta(seconds=self.rng.uniform(8, 95))
            self.do(Move.WRAP_UP, self.agent, code=code, text=self._summary())

    def _summary(self) -> str:
        return self.matter.note if self.rng.random() < 0.25 else ""

    # -- the plots -------------------------------------------------------------------------

    def short(self) -> None:
        """Asked, answered, thanked."""
        self.arrives()
        self.noted()
        self.answered(self.matter.answer, self.matter.reply_file)
        self.replies(self.matter.thanks)
        self.ends(self.matter.code)

    def long(self) -> None:
        """One more question in between."""
        self.arrives()
        self.noted()
        self.answered(self.matter.answer, self.matter.reply_file)
        self.replies(self.matter.follow_up)
        self.answered(self.matter.second)
        self.replies(self.matter.thanks)
        self.ends(self.matter.code)

    def single(self) -> None:
        """Answered and closed at once."""
        self.arrives()
        self.answered(self.matter.answer, self.matter.reply_file)
        self.ends(self.matter.code)

    def silent(self) -> None:
        """The customer never answers."""
        self.arrives()
        self.answered(self.matter.answer, self.matter.reply_file)
        self.now += SILENCE
        self.do(Move.FALL_SILENT)

    def again(self) -> None:
        """The customer answers after it was closed: a new interaction continues it."""
        self.short()
        self.wait()
        self.wait()
        self.do(Move.RETURN, text=later_letter(self.person, self.matter.follow_up))
        self.taken()
        self.answered(self.matter.second)
        self.ends(self.matter.code)

    def twice(self) -> None:
        """The same mail came once more by another way."""
        self.arrives()
        self.work(30, 120)
        self.do(Move.NOTE, self.agent, text="Already answered in another conversation.")
        self.ends("duplicate")

    def investigated(self) -> None:
        """Somebody must look into it: a case."""
        self.arrives()
        self.noted()
        self.answered(self.matter.answer)
        self.replies(self.matter.follow_up)
        self.work(60, 300)
        self.do(Move.OPEN_CASE, self.agent, text=self.matter.task)

    def junk(self) -> None:
        """Nobody answers a mailing."""
        self.do(Move.ARRIVE, text=special("newsletter").text, file="mailing")
        self.taken()
        self.work(5, 30)
        self.ends("spam")


def away(person: Person, m: Matter, rng: random.Random) -> str:
    """An automatic reply."""
    day = rng.choice(("Monday", "Wednesday", "Friday"))
    return later_letter(person, small_talk(m.language).away.replace("{day}", day))


_PLOTS = {"short": 46, "long": 26, "single": 13, "silent": 9, "again": 4, "twice": 2, "junk": 3}


def closed(seed: int, now: datetime, busy: Collection[tuple[str, str]]) -> list[Story]:
    """What was wrapped up in the last five weeks, oldest first.

    *busy*: who is just now in a conversation about what, as address and key.
    """
    rng = random.Random(f"history {seed}")
    cast = [(p, m) for p, m in _cast(seed, rng) if (p.email, m.key) not in busy]
    grave = [pair for pair in cast if pair[1].task][:CASES]
    rest = iter([pair for pair in cast if pair not in grave])
    stories = [_told(_teller(pair, rng), "investigated", now) for pair in grave]
    for n in range(CLOSED - CASES):
        stories.append(_story(next(rest), rng, now, brisk=n < TODAY))
    return sorted(stories, key=lambda s: s.steps[0].at)


def _cast(seed: int, rng: random.Random) -> list[tuple[Person, Matter]]:
    """Customers with what they write about, nobody twice about the same; known ones come up most."""
    pairs = [(p, m) for p in KNOWN for m in _some(p, 3, rng)]
    others = [(p, m) for p in (*GUESTS, *strangers(seed)) for m in _some(p, 5, rng)]
    rng.shuffle(others)
    pairs += others[: CLOSED + SPARE - len(pairs)]
    rng.shuffle(pairs)
    return pairs


def _some(person: Person, count: int, rng: random.Random) -> list[Matter]:
    """Matters in the person's language, and of foreign and new people a few in English."""
    own = list(matters_for(person))
    if person.language == "en" and person.kind != "guest":
        return own
    english = [m for m in matters() if m.language == "en" and m.suits(person)]
    return [m for m in own if m not in english] + rng.sample(english, min(count, len(english)))


def _teller(pair: tuple[Person, Matter], rng: random.Random, *, brisk: bool = False) -> _Teller:
    return _Teller(pair[0], filled(pair[1], rng), rng, brisk=brisk)


def _story(pair: tuple[Person, Matter], rng: random.Random, now: datetime, *, brisk: bool) -> Story:
    plot = rng.choices(list(_PLOTS), list(_PLOTS.values()))[0]
    if brisk and plot in ("silent", "again"):
        plot = "short"
    if plot == "junk":
        mailing, queue = special("newsletter"), pair[1].queue
        junk = Matter("junk", queue, mailing.subject, mailing.text, "", "", "", "", code="spam")
        pair = (NEWSLETTER, junk)
    return _told(_teller(pair, rng, brisk=brisk), plot, now)


def _told(teller: _Teller, plot: str, now: datetime) -> Story:
    """The story, begun early enough to be over by now."""
    rng = teller.rng
    latest = now - timedelta(minutes=rng.uniform(12, 40))
    begun = hours.some_day(now, DAYS, rng)
    if teller.brisk:
        begun = now - timedelta(hours=rng.uniform(1, 5))
    while True:
        teller.begin(begun)
        getattr(teller, plot)()
        if teller.now <= latest:
            return Story(teller.person, teller.matter, tuple(teller.steps))
        begun -= timedelta(minutes=20) if teller.brisk else timedelta(days=1)
