"""A served sandbox with a clock to turn, held to the contract in every request and response."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.domain.clock import ManualClock
from agentdesk.sandbox.server import opened, serving
from tests.contracts.checking import Checked
from tests.sandbox.wire import Wire


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def wire(clock: ManualClock) -> AsyncIterator[Wire]:
    """Ends with a look at what was against the contract."""
    checked = Checked()
    sandbox = opened(None, 1, clock)
    async with (
        serving(sandbox, heartbeat_s=0.05, around=[checked.middleware]) as address,
        Wire.to(address, sandbox, clock, checked) as made,
    ):
        yield made
    assert checked.bad_responses == []
    if not made.says_nonsense:
        assert checked.bad_requests == []
