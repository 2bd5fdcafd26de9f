"""Simulated customers: they write to the desk and answer it, over SMTP and IMAP like anybody."""

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from agentdesk.demo import mailers
from agentdesk.demo.people import CLAIMS, DESK, Person
from agentdesk.demo.talks import (
    LISTENERS,
    Mood,
    Opening,
    Talk,
    answer,
    claims_of,
    mood,
    openings_of,
    running,
)
from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import MailProblem
from agentdesk.domain.message import MailKind, ParsedMail
from agentdesk.mail.account import Envelope, ImapServer, NotSent, OutcomeUnknown, SmtpServer
from agentdesk.mail.compose import reply_subject
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.mime import understand
from agentdesk.mail.smtp import SmtpAccount

FIRST_S = (0.8, 2.4)
BETWEEN_S = (20.0, 60.0)
ANSWER_S = (5.0, 25.0)
AWAY_S = 1.0
OPEN_AT_MOST = 6
FIRST_CLAIM_S = (6.0, 9.0)
BETWEEN_CLAIMS_S = (40.0, 90.0)
CLAIMS_AT_MOST = 2
PATIENCE_S = 600.0
RETRY_S = 2.0
LOOK_S = 300.0
AGAIN_S = 0.05
_HOST = "127.0.0.1"
_MAILBOXES = {mailbox.key: mailbox for mailbox in (*DESK, CLAIMS)}
_ADDRESSES = {mailbox.address for mailbox in _MAILBOXES.values()}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PostOffice:
    """How customers reach their mail: ports on 127.0.0.1, and everybody's password by address."""

    imap_port: int
    smtp_port: int
    passwords: Mapping[str, str]

    def reader(self, email: str) -> ImapAccount:
        """A connection to read one's mail."""
        server = ImapServer(_HOST, self.imap_port, "plain", email)
        return ImapAccount(server, self.passwords[email])

    async def hand_in(self, sender: str, to: str, raw: bytes) -> None:
        """Send a mail. A lost connection is tried again; a mail that is refused is forgotten."""
        server = SmtpServer(_HOST, self.smtp_port, "plain", sender)
        account = SmtpAccount(server, self.passwords[sender])
        try:
            await account.submit(Envelope(sender, (to,)), raw, before_final_dot=_nothing)
        except OutcomeUnknown:
            return
        except NotSent as error:
            if not error.permanent:
                raise
            log.warning("the mail of %s was refused: %s", sender, error)
        finally:
            await account.close()


async def _nothing(refused: object) -> None:
    """There is nothing to note before the final dot."""


async def _persistently(step: Callable[[], Awaitable[None]]) -> None:
    """Do it, and once more after each lost connection. Anything unforeseen ends it, with a trace."""
    while True:
        try:
            await step()
        except (MailProblem, OSError) as error:
            log.debug("a customer tries again: %s", error)
            await asyncio.sleep(RETRY_S)
        except Exception:
            log.exception("a customer stumbled")
            return
        else:
            return


async def _always(step: Callable[[], Awaitable[None]]) -> None:
    """Do it again and again, whatever happens."""
    while True:
        await _persistently(step)
        await asyncio.sleep(RETRY_S)


class WaitingRoom:
    """Conversations in which a customer waits for the desk. Nobody waits longer than *patience_s*."""

    def __init__(self, seats: int, patience_s: float) -> None:
        self._seats, self._patience_s = seats, patience_s
        self._talks: list[Talk] = []
        self._answered = asyncio.Event()

    def add(self, talk: Talk) -> None:
        """Somebody may be waiting from now on."""
        self._talks.append(talk)

    def hear(self) -> None:
        """The desk answered somebody."""
        self._answered.set()

    async def has_room(self) -> None:
        """Wait while every seat is taken."""
        while len(waits := self._waits()) >= self._seats:
            self._answered.clear()
            try:
                await asyncio.wait_for(self._answered.wait(), self._patience_s - max(waits) + 0.01)
            except TimeoutError:
                continue

    def _waits(self) -> list[float]:
        """How many seconds each has been waiting."""
        now = asyncio.get_running_loop().time()
        self._talks = [t for t in self._talks if not t.over]
        waits = (now - t.waiting_since for t in self._talks if t.waiting_since is not None)
        return [w for w in waits if w < self._patience_s]


class Crowd:
    """All simulated customers of one world, *speed* times faster than real ones."""

    def __init__(self, office: PostOffice, seed: int, speed: float, clock: Clock) -> None:
        self._office, self._seed, self._speed, self._clock = office, seed, speed, clock
        self._rng = random.Random(f"crowd {seed}")
        self._waiting = WaitingRoom(OPEN_AT_MOST, PATIENCE_S / speed)
        self._claimants = WaitingRoom(CLAIMS_AT_MOST, PATIENCE_S / speed)
        self._customers = {p.email: self._customer(p) for p in LISTENERS}
        self._tasks: set[asyncio.Task[None]] = set()

    def _customer(self, person: Person) -> "Customer":
        return Customer(person, self._office, self._seed, self._speed, self._clock, self._hear)

    def _hear(self) -> None:
        self._waiting.hear()
        self._claimants.hear()

    def begin(self, *, claims: bool = False) -> None:
        """Everybody lives from now on, with *claims* also who writes there. Once more does nothing."""
        if not self._tasks:
            loops = [loop for customer in self._customers.values() for loop in customer.loops()]
            self._tasks = {asyncio.create_task(_always(loop)) for loop in loops}
            self._tasks.add(asyncio.create_task(self._write()))
            if claims:
                self._tasks.add(asyncio.create_task(self._claim()))

    async def close(self) -> None:
        """Everybody stops, and every connection is closed.

        Asked repeatedly: before Python 3.12 `asyncio.wait_for`, which aiosmtplib uses, loses a
        cancellation that comes together with an answer.
        """
        living = self._tasks
        while living:
            for task in living:
                task.cancel()
            _, living = await asyncio.wait(living, timeout=AGAIN_S)

    async def _write(self) -> None:
        """New mails, one after the other, while the desk keeps up."""
        await asyncio.sleep(self._rng.uniform(*FIRST_S) / max(self._speed, 1))
        await self._keep_on(openings_of(self._seed), self._waiting, BETWEEN_S, self._rng)

    async def _claim(self) -> None:
        """The same to the contact centre's queue."""
        rng = random.Random(f"claimants {self._seed}")
        await asyncio.sleep(rng.uniform(*FIRST_CLAIM_S) / max(self._speed, 1))
        await self._keep_on(claims_of(self._seed), self._claimants, BETWEEN_CLAIMS_S, rng)

    async def _keep_on(
        self,
        openings: Iterator[Opening],
        room: WaitingRoom,
        between_s: tuple[float, float],
        rng: random.Random,
    ) -> None:
        for opening in openings:
            await room.has_room()
            await _persistently(lambda o=opening: self._send(o, room))  # type: ignore[misc]
            await asyncio.sleep(rng.uniform(*between_s) / self._speed)

    async def _send(self, opening: Opening, room: WaitingRoom) -> None:
        writer = self._customers.get(opening.talk.person.email)
        writer = writer or self._customer(opening.talk.person)
        await writer.write(opening)
        room.add(opening.talk)


class Customer:
    """One person with a mailbox: reads what the desk answers, and answers in turn."""

    def __init__(
        self,
        person: Person,
        office: PostOffice,
        seed: int,
        speed: float,
        clock: Clock,
        heard: Callable[[], None],
    ) -> None:
        self.person = person
        self._office, self._speed, self._clock, self._heard = office, speed, clock, heard
        self._rng = random.Random(f"{seed} {person.email}")
        self._by_id: dict[str, Talk] = {}
        self._by_subject = running(person, seed)
        self._unread: asyncio.Queue[tuple[Talk, ParsedMail]] = asyncio.Queue()
        self._next_uid = 1

    def loops(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What a customer does all day, side by side."""
        return self._read, self._answer

    # -- writing ---------------------------------------------------------------------------

    async def write(self, opening: Opening) -> None:
        """Begin a conversation. Raises `MailProblem` when it cannot be sent now."""
        to = _MAILBOXES[opening.key]
        await self._send(
            opening.talk,
            mailers.Written(
                opening.claims or self.person.address,
                to.sender,
                opening.subject,
                opening.text,
                self._new_id(),
                self._clock.now(),
                opening.files,
                html=opening.html,
                cites=opening.cites,
            ),
        )
        self._by_subject[opening.subject] = opening.talk

    async def _send(self, talk: Talk, written: mailers.Written) -> None:
        raw = mailers.build(self.person.mailer, written)
        await self._office.hand_in(self.person.email, written.to.email, raw)
        self._by_id[written.message_id] = talk
        if not (written.automatic or talk.over):
            talk.waiting_since = asyncio.get_running_loop().time()

    def _new_id(self) -> str:
        return f"{secrets.token_hex(12)}@{self.person.email.partition('@')[2]}"

    # -- reading ---------------------------------------------------------------------------

    async def _read(self) -> None:
        """Follow the mailbox; only a lost connection ends it."""
        account = self._office.reader(self.person.email)
        try:
            await account.connect()
            await account.select("INBOX")
            while True:
                await self._fetch(account)
                await account.wait_for_change(LOOK_S)
        finally:
            await account.close()

    async def _fetch(self, account: ImapAccount) -> None:
        waiting = await account.uids_since(self._next_uid)
        if not waiting:
            return
        async for batch in account.fetch(waiting):
            for fetched in batch:
                self._next_uid = fetched.uid + 1
                self._take(await asyncio.to_thread(understand, fetched.raw))

    def _take(self, mail: ParsedMail) -> None:
        """A mail of the desk will be answered; others are none of ours."""
        automatic = mail.kind is MailKind.AUTO_REPLY or mail.subject.startswith("Auto: ")
        if mail.sender.email not in _ADDRESSES or automatic:
            return
        talk = self._talk_of(mail)
        talk.newest, talk.waiting_since = mail.message_id, None
        self._by_id[mail.message_id] = talk
        self._unread.put_nowait((talk, mail))
        self._heard()

    def _talk_of(self, mail: ParsedMail) -> Talk:
        cited = (*mail.in_reply_to, *reversed(mail.references))
        for talk in (self._by_id[i] for i in cited if i in self._by_id):
            return talk
        subjects = {reply_subject(subject): talk for subject, talk in self._by_subject.items()}
        return subjects.get(reply_subject(mail.subject)) or Talk(self.person, None)

    # -- answering -------------------------------------------------------------------------

    async def _answer(self) -> None:
        """Answer one mail after the other, as a person does."""
        while True:
            talk, mail = await self._unread.get()
            how = mood(talk, self._rng)
            if how is Mood.AWAY:
                await asyncio.sleep(AWAY_S / self._speed)
                await self._reply(talk, mail, how)
                how = Mood.ASKS
            await asyncio.sleep(self._rng.uniform(*ANSWER_S) / self._speed)
            if how is not Mood.NOTHING and talk.newest == mail.message_id:
                await self._reply(talk, mail, how)

    async def _reply(self, talk: Talk, mail: ParsedMail, how: Mood) -> None:
        now = self._clock.now()
        written = mailers.Written(
            self.person.address,
            (mail.reply_to or (mail.sender,))[0],
            "",
            answer(talk, how, self._rng),
            self._new_id(),
            now,
            answers=mailers.Answered(
                mail.sender,
                self.person.address,
                mail.date or now,
                mail.subject,
                mail.text,
                mail.message_id,
                mail.references,
            ),
            automatic=how is Mood.AWAY,
        )
        await _persistently(lambda: self._send(talk, written))
