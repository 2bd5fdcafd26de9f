"""What a centre's mapping lacks and what that stops, in plain sentences. Source: docs/ccaas.md, *Mapping*."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agentdesk.domain.ccaas.mappings import Known, Ours, Standing
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import Kind

NAMED = 5
"""So many names stand in a sentence before the rest is counted."""


@dataclass(frozen=True, slots=True)
class CentreFinding:
    """What is missing, as a sentence. `stops`: something waits for it or goes wrong without it."""

    kind: Kind | None
    sentence: str
    advice: str = ""
    stops: bool = True


def findings(centre: CentreRules, standing: Standing) -> Iterator[CentreFinding]:
    """What is unmapped or gone, and what that stops."""
    if not standing.imported:
        sentence = (
            f"What {centre.name} has was never imported, so nothing stands for anything there."
        )
        yield CentreFinding(None, sentence, f"Run agentdesk ccaas import {centre.key}.")
        return
    yield from _gone(centre, standing)
    yield from _queues(centre, standing)
    yield from _agents(centre, standing)
    yield from _presences(centre, standing)
    yield from _codes(centre, standing)


def _gone(centre: CentreRules, standing: Standing) -> Iterator[CentreFinding]:
    for one in standing.ours:
        there = standing.known(one.kind, one.key)
        if there is not None and not there.active:
            sentence = (
                f"The {one.kind.value} {one.label} stands for {there.name}, which {centre.name} no "
                f"longer has: {WITHOUT[one.kind]}."
            )
            yield CentreFinding(one.kind, sentence, _map(centre, one.kind))


WITHOUT = {
    Kind.QUEUE: "its mail is not handed over",
    Kind.AGENT: "nothing is done there in their name",
    Kind.PRESENCE: "it is not told there",
    Kind.CODE: "wrap-ups with it wait, or take the fallback code",
}


def _queues(centre: CentreRules, standing: Standing) -> Iterator[CentreFinding]:
    if missing := standing.unmapped(Kind.QUEUE):
        names = listed([o.label for o in missing])
        sentence = f"Mail in {names} is not handed over: {_no('queue', missing, centre)}."
        yield CentreFinding(Kind.QUEUE, sentence, _map(centre, Kind.QUEUE))


def _no(what: str, missing: Collection[Ours], centre: CentreRules) -> str:
    stands = "stands" if len(missing) == 1 else "stand"
    those = f"the {what}" if len(missing) == 1 else f"these {what}s"
    return f"{those} {stands} for none of {centre.name}"


def _map(centre: CentreRules, kind: Kind) -> str:
    return f"Run agentdesk ccaas map {centre.key} {kind.value} OURS THEIRS."


def _agents(centre: CentreRules, standing: Standing) -> Iterator[CentreFinding]:
    mapped = [o for o in standing.of(Kind.AGENT) if standing.known(Kind.AGENT, o.key)]
    missing = standing.unmapped(Kind.AGENT)
    if missing:
        sentence = (
            f"{listed([o.label for o in missing])} {'gets' if len(missing) == 1 else 'get'} no work "
            f"of {centre.name}: no agent there stands for them."
        )
        yield CentreFinding(Kind.AGENT, sentence, _map(centre, Kind.AGENT), stops=not mapped)
    strangers = [t.name for t in standing.theirs if _stranger(standing, t)]
    if strangers:
        names = listed(strangers)
        sentence = (
            f"What {centre.name} offers to {names} shows on no desk: nobody here stands for them."
        )
        yield CentreFinding(
            Kind.AGENT, sentence, "Map those who work on these queues.", stops=False
        )


def _stranger(standing: Standing, t: Known) -> bool:
    return t.kind is Kind.AGENT and t.active and not t.local


def _presences(centre: CentreRules, standing: Standing) -> Iterator[CentreFinding]:
    if missing := standing.unmapped(Kind.PRESENCE):
        sentence = (
            f"{centre.name} is not told when an agent is {listed([o.label for o in missing])}: "
            f"{_no('presence', missing, centre)}."
        )
        yield CentreFinding(Kind.PRESENCE, sentence, _map(centre, Kind.PRESENCE))


def _codes(centre: CentreRules, standing: Standing) -> Iterator[CentreFinding]:
    codes = {o.key: o for o in standing.of(Kind.CODE)}
    fallback = codes.get(centre.fallback_code)
    stands_in = fallback and standing.known(Kind.CODE, fallback.key)
    if fallback and not stands_in:
        sentence = f"The fallback code {fallback.label} stands for none of {centre.name}."
        yield CentreFinding(Kind.CODE, sentence, _map(centre, Kind.CODE))
    missing = [o for o in standing.unmapped(Kind.CODE) if o is not fallback]
    if not missing:
        return
    names = listed([o.label for o in missing])
    what = f"Wrap-ups with {names}"
    if fallback and stands_in:
        sentence = f"{what} are sent as {fallback.label}."
        yield CentreFinding(Kind.CODE, sentence, _map(centre, Kind.CODE), stops=False)
    else:
        sentence = f"{what} wait here: {_no('code', missing, centre)}."
        yield CentreFinding(Kind.CODE, sentence, _map(centre, Kind.CODE))


def listed(labels: Collection[str]) -> str:
    """The first few names, and how many more there are."""
    shown = sorted(labels, key=str.casefold)
    rest = len(shown) - NAMED
    if rest > 1:
        return f"{', '.join(shown[:NAMED])} and {rest} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
