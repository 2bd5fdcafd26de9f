"""What is open when the demo starts: held by agents, or waiting for one."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from agentdesk.demo.letters import (
    Matter,
    agent_letter,
    filled,
    first_letter,
    later_letter,
    matter,
)
from agentdesk.demo.people import (
    AOIFE,
    CAMILLE,
    DIEGO,
    GRETA,
    HENRIK,
    JANA,
    LAYLA,
    MARA,
    NOAM,
    PRIYA,
    SAMIR,
    SEUN,
    TOMASZ,
    WEI,
    YUKI,
    Person,
)
from agentdesk.demo.scripts import Move, Step, Story

_WORKING, _UNREAD, _WAITING, _QUEUED = "working", "unread", "waiting", "queued"
_REMINDED, _SILENT, _ASIDE = "reminded soon", "told of the close soon", "snoozed"
_OPEN = (
    ("hero", _UNREAD, MARA, "damaged"),
    ("hero", _WORKING, SEUN, "double_charge"),
    ("hero", _WAITING, CAMILLE, "fr_size"),
    ("hero", _REMINDED, NOAM, "he_login"),
    ("hero", _SILENT, LAYLA, "ar_delay"),
    ("hero", _ASIDE, YUKI, "ja_size"),
    ("second", _WORKING, GRETA, "login"),
    ("second", _WAITING, JANA, "de_delivery"),
    ("second", _WAITING, SAMIR, "parcel_lost"),
    ("third", _UNREAD, WEI, "wrong_item"),
    ("third", _WORKING, DIEGO, "stock"),
    ("third", _WAITING, TOMASZ, "invoice_vat"),
    ("", _QUEUED, AOIFE, "tent_advice"),
    ("", _QUEUED, HENRIK, "delivery_date"),
    ("", _QUEUED, PRIYA, "refund_missing"),
)
_MINUTES_AGO = {  # the first mail, its acceptance, the answer
    _QUEUED: (4, 0, 0),
    _WORKING: (26, 21, 0),
    _UNREAD: (150, 143, 95),
    _WAITING: (1502, 1490, 1454),
    _REMINDED: (2921, 2909, 2878),  # two days but two minutes
    _SILENT: (5802, 5790, 5757),  # four days but three minutes: a day before the close
    _ASIDE: (1322, 1310, 1274),
}
ASIDE = YUKI.email
"""Whose interaction is snoozed when the demo starts."""
ASIDE_FOR = timedelta(minutes=6)
BUSY = frozenset((person.email, key) for _, _, person, key in _OPEN)


def running(seed: int) -> list[tuple[Person, Matter, int]]:
    """Who is in a conversation about what at the start, and how often they answered already."""
    return [
        (person, filled(matter(key), random.Random(f"open {seed} {key}")), int(stage == _UNREAD))
        for _, stage, person, key in _OPEN
    ]


def still_open(seed: int, now: datetime, hero: str) -> list[Story]:
    """What agents hold at the start, most of it *hero*, and what waits in the queues."""
    others = [login for login in ("ana", "ben", "chi") if login != hero]
    owners = {"hero": hero, "second": others[0], "third": others[1], "": ""}
    rng = random.Random(f"open {seed}")
    stories = []
    for (person, m, _), (part, stage, _, _) in zip(running(seed), _OPEN, strict=True):
        steps = _steps(person, m, owners[part], stage, now, rng)
        stories.append(Story(person, m, tuple(steps), styled=True))
    return stories


def _steps(
    person: Person, m: Matter, agent: str, stage: str, now: datetime, rng: random.Random
) -> Iterable[Step]:
    """Timed from now backwards, so that it looks alive at any hour."""

    def ago(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes - rng.uniform(0, 0.9))

    began, taken, sent = _MINUTES_AGO[stage]
    yield Step(ago(began), Move.ARRIVE, text=first_letter(person, m, rng), file="photo")
    if stage == _QUEUED:
        return
    yield Step(ago(taken), Move.ACCEPT, agent)
    if stage == _WORKING:
        return
    if m.note:
        yield Step(ago((taken + sent) / 2), Move.NOTE, agent, text=m.note)
    letter = agent_letter(person, m, m.answer)
    yield Step(ago(sent), Move.SEND, agent, text=letter, file=m.reply_file)
    if stage == _UNREAD:
        yield Step(ago(5), Move.ARRIVE, text=later_letter(person, m.follow_up), file="photo 2")
