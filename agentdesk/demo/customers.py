"""Simulated customers: they write to the desk and answer it, over SMTP and IMAP like anybody."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from agentdesk.domain.clock import Clock


@dataclass(frozen=True, slots=True)
class PostOffice:
    """How customers reach their mail: ports on 127.0.0.1, and everybody's password by address."""

    imap_port: int
    smtp_port: int
    passwords: Mapping[str, str]


class Crowd:
    """All simulated customers of one world."""

    def __init__(self, office: PostOffice, seed: int, speed: float, clock: Clock) -> None:
        self._office, self._seed, self._speed, self._clock = office, seed, speed, clock

    async def live(self) -> None:
        """Live until cancelled."""
        await asyncio.get_running_loop().create_future()
