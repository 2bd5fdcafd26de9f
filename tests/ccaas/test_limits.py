"""Never more requests in a minute than a centre allows, and never a long wait without a word."""

import pytest

from agentdesk.ccaas import limits
from agentdesk.ccaas.limits import Bucket
from agentdesk.domain.ccaas.errors import RateLimited


class Watch:
    """Seconds that pass only while somebody waits for a turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(limits.asyncio, "sleep", self.sleep)

    def seconds(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


@pytest.mark.parametrize("per_minute", [10, 300])
async def test_in_any_minute_there_are_no_more_than_that(watch: Watch, per_minute: int) -> None:
    bucket, turns = Bucket(per_minute, watch.seconds), list[float]()
    while watch.now < 1_200:
        try:
            await bucket.turn("Genesys Cloud")
        except RateLimited as error:
            watch.now += error.retry_after or 0
            continue
        turns.append(watch.now)
    busiest = max(sum(start <= t < start + 60 for t in turns) for start in turns)
    assert busiest <= per_minute
    assert len(turns) >= per_minute * 200 / 60 * 0.75, "and not many fewer, either"


async def test_a_long_wait_is_the_callers(watch: Watch) -> None:
    bucket = Bucket(300, watch.seconds)
    bucket.close_for(42)
    with pytest.raises(RateLimited, match="as often as it allows") as raised:
        await bucket.turn("Genesys Cloud")
    assert raised.value.retry_after == 42
    watch.now += 39
    await bucket.turn("Genesys Cloud")
    assert watch.now == 1_042
