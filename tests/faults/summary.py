"""What the harness's runs came to, in one line at the end of every test run that had any."""

from collections.abc import Iterator

import pytest

from tests.faults.tally import Outcome, Tally

PROPERTY = "fault run"
"""The outcome travels with the test's report, also from xdist's workers."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the count."""
    tally = Tally()
    for outcome in _told(terminalreporter):
        tally.add(outcome)
    if tally.runs:
        terminalreporter.write_line(tally.sentence())


def _told(reporter: pytest.TerminalReporter) -> Iterator[Outcome]:
    for report in (r for reports in reporter.stats.values() for r in reports):
        for name, value in getattr(report, "user_properties", ()):
            if name == PROPERTY and report.when == "call":
                yield Outcome.read(value)
