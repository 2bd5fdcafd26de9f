from collections.abc import AsyncIterator

import pytest

from tests.ccaas.rooms import Room, room


@pytest.fixture
async def here() -> AsyncIterator[Room]:
    """A served sandbox with the adapter on it; what went over the wire is held to the contract."""
    async with room() as made:
        yield made
