"""Files: bounded on their way out, kept once, handed out byte for byte."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.draft import Draft, DraftContent
from agentdesk.domain.errors import BadInput, NotFound
from agentdesk.domain.ids import MessageId
from agentdesk.mail.compose import File
from agentdesk.storage.blobs import sha256
from agentdesk.storage.tables import blobs
from tests.desks import World, mail

MIB = 1024 * 1024
PDF = bytes(range(256)) * 900


def limited(world: World, largest_file: int, largest_files: int) -> World:
    """The same desk under other rules."""
    rules = replace(world.desk.rules, largest_file=largest_file, largest_files=largest_files)
    return replace(world, desk=replace(world.desk, rules=rules))


async def kept(world: World) -> set[str]:
    """The addresses of every content in the database."""
    async with world.desk.store.read() as tx:
        return {row.sha256 for row in await tx.all(sa.select(blobs.c.sha256))}


async def reply(world: World, subject: str = "Order 5512 damaged") -> Draft:
    """A draft that answers a mail."""
    await world.arrive(mail(subject=subject))
    ana, key = await world.at_work()
    return await services.drafts.open_reply(world.desk, ana, key, everyone=False)


async def test_a_file_over_the_limit_is_named_with_what_to_do(world: World) -> None:
    small = limited(world, 2 * MIB, 3 * MIB)
    draft, ana = await reply(world), world.actors["ana"]
    with pytest.raises(BadInput) as refused:
        await services.drafts.attach(
            small.desk, ana, draft.id, draft.token, "film.mp4", bytes(2 * MIB + 1)
        )
    assert str(refused.value) == (
        "film.mp4 has 2.0 MiB. At most 2.0 MiB can be mailed: send a link to it, or a smaller file."
    )
    assert sha256(bytes(2 * MIB + 1)) not in await kept(world)


async def test_files_are_bounded_together(world: World) -> None:
    small = limited(world, 2 * MIB, 3 * MIB)
    draft, ana = await reply(world), world.actors["ana"]
    for name, size in (("a.bin", 2 * MIB), ("b.bin", MIB)):
        await services.drafts.attach(small.desk, ana, draft.id, draft.token, name, bytes(size))
    with pytest.raises(BadInput) as refused:
        await services.drafts.attach(small.desk, ana, draft.id, draft.token, "c.bin", bytes(9))
    assert str(refused.value) == (
        "With c.bin the files have 3.0 MiB together, and at most 3.0 MiB can be mailed. "
        "Send it in a mail of its own, or a link to it."
    )
    kept_draft = await services.drafts.read(world.desk, ana, draft.id)
    assert [f.name for f in kept_draft.files] == ["a.bin", "b.bin"]


async def test_a_limit_that_was_lowered_meanwhile_stops_the_mail_before_it_leaves(
    world: World,
) -> None:
    draft, ana = await reply(world), world.actors["ana"]
    await services.drafts.attach(world.desk, ana, draft.id, draft.token, "big.bin", bytes(2 * MIB))
    small = limited(world, MIB, MIB)
    with pytest.raises(BadInput, match=r"big.bin has 2.0 MiB. At most 1.0 MiB can be mailed"):
        await services.sending.queue(small.desk, ana, draft.id, draft.token)
    assert (await services.drafts.read(world.desk, ana, draft.id)).files


async def test_the_same_content_is_kept_once_however_often_it_is_attached(world: World) -> None:
    first = await reply(world)
    ana = world.actors["ana"]
    before = await kept(world)
    one = await services.drafts.attach(world.desk, ana, first.id, first.token, "a.pdf", PDF)
    two = await services.drafts.attach(world.desk, ana, first.id, first.token, "b.pdf", PDF)
    assert [f.name for f in one.files] == ["a.pdf"]
    assert [f.name for f in two.files] == ["b.pdf"]
    second = await reply(world, "Another order")
    await services.drafts.attach(world.desk, ana, second.id, second.token, "c.pdf", PDF)
    assert (await kept(world)) & {sha256(PDF)} == {sha256(PDF)}
    assert len(await kept(world)) == len(before) + 2  # the file, and the second customer's mail


async def test_a_mail_to_many_is_kept_once(world: World) -> None:
    draft, ana = await reply(world), world.actors["ana"]
    draft = await services.drafts.attach(world.desk, ana, draft.id, draft.token, "a.pdf", PDF)
    to = ", ".join(f"c{n}@fjord.example" for n in range(40))
    await services.drafts.save(
        world.desk, ana, draft.id, draft.token, DraftContent(to=to, subject="Hi", body="See file.")
    )
    before = await kept(world)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    assert len(await kept(world)) == len(before) + 1  # the mail itself


async def test_a_received_file_is_kept_inside_its_mail_only(world: World) -> None:
    raw = mail(files=[File("invoice.pdf", "application/pdf", PDF)])
    await world.arrive(raw)
    await world.arrive(raw, account="sales")
    assert await kept(world) == {sha256(raw)}


async def test_a_file_and_the_mail_itself_are_handed_out_byte_for_byte(world: World) -> None:
    raw = mail(files=[File("../in/../voice.pdf", "application/pdf", PDF)])
    await world.arrive(raw)
    ana, key = await world.at_work()
    page = await services.views.stream(world.desk, ana, key)
    (entry,) = [e for e in page.entries if e.message_id]
    (file,) = entry.attachments
    assert entry.message_id is not None
    found = await services.views.attachment(world.desk, ana, entry.message_id, file.part)
    assert found == ("voice.pdf", PDF)
    assert await services.views.original(world.desk, ana, entry.message_id) == raw
    with pytest.raises(NotFound):
        await services.views.attachment(world.desk, ana, entry.message_id, 99)
    with pytest.raises(NotFound):
        await services.views.original(world.desk, ana, MessageId(99))


async def test_the_folder_of_the_last_file_is_found_again(world: World) -> None:
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    assert await services.workspace.folder(world.desk, ana) == ""
    for path in ("/home/ana/in", "/home/ana/photos"):
        await services.workspace.keep_folder(world.desk, ana, path)
    assert await services.workspace.folder(world.desk, ana) == "/home/ana/photos"
    assert await services.workspace.folder(world.desk, ben) == ""
