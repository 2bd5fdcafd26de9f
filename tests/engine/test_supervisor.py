"""Back-off: from a second to five minutes with full jitter, and anew after a minute of work."""

import asyncio

import pytest

from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import ConnectionLost
from agentdesk.domain.views import Health
from agentdesk.engine import supervisor
from agentdesk.engine.supervisor import Pulse, Supervisor


async def waits(
    monkeypatch: pytest.MonkeyPatch, failures: int, well_at: int | None = None
) -> list[tuple[float, float]]:
    """The range of each rest of a loop that fails so often; before one it worked for long."""
    asked: list[tuple[float, float]] = []
    count = 0
    ended = asyncio.Event()

    def chosen(low: float, high: float) -> float:
        asked.append((low, high))
        return 0.0

    async def loop(pulse: Pulse) -> None:
        nonlocal count
        count += 1
        if count > failures:
            ended.set()
            return
        pulse.say(Health.BUSY, "Connecting.")
        if count == well_at:
            pulse.say(Health.IDLE)
            pulse._well_since = asyncio.get_running_loop().time() - supervisor.WELL_S - 1
        raise ConnectionLost("The network is gone.")

    monkeypatch.setattr(supervisor.random, "uniform", chosen)
    made = Supervisor(ManualClock())
    made.start("reading", loop)
    async with asyncio.timeout(5):
        await ended.wait()
    await made.stop()
    return asked


async def test_rests_double_from_a_second_to_five_minutes_each_from_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = await waits(monkeypatch, 11)
    assert [low for low, _ in asked] == [0] * 11
    assert [high for _, high in asked] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


async def test_a_loop_that_worked_for_a_minute_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = await waits(monkeypatch, 5, well_at=4)
    assert [high for _, high in asked] == [1, 2, 4, 1, 2]
