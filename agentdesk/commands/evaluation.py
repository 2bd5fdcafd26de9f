"""`agentdesk eval link`: asks matchers about mails in a file, and says how well they did."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from agentdesk.ai import evaluation, tasks
from agentdesk.ai.evaluation import Answered
from agentdesk.ai.matcher import Matcher
from agentdesk.commands import adapters, evaluation_report
from agentdesk.domain.errors import BadInput
from agentdesk.domain.matching import Weighed
from agentdesk.mail.quoting import latest_spans

STANDARD_INPUT = "-"

AT_ONCE = 4
"""Tasks that a model's server is asked about at a time."""

QUIET_S, BETWEEN_S = 2.0, 0.2
"""So long nothing is told; then so often at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for.

    `threshold`: the probability from which a link is claimed. `adapters` name the matchers, as they
    were typed; answers are those of the first one. `settings`: where openai is set up.
    """

    source: str
    out: Path | None
    as_json: bool
    threshold: float
    adapters: tuple[str, ...] = ()
    settings: Path = Path("settings.toml")


def own_words(text: str) -> str:
    """What the writer of a mail says, without quotes and signatures."""
    return "\n".join(text[s.start : s.end] for s in latest_spans(text))


def run_link(wanted: Wanted) -> int:
    """Answer every task, write the answers where they are wanted, print how they did; always 0.

    Raises `BadInput` for a file that cannot be read or written, and for a line of another shape;
    `DeskError` for a matcher that cannot be had.
    """
    asked, left_out = adapters.matchers(wanted.adapters, wanted.settings)
    for sentence in left_out:
        sys.stderr.write(f"{sentence}\n")
    with _lines(wanted.source) as lines, _answers(wanted) as out:
        by_name = asyncio.run(_ask(asked, tasks.read(lines, own_words), out))
    if not by_name[asked[0].name]:
        raise BadInput(f"{_named(wanted.source)} holds no tasks.")
    report = sys.stderr if wanted.as_json else sys.stdout
    print("\n".join(evaluation_report.lines(by_name, wanted.threshold)), file=report)
    return 0


async def _ask(
    asked: Sequence[Matcher], some: Iterable[tasks.Task], out: TextIO | None
) -> dict[str, list[Answered]]:
    """What each matcher says of each task, and the answers of the first one to *out*."""
    by_name: dict[str, list[Answered]] = {m.name: [] for m in asked}
    at_once = AT_ONCE if any(m.name == "openai" for m in asked) else 1
    with _progress() as tell:
        for together in _batches(some, at_once):
            for m in asked:
                answers = await asyncio.gather(*(evaluation.answer(m, t) for t in together))
                by_name[m.name] += answers
            for answered in by_name[asked[0].name][-len(together) :] if out is not None else ():
                print(json.dumps(line_of(answered), ensure_ascii=False), file=out)
            tell(len(by_name[asked[0].name]))
    return by_name


def _batches(some: Iterable[tasks.Task], size: int) -> Iterator[list[tasks.Task]]:
    every = iter(some)
    while together := list(islice(every, size)):
        yield together


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Tells on a terminal how many tasks are answered, in one line that goes away, if it takes long."""
    began = shown = time.monotonic()

    def tell(count: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - began > QUIET_S and now - shown > BETWEEN_S:
            shown = now
            sys.stderr.write(f"\r{count:,} tasks answered")
            sys.stderr.flush()

    try:
        yield tell if sys.stderr.isatty() else lambda count: None
    finally:
        if shown != began:
            sys.stderr.write("\r\x1b[K")


def line_of(answered: Answered) -> dict[str, Any]:
    """One line of the answers: the likeliest id, or null where that none fits is likelier."""
    match = answered.match
    best = match.likeliest
    why = best.why if best is not None else _why_none(match.weighed)
    confidence = best.probability if best is not None else match.none
    return {
        "qid": answered.task.qid,
        "id": best.id if best is not None else None,
        "confidence": round(confidence, 4),
        "why": why,
    }


def _why_none(weighed: Sequence[Weighed]) -> str:
    if not weighed:
        return "there is nothing to belong to"
    return f"none fits; nearest is {weighed[0].id}: {weighed[0].why}"


@contextmanager
def _lines(source: str) -> Iterator[Iterable[str]]:
    if source == STANDARD_INPUT:
        yield sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8") as file:
            yield file
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{source} cannot be read: {_cause(error)}.") from error


@contextmanager
def _answers(wanted: Wanted) -> Iterator[TextIO | None]:
    if wanted.out is None:
        yield sys.stdout if wanted.as_json else None
        return
    try:
        with wanted.out.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise BadInput(f"{wanted.out} cannot be written: {_cause(error)}.") from error


def _cause(error: OSError | UnicodeDecodeError) -> str:
    return (
        (error.strerror or "no reason given") if isinstance(error, OSError) else "it is not UTF-8"
    )


def _named(source: str) -> str:
    return "Standard input" if source == STANDARD_INPUT else source
