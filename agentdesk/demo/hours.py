"""When people in the demo's past work and write, by the clock of this machine."""

import random
from datetime import UTC, datetime, time, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPENS, CLOSES = 8, 18
WAKES, SLEEPS = 7, 23
_BY_HOUR = (1, 4, 8, 10, 9, 7, 6, 7, 8, 8, 6, 4, 3, 4, 5, 3)  # first mails from 7 to 22 o'clock


def office(at: datetime, rng: random.Random) -> datetime:
    """*at*, or shortly after the desk opens next."""
    local = at.astimezone()
    if local.weekday() < 5 and OPENS <= local.hour < CLOSES:
        return at
    days = 0 if local.weekday() < 5 and local.hour < OPENS else 1
    while (local + timedelta(days=days)).weekday() >= 5:
        days += 1
    return _on(local + timedelta(days=days), OPENS, rng, minutes=25)


def awake(at: datetime, rng: random.Random) -> datetime:
    """*at*, or the next time when customers are up."""
    local = at.astimezone()
    if WAKES <= local.hour < SLEEPS:
        return at
    return _on(local + timedelta(days=local.hour >= SLEEPS), WAKES, rng, minutes=90)


def some_day(now: datetime, days: int, rng: random.Random) -> datetime:
    """When a first mail came in the last *days*: seldom at weekends, mostly in the forenoon."""
    while True:
        hour = rng.choices(range(WAKES, SLEEPS), _BY_HOUR)[0]
        local = (now - timedelta(days=rng.uniform(0, days))).astimezone()
        if local.weekday() < 5 or rng.random() < 0.2:
            return local.replace(hour=hour).astimezone(UTC)


def _on(local: datetime, hour: int, rng: random.Random, *, minutes: int) -> datetime:
    begin = datetime.combine(local.date(), time(hour), local.tzinfo)
    return (begin + timedelta(minutes=rng.uniform(0, minutes))).astimezone(UTC)
