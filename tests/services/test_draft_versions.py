"""What a draft said before: kept where it could be missed, bounded, and gone with the draft."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import MOST_VERSIONS, Draft
from agentdesk.domain.errors import BadInput, FencedOff, NotFound
from agentdesk.storage.tables import draft_versions
from tests.desks import World
from tests.services.test_outbound import person


async def begun(world: World, text: str = "Dear Mara,") -> tuple[Actor, Draft]:
    """Ana writes to Mara first."""
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    return ana, await typed(world, ana, draft, text)


async def typed(world: World, actor: Actor, draft: Draft, body: str) -> Draft:
    said = replace(draft.content, body=body)
    return await services.drafts.save(world.desk, actor, draft.id, draft.token, said)


async def kept(world: World, actor: Actor, draft: Draft) -> list[tuple[str, str, str]]:
    found = await services.drafts.versions(world.desk, actor, draft.id)
    return [(v.agent, v.content.body, v.reason) for v in found]


async def left(world: World) -> int:
    async with world.desk.store.read() as tx:
        return len(await tx.all(sa.select(draft_versions.c.id)))


async def test_taking_over_keeps_what_the_old_writer_saved_and_typed(world: World) -> None:
    ana, draft = await begun(world)
    ben = await world.sign_in("ben")
    taken = await services.drafts.take_over(world.desk, ben, draft.id)
    assert taken.content.body == "Dear Mara,"
    unsaved = replace(draft.content, body="Dear Mara, I am so")
    with pytest.raises(FencedOff):
        await services.drafts.save(world.desk, ana, draft.id, draft.token, unsaved)
    keep = services.drafts.keep_version
    await keep(world.desk, ana, draft.id, unsaved, "not saved when Ben Okafor took over")
    await keep(world.desk, ana, draft.id, unsaved, "said twice")
    assert await kept(world, ben, draft) == [
        ("Ana Ruiz", "Dear Mara, I am so", "not saved when Ben Okafor took over"),
        ("Ana Ruiz", "Dear Mara,", "before Ben Okafor wrote on"),
    ]
    now = await services.drafts.read(world.desk, ana, draft.id)
    assert (now.content, now.token) == (taken.content, taken.token)


async def test_what_the_desk_prepared_is_not_worth_a_version(world: World) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    ben = await world.sign_in("ben")
    await services.drafts.take_over(world.desk, ben, draft.id)
    assert await kept(world, ben, draft) == []


async def test_long_writing_and_large_changes_are_kept(world: World) -> None:
    ana, draft = await begun(world, "one")
    world.clock.turn(299)
    draft = await typed(world, ana, draft, "one two")
    assert await kept(world, ana, draft) == []
    world.clock.turn(1)
    draft = await typed(world, ana, draft, "one two three")
    assert await kept(world, ana, draft) == [("Ana Ruiz", "one two", "while writing")]
    draft = await typed(world, ana, draft, "x" * 600)
    draft = await typed(world, ana, draft, "")
    bodies = [body for _, body, _ in await kept(world, ana, draft)]
    assert bodies == ["x" * 600, "one two three", "one two"]


async def test_versions_are_bounded_and_thinned(world: World) -> None:
    ana, draft = await begun(world)
    keep = services.drafts.keep_version
    await keep(world.desk, ana, draft.id, replace(draft.content, body="mine"), "a reason")
    for n in range(3 * MOST_VERSIONS):
        world.clock.turn(300)
        draft = await typed(world, ana, draft, f"text {n}")
    found = await services.drafts.versions(world.desk, ana, draft.id)
    assert len(found) == MOST_VERSIONS
    assert found[-1].reason == "a reason"
    numbers = [int(v.content.body.split()[1]) for v in found[:-1] if "text" in v.content.body]
    assert numbers[:5] == [58, 57, 56, 55, 54]
    assert numbers[-1] < 10


async def test_restoring_can_be_undone(world: World) -> None:
    ana, draft = await begun(world, "the first")
    world.clock.turn(300)
    draft = await typed(world, ana, draft, "the second")
    (old,) = await services.drafts.versions(world.desk, ana, draft.id)
    restore = services.drafts.restore
    draft = await restore(world.desk, ana, draft.id, draft.token, old.version_id)
    assert draft.content.body == "the first"
    newest, *_ = await services.drafts.versions(world.desk, ana, draft.id)
    assert newest.reason == "before an earlier version came back"
    draft = await restore(world.desk, ana, draft.id, draft.token, newest.version_id)
    assert draft.content.body == "the second"
    with pytest.raises(FencedOff):
        await restore(world.desk, ana, draft.id, draft.token - 1, old.version_id)
    with pytest.raises(NotFound, match="Choose another"):
        await restore(world.desk, ana, draft.id, draft.token, 999)


async def test_versions_live_through_an_undone_send_and_go_with_the_mail(world: World) -> None:
    ana, draft = await begun(world, "the first")
    world.clock.turn(300)
    draft = await typed(world, ana, draft, "the second")
    box = await services.sending.queue(world.desk, ana, draft.id, draft.token)
    back = await services.sending.cancel(world.desk, ana, box)
    assert await kept(world, ana, back) == [
        ("Ana Ruiz", "the second", "as it was sent"),
        ("Ana Ruiz", "the first", "while writing"),
    ]
    await services.sending.queue(world.desk, ana, back.id, back.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    assert await left(world) == 0


async def test_versions_go_with_a_discarded_draft(world: World) -> None:
    ana, draft = await begun(world, "the first")
    world.clock.turn(300)
    draft = await typed(world, ana, draft, "the second")
    assert await left(world) == 1
    await services.drafts.discard(world.desk, ana, draft.id, draft.token)
    assert await left(world) == 0
    with pytest.raises(NotFound):
        await services.drafts.keep_version(world.desk, ana, draft.id, draft.content, "too late")


async def test_a_version_has_the_bounds_of_a_mail(world: World) -> None:
    ana, draft = await begun(world)
    long = replace(draft.content, body="x" * 1_000_001)
    with pytest.raises(BadInput, match="a million characters"):
        await services.drafts.keep_version(world.desk, ana, draft.id, long, "")
