"""The keeper of a draft: every keystroke is saved, and only one person writes."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftVersion
from agentdesk.domain.errors import BadInput, FencedOff, NotFound, StorageProblem
from agentdesk.domain.ids import AgentId
from agentdesk.domain.promised import promises_file
from agentdesk.tui.panes.replying import BETWEEN, merged
from agentdesk.tui.widgets import draft_keeper
from agentdesk.tui.widgets.draft_keeper import DraftKeeper
from tests.tui.pane_host import ANA
from tests.tui.pane_services import REPLY, FakeDesk, install

PDF = DraftFile("invoice.pdf", "application/pdf", 84_200, "sha-1")
PNG = DraftFile("photo.png", "image/png", 900, "sha-2")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    """Services in memory; saving starts in the next turn of the loop."""
    monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 0)
    monkeypatch.setattr(draft_keeper, "RETRY_AFTER_S", 0)
    return install(monkeypatch, FakeDesk())


def keeping(fake: FakeDesk, **changes: Any) -> tuple[DraftKeeper, list[str]]:
    """A keeper of a fresh draft, and how often its standing changed."""
    fake.draft = fake.new_draft(**changes)
    told: list[str] = []
    keeper = DraftKeeper(None, ANA, fake.draft, lambda: told.append("told"))  # type: ignore[arg-type]
    return keeper, told


def body(text: str) -> DraftContent:
    """The draft with another text."""
    return replace(REPLY, body=text)


async def soon(happened: Any) -> None:
    """Let tasks run until *happened*."""
    for _ in range(100):
        if happened():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


# The keeper


async def test_typing_is_saved_without_being_asked(fake: FakeDesk) -> None:
    keeper, told = keeping(fake)
    keeper.type(body("Hello"))
    await soon(lambda: keeper.saved)
    assert fake.named("save") == [(7, 1, body("Hello"))]
    assert told


def test_the_save_follows_the_first_keystroke_within_the_second() -> None:
    assert draft_keeper.SAVE_AFTER_S <= 0.5
    assert draft_keeper.HEARTBEAT_S * 2 < 15


async def test_going_on_typing_does_not_put_the_save_off(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 1_000)
    keeper, _ = keeping(fake)
    keeper.type(body("H"))
    first = keeper._timer
    keeper.type(body("He"))
    assert keeper._timer is first is not None
    assert await keeper.flush()
    assert first.cancelled()


async def test_flush_saves_the_last_keystroke_at_once(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    keeper.type(body("Hello Mara"))
    assert await keeper.flush()
    assert fake.draft is not None
    assert fake.draft.content.body == "Hello Mara"


async def test_nothing_typed_is_nothing_saved(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    keeper.type(REPLY)
    assert await keeper.flush()
    assert fake.named("save") == []


async def test_saves_run_one_after_the_other(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, running = asyncio.Event(), 0
    quick = fake.save

    async def slow(*args: Any) -> Draft:
        nonlocal running
        running += 1
        assert running == 1
        await gate.wait()
        running -= 1
        return await quick(*args)

    monkeypatch.setattr(fake, "save", slow)
    keeper, _ = keeping(fake)
    keeper.type(body("one"))
    first = asyncio.create_task(keeper.flush())
    await asyncio.sleep(0)
    keeper.type(body("two"))
    second = asyncio.create_task(keeper.flush())
    gate.set()
    assert await first
    assert await second
    assert [call[2].body for call in fake.named("save")] == ["one", "two"]


async def test_a_refused_save_is_told_and_tried_again(fake: FakeDesk) -> None:
    keeper, told = keeping(fake)
    fake.refuse["save"] = StorageProblem("The disk is full.")
    keeper.type(body("Hello"))
    assert not await keeper.flush()
    assert keeper.problem == "The disk is full."
    assert told
    await soon(lambda: keeper.saved)
    assert keeper.problem == ""


async def test_a_draft_taken_over_keeps_what_was_typed(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    fake.refuse["save"] = FencedOff("This draft was opened elsewhere.")
    keeper.type(body("mine"))
    assert not await keeper.flush()
    assert keeper.lost == "You are writing this in another window."
    assert keeper.unsaved == body("mine")
    assert [said[1] for said in fake.named("keep_version")] == [body("mine")]
    assert keeper.base == REPLY


async def test_a_lost_draft_is_not_saved_any_more(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    keeper.lose("Somebody else is writing this.")
    keeper.type(body("mine"))
    await keeper.flush()
    await keeper.close()
    assert fake.named("save") == fake.named("release") == []


async def test_a_draft_that_is_gone_says_so(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    fake.refuse["save"] = NotFound("This draft was sent or discarded.")
    keeper.type(body("mine"))
    await keeper.flush()
    assert keeper.gone
    assert keeper.unsaved == body("mine")


async def test_the_heartbeat_hears_of_a_take_over(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    await keeper.heartbeat()
    fake.refuse["heartbeat"] = FencedOff("This draft was opened elsewhere.")
    await keeper.heartbeat()
    assert keeper.lost
    await keeper.heartbeat()
    assert len(fake.named("heartbeat")) == 2


async def test_a_heartbeat_that_the_database_refuses_loses_nothing(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    fake.refuse["heartbeat"] = StorageProblem("The database is locked.")
    await keeper.heartbeat()
    assert not keeper.lost


async def test_closing_saves_and_lets_others_write(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    keeper.type(body("Hello"))
    await keeper.close()
    assert [call[0] for call in fake.calls] == ["save", "release"]


async def test_a_sent_draft_is_never_saved_again(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    keeper.type(body("Hello"))
    keeper.finish()
    await keeper.close()
    assert fake.calls == []


async def test_files_come_and_go_without_touching_what_is_typed(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    await keeper.attach("a.txt", b"abc")
    keeper.typed = body("typed meanwhile")
    await keeper.detach("sha-a.txt")
    assert keeper.draft.files == ()
    assert keeper.unsaved == body("typed meanwhile")


@pytest.mark.parametrize(
    ("holder", "session", "sentence"),
    [
        (AgentId(2), "other", "Ben Okafor is writing this."),
        (ANA.agent_id, "other", "You are writing this in another window."),
        (None, "", "Nobody is writing this now."),
    ],
)
async def test_a_reader_is_told_who_writes(
    fake: FakeDesk, holder: AgentId | None, session: str, sentence: str
) -> None:
    keeper, _ = keeping(fake, holder_id=holder, holder_session=session)
    assert keeper.lost == sentence


async def test_the_writer_is_told_who_took_over_and_keeps_what_was_not_saved(
    fake: FakeDesk,
) -> None:
    fake.draft = fake.new_draft()
    names: list[str] = []
    keeper = DraftKeeper(None, ANA, fake.draft, lambda: None, names.append)  # type: ignore[arg-type]
    fake.draft = replace(
        fake.draft, token=2, holder_id=AgentId(2), holder_session="b", content=body("theirs")
    )
    fake.refuse["save"] = FencedOff("This draft was opened elsewhere.")
    keeper.type(body("mine"))
    assert not await keeper.flush()
    assert (names, keeper.lost) == (["Ben Okafor"], "Ben Okafor is writing this.")
    why = "not saved when Ben Okafor took over"
    assert fake.named("keep_version") == [(7, body("mine"), why)]
    assert fake.read_by == [7]


async def test_the_lease_of_a_writer_who_died_ends_and_typing_writes_on(fake: FakeDesk) -> None:
    keeper, told = keeping(fake, holder_id=AgentId(2), holder_session="b")
    assert keeper.read_only
    await keeper.heartbeat()
    assert keeper.read_only
    fake.lease_over = True
    await keeper.heartbeat()
    assert (keeper.free, keeper.lost) == (True, "Nobody is writing this now.")
    assert told
    fake.lease_over = False
    keeper.type(body("on"))
    assert await keeper.flush()
    assert fake.named("open") == [(7,)]
    assert fake.named("save") == [(7, 2, body("on"))]
    assert (keeper.lost, keeper.free, fake.read_by) == ("", False, [])


async def test_whoever_is_first_after_a_lease_writes_the_other_reads_on(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, _ = keeping(fake, holder_id=AgentId(2), holder_session="b")
    fake.lease_over = True
    await keeper.heartbeat()
    fake.lease_over = False

    async def theirs(*_: object) -> Draft:
        return fake.new_draft(holder_id=AgentId(2), holder_session="c", content=body("theirs"))

    monkeypatch.setattr(fake, "open", theirs)
    keeper.type(body("on"))
    assert not await keeper.flush()
    assert (keeper.read_only, keeper.lost) == (True, "Ben Okafor is writing this.")
    assert keeper.unsaved == body("on")


async def test_what_is_read_along_follows_and_ends_with_the_keeper(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake, holder_id=AgentId(2), holder_session="b")
    keeper.replace_draft(replace(keeper.draft, content=body("more"), version=2))
    assert keeper.typed == body("more")
    assert fake.read_by == [7]
    await keeper.close()
    assert fake.read_by == []


async def test_an_earlier_version_is_written_on_from(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    fake.earlier = (DraftVersion(3, "Ana Ruiz", fake.now(), body("before")),)
    await keeper.restore(3)
    assert (keeper.typed, keeper.saved) == (body("before"), True)
    assert fake.named("restore") == [(7, 1, 3)]


# After taking over

BASE = DraftContent(to="mara@example.org", subject="Re: lid", body="base")


def test_taking_over_an_untouched_draft_keeps_my_last_words() -> None:
    mine = replace(BASE, body="base and mine")
    assert merged(mine, BASE, BASE) == mine


def test_taking_over_keeps_theirs_where_i_had_nothing_unsaved() -> None:
    theirs = replace(BASE, body="theirs")
    assert merged(replace(BASE, to="x@y.org"), BASE, theirs) == replace(theirs, to="x@y.org")


def test_taking_over_keeps_both_where_both_wrote() -> None:
    both = merged(replace(BASE, body="mine"), BASE, replace(BASE, body="theirs"))
    assert both.body == f"mine\n\n{BETWEEN}\n\ntheirs"


@pytest.mark.parametrize(
    ("text", "promised"),
    [
        ("I have attached the invoice.", True),
        ("See attachment", True),
        ("Die Rechnung finden Sie anbei.", True),
        ("請看附件。", True),
        ("W załączniku przesyłam fakturę.", True),
        ("> Where is it?\n\nIt is attached.\n> And the rest?", True),
        ("FYI\n\n---------- Forwarded message ---------\nFrom: M\n\nI attached it", False),
        ("See attached\n\n---------- Forwarded message ---------\nFrom: M\n", True),
        ("Hallo\n\n-- \nUnsere AGB im Anhang\n\nAm 2. März schrieb Mara:\n> Wo?", False),
        ("Vous trouverez la facture ci-jointe.", True),
        ("Thanks.\n\nOn Monday Mara wrote:\n> I attached photos", False),
        ("Thanks.\n> attached", False),
        ("Thanks.\n-- \nAttachment Team", False),
        ("I am rather attractive", False),
        ("", False),
    ],
)
def test_a_promised_file_is_noticed_in_the_new_words_only(text: str, promised: bool) -> None:
    assert promises_file(text) is promised


async def test_too_large_a_file_is_refused_in_one_sentence(fake: FakeDesk) -> None:
    keeper, _ = keeping(fake)
    fake.refuse["attach"] = BadInput("big.iso has 90 MiB.")
    with pytest.raises(BadInput):
        await keeper.attach("big.iso", b"")
    assert keeper.draft.files == ()
