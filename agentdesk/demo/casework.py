"""The demo's cases: how each began as a conversation, and what agents did with it since.

What happens to a case is done by the services themselves, with a clock that shows the past.
"""

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from agentdesk.demo.letters import Matter, agent_letter, first_letter, later_letter
from agentdesk.demo.people import KNOWN, SEUN, Person
from agentdesk.demo.scripts import Move, Step, Story
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.case import NewCase
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.ids import AgentId, CaseId, InteractionId
from agentdesk.services import cases
from agentdesk.services.desk import Desk

_PEOPLE = {p.email: p for p in KNOWN} | {"seun": SEUN}
_INTAKE = timedelta(minutes=55)
"""From the first mail until it becomes a case."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that an agent does with a case: `words` are a verb and what it needs."""

    at: datetime
    key: str
    words: str


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """What a customer answers to a thread that was closed, under another subject, as people do; `cites`
    is the id of their first mail.
    """

    person: Person
    queue: str
    subject: str
    text: str
    cites: str


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("agentdesk.demo").joinpath("casework.toml").read_text("utf-8"))


def stories(seed: int, now: datetime, hero: str) -> list[Story]:
    """The conversations that became cases, and the closed ones that are answered later."""
    rng = random.Random(f"cases {seed}")
    owners = _owners(hero)
    begun = [_begun(table, now, owners, rng) for table in _file()["cases"]]
    return [*begun, *(_over(table, now, hero, rng) for table in _file()["answers"])]


def _owners(hero: str) -> dict[str, str]:
    others = [login for login in ("ana", "ben", "chi") if login != hero]
    return {"hero": hero, "second": others[0], "third": others[1], "nobody": others[0]}


def _matter(table: Mapping[str, Any]) -> Matter:
    """What such a conversation is about; lines of the file flow as people type them."""
    opening, answer = (_flowing(table[k]) for k in ("opening", "answer"))
    return Matter(table["key"], table["queue"], table["subject"], opening, answer, "", "", "")


def _flowing(text: str) -> str:
    """On one line, with a capital at its beginning."""
    words = " ".join(text.split())
    return words[:1].upper() + words[1:]


def _talk(
    table: Mapping[str, Any], at: datetime, agent: str, rng: random.Random
) -> tuple[Person, Matter, list[Step]]:
    """It came, was taken and answered."""
    person, m = _PEOPLE[table["who"]], _matter(table)
    letter = agent_letter(person, m, m.answer)
    steps = [
        Step(at, Move.ARRIVE, text=first_letter(person, m, rng)),
        Step(at + timedelta(minutes=9), Move.ACCEPT, agent),
        Step(at + timedelta(minutes=38), Move.SEND, agent, text=letter),
    ]
    return person, m, steps


def _begun(
    table: Mapping[str, Any], now: datetime, owners: Mapping[str, str], rng: random.Random
) -> Story:
    at = now - timedelta(hours=table["hours"])
    person, m, steps = _talk(table, at, owners[table["owner"]], rng)
    return Story(person, m, tuple(steps), styled=True)


def _over(table: Mapping[str, Any], now: datetime, hero: str, rng: random.Random) -> Story:
    at = now - timedelta(days=table["days"])
    person, m, steps = _talk(table, at, hero, rng)
    end = at + timedelta(hours=20)
    steps += [
        Step(end, Move.CLOSE, hero),
        Step(end + timedelta(seconds=40), Move.WRAP_UP, hero, code="information_given"),
    ]
    return Story(person, m, tuple(steps), styled=True, first_id=_first_id(person, m))


def _first_id(person: Person, m: Matter) -> str:
    return f"first.{m.key}@{person.email.partition('@')[2]}"


@cache
def late_answers() -> tuple[LateAnswer, ...]:
    """What comes back to closed threads while the demo runs, in its order."""
    found = []
    for table in _file()["answers"]:
        person, m = _PEOPLE[table["who"]], _matter(table)
        letter = later_letter(person, _flowing(table["reply"]))
        subject = f"Re: {table['subject_now']}"
        found.append(LateAnswer(person, m.queue, subject, letter, _first_id(person, m)))
    return tuple(found)


# -- what was done with them -----------------------------------------------------------------


async def tell(
    desk: Desk,
    now: datetime,
    agents: Mapping[str, Any],
    talks: Mapping[str, InteractionId],
    hero: str,
) -> None:
    """Everything that happened to the cases, in the order of time. *talks* are the conversations by
    the key of their matter.
    """
    tables = {table["key"]: table for table in _file()["cases"]}
    owners, made = _owners(hero), dict[str, CaseId]()
    for deed in sorted(_deeds(now), key=lambda d: d.at):
        table = tables[deed.key]
        past = replace(desk, clock=ManualClock(deed.at))
        actor = _actor(agents, owners[table["owner"]])
        if deed.words == "create":
            made[deed.key] = await cases.create(
                past, actor, talks[deed.key], _new_case(table, actor)
            )
        else:
            await _do(past, actor, made[deed.key], deed, made, agents)


def _deeds(now: datetime) -> Iterator[Deed]:
    for table in _file()["cases"]:
        created = now - timedelta(hours=table["hours"]) + _INTAKE
        yield Deed(created, table["key"], "create")
        for hours, words in table["then"]:
            yield Deed(created + timedelta(hours=hours), table["key"], words)


def _actor(agents: Mapping[str, Any], login: str) -> Actor:
    row = agents[login]
    return Actor(AgentId(row.id), row.name, Role.AGENT, "demo")


def _new_case(table: Mapping[str, Any], actor: Actor) -> NewCase:
    owner = None if table["owner"] == "nobody" else actor.agent_id
    return NewCase(
        description=_flowing(table["task"]),
        priority=table["priority"],
        category=table["category"],
        group=table["group"],
        assign_to=owner,
    )


async def _do(
    desk: Desk,
    actor: Actor,
    case_id: CaseId,
    deed: Deed,
    made: Mapping[str, CaseId],
    agents: Mapping[str, Any],
) -> None:
    verb, _, rest = deed.words.partition(" ")
    match verb:
        case "await":
            await cases.await_information(desk, actor, case_id)
        case "go_on":
            await cases.go_on(desk, actor, case_id)
        case "resolve":
            code, _, notes = rest.partition(" ")
            await cases.resolve(desk, actor, case_id, code, notes)
        case "close":
            await cases.close(desk, actor, case_id)
        case "watch":
            await cases.watch(desk, _actor(agents, rest), case_id, True)
        case "relate":
            await cases.relate(desk, actor, case_id, made[rest], True)
        case "merge":
            await cases.merge(desk, actor, case_id, made[rest])
