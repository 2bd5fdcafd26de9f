"""What stands for what between the desk and a centre. Source: docs/ccaas.md, *Mapping*."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from agentdesk.domain.ccaas.values import CentreRecord, Kind

PAIRS = frozenset({Kind.QUEUE, Kind.AGENT})
"""Kinds of which one of ours is one of theirs; of others several of ours may be one of theirs."""
ON_QUEUE = "onqueue"
"""How centres call the presence in which they offer work, where *available* does not mean that."""


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
class Standing:
    """Everything that a centre's mapping consists of."""

    ours: tuple[Ours, ...]
    theirs: tuple[Known, ...]
    said: tuple[Said, ...]
    imported: bool = True
    _there: dict[tuple[Kind, str], Known] = field(default_factory=dict)
    _said: dict[tuple[Kind, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._there.update({(t.kind, t.external_id): t for t in self.theirs})
        self._said.update({(s.kind, s.local): s.external_id for s in self.said})

    def of(self, kind: Kind) -> list[Ours]:
        """Ours of a kind."""
        return [o for o in self.ours if o.kind is kind]

    def known(self, kind: Kind, key: str) -> Known | None:
        """What *key* of ours stands for there, whether or not they still have it."""
        return self._there.get((kind, self._said.get((kind, key), "")))

    def unmapped(self, kind: Kind) -> list[Ours]:
        """Ours that stand for nothing there, leaving out what a person wanted so."""
        return [o for o in self.of(kind) if (kind, o.key) not in self._said]


def suggestions(standing: Standing) -> Iterator[tuple[Ours, Known]]:
    """Which of ours is which of theirs by its name, where that is the only one, and nobody said
    otherwise before.
    """
    for kind in Kind:
        named = _by_name(standing, kind)
        alike = [(one, _alike(one, named)) for one in standing.unmapped(kind)]
        rivals = Counter(t.external_id for _, found in alike for t in found)
        for one, found in alike:
            if len(found) == 1 and (kind not in PAIRS or rivals[found[0].external_id] == 1):
                yield one, found[0]


def _by_name(standing: Standing, kind: Kind) -> dict[str, list[Known]]:
    """Theirs that may be suggested, by what they are called."""
    taken = {s.external_id for s in standing.said if s.kind is kind}
    named: dict[str, list[Known]] = {}
    for t in standing.theirs:
        free = kind not in PAIRS or (t.external_id not in taken and not t.local)
        if t.kind is kind and t.active and free:
            for name in _names(t) - {""}:
                named.setdefault(name, []).append(t)
    return named


def _alike(one: Ours, named: Mapping[str, list[Known]]) -> list[Known]:
    """By its best name that any of theirs has. A person's address or login tells, a name may be two's."""
    return next((named[name] for name in map(plain, one.names) if name in named), [])


def _names(t: Known) -> frozenset[str]:
    detailed = t.kind in (Kind.AGENT, Kind.PRESENCE)
    return frozenset({plain(t.name), plain(t.detail)} if detailed else {plain(t.name)})


def plain(text: str) -> str:
    """Letters and digits alone, so that `On Queue` and `on-queue` are one."""
    return "".join(c for c in text.casefold() if c.isalnum() or c in "@.+")


def counted(n: int, what: str) -> str:
    """`1 queue`, `3 queues`."""
    return f"{n} {what}{'' if n == 1 else 's'}"


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
