"""What people in the demo write, from letters.toml, with the details of one order filled in."""

import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from agentdesk.demo.people import Person

_SLOT = re.compile(r"\{(\w+)\}")
_SOFT_END = re.compile(r"(?<=\S)\n(?=\S)(?!- )")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a customer wants, and how the conversation about it may go on, turn by turn.

    `queue` is where it belongs, `code` how it usually ends. `photo` names a picture in the opening,
    `reply_file` what the first answer brings along. `task`: what a case about it is for.
    """

    key: str
    queue: str
    subject: str
    opening: str
    answer: str
    follow_up: str
    second: str
    thanks: str
    code: str = "issue_resolved"
    language: str = "en"
    note: str = ""
    photo: str = ""
    reply_file: str = ""
    task: str = ""
    wear: bool = False
    who: str = ""

    def suits(self, person: Person) -> bool:
        """Whether such a person writes about such a thing, in any language."""
        if person.about:
            return self.key in person.about
        kinds = {"contact": ("contact",), "guest": ("guest",), "private": ("consumer", "guest")}
        return person.kind in kinds.get(self.who, (person.kind,))


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """What fits any mail of a language."""

    greetings: tuple[str, ...]
    farewells: tuple[str, ...]
    follow_ups: tuple[str, ...]
    thanks: tuple[str, ...]
    away: str


@dataclass(frozen=True, slots=True)
class Special:
    """A mail that is no customer's query. `claims` is an address that its writer does not have."""

    subject: str
    text: str
    html: str = ""
    claims: str = ""
    claims_name: str = ""


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("agentdesk.demo").joinpath("letters.toml").read_text("utf-8"))


@cache
def matters() -> tuple[Matter, ...]:
    """Every matter, in the order of the file."""
    return tuple(_flowing(Matter(**table)) for table in _file()["matters"])


@cache
def claims() -> tuple[Matter, ...]:
    """What is written to the queue of the contact centre."""
    return tuple(_flowing(Matter(queue="claims", **table)) for table in _file()["claims"])


def matter(key: str) -> Matter:
    """The matter with this key. Raises `KeyError`."""
    return {m.key: m for m in matters()}[key]


def matters_for(person: Person) -> tuple[Matter, ...]:
    """What this person may write about in their own language."""
    return tuple(m for m in matters() if m.language == person.language and m.suits(person))


@cache
def small_talk(language: str) -> SmallTalk:
    """Words of a language; English for one that is not in the file."""
    tables = _file()["small_talk"]
    table = tables.get(language, tables["en"])
    away = _flow(table["away"], language)
    lists = {k: tuple(v) for k, v in table.items() if k != "away"}
    return SmallTalk(**lists, away=away)


@cache
def special(name: str) -> Special:
    """The newsletter or the prank."""
    return Special(**_file()[name])


def _flowing(m: Matter) -> Matter:
    turns = ("opening", "answer", "follow_up", "second", "thanks", "task")
    flowing: dict[str, Any] = {t: _flow(getattr(m, t), m.language) for t in turns}
    return replace(m, **flowing)


def _flow(text: str, language: str) -> str:
    """Paragraphs on one line each, as people type them; Japanese keeps its lines."""
    if language == "ja" and not text.isascii():
        return text.strip()
    return _SOFT_END.sub(" ", text.strip())


def filled(m: Matter, rng: random.Random) -> Matter:
    """*m* about one order: the same details in every turn."""
    details = _details(m, rng)
    texts = ("subject", "opening", "answer", "follow_up", "second", "thanks", "note", "photo")
    written: dict[str, Any] = {t: fill(getattr(m, t), details) for t in texts}
    return replace(m, **written)


def _details(m: Matter, rng: random.Random) -> dict[str, str]:
    lists = _file()["details"]
    return {
        "order": f"N-{rng.randint(20417, 68893)}",
        "product": rng.choice(lists["wear" if m.wear else "gear"]),
        "size": rng.choice(lists["sizes"]),
        "city": rng.choice(lists["cities"]),
        "day": rng.choice(lists["days"]),
        "amount": f"{rng.randint(38, 640)}.{rng.choice(('00', '50', '90'))} €",
        "count": str(rng.choice((12, 14, 18, 20, 24, 36))),
        "photo": str(rng.randint(1034, 9871)),
    }


def fill(text: str, details: Mapping[str, str]) -> str:
    """*text* with its {slots} filled; unknown ones stay as they are."""
    return _SLOT.sub(lambda slot: details.get(slot[1], slot[0]), text)


def first_letter(person: Person, m: Matter, rng: random.Random) -> str:
    """The opening between a greeting and the writer's name."""
    talk = small_talk(m.language)
    name = person.name if person.company else person.name.split()[0]
    farewell = f"{rng.choice(talk.farewells)}\n{name}"
    return f"{rng.choice(talk.greetings)}\n\n{m.opening}\n\n{farewell}"


def later_letter(person: Person, text: str) -> str:
    """*text* as an answer in a running conversation."""
    return f"{text}\n\n{person.name.split()[0]}"


def agent_letter(person: Person, m: Matter, text: str) -> str:
    """*text* with the agent's greeting; languages that the desk does not write get English."""
    greetings = _file()["agent"]
    line = greetings.get(m.language, greetings["en"])
    return f"{fill(line, {'first': person.first_name, 'name': person.name})}\n\n{text}"
