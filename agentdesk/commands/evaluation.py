"""`agentdesk eval link`: asks the matcher about mails in a file, and says how well it did."""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from agentdesk.ai import evaluation, tasks
from agentdesk.ai.keywords import Keywords
from agentdesk.domain.errors import BadInput
from agentdesk.domain.matching import Weighed
from agentdesk.mail.quoting import latest_spans

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for. `threshold`: the probability from which a link is claimed."""

    source: str
    out: Path | None
    as_json: bool
    threshold: float


def own_words(text: str) -> str:
    """What the writer of a mail says, without quotes and signatures."""
    return "\n".join(text[s.start : s.end] for s in latest_spans(text))


def run_link(wanted: Wanted) -> int:
    """Answer every task, write the answers where they are wanted, print how they did; always 0.

    Raises `BadInput` for a file that cannot be read or written, and for a line of another shape.
    """
    with _lines(wanted.source) as lines, _answers(wanted) as out:
        answered = asyncio.run(_ask(tasks.read(lines, own_words), out))
    if not answered:
        raise BadInput(f"{_named(wanted.source)} holds no tasks.")
    report = sys.stderr if wanted.as_json else sys.stdout
    print("\n".join(_report(answered, wanted.threshold)), file=report)
    return 0


async def _ask(some: Iterable[tasks.Task], out: TextIO | None) -> list[evaluation.Answered]:
    matcher = Keywords()
    answered = []
    for task in some:
        answered.append(await evaluation.answer(matcher, task))
        if out is not None:
            out.write(json.dumps(line_of(answered[-1]), ensure_ascii=False) + "\n")
    return answered


def line_of(answered: evaluation.Answered) -> dict[str, Any]:
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


def _report(answered: Sequence[evaluation.Answered], threshold: float) -> Iterator[str]:
    """What people read: how each way of choosing did, and whether probabilities mean what they say."""
    known = [a.task for a in answered if a.task.answered]
    if not known:
        yield f"{len(answered)} tasks, none with an answer to compare with."
        return
    ours = evaluation.report(Keywords.name, answered, threshold)
    yield f"{ours.tasks} tasks with answers; claimed means a probability of {threshold:.2f} or more."
    yield ""
    yield f"{'':14}{'right':>8}{'claimed':>10}{'of these right':>17}{'false links':>14}"
    for row in (ours, *evaluation.simple_reports(known)):
        yield f"{row.name:14}{_percent(row.accuracy):>8}{_percent(row.coverage):>10}" + (
            f"{_percent(row.precision):>17}{_percent(row.false_links):>14}"
        )
    yield ""
    yield "How often the likeliest conversation was right, by its probability:"
    for tenth in ours.bins:
        share = f"{tenth.low:.1f} to {tenth.low + 0.1:.1f}"
        said, was = _percent(tenth.said), _percent(tenth.right)
        yield f"  {share}{tenth.count:>7} tasks   said {said:>6}   was {was:>6}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
