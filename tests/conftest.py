"""What every test shares."""

import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentdesk.domain.clock import ManualClock
from tests.databases import POSTGRES, database, databases, drop_idle
from tests.desks import World, desk
from tests.faults.summary import pytest_terminal_summary as pytest_terminal_summary


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of whole programs wait for much of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What is imported stays: looking through it for garbage, again and again, took a quarter of the
    time of all tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_sessionfinish() -> None:
    """Leave no database on the server."""
    drop_idle()


@pytest.fixture(params=databases())
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database with tables and nothing in them, once of each kind."""
    if request.param == "postgresql" and not POSTGRES:
        pytest.skip("no PostgreSQL here: set AGENTDESK_TEST_POSTGRES=postgresql://… (.ci/run does)")
    async with database(request.param, tmp_path) as address:
        yield address


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """An open desk on each kind of database, with a clock to turn."""
    clock = ManualClock()
    async with desk(url, clock=clock) as made:
        yield World(made, clock)
