"""Servers that are away, refuse, lie and hang up: each ends in one sentence, and the desk goes on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.bootstrap.opened import RunningDesk, start
from agentdesk.demo.faults import Drop, Say
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Delivery, Health, LoopHealth, StreamEntry
from tests.desks import RULES, SUPPORT, desk
from tests.engine.test_end_to_end import until
from tests.terminal.office import Office, office

RETRY = timedelta(minutes=1)
RULES_AT_ONCE = replace(RULES, undo_send=timedelta(0))


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "desk") as made:
        yield made


@asynccontextmanager
async def working(
    post: Office, clock: ManualClock | None = None, password: str = ""
) -> AsyncIterator[RunningDesk]:
    """Ana at her desk, its engine running in this process."""
    post.folder.mkdir()
    url = f"sqlite:///{post.database}"
    async with desk(url, clock=clock or ManualClock(), rules=RULES_AT_ONCE) as made:
        line = post.line(password) if password else post.line()
        opened = await start(made, [line], "ana")
        try:
            yield opened
        finally:
            await opened.close()


def loop(opened: RunningDesk, name: str) -> LoopHealth:
    """How one loop is."""
    return next(h for h in opened.health() if h.name == name)


def health_is(opened: RunningDesk, name: str, health: Health) -> Callable[[], Awaitable[bool]]:
    async def found() -> bool:
        return loop(opened, name).health is health

    return found


async def first_in(opened: RunningDesk) -> InteractionId:
    """The interaction of the first mail, once it is filed."""

    async def there() -> bool:
        return bool((await services.views.interactions(opened.desk, opened.actor)).rows)

    await until(opened, there)
    page = await services.views.interactions(opened.desk, opened.actor)
    return page.rows[-1].interaction_id


async def answer(opened: RunningDesk, post: Office) -> InteractionId:
    """Mara writes, Ana takes it and sends an answer."""
    post.write_in("My parcel arrived broken.")
    key = await first_in(opened)
    made, ana = opened.desk, opened.actor
    await services.offers.assign_to_me(made, ana, key)
    draft = await services.drafts.open_reply(made, ana, key, everyone=False)
    await services.sending.queue(made, ana, draft.id, draft.token)
    return key


async def sent_mail(opened: RunningDesk, key: InteractionId, *states: Delivery) -> StreamEntry:
    """The entry of the answer, once its delivery is one of *states*."""
    found: list[StreamEntry] = []

    async def there() -> bool:
        page = await services.views.stream(opened.desk, opened.actor, key)
        found[:] = [e for e in page.entries if e.delivery in states]
        return bool(found)

    await until(opened, there)
    return found[0]


# Receiving


async def test_a_server_that_is_away_at_the_start_is_asked_until_it_is_there(post: Office) -> None:
    port = post.imap.port
    await post.imap.close()
    async with working(post) as opened:
        await until(opened, health_is(opened, SUPPORT, Health.RETRYING))
        sentence = loop(opened, SUPPORT).sentence
        assert f"127.0.0.1:{port}" in sentence
        await post.imap.start(port)
        post.write_in("Are you there?")
        assert await first_in(opened)


async def test_a_connection_dropped_mid_fetch_loses_nothing_and_files_nothing_twice(
    post: Office,
) -> None:
    for n in range(60):
        post.write_in(f"Question number {n}.", subject=f"Question {n}")
    for after_bytes in (40, 700, 9_000, 30_000):
        post.imap.faults.plan("FETCH", Drop(after_bytes))
        post.imap.faults.plan("FETCH", None)  # of the sizes, or of one batch
    async with working(post) as opened:

        async def all_there() -> bool:
            opened.retry()
            page = await services.views.interactions(opened.desk, opened.actor)
            return len(page.rows) >= 60 and loop(opened, SUPPORT).health is Health.IDLE

        await until(opened, all_there)
        page = await services.views.interactions(opened.desk, opened.actor)
        assert len(page.rows) == 60
        assert len({row.subject for row in page.rows}) == 60


async def test_a_refused_login_stops_and_says_so_until_a_person_tries_again(post: Office) -> None:
    refusal = Say("NO [AUTHENTICATIONFAILED] Invalid credentials")
    post.imap.faults.plan("LOGIN", refusal, None)
    post.imap.faults.plan("AUTHENTICATE", refusal, None)
    async with working(post) as opened:
        await until(opened, health_is(opened, SUPPORT, Health.STOPPED))
        assert "password" in loop(opened, SUPPORT).sentence
        post.imap.faults.clear()
        post.write_in("Nobody reads this yet.")
        opened.retry()
        assert await first_in(opened)


# Sending


async def test_a_mail_that_shall_wait_is_sent_a_minute_later(post: Office) -> None:
    clock = ManualClock()
    post.smtp.faults.plan("RCPT", Say("451 4.7.1 Greylisted, come back later"))
    async with working(post, clock) as opened:
        key = await answer(opened, post)
        waiting = await sent_mail(opened, key, Delivery.DEFERRED)
        assert "come back later" in waiting.delivery_note
        assert post.received() == []
        clock.turn(RETRY.total_seconds() + 1)
        await services.notes.add(opened.desk, opened.actor, key, "Time goes by.")
        await sent_mail(opened, key, Delivery.SENT)
        assert len(post.received()) == 1


@pytest.mark.parametrize(
    ("point", "reply"),
    [
        ("RCPT", "550 5.1.1 No such mailbox"),
        ("MAIL", "552 5.3.4 Message too big"),
        ("DOT", "552 5.2.2 The mailbox is full"),
        ("DOT", "554 5.7.1 Refused as spam"),
    ],
)
async def test_a_mail_refused_for_good_has_failed_and_the_stream_tells_why(
    post: Office, point: str, reply: str
) -> None:
    post.smtp.faults.plan(point, Say(reply))
    async with working(post) as opened:
        key = await answer(opened, post)
        failed = await sent_mail(opened, key, Delivery.FAILED)
        assert reply.split(" ", 2)[2] in failed.delivery_note
        page = await services.views.stream(opened.desk, opened.actor, key)
        assert any("not sent" in e.title for e in page.entries)
        assert failed.outbox_id is not None
        await services.sending.send_again(opened.desk, opened.actor, failed.outbox_id)
        await sent_mail(opened, key, Delivery.SENT)
        assert len(post.received()) == 1


@pytest.mark.parametrize(("point", "kept"), [("DOT", 0), ("ANSWER", 1)])
async def test_a_line_cut_after_the_dot_leaves_the_outcome_unknown_and_never_sends_twice(
    post: Office, point: str, kept: int
) -> None:
    clock = ManualClock()
    post.smtp.faults.plan(point, Drop())
    async with working(post, clock) as opened:
        key = await answer(opened, post)
        unknown = await sent_mail(opened, key, Delivery.UNKNOWN)
        assert len(post.received()) == kept
        clock.turn(timedelta(days=1).total_seconds())
        await services.notes.add(opened.desk, opened.actor, key, "A day later.")
        post.write_in("Another matter.", subject="Order 7001")
        await until(opened, _interactions(opened, 2))
        assert (await sent_mail(opened, key, Delivery.UNKNOWN)).seq == unknown.seq
        assert len(post.received()) == kept
        assert unknown.outbox_id is not None
        await services.sending.confirm_sent(opened.desk, opened.actor, unknown.outbox_id)
        await sent_mail(opened, key, Delivery.SENT)
        assert len(post.received()) == kept


@pytest.mark.parametrize("point", ["CONNECT", "MAIL", "RCPT", "DATA", "BODY"])
async def test_a_line_cut_before_the_dot_sends_the_mail_once_when_it_is_back(
    post: Office, point: str
) -> None:
    clock = ManualClock()
    post.smtp.faults.plan(point, Drop())
    async with working(post, clock) as opened:
        key = await answer(opened, post)
        await sent_mail(opened, key, Delivery.DEFERRED)
        clock.turn(RETRY.total_seconds() + 1)
        await services.notes.add(opened.desk, opened.actor, key, "Time goes by.")
        await sent_mail(opened, key, Delivery.SENT)
        assert len(post.received()) == 1


async def test_a_refused_login_keeps_the_mail_and_stops_sending_until_a_person_tries_again(
    post: Office,
) -> None:
    clock = ManualClock()
    post.smtp.faults.plan("AUTH", Say("535 5.7.8 Bad credentials"), None)
    async with working(post, clock) as opened:
        key = await answer(opened, post)
        name = f"sending as {SUPPORT}"
        await until(opened, health_is(opened, name, Health.STOPPED))
        assert "password" in loop(opened, name).sentence
        await sent_mail(opened, key, Delivery.DEFERRED)
        post.smtp.faults.clear()
        clock.turn(RETRY.total_seconds() + 1)
        opened.retry()
        await services.notes.add(opened.desk, opened.actor, key, "Password corrected.")
        await sent_mail(opened, key, Delivery.SENT)
        assert len(post.received()) == 1


def _interactions(opened: RunningDesk, count: int) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        page = await services.views.interactions(opened.desk, opened.actor)
        return len(page.rows) >= count

    return there
