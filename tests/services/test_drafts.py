"""Drafts: kept, locked to one writer, never lost, never sent by somebody fenced off."""

from dataclasses import replace

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import DraftContent
from agentdesk.domain.errors import BadInput, DraftLocked, FencedOff, IllegalTransition, NotFound
from agentdesk.domain.ids import InteractionId
from tests.desks import World, mail


async def _at_work(world: World) -> tuple[Actor, InteractionId]:
    await world.arrive(mail())
    return await world.at_work()


async def test_what_was_typed_is_there_again_in_another_window(world: World) -> None:
    ana, key = await _at_work(world)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    typed = replace(draft.content, body="Dear Mara,")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, typed)
    world.clock.turn(16)
    window = await world.sign_in("ana")
    again = await services.drafts.open_reply(world.desk, window, key, everyone=False)
    assert again.id == draft.id
    assert again.content.body == "Dear Mara,"
    assert [d.number for d in (await services.views.desktop(world.desk, ana)).drafts] == [
        "IMS0000001"
    ]


async def test_a_second_window_reads_along_until_the_lease_ends(world: World) -> None:
    ana, key = await _at_work(world)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    window = await world.sign_in("ana")
    seen = await services.drafts.open_reply(world.desk, window, key, everyone=False)
    assert seen.holder_session == ana.session
    with pytest.raises(FencedOff):
        await services.drafts.save(world.desk, window, seen.id, seen.token, DraftContent())
    with pytest.raises(DraftLocked):
        await services.drafts.discard(world.desk, window, seen.id, seen.token + 1)
    world.clock.turn(10)
    await services.drafts.heartbeat(world.desk, ana, draft.id, draft.token)
    world.clock.turn(10)
    seen = await services.drafts.open_reply(world.desk, window, key, everyone=False)
    assert seen.holder_session == ana.session
    world.clock.turn(16)
    mine = await services.drafts.open_reply(world.desk, window, key, everyone=False)
    assert mine.holder_session == window.session


async def test_a_fenced_off_writer_neither_saves_nor_sends(world: World) -> None:
    ana, key = await _at_work(world)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    window = await world.sign_in("ana")
    taken = await services.drafts.take_over(world.desk, window, draft.id)
    with pytest.raises(FencedOff):
        await services.drafts.save(
            world.desk, ana, draft.id, draft.token, DraftContent(body="late")
        )
    with pytest.raises(FencedOff):
        await services.sending.queue(world.desk, ana, draft.id, draft.token)
    with pytest.raises(FencedOff):
        await services.drafts.heartbeat(world.desk, ana, draft.id, draft.token)
    await services.drafts.release(world.desk, ana, draft.id, draft.token)
    assert (await services.drafts.read(world.desk, window, draft.id)).token == taken.token


async def test_a_released_draft_is_free_at_once(world: World) -> None:
    ana, key = await _at_work(world)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.drafts.release(world.desk, ana, draft.id, draft.token)
    window = await world.sign_in("ana")
    mine = await services.drafts.open_reply(world.desk, window, key, everyone=False)
    assert mine.holder_session == window.session


async def test_attached_files_go_out_and_come_back(world: World) -> None:
    ana, key = await _at_work(world)
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    d = await services.drafts.attach(world.desk, ana, d.id, d.token, "label.pdf", b"%PDF-1")
    d = await services.drafts.attach(world.desk, ana, d.id, d.token, "photo.png", b"\x89PNG")
    d = await services.drafts.detach(world.desk, ana, d.id, d.token, d.files[1].sha256)
    assert [(f.name, f.type, f.size) for f in d.files] == [("label.pdf", "application/pdf", 6)]
    await services.sending.queue(world.desk, ana, d.id, d.token)
    page = await services.views.stream(world.desk, ana, key)
    (sent,) = [e for e in page.entries if e.outbox_id]
    (file,) = sent.attachments
    assert sent.message_id is not None
    name, content = await services.views.attachment(world.desk, ana, sent.message_id, file.part)
    assert (name, content) == ("label.pdf", b"%PDF-1")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (DraftContent(to="", body="x"), "at least one recipient"),
        (DraftContent(to="mara", body="x"), "'mara' is not an email address"),
        (DraftContent(to="a@x.example, bob", body="x"), "'bob' is not an email address"),
        (DraftContent(to="a@x.example", body="  \n"), "empty"),
        (DraftContent(to="a@x.example", cc="not an address", body="x"), "not an email address"),
    ],
)
async def test_a_mail_that_cannot_go_out_is_refused_before(
    world: World, content: DraftContent, sentence: str
) -> None:
    ana, key = await _at_work(world)
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.drafts.save(world.desk, ana, d.id, d.token, content)
    with pytest.raises(BadInput, match=sentence):
        await services.sending.queue(world.desk, ana, d.id, d.token)
    assert (await services.drafts.read(world.desk, ana, d.id)).content == content


async def test_a_discarded_draft_is_gone(world: World) -> None:
    ana, key = await _at_work(world)
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.drafts.discard(world.desk, ana, d.id, d.token)
    with pytest.raises(NotFound):
        await services.drafts.read(world.desk, ana, d.id)


async def test_nothing_is_written_in_a_closed_interaction(world: World) -> None:
    ana, key = await _at_work(world)
    await services.handling.close(world.desk, ana, key)
    with pytest.raises(IllegalTransition):
        await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    world.clock.turn(121)
    await services.deadlines.run_passed(world.desk)
    with pytest.raises(IllegalTransition, match="closed"):
        await services.notes.add(world.desk, ana, key, "too late")
    with pytest.raises(IllegalTransition):
        await services.handling.close(world.desk, ana, key)


async def test_reply_to_all_leaves_our_own_addresses_out(world: World) -> None:
    to = ("support@northwind.example", "sales@northwind.example", "lee@fjord.example")
    await world.arrive(mail(to=to))
    ana, key = await world.at_work()
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=True)
    assert "mara.olsen@fjord.example" in d.content.to
    assert d.content.cc == "lee@fjord.example"
