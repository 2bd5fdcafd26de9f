"""No path leads from a note to SMTP: shown in the source, and by every byte that a server was given."""

import ast
import asyncio
import email
import email.policy
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agentdesk
from agentdesk import services
from agentdesk.demo.faults import Faults
from agentdesk.demo.smtp_server import DemoSmtpServer
from agentdesk.domain.case import NewCase
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.draft import Draft
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import CaseId, InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address
from agentdesk.domain.template import Template, TemplateId, TemplateKind
from agentdesk.domain.views import Delivery
from agentdesk.mail import compose
from agentdesk.services import quarantine as _quarantine  # noqa: F401  loads what the lazy package hides
from tests.databases import database
from tests.desks import RULES, SETUP, SUPPORT, World, desk, mail
from tests.engine.test_send import SOON, Post, running

PACKAGE = Path(agentdesk.__file__).parent
PLANT = "xnotex"
NOTE = f"@ben {PLANT} in a note\n> {PLANT} quoted\n\n{{{{customer.name}}}} {PLANT}\n-- \n{PLANT}"

# In the source


def module_name(path: Path) -> str:
    parts = ("agentdesk", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


SOURCES = {
    module_name(path): ast.parse(path.read_text(encoding="utf-8"))
    for path in PACKAGE.rglob("*.py")
    if "migrations" not in path.parts
}


def imported(module: str) -> set[str]:
    """The modules of ours that *module* imports, inside functions, too."""
    found = set()
    for node in ast.walk(SOURCES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return {name for name in found if name in SOURCES}


def reached(module: str) -> set[str]:
    """Everything that *module* can call into."""
    seen, ahead = set(), [module]
    while ahead:
        for name in imported(ahead.pop()) - seen:
            seen.add(name)
            ahead.append(name)
    return seen


def names_in(module: str) -> set[str]:
    """Every name, attribute and text in a module."""
    found = set()
    for node in ast.walk(SOURCES[module]):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


BUILD = "agentdesk.mail.compose"
WRITERS = {
    module
    for module in SOURCES
    if module.startswith(("agentdesk.services", "agentdesk.engine", "agentdesk.tui"))
    and {"Outgoing", "build"} & names_in(module)
    and BUILD in imported(module)
}
"""Whatever makes the bytes of a mail."""

NOTES = {"NOTE_ADDED", "note_added", "mentions", "MENTIONED"}


def test_who_writes_a_note_can_reach_nothing_that_builds_or_sends_a_mail() -> None:
    out = reached("agentdesk.services.notes")
    ways = {BUILD, "agentdesk.mail.smtp", "agentdesk.mail.account", "agentdesk.storage.outbox"}
    assert not out & (ways | WRITERS)
    assert not {name for name in out if name.startswith("agentdesk.engine")}
    assert "agentdesk.storage.drafts" not in out


def test_who_builds_a_mail_knows_nothing_of_notes() -> None:
    assert {"agentdesk.services.letters", "agentdesk.services.acknowledging"} <= WRITERS
    for writer in WRITERS:
        assert not NOTES & names_in(writer), writer
        assert "agentdesk.services.notes" not in imported(writer), writer
        assert "agentdesk.services.stream" not in imported(writer), writer


def test_the_text_of_notes_is_read_for_the_screen_only() -> None:
    """Whoever reads events of notes builds no mail and writes no draft."""
    for module in SOURCES:
        if not {"NOTE_ADDED", "note_added"} & names_in(module):
            continue
        assert module not in WRITERS, module
        assert "agentdesk.services.letters" not in imported(module), module
        assert "DraftContent" not in names_in(module), module


def test_a_mail_is_made_of_the_drafts_content_and_of_nothing_else() -> None:
    """What `letters.write` puts into subject and text is what the composer holds."""
    names = names_in("agentdesk.services.letters")
    assert {"content", "subject", "body"} <= names
    assert "agentdesk.storage.events" not in imported("agentdesk.services.letters")


# By every byte


@dataclass
class Run:
    """A desk at work: notes at every state, mails of every kind, one server that keeps the bytes."""

    world: World
    post: Post
    notes: int = 0
    noted_in: set[State] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    cases: list[CaseId] = field(default_factory=list)
    n: int = 0

    async def begin(self) -> None:
        for login in ("ana", "ben", "sue"):
            await self.world.sign_in(login)
        text = "Hello {{customer.first_name}}, about {{interaction.subject}} on {{today}}."
        made = Template(TemplateId(0), "", TemplateKind.REPLY, "Hello", text)
        self.template = await services.templates.save(
            self.world.desk, self.world.actors["sue"], made
        )
        await self.arrive()

    async def newest(self) -> InteractionId:
        ana = self.world.actors["ana"]
        rows = (await services.views.interactions(self.world.desk, ana)).rows
        still = [row for row in rows if not row.state.closed]
        if not still:
            await self.arrive()
            return await self.newest()
        return still[0].interaction_id

    async def arrive(self) -> None:
        self.n += 1
        text = f"Question {self.n}: {{{{case.number}}}}?"
        await self.world.arrive(
            mail(text, subject=f"Order {self.n}", to=(SUPPORT, "lee@y.example"))
        )

    async def take(self) -> None:
        await services.offers.assign_to_me(
            self.world.desk, self.world.actors["ana"], await self.newest()
        )

    async def note(self) -> None:
        desk_, ana, key = self.world.desk, self.world.actors["ana"], await self.newest()
        before = (await services.views.interaction(desk_, ana, key)).state
        for login in ("ana", "ben"):
            await services.notes.add(desk_, self.world.actors[login], key, NOTE)
        self.notes += 1
        self.noted_in.add(before)

    async def hand_on(self) -> None:
        desk_, ana, key = self.world.desk, self.world.actors["ana"], await self.newest()
        queue = desk_.in_force.queue_ids["sales"]
        await services.transferring.to_queue(desk_, ana, key, queue, f"{PLANT} for the next")

    async def _queue(self, draft: Draft, words: str) -> None:
        desk_, ana = self.world.desk, self.world.actors["ana"]
        to = draft.content.to or "mara.olsen@fjord.example"
        content = replace(draft.content, to=to, body=words + draft.content.body)
        saved = await services.drafts.save(desk_, ana, draft.id, draft.token, content)
        await services.sending.queue(desk_, ana, saved.id, saved.token, anyway=True)
        self.done.add(words)

    async def reply(self) -> None:
        ana, key = self.world.actors["ana"], await self.newest()
        d = await services.drafts.open_reply(self.world.desk, ana, key, everyone=False)
        await self._queue(d, "a reply")

    async def reply_all(self) -> None:
        ana, key = self.world.actors["ana"], await self.newest()
        d = await services.drafts.open_reply(self.world.desk, ana, key, everyone=True)
        await self._queue(d, "a reply to all")

    async def use_template(self) -> None:
        desk_, ana, key = self.world.desk, self.world.actors["ana"], await self.newest()
        filled = await services.templates.fill(desk_, ana, self.template.id, key)
        d = await services.drafts.open_reply(desk_, ana, key, everyone=False)
        await self._queue(d, filled.text)
        self.done.add("a template")

    async def forward(self) -> None:
        desk_, ana, key = self.world.desk, self.world.actors["ana"], await self.newest()
        page = await services.views.stream(desk_, ana, key)
        message = next(e.message_id for e in page.entries if e.message_id is not None)
        d = await services.forwarding.open_forward(desk_, ana, key, message)
        await self._queue(d, "a forward")

    async def write_first(self) -> None:
        desk_, ana = self.world.desk, self.world.actors["ana"]
        (hit, *_) = await services.people.find(desk_, ana, "mara", accounts=False)
        assert hit.customer_id is not None
        d = await services.outbound.open_for_customer(desk_, ana, hit.customer_id)
        await self._queue(d, "a first mail")

    async def investigate(self) -> None:
        """A case, with notes in it before and behind an answer."""
        desk_, ana, key = self.world.desk, self.world.actors["ana"], await self.newest()
        case = await services.cases.create(desk_, ana, key, NewCase(description=NOTE))
        self.cases.append(case)
        await services.notes.add(desk_, ana, case, NOTE)
        d = await services.drafts.open_reply(desk_, ana, case, everyone=True)
        await self._queue(d, "a reply out of a case")
        await services.notes.add(desk_, self.world.actors["ben"], case, NOTE)
        self.notes += 2

    async def hold(self) -> None:
        await services.handling.hold(self.world.desk, self.world.actors["ana"], await self.newest())

    async def close(self) -> None:
        await services.handling.close(
            self.world.desk, self.world.actors["ana"], await self.newest()
        )

    async def wrap_up(self) -> None:
        desk_, ana, key = self.world.desk, self.world.actors["ana"], await self.newest()
        codes = await services.handling.wrap_up_codes(desk_, ana, key)
        await services.handling.wrap_up(desk_, ana, key, codes[0].code_id, f"{PLANT} wrapped up")

    async def wait(self) -> None:
        """Mails leave; two days later customers are reminded."""
        for hours in (0.01, 24, 25):
            self.world.clock.turn(timedelta(hours=hours).total_seconds())
            await services.deadlines.run_passed(self.world.desk)
            self.world.clock.turn(11)
            await services.deadlines.run_passed(self.world.desk)
            await self.delivered()

    async def delivered(self) -> None:
        """Until nothing is on its way."""
        moving = {Delivery.QUEUED, Delivery.SENDING, Delivery.MAYBE_SENT}
        if not moving & set(await self.states()):
            return
        async with running(self.world, self.post.sender(self.world)), asyncio.timeout(SOON):
            while moving & set(await self.states()):
                await asyncio.sleep(0.02)

    async def states(self) -> list[Delivery]:
        ana, found = self.world.actors["ana"], []
        for row in (await services.views.interactions(self.world.desk, ana)).rows:
            page = await services.views.stream(self.world.desk, ana, row.interaction_id)
            found += [e.delivery for e in page.entries if e.delivery is not None]
        for case in self.cases:
            page = await services.cases.stream(self.world.desk, ana, case)
            found += [e.delivery for e in page.entries if e.delivery is not None]
        return found

    async def play(self, steps: list[str]) -> None:
        """Each step where the state allows it, a note before and behind."""
        for step in steps:
            with suppress(DeskError):
                await self.note()
            with suppress(DeskError):
                await getattr(self, step)()
        with suppress(DeskError):
            await self.note()
        await self.wait()


STEPS = (
    "arrive",
    "take",
    "reply",
    "reply_all",
    "use_template",
    "forward",
    "write_first",
    "hold",
    "hand_on",
    "investigate",
    "close",
    "wrap_up",
    "wait",
)


def readable(raw: bytes) -> Iterator[str]:
    """All that anybody could read in a mail: as it went, every header, every part decoded."""
    yield raw.decode("latin-1")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        yield from (f"{name}: {value}" for name, value in part.items())
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            yield content.decode("utf-8", "replace")


def check(run: Run) -> None:
    assert run.notes
    for raw in run.post.got:
        for text in readable(raw):
            assert PLANT not in text.casefold()


@asynccontextmanager
async def at_work(url: str) -> AsyncIterator[Run]:
    """A desk that acknowledges and reminds, its mails handed to a real server."""
    accounts = tuple(replace(a, acknowledgement="We have {number}.") for a in SETUP.accounts)
    clock, got = ManualClock(), []  # type: ignore[var-annotated]

    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        got.append(raw + f"\r\n{sender} {recipients}".encode())

    setup = replace(SETUP, accounts=accounts)
    async with (
        desk(url, clock=clock, rules=RULES, setup=setup) as made,
        DemoSmtpServer(on_mail, users={SUPPORT: "secret"}, faults=Faults()) as smtp,
    ):
        world = World(made, clock)
        post = Post(smtp, Faults(), got)
        run = Run(world, post)
        await run.begin()
        yield run


async def test_notes_at_every_state_beside_mails_of_every_kind(url: str) -> None:
    async with at_work(url) as run:
        await run.play(["wait", "take", "reply", "wait", "arrive", "take", "reply_all", "wait"])
        await run.play(["take", "use_template", "wait", "write_first", "wait", "forward", "wait"])
        await run.play(["hold", "close", "wrap_up", "arrive", "take", "hand_on", "take", "reply"])
        await run.play(["wait", "arrive", "take", "investigate", "wait"])
        check(run)
        kinds = "\n".join(text for raw in run.post.got for text in readable(raw))
    assert run.noted_in == {State.NEW, State.WORK_IN_PROGRESS, State.ON_HOLD, State.WRAP_UP}
    for words in (
        "We have IMS",
        "a reply",
        "a reply to all",
        "a first mail",
        "a forward",
        "a reply out of a case",
        "Hello Mara, about Order",
        "Auto-Submitted: auto-generated",
    ):
        assert words in kinds, words


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(STEPS), min_size=3, max_size=12))
def test_whatever_is_done_in_whatever_order(steps: list[str]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with database("sqlite", Path(folder)) as url, at_work(url) as run:
                await run.play(steps)
                check(run)

    asyncio.run(play())


async def test_a_mail_that_quoted_a_note_would_be_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "quote_original", lambda *_: f"> {PLANT}")
    async with database("sqlite", tmp_path) as url, at_work(url) as run:
        await run.play(["take", "reply"])
        with pytest.raises(AssertionError):
            check(run)


def test_the_search_finds_what_is_hidden_by_encodings() -> None:
    """The test above would be worth nothing if a decoded part were overlooked."""

    def found(**changes: str) -> bool:
        letter = compose.Outgoing(
            sender=Address(SUPPORT),
            to=(Address("m@x.example"),),
            subject=changes.get("subject", "x"),
            text=changes.get("text", "x"),
            message_id="1@x.example",
            date=ManualClock().now(),
        )
        return any(PLANT in text.casefold() for text in readable(compose.build(letter)))

    long = f"é {'y' * 60} {PLANT} {'z' * 400}"
    assert found(text=long)
    assert found(subject=f"Ünïcode {PLANT}")
    assert not found(text="Nothing")
