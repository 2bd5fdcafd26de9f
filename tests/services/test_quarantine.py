"""The quarantine: whatever is set aside can be read, tried again, released, discarded, exported."""

import hashlib

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import at_the_command_line
from agentdesk.domain.errors import Conflict, NotAllowed, NotFound, Unfileable
from agentdesk.domain.ids import LocationId
from agentdesk.domain.interaction import State
from agentdesk.domain.quarantine import Cause, Choice, Outcome, Place, SetAside
from agentdesk.services import filing, quarantine, set_aside
from agentdesk.storage import blobs, events
from agentdesk.storage.tables import blob_chunks, mail_locations, mailboxes
from tests.desks import World, mail

NOISE = b"\x00\x01\x02\xa7\xb6" * 40


async def _aside(world: World, place: Place = Place.ASIDE, **more: object) -> tuple[SetAside, ...]:
    sue = world.actors.get("sue") or await world.sign_in("sue")
    choice = Choice(place, more.pop("cause", None))  # type: ignore[arg-type]
    return (await set_aside.page(world.desk, sue, choice, **more)).rows  # type: ignore[arg-type]


async def _interactions(world: World):
    sue = world.actors.get("sue") or await world.sign_in("sue")
    return (await services.views.interactions(world.desk, sue)).rows


async def _never_downloaded(
    world: World, *, head: bytes = b"", kind: Cause = Cause.DOWNLOAD, uid: int = 77
) -> LocationId:
    """A mail of which only *head* is here, as the reader leaves it."""
    async with world.desk.store.write() as tx:
        box = await tx.one(sa.select(mailboxes.c.id).order_by(mailboxes.c.id))
        assert box is not None
        row = {"id": await tx.new_id(mail_locations), "mailbox_id": box.id, "uidvalidity": 1}
        row |= {"uid": uid, "sha256": await blobs.put_one(tx, head), "size": 90_000_000}
        row |= {"state": "quarantined", "cause_kind": kind.value, "cause": "Only on the server."}
        row |= {"stored_at": world.clock.now(), "internal_date": None}
        await tx.insert(mail_locations, [row])
    return LocationId(row["id"])


@pytest.fixture
def broken_filing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Subjects on which filing fails."""
    honest, poison = filing._letter, ["poison"]

    def letter(b, key, i, located, parsed, link):
        if any(word in parsed.subject for word in poison):
            raise ValueError("defect")
        return honest(b, key, i, located, parsed, link)

    monkeypatch.setattr(filing, "_letter", letter)
    return poison


async def test_a_row_tells_where_why_and_what_can_be_read(world: World) -> None:
    await world.arrive(NOISE)
    (row,) = await _aside(world)
    assert (row.cause, row.cause.label) == (Cause.PARSE, "Cannot be read")
    assert "not a mail" in row.why
    assert (row.account, row.mailbox, row.uid) == ("support@northwind.example", "INBOX", 1)
    assert (row.size, row.left_on_server) == (len(NOISE), False)
    whole = await set_aside.mail(world.desk, world.actors["sue"], row.location_id)
    assert whole.row == row
    assert whole.source.startswith("\\x00\\x01\\x02\\xa7\\xb6")
    assert whole.history[0].sentence.startswith("Set aside: This is not a mail")
    assert not set(whole.text + whole.source) & set("\x00\x01\x02")


async def test_writer_and_subject_are_listed_where_they_can_be_read(
    world: World, broken_filing: list[str]
) -> None:
    await world.arrive(mail("W" * 900_000, subject="poison [/red]\x1b[2J"))
    (row,) = await _aside(world)
    assert row.sender == "Mara Olsen <mara.olsen@fjord.example>"
    assert row.subject == "poison [/red][2J"
    assert row.cause is Cause.FILING
    whole = await set_aside.mail(world.desk, world.actors["sue"], row.location_id)
    assert whole.cut
    assert len(whole.text) <= 100_000
    assert dict(whole.fields)["From"] == "Mara Olsen <mara.olsen@fjord.example>"


async def test_pages_go_both_ways_and_filter_by_cause(world: World) -> None:
    await world.arrive(*(NOISE + bytes([n]) for n in range(7)))
    await _never_downloaded(world, kind=Cause.TOO_LARGE)
    sue = await world.sign_in("sue")
    noise = Choice(Place.ASIDE, Cause.PARSE)
    first = await set_aside.page(world.desk, sue, noise, limit=3)
    second = await set_aside.page(world.desk, sue, noise, after=first.after, limit=3)
    third = await set_aside.page(world.desk, sue, noise, after=second.after, limit=3)
    uids = [[r.uid for r in p.rows] for p in (first, second, third)]
    assert uids == [[7, 6, 5], [4, 3, 2], [1]]
    assert (first.before, third.after) == (None, None)
    back = await set_aside.page(world.desk, sue, noise, before=third.before, limit=3)
    assert back.rows == second.rows
    top = await set_aside.page(world.desk, sue, noise, before=back.before, limit=3)
    assert (top.rows, top.before) == (first.rows, None)
    assert [r.uid for r in await _aside(world, cause=Cause.TOO_LARGE)] == [77]
    assert await _aside(world, Place.DISCARDED) == ()


async def test_counts_tell_place_and_cause(world: World) -> None:
    await world.arrive(NOISE, b"")
    await _never_downloaded(world)
    sue = await world.sign_in("sue")
    counted = await set_aside.counts(world.desk, sue)
    assert counted.places == {Place.ASIDE: 3, Place.ASKED: 0, Place.DISCARDED: 0}
    assert counted.causes == {Cause.PARSE: 2, Cause.DOWNLOAD: 1}
    assert await set_aside.waiting(world.desk, sue) == 3


# Trying again


async def test_a_mail_that_can_be_filed_now_is_filed_as_if_nothing_had_been(
    world: World, broken_filing: list[str]
) -> None:
    await world.arrive(mail(subject="poison in my soup"))
    (row,) = await _aside(world)
    broken_filing.clear()
    outcome = await quarantine.retry_now(world.desk, world.actors["sue"], [row.location_id])
    assert outcome == Outcome(changed=1, numbers=("IMS0000001",))
    assert [r.subject for r in await _interactions(world)] == ["poison in my soup"]
    assert await _aside(world) == ()


async def test_a_mail_that_fails_again_has_three_new_attempts_and_comes_back(
    world: World, broken_filing: list[str]
) -> None:
    await world.arrive(mail(subject="poison"))
    (row,) = await _aside(world)
    outcome = await quarantine.retry_now(world.desk, world.actors["sue"], [row.location_id])
    assert (outcome.changed, outcome.again) == (0, 1)
    assert "ValueError" in outcome.why
    (again,) = await _aside(world)
    assert (again.location_id, again.attempts) == (row.location_id, 2)
    whole = await set_aside.mail(world.desk, world.actors["sue"], row.location_id)
    said = [step.sentence.partition(":")[0] for step in whole.history]
    assert said == ["Set aside", "Tried again by Sue Lind", "Set aside"]


@pytest.mark.parametrize("kind", [Cause.TOO_LARGE, Cause.DOWNLOAD])
async def test_a_mail_that_was_never_downloaded_is_asked_for_again(
    world: World, kind: Cause
) -> None:
    key = await _never_downloaded(world, kind=kind, head=b"Subject: Photos\r\n\r\n")
    sue = await world.sign_in("sue")
    assert (await quarantine.retry_now(world.desk, sue, [key])) == Outcome(asked=1)
    (row,) = await _aside(world, Place.ASKED)
    assert (row.location_id, row.subject, row.left_on_server) == (key, "Photos", True)
    assert await quarantine.restore(world.desk, sue, [key]) == Outcome(changed=1)
    assert [r.location_id for r in await _aside(world)] == [key]


async def test_a_mail_whose_bytes_are_missing_is_asked_for_and_kept_this_time(
    world: World, broken_filing: list[str]
) -> None:
    raw = mail(subject="poison")
    await world.arrive(raw)
    (row,) = await _aside(world)
    here = blob_chunks.c.sha256 == hashlib.sha256(raw).hexdigest()
    async with world.desk.store.write() as tx:
        await tx.execute(sa.delete(blob_chunks).where(here))
    sue = world.actors["sue"]
    assert (await set_aside.mail(world.desk, sue, row.location_id)).row.left_on_server
    assert await quarantine.retry_now(world.desk, sue, [row.location_id]) == Outcome(asked=1)
    broken_filing.clear()
    await world.arrive(raw)
    assert [r.subject for r in await _interactions(world)] == ["poison"]


# Releasing


async def test_a_released_mail_is_an_interaction_that_can_be_answered(world: World) -> None:
    await world.arrive(NOISE)
    (row,) = await _aside(world)
    outcome = await quarantine.release(world.desk, world.actors["sue"], [row.location_id])
    assert outcome == Outcome(changed=1, numbers=("IMS0000001",))
    (filed,) = await _interactions(world)
    assert (filed.subject, filed.state) == ("(unreadable mail)", State.NEW)
    ana, key = await world.at_work("ana")
    page = await services.views.stream(world.desk, ana, key)
    assert any("could not be understood" in w for e in page.entries for w in e.warnings)
    assert any("Sue Lind released this mail" in e.title for e in page.entries)
    assert (await services.drafts.open_reply(world.desk, ana, key, everyone=False)).id
    assert await _aside(world) == ()


async def test_a_released_answer_finds_its_conversation(
    world: World, broken_filing: list[str]
) -> None:
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work("ana")
    await services.handling.hold(world.desk, ana, key)
    await world.arrive(mail("One photo.", subject="poison", in_reply_to="a@fjord.example"))
    (row,) = await _aside(world)
    broken_filing.clear()
    await quarantine.release(world.desk, world.actors["sue"], [row.location_id])
    page = await services.views.stream(world.desk, ana, key)
    assert any("One photo." in e.text for e in page.entries)
    assert (await services.views.interaction(world.desk, ana, key)).state is State.WORK_IN_PROGRESS


async def test_mails_without_bytes_are_released_each_for_itself(world: World) -> None:
    keys = [await _never_downloaded(world, uid=uid) for uid in (77, 78)]
    sue = await world.sign_in("sue")
    for key in keys:
        await quarantine.release(world.desk, sue, [key])
    rows = await _interactions(world)
    assert len(rows) == 2
    page = await services.views.stream(world.desk, sue, rows[0].interaction_id)
    assert any("never downloaded" in w for e in page.entries for w in e.warnings)


async def test_the_same_bytes_from_two_places_are_released_once(world: World) -> None:
    await world.arrive(NOISE)
    await world.arrive(NOISE, account="sales")
    for row in await _aside(world):
        await quarantine.release(world.desk, world.actors["sue"], [row.location_id])
    assert len(await _interactions(world)) == 1


async def test_what_cannot_even_be_released_stays_and_says_so(
    world: World, broken_filing: list[str]
) -> None:
    await world.arrive(mail(subject="poison"))
    (row,) = await _aside(world)
    with pytest.raises(Unfileable, match=r"ValueError.*stays set aside"):
        await quarantine.release(world.desk, world.actors["sue"], [row.location_id])
    assert await _aside(world) == (row,)


# Discarding and exporting


async def test_a_discarded_mail_can_be_taken_back_as_it_was(world: World) -> None:
    await world.arrive(NOISE)
    (row,) = await _aside(world)
    sue = world.actors["sue"]
    assert await quarantine.discard(world.desk, sue, [row.location_id]) == Outcome(changed=1)
    assert await _aside(world) == ()
    assert await set_aside.waiting(world.desk, sue) == 0
    world.clock.turn(60)
    assert await quarantine.restore(world.desk, sue, [row.location_id]) == Outcome(changed=1)
    assert await _aside(world) == (row,)
    whole = await set_aside.mail(world.desk, sue, row.location_id)
    assert [s.sentence for s in whole.history[1:]] == [
        "Discarded by Sue Lind",
        "Taken back by Sue Lind",
    ]
    assert (whole.history[2].at - whole.history[1].at).total_seconds() == 60


async def test_the_export_is_the_mail_as_it_came_under_a_safe_name(
    world: World, broken_filing: list[str]
) -> None:
    raw = mail(subject='../../poison: "x"')
    await world.arrive(raw)
    (row,) = await _aside(world)
    name, content = await quarantine.original(world.desk, world.actors["sue"], row.location_id)
    assert content == raw
    assert name.endswith(f" {row.location_id}.eml")
    assert not set(name) & set('/\\:"<>|?*')
    key = await _never_downloaded(world)
    with pytest.raises(NotFound, match="Try it again first"):
        await quarantine.original(world.desk, world.actors["sue"], key)


async def test_everything_that_was_done_is_chained_and_verifiable(world: World) -> None:
    await world.arrive(NOISE)
    (row,) = await _aside(world)
    sue, key = world.actors["sue"], row.location_id
    await quarantine.discard(world.desk, sue, [key])
    await quarantine.restore(world.desk, at_the_command_line("root"), [key])
    await quarantine.original(world.desk, sue, key)
    await quarantine.release(world.desk, sue, [key])
    async with world.desk.store.read() as tx:
        happened = await events.of_record(tx, "mail", key)
        assert await events.first_broken_link(tx, "mail", key) is None
    assert [(e.type, e.actor_kind) for e in happened] == [
        ("mail_set_aside", "system"),
        ("mail_discarded", "agent"),
        ("mail_restored", "system"),
        ("mail_exported", "agent"),
        ("mail_released", "agent"),
    ]
    assert happened[2].actor_name == "root at the command line"
    assert happened[4].data["interaction"] == "IMS0000001"


# Who may, and what if somebody else was first


async def test_agents_see_and_do_nothing_here(world: World) -> None:
    await world.arrive(NOISE)
    (row,) = await _aside(world)
    desk, ana, ids = world.desk, await world.sign_in("ana"), [row.location_id]
    for attempt in (
        lambda: set_aside.page(desk, ana, Choice()),
        lambda: set_aside.mail(desk, ana, ids[0]),
        lambda: set_aside.counts(desk, ana),
        lambda: set_aside.waiting(desk, ana),
        lambda: quarantine.retry_now(desk, ana, ids),
        lambda: quarantine.release(desk, ana, ids),
        lambda: quarantine.discard(desk, ana, ids),
        lambda: quarantine.restore(desk, ana, ids),
        lambda: quarantine.original(desk, ana, ids[0]),
        lambda: anext(quarantine.run(desk, ana, quarantine.discard, Choice())),
    ):
        with pytest.raises(NotAllowed):
            await attempt()
    assert await _aside(world) == (row,)


async def test_an_unknown_number_and_one_that_is_done_are_told_apart(world: World) -> None:
    await world.arrive(NOISE, mail())
    (row,) = await _aside(world)
    sue = world.actors["sue"]
    with pytest.raises(NotFound, match="No mail with the number 999"):
        await quarantine.retry_now(world.desk, sue, [LocationId(999)])
    await quarantine.discard(world.desk, sue, [row.location_id])
    with pytest.raises(Conflict, match=r"is discarded\. Restore it first"):
        await quarantine.release(world.desk, sue, [row.location_id])
    with pytest.raises(Conflict, match="is discarded"):
        await quarantine.discard(world.desk, sue, [row.location_id])
    other = LocationId(3 - row.location_id)
    with pytest.raises(Conflict, match="it was filed"):
        await quarantine.discard(world.desk, sue, [other])
    with pytest.raises(NotFound, match="it was filed"):
        await set_aside.mail(world.desk, sue, other)


# Many at once


async def test_all_of_a_choice_are_done_in_steps_with_progress(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "BATCH", 3)
    await world.arrive(*(NOISE + bytes([n]) for n in range(8)))
    await _never_downloaded(world, kind=Cause.TOO_LARGE)
    sue = await world.sign_in("sue")
    which = Choice(Place.ASIDE, Cause.PARSE)
    steps = [o async for o in quarantine.run(world.desk, sue, quarantine.discard, which)]
    assert [o.changed for o in steps] == [3, 6, 8]
    assert [r.cause for r in await _aside(world)] == [Cause.TOO_LARGE]
    ids = [r.location_id for r in await _aside(world, Place.DISCARDED)]
    *_, last = [o async for o in quarantine.run(world.desk, sue, quarantine.restore, ids)]
    assert last == Outcome(changed=8)


async def test_trying_all_again_ends_although_all_fail_again(world: World) -> None:
    await world.arrive(*(NOISE + bytes([n]) for n in range(5)))
    sue = await world.sign_in("sue")
    *_, last = [o async for o in quarantine.run(world.desk, sue, quarantine.retry_now, Choice())]
    assert (last.changed, last.again) == (0, 5)


async def test_one_that_cannot_be_released_does_not_hold_up_the_others(
    world: World, broken_filing: list[str]
) -> None:
    await world.arrive(NOISE, mail(subject="poison"), NOISE + b"x")
    sue = await world.sign_in("sue")
    *_, last = [o async for o in quarantine.run(world.desk, sue, quarantine.release, Choice())]
    assert (last.changed, last.failed) == (2, 1)
    assert "ValueError" in last.why
    assert [r.subject for r in await _aside(world)] == ["poison"]
