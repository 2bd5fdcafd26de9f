"""One process that forks engines, for all runs of a worker."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.faults import disk
from tests.faults.engines import Engines, engines
from tests.faults.summary import PROPERTY
from tests.faults.tally import Outcome


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def forked() -> AsyncIterator[Engines]:
    """Where engines come from."""
    disk.sweep()
    async with engines() as made:
        yield made


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[Outcome], None]:
    """Count an outcome for the last line of the test run."""
    return lambda outcome: record_property(PROPERTY, outcome.line())
