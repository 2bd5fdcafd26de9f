"""A server numbers a mailbox anew: what the database knows of its mails moves along."""

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.errors import MailboxUnstable
from agentdesk.domain.quarantine import Cause
from agentdesk.mail.account import FetchedMail, MailboxStatus, RemoteMail
from agentdesk.services import intake, renumbering, wanted
from agentdesk.storage import mailboxes
from agentdesk.storage.mailboxes import Mailbox
from agentdesk.storage.tables import mail_locations
from tests.desks import RULES, World, mail

NONSENSE = bytes(range(14, 32)) * 8
LARGE = b"Subject: Photos\r\n\r\nbeginning"


async def inbox(world: World) -> Mailbox:
    async with world.desk.store.write() as tx:
        session, now = world.desk.session, world.clock.now()
        found = await mailboxes.take(tx, "support", "INBOX", session, now, RULES.session_grace)
    assert found is not None
    return found


async def anew(world: World, uidvalidity: int) -> Mailbox:
    status = MailboxStatus(uidvalidity, 10, 4)
    return await renumbering.follow(world.desk, await inbox(world), status)


async def places(world: World) -> list[tuple[int, int, str, str]]:
    m = mail_locations.c
    columns = (m.uidvalidity, m.uid, m.state, m.cause_kind)
    async with world.desk.store.read() as tx:
        rows = await tx.all(sa.select(*columns).order_by(m.uidvalidity, m.uid))
    return [tuple(r) for r in rows]


async def test_what_was_set_aside_moves_to_its_new_number(world: World) -> None:
    first = await anew(world, 1)
    too_large = FetchedMail(2, LARGE, size=90_000_000, cause=Cause.TOO_LARGE)
    refused = FetchedMail(3, b"", cause=Cause.DOWNLOAD, why="NO cannot open mail")
    mails = [FetchedMail(1, NONSENSE), too_large, refused, FetchedMail(4, b"")]
    await intake.store(world.desk, first, 1, mails, 5)
    await intake.file_stored(world.desk)
    before = await places(world)
    assert [p[2:] for p in before] == [
        ("quarantined", "parse"),
        ("quarantined", "too_large"),
        ("wanted", "download"),
        ("quarantined", "parse"),
    ]
    second = await anew(world, 2)
    again = [
        FetchedMail(5, NONSENSE),
        FetchedMail(6, LARGE, size=90_000_000, cause=Cause.TOO_LARGE),
        FetchedMail(7, mail(subject="handed out now")),
        FetchedMail(8, b""),
    ]
    await intake.store(world.desk, second, 2, again, 9)
    await intake.file_stored(world.desk)
    ended = await renumbering.end(world.desk, second)
    assert (ended.next_uid, ended.remap_below) == (10, 0)
    assert await places(world) == [
        (2, 5, "quarantined", "parse"),
        (2, 6, "quarantined", "too_large"),
        (2, 7, "filed", ""),
        (2, 8, "quarantined", "parse"),
    ]


async def test_only_a_unique_message_id_of_the_same_size_is_recognised(world: World) -> None:
    raw = mail(message_id="a@fjord.example")
    await world.arrive(raw, mail(message_id="b@fjord.example"))
    second = await anew(world, 2)
    asked = [
        RemoteMail(1, len(raw), "a@fjord.example"),
        RemoteMail(2, len(raw) + 1, "b@fjord.example"),
        RemoteMail(3, len(raw), "c@fjord.example"),
        RemoteMail(4, len(raw), ""),
    ]
    assert await renumbering.recognise(world.desk, second, asked, ["a@fjord.example"]) == set()
    assert await renumbering.recognise(world.desk, second, asked, []) == {1}
    assert await renumbering.recognise(world.desk, second, asked, []) == {1}
    filed = [p for p in await places(world) if p[0] == 2]
    assert filed == [(2, 1, "filed", "")]
    actor = await world.sign_in("ana")
    assert len((await services.views.interactions(world.desk, actor)).rows) == 2


async def test_six_times_in_a_row_need_a_person_and_holding_numbers_begin_anew(
    world: World,
) -> None:
    for number in range(1, 7):
        await anew(world, number)
    await anew(world, 6)
    for number in range(7, 12):
        await anew(world, number)
    with pytest.raises(MailboxUnstable, match="6 times in a row"):
        await anew(world, 12)
    assert (await anew(world, 13)).uidvalidity == 13


async def test_a_wanted_mail_under_numbers_of_the_past_is_set_aside_again(world: World) -> None:
    first = await anew(world, 1)
    too_large = FetchedMail(2, LARGE, size=90_000_000, cause=Cause.TOO_LARGE)
    await intake.store(world.desk, first, 1, [too_large], 3)
    second = await renumbering.end(world.desk, await anew(world, 2))
    async with world.desk.store.write() as tx:
        await tx.execute(sa.update(mail_locations).values(state="wanted", attempts=0))
    assert await wanted.asked(world.desk, second)
    assert await wanted.due(world.desk, second, asked_only=True) == []
    assert [p[2] for p in await places(world)] == ["quarantined"]
