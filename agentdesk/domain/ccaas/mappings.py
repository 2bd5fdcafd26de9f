"""What stands for what between the desk and a centre. Source: docs/ccaas.md, *Mapping*."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import CentreRecord, Kind

PAIRS = frozenset({Kind.QUEUE, Kind.AGENT})
"""Kinds of which one of ours is one of theirs; of others several of ours may be one of theirs."""
ON_QUEUE = "onqueue"
"""How centres call the presence in which they offer work, where *available* does not mean that."""
NAMED = 5
"""So many names stand in a sentence before the rest is counted."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A queue, agent, presence or code of the desk. `names` are those that a centre may call it by."""

    kind: Kind
    key: str
    label: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a centre has, as it is kept. `local`: what it means here; empty while nobody said."""

    kind: Kind
    external_id: str
    name: str
    detail: str = ""
    local: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """What one of ours is called there; empty `external_id`: a person took that back."""

    kind: Kind
    local: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found. The lists are lines such as `queue Billing`."""

    centre: str
    counts: Mapping[Kind, int]
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    mapped: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """In one sentence."""
        has = ", ".join(counted(n, kind.value) for kind, n in self.counts.items())
        told = [
            f"{len(lines)} {what}"
            for what, lines in (
                ("new", self.new),
                ("gone", self.gone),
                ("mapped by name", self.mapped),
                ("of ours not mapped", self.unmapped),
            )
            if lines
        ]
        return f"{self.centre} has {has}" + (f": {', '.join(told)}." if told else ".")


@dataclass(frozen=True, slots=True)
class CentreFinding:
    """What is missing, as a sentence. `stops`: something waits for it or goes wrong without it."""

    kind: Kind | None
    sentence: str
    advice: str = ""
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that a centre's mapping consists of."""

    ours: tuple[Ours, ...]
    theirs: tuple[Known, ...]
    said: tuple[Said, ...]
    imported: bool = True
    _there: dict[tuple[Kind, str], Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._there.update({(t.kind, t.external_id): t for t in self.theirs})

    def of(self, kind: Kind) -> list[Ours]:
        """Ours of a kind."""
        return [o for o in self.ours if o.kind is kind]

    def known(self, kind: Kind, key: str) -> Known | None:
        """What *key* of ours stands for there, whether or not they still have it."""
        said = next((s for s in self.said if (s.kind, s.local) == (kind, key)), None)
        return self._there.get((kind, said.external_id)) if said else None

    def unmapped(self, kind: Kind) -> list[Ours]:
        """Ours that stand for nothing there, leaving out what a person wanted so."""
        said = {s.local for s in self.said if s.kind is kind}
        return [o for o in self.of(kind) if o.key not in said]


def suggestions(standing: Standing) -> Iterator[tuple[Ours, Known]]:
    """Which of ours is which of theirs by its name, where that is the only one, and nobody said
    otherwise before.
    """
    for kind in Kind:
        free = [t for t in standing.theirs if t.kind is kind and t.active]
        if kind in PAIRS:
            taken = {s.external_id for s in standing.said if s.kind is kind}
            free = [t for t in free if t.external_id not in taken and not t.local]
        wanted = standing.unmapped(kind)
        for one in wanted:
            found = _alike(one, free)
            rivals = [o for o in wanted if found and found in _alike_all(o, free)]
            if found and (kind not in PAIRS or rivals == [one]):
                yield one, found


def _alike(one: Ours, theirs: Iterable[Known]) -> Known | None:
    found = _alike_all(one, theirs)
    return found[0] if len(found) == 1 else None


def _alike_all(one: Ours, theirs: Iterable[Known]) -> list[Known]:
    """By its best name that any of theirs has. A person's address or login tells, a name may be two's."""
    found = list(theirs)
    for name in map(plain, one.names):
        same = [t for t in found if name and name in _names(t)]
        if same:
            return same
    return []


def _names(t: Known) -> frozenset[str]:
    detailed = t.kind in (Kind.AGENT, Kind.PRESENCE)
    return frozenset({plain(t.name), plain(t.detail)} if detailed else {plain(t.name)})


def plain(text: str) -> str:
    """Letters and digits alone, so that `On Queue` and `on-queue` are one."""
    return "".join(c for c in text.casefold() if c.isalnum() or c in "@.+")


def counted(n: int, what: str) -> str:
    """`1 queue`, `3 queues`."""
    return f"{n} {what}{'' if n == 1 else 's'}"


def listed(labels: Collection[str]) -> str:
    """The first few names, and how many more there are."""
    shown = sorted(labels, key=str.casefold)
    rest = len(shown) - NAMED
    if rest > 1:
        return f"{', '.join(shown[:NAMED])} and {rest} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


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


def taken_in(
    known: Mapping[tuple[Kind, str], Known], found: Iterable[CentreRecord]
) -> "Difference":
    """What an import changes of what is kept."""
    there = {(r.kind, r.external_id): r for r in found}
    new = [r for key, r in there.items() if key not in known]
    changed = [
        r
        for key, r in there.items()
        if (old := known.get(key)) is not None
        and (old.name, old.detail, old.active) != (r.name, r.detail, True)
    ]
    gone = [old for key, old in known.items() if key not in there and old.active]
    return Difference(tuple(new), tuple(changed), tuple(gone))


@dataclass(frozen=True, slots=True)
class Difference:
    """`changed`: also what was gone and is there again."""

    new: tuple[CentreRecord, ...]
    changed: tuple[CentreRecord, ...]
    gone: tuple[Known, ...]
