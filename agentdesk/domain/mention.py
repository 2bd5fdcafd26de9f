"""Mentions: colleagues named with @ in a note. Source: docs/writing.md, *Notes and mentions*."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from agentdesk.domain.ids import AgentId
from agentdesk.domain.message import Span

_AT = re.compile(r"(?<![\w.@+/=-])@(?=[\w\"])")
_WORD = re.compile(r"\w[\w.-]*")
_QUOTED = re.compile(r'"([^"\n]{1,100})"')
REMARKS_SHOWN = 3
EXCERPT = 200
"""Characters of a note that its list shows."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be mentioned."""

    agent_id: AgentId
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Who is meant, and where in the text."""

    agent_id: AgentId
    span: Span


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text says. `remarks`: a sentence for each name that means nobody, or several."""

    found: tuple[Mention, ...] = ()
    remarks: tuple[str, ...] = ()


def parse(text: str, colleagues: Sequence[Colleague]) -> Mentions:
    """Who is mentioned in *text*, among *colleagues*.

    `@ana` (a login or a first name), `@Ana Ruiz` and `@"Ana Ruiz"` are mentions, in capitals or not;
    mail addresses, and an @ inside a word, are none.
    """
    known = _Known(colleagues)
    found: list[Mention] = []
    remarks: dict[str, None] = {}
    for at in _AT.finditer(text):
        said = known.read(text, at.end())
        if said is None:
            continue
        words, end, meant = said
        if len(meant) == 1:
            found.append(Mention(meant[0].agent_id, Span(at.start(), end)))
        else:
            remarks[_remark(words, meant)] = None
    return Mentions(tuple(found), tuple(remarks)[:REMARKS_SHOWN])


def _remark(words: str, meant: Sequence[Colleague]) -> str:
    if not meant:
        return f"Nobody here is called @{words}: nobody was told."
    names = " or ".join(f"{c.name} (@{c.login})" for c in meant[:3])
    return f"@{words} may be {names}: nobody was told."


class _Known:
    """Colleagues by what they are called."""

    def __init__(self, colleagues: Sequence[Colleague]) -> None:
        self._by_word: dict[str, list[Colleague]] = {}
        self._by_name: dict[str, list[Colleague]] = {}
        for colleague in colleagues:
            name = colleague.name.casefold()
            self._by_name.setdefault(name, []).append(colleague)
            self._by_word.setdefault(colleague.login.casefold(), []).append(colleague)
        for colleague in colleagues:
            first = colleague.name.casefold().split()[:1]
            if first and first[0] not in {c.login.casefold() for c in colleagues}:
                self._by_word.setdefault(first[0], []).append(colleague)
        ordered = sorted(self._by_name, key=lambda name: (name[:1], -len(name)))
        self._starts = {first: tuple(names) for first, names in groupby(ordered, lambda n: n[:1])}

    def read(self, text: str, at: int) -> tuple[str, int, Sequence[Colleague]] | None:
        """What stands at *at* behind an @: the words, their end, and who may be meant."""
        if quoted := _QUOTED.match(text, at):
            return quoted[1], quoted.end(), self._called(quoted[1])
        for name in self._starts.get(text[at : at + 1].casefold(), ()):
            end = at + len(name)
            if text[at:end].casefold() == name and not text[end : end + 1].isalnum():
                return text[at:end], end, self._by_name[name]
        word = _WORD.match(text, at)
        if word is None or text[word.end() : word.end() + 1] == "@":
            return None
        words = word[0].rstrip(".-")
        return words, at + len(words), self._by_word.get(words.casefold(), ())

    def _called(self, words: str) -> Sequence[Colleague]:
        name = " ".join(words.split()).casefold()
        return self._by_name.get(name) or self._by_word.get(name) or ()


def completions(typed: str, colleagues: Iterable[Colleague], limit: int = 8) -> list[Colleague]:
    """Who may be meant by the beginning *typed* of a name or login, those whose name begins so first."""
    start = " ".join(typed.casefold().split())
    ranked = [
        (rank, colleague.name.casefold(), colleague)
        for colleague in colleagues
        if (rank := _rank(start, colleague)) is not None
    ]
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:2])[:limit]]


def _rank(start: str, colleague: Colleague) -> int | None:
    name, login = colleague.name.casefold(), colleague.login.casefold()
    if name.startswith(start) or login.startswith(start):
        return 0
    return 1 if any(word.startswith(start) for word in name.split()) else None


def excerpt(text: str, span: Span) -> str:
    """The line of a note with the mention in it, on one line."""
    start = text.rfind("\n", 0, span.start) + 1
    line = " ".join(text[start:].split("\n", 1)[0].split())
    if len(line) > EXCERPT:
        begin = max(0, span.start - start - EXCERPT // 4)
        line = f"…{line[begin : begin + EXCERPT - 2]}…"
    return line


def agents_of(mentions: Iterable[Mention]) -> Iterator[AgentId]:
    """Who is mentioned, each once."""
    yield from dict.fromkeys(m.agent_id for m in mentions)


_BEGUN = re.compile(r"(?<![\w.@+/=-])@(\w[\w.-]*( \w+)?|)\Z")


def begun(line: str) -> int | None:
    """Where the @ of the unfinished name at the end of *line* stands; None where none is typed.

    One space may stand in it, so that a first name can be told from another.
    """
    found = _BEGUN.search(line)
    return found.start() if found else None


def written(colleague: Colleague, others: Iterable[Colleague]) -> str:
    """How to mention exactly this one: `@Ana Ruiz`, or by login where two have that name."""
    twins = [c for c in others if c.name.casefold() == colleague.name.casefold()]
    return f"@{colleague.login}" if len(twins) > 1 else f"@{colleague.name}"
