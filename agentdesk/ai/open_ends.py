"""What is still to be done in a conversation: unanswered wishes, open promises, notes of work; pure.

Evidence by words and order. What customers wish is open until a mail of ours comes; what we promise,
until a mail of ours comes or the customer is content; what a note leaves to do, until a later mail or
note speaks of it.
"""

from collections.abc import Iterator
from typing import Final

from agentdesk.ai.cues import asks, is_pleasant, is_question, is_settled, is_todo, promises
from agentdesk.ai.reading import Reading, Said
from agentdesk.ai.sentences import words_in
from agentdesk.domain.assistance import Speaker

MOST: Final = 6
"""Lines shown; more are counted."""

A_MAIL: Final = 3
"""Sentences of one mail."""

_FEW: Final = 3
"""A question with fewer words that say something is too short to tell whether an answer speaks of it."""


def next_steps(reading: Reading) -> list[str]:
    """Lines, the most urgent first; never empty: where nothing is open, one says so."""
    found = [
        *_unanswered(reading),
        *_perhaps_missed(reading),
        *_promised(reading),
        *_noted(reading),
        *_waiting(reading),
    ]
    more = len(found) - MOST
    if more > 0:
        return [*found[:MOST], f"And {more} more."]
    return found or [nothing_open(reading)]


def nothing_open(reading: Reading) -> str:
    """One sentence for a conversation that waits for nobody."""
    last = reading.last_mail
    if last is None:
        return "Nothing is open: there is no mail in it yet."
    if last.passage.speaker is Speaker.DESK:
        return "Nothing is open: our last mail answered."
    return f"Nothing is open: {last.who} wrote last and asks for nothing."


def open_questions(reading: Reading) -> bool:
    """Whether the customer waits for an answer."""
    return any(_unanswered(reading))


def _unanswered(reading: Reading) -> Iterator[str]:
    """What customers wrote after our last mail: their wishes, or else what stands first."""
    answered = _last(reading, Speaker.DESK)
    waiting = (
        reading.after(answered, Speaker.CUSTOMER) if answered else reading.by(Speaker.CUSTOMER)
    )
    with_wishes = [s for s in waiting if any(map(asks, s.sentences))]
    for said in with_wishes:
        wishes = [n for n, s in enumerate(said.sentences) if asks(s)]
        yield f"Not answered yet. {reading.cite(said, wishes[:A_MAIL])}"
    if waiting and not with_wishes and not is_settled(waiting[-1].sentences):
        yield from _unanswered_telling(reading, waiting[-1])


def _unanswered_telling(reading: Reading, last: Said) -> Iterator[str]:
    """A mail that wishes for nothing, but wants to be read."""
    telling = [n for n, s in enumerate(last.sentences) if not is_pleasant(s)]
    if telling:
        yield f"Not answered yet. {reading.cite(last, telling[:2])}"
    elif not last.sentences:
        yield f"Not answered yet. {last.who}, {reading.when(last)}, wrote no sentence: open that mail."


def _perhaps_missed(reading: Reading) -> Iterator[str]:
    """Questions beside others of one mail, of which no word stands in any mail of ours since then."""
    last = reading.last_mail
    if last is None or last.passage.speaker is not Speaker.DESK:
        return
    for said in reading.by(Speaker.CUSTOMER)[-2:]:
        later = reading.after(said, Speaker.DESK)
        answers = frozenset[str]().union(*(s.words for s in later))
        asked = [n for n, s in enumerate(said.sentences) if is_question(s) and asks(s)]
        missed = [n for n in asked if _is_missed(said.sentences[n], answers)]
        if missed and len(missed) < len(asked):
            yield f"Perhaps not answered. {reading.cite(said, missed[:A_MAIL])}"


def _is_missed(question: str, answers: frozenset[str]) -> bool:
    words = words_in(question)
    return len(words) >= _FEW and not words & answers


def _promised(reading: Reading) -> Iterator[str]:
    """What our last mail, and notes since, say that we will do."""
    last = _last(reading, Speaker.DESK)
    if last is None:
        return
    later = reading.after(last, Speaker.CUSTOMER)
    if later and is_settled(later[-1].sentences):
        return
    kept = [n for n, s in enumerate(last.sentences) if promises(s) and not is_pleasant(s)]
    if kept:
        yield f"Promised. {reading.cite(last, kept[:A_MAIL])}"


def _noted(reading: Reading) -> Iterator[str]:
    for said in reading.by(Speaker.NOTE)[-10:]:
        later = reading.after(said, Speaker.NOTE, Speaker.DESK)
        since = frozenset[str]().union(*(s.words for s in later))
        todo = [n for n, s in enumerate(said.sentences) if is_todo(s) and not words_in(s) & since]
        if todo:
            yield f"Noted. {reading.cite(said, todo[:A_MAIL], 'in a note')}"


def _waiting(reading: Reading) -> Iterator[str]:
    """What we asked the customer in the newest mail."""
    last = reading.last_mail
    if last is None or last.passage.speaker is not Speaker.DESK:
        return
    asked = [n for n, s in enumerate(last.sentences) if asks(s)]
    if asked:
        yield f"The customer is to answer. {reading.cite(last, asked[:A_MAIL])}"


def _last(reading: Reading, speaker: Speaker) -> Said | None:
    return next(reversed(reading.by(speaker)), None)
