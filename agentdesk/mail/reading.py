"""Reading mails away from the event loop: in a thread, or in a second process.

A hostile mail may keep a parser busy for seconds, and parsers hold Python's lock while they work.
In a process of its own it costs nobody else time, uses another core, and can be ended; the mail that
was being read then is known by name. Source: docs/architecture.md, *The one way in*.
"""

import asyncio
import logging
import pickle
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final, Protocol, cast

from agentdesk.domain.errors import ReaderUnavailable, Unparseable
from agentdesk.domain.message import ParsedMail

PATIENCE_S: Final = 20.0
"""Seconds for one mail: ten times what the slowest hostile mail of 50 MB takes."""

FAREWELL_S: Final = 1.0
PIECE: Final = 256 * 1024
_LENGTH: Final = 8
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """A mail to be read: its bytes and what tells our own; see `mail.mime.understand`."""

    raw: bytes = field(repr=False)
    own_addresses: frozenset[str] = frozenset()
    authserv_id: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A mail that could not be read, and why. `final`: trying again is useless."""

    why: str
    final: bool = False


Outcome = ParsedMail | Unread


class MailReader(Protocol):
    """Understands mails without holding up the event loop."""

    async def read(self, orders: Sequence[Order]) -> list[Outcome]:
        """One outcome for each order, in their order. Raises `ReaderUnavailable`."""
        ...

    async def close(self) -> None:
        """Give back what reading took. Never raises; reading again starts afresh."""
        ...


def outcome(order: Order) -> Outcome:
    """What one mail says, or why it cannot be told. Never raises."""
    from agentdesk.mail.mime import understand

    try:
        own, server = order.own_addresses, order.authserv_id
        return understand(order.raw, own_addresses=own, authserv_id=server)
    except Unparseable as error:
        return Unread(str(error), final=True)
    except Exception as error:  # a defect of a parser must not stop the mailbox
        log.exception("a mail of %d bytes could not be read", len(order.raw))
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Unread(f"Reading it failed: {type(error).__name__} in {last.name}.")


class ThreadReader(MailReader):
    """Reads in a thread of this process: no start-up, but the event loop shares Python's lock."""

    async def read(self, orders: Sequence[Order]) -> list[Outcome]:
        """One outcome for each order."""
        return await asyncio.to_thread(lambda: [outcome(order) for order in orders])

    async def close(self) -> None:
        """Nothing was taken."""


class ProcessReader(MailReader):
    """Reads in a process of its own, started with the first mail; it ends when this one does."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def read(self, orders: Sequence[Order]) -> list[Outcome]:
        """One outcome for each order; the mail that stalls or ends the process is named `Unread`."""
        async with self._turn:
            outcomes: list[Outcome] = []
            while len(outcomes) < len(orders):
                outcomes += await self._some(orders[len(outcomes) :])
            return outcomes

    async def _some(self, orders: Sequence[Order]) -> list[Outcome]:
        """At least one outcome, from the first on."""
        process = await self._ready()
        assert process.stdin is not None
        assert process.stdout is not None
        sending = asyncio.create_task(_send(process.stdin, orders))  # while answers are read
        outcomes: list[Outcome] = []
        try:
            async with asyncio.timeout(self._patience_s) as patience:
                clock = asyncio.get_running_loop().time
                for _ in orders:
                    outcomes.append(await _receive(process.stdout))
                    patience.reschedule(clock() + self._patience_s)  # anew for each mail
        except TimeoutError:
            outcomes.append(Unread(f"Reading it took longer than {self._patience_s:g} seconds."))
            self._end()
        except (EOFError, OSError):
            outcomes.append(Unread("Reading it ended the process that reads mail."))
            self._end()
        except BaseException:
            self._end()  # its answers would be taken for those to the next orders
            raise
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return outcomes

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",  # the folder that the desk was started in is no place to import from
                    "-c",
                    "from agentdesk.mail.reading import serve; serve()",
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,  # the terminal belongs to the desk
                    start_new_session=True,  # Ctrl-C and a closed terminal are the desk's matter
                )
            except OSError as error:
                raise ReaderUnavailable(
                    f"The process that reads mail cannot be started ({error.strerror}). "
                    "Close other programs; mail is kept until then."
                ) from error
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()

    async def close(self) -> None:
        """End the process; one that is busy is not waited for."""
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(FAREWELL_S):
                await process.wait()
        except TimeoutError:
            self._end()


async def _send(stdin: asyncio.StreamWriter, orders: Sequence[Order]) -> None:
    """Each order without its mail, then the mail in pieces: 50 MB at once would stop the loop."""
    for order in orders:
        stdin.write(_framed((len(order.raw), replace(order, raw=b""))))
        for start in range(0, len(order.raw), PIECE):
            stdin.write(order.raw[start : start + PIECE])
            await stdin.drain()


async def _receive(stdout: asyncio.StreamReader) -> Outcome:
    length = int.from_bytes(await stdout.readexactly(_LENGTH))
    found: Outcome = pickle.loads(await stdout.readexactly(length))  # our own process wrote it
    return found


def _framed(value: object) -> bytes:
    packed = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return len(packed).to_bytes(_LENGTH) + packed


def serve() -> None:
    """The second process: orders on standard input, outcomes on standard output, until its end."""
    orders, outcomes = sys.stdin.buffer, sys.stdout.buffer
    while (order := _next_order(orders)) is not None:
        outcomes.write(_framed(outcome(order)))
        outcomes.flush()


def _next_order(stream: BinaryIO) -> Order | None:
    """None at the end of the stream."""
    length = stream.read(_LENGTH)
    packed = stream.read(int.from_bytes(length)) if len(length) == _LENGTH else b""
    if not packed:
        return None
    size, order = cast("tuple[int, Order]", pickle.loads(packed))
    return replace(order, raw=stream.read(size))
