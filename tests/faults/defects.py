"""Engines that are broken on purpose: the books must catch each."""

from collections.abc import Callable
from typing import Any


def file_before_commit() -> None:
    """A mail is called filed in one transaction and becomes a message in the next."""
    from agentdesk.services import filing, intake
    from agentdesk.storage import mailboxes

    together = intake._file_together

    async def broken(desk: Any, good: Any) -> None:
        async with desk.store.write() as tx:
            await mailboxes.mark_filed(tx, [(r.located.id, None) for r in good])
        async with desk.store.write() as tx:
            await filing.file_batch(desk, tx, [(r.located, r.mail) for r in good])

    assert together
    intake._file_together = broken


def move_cursor_first() -> None:
    """The cursor passes over mails that are not stored yet."""
    from agentdesk.services import intake
    from agentdesk.storage import mailboxes

    store = intake.store

    async def broken(desk: Any, mailbox: Any, uidvalidity: int, mails: Any, next_uid: int) -> None:
        async with desk.store.write() as tx:
            await mailboxes.move_cursor(tx, mailbox, uidvalidity, next_uid)
        await store(desk, mailbox, uidvalidity, mails, next_uid)

    intake.store = broken


def forget_contents() -> None:
    """What was filed from one place is filed again from the next."""
    from agentdesk.storage import mailboxes

    async def broken(tx: Any, addresses: Any) -> dict[str, int]:
        return {}

    assert mailboxes.messages_of
    mailboxes.messages_of = broken


def send_unknown_again() -> None:
    """After a crash, what may have been sent is sent once more."""
    from agentdesk.domain.event import SYSTEM
    from agentdesk.domain.views import Delivery
    from agentdesk.services import outgoing

    async def broken(desk: Any, tx: Any, row: Any) -> None:
        await outgoing.move(desk, tx, row, Delivery.QUEUED, SYSTEM, epoch=row.epoch + 1)

    assert outgoing._recover
    outgoing._recover = broken


def forget_in_flight() -> None:
    """After a crash, nobody looks for what was being sent."""
    from agentdesk.services import outgoing

    async def broken(desk: Any) -> int:
        return 0

    assert outgoing.recover
    outgoing.recover = broken


def say_sent_too_early() -> None:
    """A mail counts as sent before the server has said so."""
    from agentdesk.services import outgoing

    async def broken(desk: Any, job: Any, *more: Any) -> None:
        await outgoing.mark_sent(desk, job, {})

    assert outgoing.mark_maybe_sent
    outgoing.mark_maybe_sent = broken


DEFECTS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        file_before_commit,
        move_cursor_first,
        forget_contents,
        send_unknown_again,
        forget_in_flight,
        say_sent_too_early,
    )
}
