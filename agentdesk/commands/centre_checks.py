"""What `agentdesk check` finds about contact centres: reached, signed in, mapped, waiting, on time."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.domain.ccaas.errors import CentreProblem
from agentdesk.domain.ccaas.mappings import counted
from agentdesk.domain.errors import StorageProblem
from agentdesk.settings import Finding, Level, Settings
from agentdesk.settings.contact_centres import ContactCentre

if TYPE_CHECKING:
    from agentdesk.domain.ccaas.missing import CentreFinding
    from agentdesk.domain.ccaas.views import CentreStatus

PATIENCE = 20.0
SKEW_MS = 30_000
"""Clocks that differ by more make times in both systems hard to compare."""


async def centres(
    s: Settings, patience: float, wanted: Collection[str] | None = None
) -> list[Finding]:
    """Everything about the contact centres of *s*; each has *patience* seconds to answer."""
    sections = [c for c in s.contact_centres if wanted is None or c.key in wanted]
    if not sections:
        return []
    reached = await asyncio.gather(*(_reached(s, c, patience) for c in sections))
    return [*reached, *await _standing(s, [c.key for c in sections])]


def subject(c: str) -> str:
    """How findings call it."""
    return f"contact centre {c}"


async def _reached(s: Settings, c: ContactCentre, patience: float) -> Finding:
    from agentdesk.bootstrap import centres as made

    centre = await made.one(s, c.key)
    try:
        async with asyncio.timeout(patience):
            found = await centre.catalogue()
    except TimeoutError:
        sentence = f"{c.name} did not say within {patience:g} seconds what it has."
        return Finding(Level.FAIL, subject(c.key), sentence, "See whether its address is right.")
    except CentreProblem as error:
        return Finding(Level.FAIL, subject(c.key), str(error))
    finally:
        await centre.disconnect()
    has = ", ".join(counted(n, kind.value) for kind, n in Counter(r.kind for r in found).items())
    return Finding(Level.OK, subject(c.key), f"{c.name} answers; it has {has or 'nothing'}.")


async def _standing(s: Settings, keys: Collection[str]) -> list[Finding]:
    """What is kept of them here; nothing where there is no desk yet, which the storage check says."""
    from agentdesk.bootstrap import centres as made
    from agentdesk.bootstrap.existing import existing_desk
    from agentdesk.domain.actor import at_the_command_line
    from agentdesk.services.ccaas import catalogue, reading

    actor = at_the_command_line("check")
    built = await made.build(s)
    try:
        async with existing_desk(s) as opened:
            desk = replace(opened, centres=built.at)
            states = {state.key: state for state in await reading.centres(desk, actor)}
            found: list[Finding] = []
            for key in keys:
                missing = await catalogue.findings(desk, actor, key)
                found += [*_of(states[key], missing)]
            return found
    except StorageProblem:
        return []
    finally:
        for centre in built.at.values():
            await centre.disconnect()


def _of(state: "CentreStatus", missing: "Collection[CentreFinding]") -> Iterator[Finding]:
    about = subject(state.key)
    for each in missing:
        yield Finding(Level.WARN, about, each.sentence, each.advice)
    if not missing:
        yield Finding(Level.OK, about, "Every queue, agent, presence and code of ours is mapped.")
    if state.agents:
        signed = f"{state.signed_in} of {counted(state.agents, 'agent')}"
        yield Finding(Level.OK, about, f"{signed} can act there from this machine.")
    if state.waiting:
        sentence = f"{counted(state.waiting, 'order')} to {state.name} wait for a person."
        advice = "An admin sees them on the screen of contact centres."
        yield Finding(Level.WARN, about, sentence, advice)
    if abs(state.skew_ms) > SKEW_MS:
        sentence = (
            f"The clocks of {state.name} and this desk differ by {abs(state.skew_ms) // 1000} s."
        )
        advice = "Set the clock of this machine by NTP."
        yield Finding(Level.WARN, about, sentence, advice)
