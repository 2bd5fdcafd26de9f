"""What people read of an evaluation: how each matcher did, and whether probabilities mean what they
say.
"""

from collections.abc import Iterator, Mapping, Sequence

from agentdesk.ai import evaluation
from agentdesk.ai.evaluation import Answered, Report

ByName = Mapping[str, Sequence[Answered]]
"""What each matcher answered, over the same tasks."""


def lines(by_name: ByName, threshold: float) -> Iterator[str]:
    """A table with a row for each matcher and simple choice, and a table of probabilities for each."""
    answered = next(iter(by_name.values()))
    known = [a.task for a in answered if a.task.answered]
    if not known:
        yield f"{len(answered)} tasks, none with an answer to compare with."
    else:
        ours = [evaluation.report(name, said, threshold) for name, said in by_name.items()]
        yield f"{len(known)} tasks with answers; claimed means a probability of {threshold:.2f} or more."
        yield ""
        yield from _table([*ours, *evaluation.simple_reports(known)])
        for report in ours:
            yield from _reliability(report)
    for name, said in by_name.items():
        yield from _replaced(name, said)


def _table(rows: Sequence[Report]) -> Iterator[str]:
    yield f"{'':14}{'right':>8}{'claimed':>10}{'of these right':>17}{'false links':>14}"
    for row in rows:
        yield f"{row.name:14}{_percent(row.accuracy):>8}{_percent(row.coverage):>10}" + (
            f"{_percent(row.precision):>17}{_percent(row.false_links):>14}"
        )


def _reliability(report: Report) -> Iterator[str]:
    yield ""
    yield f"{report.name}: how often its likeliest conversation was right, by its probability:"
    for tenth in report.bins:
        share = f"{tenth.low:.1f} to {tenth.low + 0.1:.1f}"
        said, was = _percent(tenth.said), _percent(tenth.right)
        yield f"  {share}{tenth.count:>7} tasks   said {said:>6}   was {was:>6}"


def _replaced(name: str, answered: Sequence[Answered]) -> Iterator[str]:
    """Tasks that another matcher answered, because this one could not."""
    causes = [a.match.cause for a in answered if a.match.cause]
    if causes:
        yield ""
        yield (
            f"{name} did not answer {len(causes)} of {len(answered)} tasks; keywords stood in for it."
            f" The last cause: {causes[-1]}"
        )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
