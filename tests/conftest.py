"""What every test shares."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentdesk.domain.clock import ManualClock
from tests.desks import POSTGRES, World, database, databases, desk
from tests.faults.summary import pytest_terminal_summary as pytest_terminal_summary


@pytest.fixture(params=databases())
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database, once of each kind."""
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
