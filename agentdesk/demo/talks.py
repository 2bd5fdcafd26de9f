"""What simulated customers write next: new mails one after the other, and answers to the desk's."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count

from agentdesk.demo import openings
from agentdesk.demo.casework import LateAnswer, late_answers
from agentdesk.demo.documents import photo
from agentdesk.demo.letters import (
    Matter,
    Special,
    claims,
    fill,
    filled,
    first_letter,
    later_letter,
    matter,
    matters_for,
    small_talk,
    special,
)
from agentdesk.demo.people import (
    AOIFE,
    CAMILLE,
    DIEGO,
    GUESTS,
    JANA,
    KNOWN,
    LAYLA,
    NEWSLETTER,
    NOAM,
    PRANKSTER,
    PRIYA,
    SAMIR,
    SEUN,
    TOMASZ,
    YUKI,
    Person,
)
from agentdesk.domain.message import Address
from agentdesk.mail.compose import File

LISTENERS = (*KNOWN, *GUESTS)
"""Those who read what the desk answers."""

_FIRST = (
    (PRIYA, "damaged"),
    (JANA, "de_zip"),
    (AOIFE, "praise"),
    (DIEGO, "login"),
    (LAYLA, "ar_delay"),
    (SAMIR, "sizing"),
    (CAMILLE, "fr_invoice"),
    (NOAM, "he_login"),
    (TOMASZ, "double_charge"),
    (YUKI, "ja_size"),
    (SEUN, "refund_missing"),
)
_CLAIMANTS = (SAMIR, PRIYA, DIEGO, AOIFE, SEUN, TOMASZ, LAYLA)
_SPECIALS = {
    4: (PRANKSTER, "prank"),
    6: (PRANKSTER, "impostor"),
    8: (NEWSLETTER, "newsletter"),
}


_LATE = (1, 5)
"""After so many new mails somebody answers a thread that was closed."""


class Mood(Enum):
    """How a customer takes an answer."""

    ASKS = auto()
    THANKS = auto()
    AWAY = auto()
    NOTHING = auto()


_MOODS = (  # by how often the customer answered already
    {Mood.ASKS: 50, Mood.THANKS: 28, Mood.AWAY: 9, Mood.NOTHING: 13},
    {Mood.ASKS: 10, Mood.THANKS: 65, Mood.NOTHING: 25},
    {Mood.THANKS: 40, Mood.NOTHING: 60},
)


@dataclass(slots=True)
class Talk:
    """One conversation as the customer sees it. `matter` is None for what the desk began.

    `waiting_since` is when the customer began to wait for an answer, in the event loop's time.
    """

    person: Person
    matter: Matter | None
    turns: int = 0
    waiting_since: float | None = None
    newest: str = ""
    over: bool = False
    was_away: bool = False

    @property
    def language(self) -> str:
        """In which it is held."""
        return self.matter.language if self.matter else self.person.language


@dataclass(frozen=True, slots=True)
class Opening:
    """A new mail. `key` is that of the desk's mailbox; `claims` whom it says to be from, falsely;
    `cites` the id of an earlier mail of a thread that it goes on with.
    """

    talk: Talk
    key: str
    subject: str
    text: str
    html: str = ""
    files: tuple[File, ...] = field(default=())
    claims: Address | None = None
    cites: str = ""


def openings_of(seed: int) -> Iterator[Opening]:
    """New mails without end, varied at first; the same for the same *seed*."""
    rng = random.Random(f"customers {seed}")
    late = dict(zip(_LATE, late_answers(), strict=True))
    for n, (person, m) in enumerate(_in_turn(rng)):
        if n in late:
            yield _late(late[n])
        if n in _SPECIALS:
            sender, name = _SPECIALS[n]
            yield _special(sender, special(name))
        about = filled(m, rng)
        letter = first_letter(person, about, rng)
        files = (photo(about.photo),) if about.photo else ()
        yield Opening(Talk(person, about), about.queue, about.subject, letter, files=files)


def claims_of(seed: int) -> Iterator[Opening]:
    """New mails to the contact centre's queue without end; the same for the same *seed*."""
    rng = random.Random(f"claims {seed}")
    for n in count():
        m = filled(claims()[n % len(claims())], rng)
        person = _CLAIMANTS[n % len(_CLAIMANTS)]
        yield Opening(Talk(person, m), m.queue, m.subject, first_letter(person, m, rng))


def _in_turn(rng: random.Random) -> Iterator[tuple[Person, Matter]]:
    first = [(person, matter(key)) for person, key in _FIRST]
    rng.shuffle(first)
    yield from first
    rest = [(p, m) for p in LISTENERS for m in matters_for(p) if (p, m) not in first]
    rest = [(p, m) for p, m in rest if (p.email, m.key) not in openings.BUSY]
    while True:
        rng.shuffle(rest)
        yield from rest


def _late(a: LateAnswer) -> Opening:
    """It goes on with a closed thread, and speaks of something that is a case."""
    talk = Talk(a.person, None)
    return Opening(talk, a.queue, a.subject, a.text, cites=a.cites)


def _special(sender: Person, mail: Special) -> Opening:
    talk = Talk(sender, None, over=True)
    claims = Address(mail.claims, mail.claims_name) if mail.claims else None
    return Opening(talk, "support", mail.subject, mail.text, mail.html, claims=claims)


def running(person: Person, seed: int) -> dict[str, Talk]:
    """This person's conversations that are open at the start, by their subject."""
    return {
        m.subject: Talk(person, m, turns)
        for who, m, turns in openings.running(seed)
        if who == person
    }


def mood(talk: Talk, rng: random.Random) -> Mood:
    """How the customer takes the desk's newest mail."""
    if talk.over:
        return Mood.NOTHING
    moods = _MOODS[min(talk.turns, len(_MOODS) - 1)]
    chosen = rng.choices(list(moods), list(moods.values()))[0]
    return Mood.ASKS if chosen is Mood.AWAY and talk.was_away else chosen


def answer(talk: Talk, how: Mood, rng: random.Random) -> str:
    """What the customer writes in that mood; the talk moves on."""
    words, m = small_talk(talk.language), talk.matter
    if how is Mood.AWAY:
        talk.was_away = True
        return later_letter(
            talk.person, fill(words.away, {"day": rng.choice(("Monday", "Friday"))})
        )
    talk.turns += 1
    if how is Mood.THANKS:
        talk.over = True
        text = m.thanks if m and rng.random() < 0.6 else rng.choice(words.thanks)
    else:
        text = m.follow_up if m and talk.turns == 1 else rng.choice(words.follow_ups)
    return later_letter(talk.person, text)
