"""A transcript as sentences with their writers, and how it cites them; pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import Final

from agentdesk.ai.sentences import sentences, words_in
from agentdesk.domain.assistance import Passage, Speaker, Transcript
from agentdesk.domain.text import safe
from agentdesk.domain.when import dated

FIRST: Final = 20
LAST: Final = 180
"""Passages that are read of a very long conversation: how it began, and how it stands."""

LONGEST_SHOWN: Final = 220
"""Characters of one sentence that are shown."""

_NAME: Final = 60
_ENDED: Final = re.compile(r"[.!?…:;,。！？؟\"'”’»)\]]$")


@dataclass(frozen=True, eq=False)
class Said:
    """One passage: who wrote it, and the sentences that it consists of."""

    passage: Passage
    who: str
    sentences: tuple[str, ...]

    @property
    def is_mail(self) -> bool:
        return self.passage.speaker in (Speaker.CUSTOMER, Speaker.DESK)

    @cached_property
    def words_of(self) -> tuple[frozenset[str], ...]:
        """The words of each sentence that say something."""
        return tuple(map(words_in, self.sentences))

    @cached_property
    def words(self) -> frozenset[str]:
        """All of its words that say something."""
        return frozenset().union(*self.words_of)


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read, oldest first. `skipped`: passages in the middle that were not."""

    said: tuple[Said, ...]
    skipped: int
    zone: tzinfo | None

    def by(self, *speakers: Speaker) -> list[Said]:
        """What these say."""
        return [s for s in self.said if s.passage.speaker in speakers]

    def after(self, one: Said, *speakers: Speaker) -> list[Said]:
        """What these say later than *one*."""
        return [s for s in self.said[self.said.index(one) + 1 :] if s.passage.speaker in speakers]

    @property
    def last_mail(self) -> Said | None:
        """The newest mail, in or out."""
        return next((s for s in reversed(self.said) if s.is_mail), None)

    @cached_property
    def spread(self) -> Counter[str]:
        """In how many passages a word stands."""
        return Counter(word for s in self.said for word in s.words)

    @cached_property
    def _years(self) -> bool:
        return len({s.passage.at.astimezone(self.zone).year for s in self.said}) > 1

    def cite(self, one: Said, chosen: Sequence[int], what: str = "") -> str:
        """`Mara Olsen, Mon 2 Mar 09:41: …`: the chosen sentences of one passage, in their order.

        *what* stands behind the name: `in a note`. A gap between two sentences shows as ` … `, and
        ` · ` parts what ends without a mark, such as the points of a list.
        """
        text = ""
        for number in sorted(chosen):
            gap = " … " if number - 1 not in chosen else " " if _ENDED.search(text) else " · "
            text += f"{gap if text else ''}{_short(one.sentences[number])}"
        name = " ".join(filter(None, (one.who, what)))
        return f"{', '.join(filter(None, (name, self.when(one))))}: {text}"

    def when(self, one: Said) -> str:
        """The date of a passage; with the year where the conversation spans more than one."""
        return dated(one.passage.at, self.zone, year=self._years)


def read(transcript: Transcript, zone: tzinfo | None) -> Reading:
    """The transcript in sentences; a very long one without its middle."""
    passages = transcript.passages
    skipped = max(len(passages) - FIRST - LAST, 0)
    kept = (*passages[:FIRST], *passages[FIRST + skipped :])
    return Reading(tuple(Said(p, _name(p), tuple(sentences(p.text))) for p in kept), skipped, zone)


def _name(p: Passage) -> str:
    nobody = {Speaker.CUSTOMER: "The customer", Speaker.DESK: "We", Speaker.NOTE: "Somebody"}
    return safe(p.who[: 4 * _NAME], multiline=False)[:_NAME].strip() or nobody.get(p.speaker, "")


def _short(sentence: str) -> str:
    if len(sentence) <= LONGEST_SHOWN:
        return sentence
    cut = sentence[:LONGEST_SHOWN]
    return f"{cut.rpartition(' ')[0] or cut}…"
