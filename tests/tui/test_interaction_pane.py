"""The interaction pane: every action reaches its service, and the screen follows."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot

from agentdesk.domain.errors import BadInput, FencedOff, IllegalTransition, SomethingNew
from agentdesk.domain.ids import AgentId, CodeId, InteractionId, MessageId, OutboxId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Delivery, InteractionView, StreamPage
from agentdesk.tui.actions import Scope, of_scope
from agentdesk.tui.dialogs.attach import AttachDialog, ChosenFile
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.save_attachment import SaveAttachmentDialog
from agentdesk.tui.dialogs.something_new import SomethingNewDialog
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog
from agentdesk.tui.messages import (
    InteractionFinished,
    InteractionRequested,
    PositionChanged,
    ViewRead,
)
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets import draft_keeper
from agentdesk.tui.widgets.composer_prompt import ComposerPrompt
from agentdesk.tui.widgets.interaction_head import InteractionHead
from agentdesk.tui.widgets.wrap_up_bar import WrapUpBar
from tests.tui.pane_host import (
    CONVERSATION,
    IX,
    START,
    VIEW,
    FakeDesk,
    HostApp,
    at,
    changed,
    install,
    mail_in,
    mail_out,
    page,
    until,
)


class PaneApp(HostApp):
    """One pane; remembers what it tells the shell."""

    def __init__(self) -> None:
        super().__init__(lambda: InteractionPane(IX, "IMS0000123"))
        self.heard: list[Message] = []

    def hear(self, message: Message) -> None:
        """Each message once."""
        told = (InteractionFinished, InteractionRequested, PositionChanged, ViewRead)
        if isinstance(message, told) and not any(message is each for each in self.heard):
            self.heard.append(message)

    def of(self, kind: type[Message]) -> list[Any]:
        """Messages of one kind."""
        return [each for each in self.heard if isinstance(each, kind)]


Desk = tuple[PaneApp, InteractionPane, Pilot[None], FakeDesk]
Opener = Callable[..., Any]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """An open pane over services in memory: `async with opened(view=…, page=…)`."""
    monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 0)

    @asynccontextmanager
    async def open_pane(
        size: tuple[int, int] = (100, 30),
        view: InteractionView = VIEW,
        shown: StreamPage | None = None,
    ) -> AsyncIterator[Desk]:
        fake = install(monkeypatch, FakeDesk(view=view, page=shown or page(*CONVERSATION)))
        app = PaneApp()
        async with app.run_test(size=size, message_hook=app.hear) as pilot:
            pane = app.query_one(InteractionPane)
            await until(pilot, lambda: pane.view is not None)
            pane.focus_stream()
            await pilot.pause()
            yield app, pane, pilot, fake

    return open_pane


async def dialog(pilot: Pilot[None], kind: type[Any]) -> Any:
    """Wait for a dialog of that kind."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    return pilot.app.screen


async def begin_reply(desk: Desk, *typed: str) -> None:
    """Press r and type."""
    _, pane, pilot, _ = desk
    await pilot.press("r")
    await until(pilot, lambda: pane.reply_composer.is_open)
    await pilot.press(*typed)
    await pilot.pause()


def test_there_is_a_method_for_every_action_of_the_pane() -> None:
    for action in of_scope(Scope.INTERACTION):
        assert hasattr(InteractionPane, f"action_{action.id}"), action.id
    for action in of_scope(Scope.COMPOSER):
        assert hasattr(InteractionPane, f"action_{action.id}"), action.id


# Reading


async def test_the_pane_tells_the_shell_what_it_read(opened: Opener) -> None:
    async with opened() as (app, _, _pilot, _fake):
        assert app.of(ViewRead)[-1].view == VIEW


async def test_the_head_says_what_it_is_about(opened: Opener) -> None:
    async with opened() as (_, pane, _pilot, _fake):
        lines = pane.query_one(InteractionHead).render().plain.split("\n")
        assert lines[0].startswith("IMS0000123  Order 5512 arrived damaged")
        assert lines[0].endswith("● Work in Progress")
        assert lines[1].startswith("Ana Ruiz (you) · Support · P2")
        assert lines[1].endswith("continues IMS0000098 · case CS0000007")


@pytest.mark.parametrize("width", [20, 40, 60])
async def test_the_head_fits_any_width(opened: Opener, width: int) -> None:
    subject = "[/order] 漢字 " + "w" * 500
    view = replace(VIEW, subject=subject, mine=False, owner="Somebody With A Long Name")
    async with opened((width, 20), view) as (app, pane, _pilot, _fake):
        head = pane.query_one(InteractionHead)
        assert head.size.height == 2
        strips = app.screen._compositor.render_strips()
        assert all(strip.cell_length == width for strip in strips)


async def test_a_change_is_read_again(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, fake):
        fake.view = replace(VIEW, subject="Another subject")
        fake.page = page(*CONVERSATION, mail_in(60, "One more thing"))
        pane.post_message(changed())
        await until(pilot, lambda: pane.view.subject == "Another subject")
        assert pane.stream.cards[-1].seq == 60


async def test_a_change_elsewhere_is_not_read(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, fake):
        before = len(fake.named("stream"))
        pane.post_message(changed(drafts=True))
        await pilot.pause()
        assert len(fake.named("stream")) == before


async def test_what_was_seen_to_the_end_is_marked_read(opened: Opener) -> None:
    async with opened(shown=page(*CONVERSATION, read=11)) as (_, _pane, pilot, fake):
        await until(pilot, lambda: fake.named("mark_read"))
        assert fake.named("mark_read") == [(40,)]


async def test_what_was_read_before_is_not_marked_again(opened: Opener) -> None:
    async with opened(shown=page(*CONVERSATION, read=40)) as (_, _pane, pilot, fake):
        await pilot.pause()
        assert fake.named("mark_read") == []


async def test_earlier_entries_are_read_on_demand(opened: Opener) -> None:
    shown = page(*(mail_in(n) for n in range(50, 60)), earlier=True)
    async with opened(shown=shown) as (_, pane, pilot, fake):
        fake.older[50] = page(mail_in(48), mail_in(49))
        await pilot.press("e")
        await until(pilot, lambda: pane.stream.cards[0].seq == 48)
        assert not pane.stream.has_earlier
        assert not pane.check_action("load_earlier", ())


async def test_scrolling_tells_the_place(opened: Opener) -> None:
    shown = page(*(mail_in(n, "a\nb\nc") for n in range(1, 30)))
    async with opened(shown=shown) as (app, _, pilot, _fake):
        await pilot.press("home")
        await until(pilot, lambda: app.of(PositionChanged))
        assert app.of(PositionChanged)[-1] == PositionChanged(IX, 1)


# Moving in the stream, by key


@pytest.mark.parametrize(
    ("keys", "selected"),
    [(["up"], 11), (["k", "k"], 10), (["home"], 1), (["g", "down"], 2), (["g", "j", "end"], 40)],
)
async def test_keys_move_the_highlight(opened: Opener, keys: list[str], selected: int) -> None:
    async with opened() as (_, pane, pilot, _fake):
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        assert pane.stream.selected is not None
        assert pane.stream.selected.seq == selected


async def test_folds_open_by_key(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, _fake):
        card = pane.stream.card(40)
        await pilot.press("o")
        assert card.unfolded
        await pilot.press("enter")
        assert not card.unfolded
        await pilot.press("O")
        assert card.unfolded


# Taking, holding, noting


async def test_assign_to_me_takes_it_out_of_its_queue(opened: Opener) -> None:
    new = replace(VIEW, state=State.NEW, owner="", mine=False)
    async with opened(view=new) as (_, pane, pilot, fake):
        assert not pane.check_action("open_reply", ())
        await pilot.press("m")
        await until(pilot, lambda: pane.view.mine)
        assert fake.named("assign_to_me") == [(IX,)]


async def test_hold_and_resume_share_a_key(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.press("h")
        await until(pilot, lambda: pane.view.state is State.ON_HOLD)
        await pilot.press("h")
        await until(pilot, lambda: pane.view.state is State.WORK_IN_PROGRESS)
        assert [call[0] for call in fake.calls if call[0] in ("hold", "resume")] == [
            "hold",
            "resume",
        ]


async def test_a_refusal_is_one_sentence(opened: Opener) -> None:
    async with opened() as (app, _, pilot, fake):
        fake.refuse["hold"] = IllegalTransition("IMS0000123 cannot be put on hold.")
        await pilot.press("h")
        await until(pilot, lambda: app.errors)
        assert app.errors == ["IMS0000123 cannot be put on hold."]


async def test_a_note_is_added_and_never_mailed(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("n", *"call first", "ctrl+g")
        await until(pilot, lambda: not pane.note_composer.is_open)
        assert fake.named("add_note") == [("call first",)]
        assert not fake.named("queue")
        assert not fake.named("open_reply")
        assert app.focused is pane.stream
        assert pane.note_composer.body.text == ""


async def test_a_refused_note_stays_on_the_screen(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, fake):
        fake.refuse["add_note"] = BadInput("Write something first.")
        await pilot.press("n", *"x", "ctrl+g")
        await until(pilot, lambda: app.errors)
        assert pane.note_composer.is_open
        assert pane.note_composer.body.text == "x"


async def test_a_note_that_was_begun_survives_closing_the_tab(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, _fake):
        await pilot.press("n", *"half a th")
        await pilot.pause()
        await pane.flush()
        await pane.remove()
        again = InteractionPane(IX, "IMS0000123")
        await app.mount(again)
        await pilot.pause()
        assert again.note_composer.body.text == "half a th"


# Writing


async def test_reply_opens_the_draft_and_gives_it_the_keys(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, _, fake = desk
        await begin_reply(desk)
        assert fake.named("open_reply") == [(False,)]
        assert app.focused is pane.reply_composer.body
        assert not pane.query_one(ComposerPrompt).display


async def test_reply_to_all_asks_for_everyone(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.press("a")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("open_reply") == [(True,)]


async def test_escape_goes_back_to_the_conversation_and_r_to_the_draft(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        assert pane.reply_composer.is_open
        assert fake.draft is not None
        assert fake.draft.content.body.startswith("Hi")
        await pilot.press("r")
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        assert len(fake.named("open_reply")) == 1


async def test_escape_twice_folds_the_draft_and_lets_others_write(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("escape")
        await until(pilot, lambda: fake.named("release"))
        assert not pane.reply_composer.is_open
        await begin_reply(desk)
        assert pane.reply_composer.body.text.startswith("Hi")


async def test_one_composer_is_open_at_a_time(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("n")
        await until(pilot, lambda: pane.note_composer.is_open)
        assert not pane.reply_composer.is_open
        assert fake.draft is not None
        assert fake.draft.content.body.startswith("Hi")


async def test_flush_saves_before_the_tab_goes(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as desk:
        _, pane, _, fake = desk
        monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 1_000)
        await begin_reply(desk, *"Hi")
        assert fake.named("save") == []
        await pane.flush()
        assert fake.draft is not None
        assert fake.draft.content.body.startswith("Hi")


async def test_a_hidden_tab_saves_at_once(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 1_000)
        await begin_reply(desk, *"Hi")
        pane.display = False
        await until(pilot, lambda: fake.named("save"))


# Sending


async def test_send_queues_the_saved_draft_and_shows_it_counting_down(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Sent today", "ctrl+g")
        await until(pilot, lambda: fake.named("queue"))
        await until(pilot, lambda: not pane.reply_composer.is_open)
        await until(pilot, lambda: pane.stream.cards[-1].seq == 50)
        names = [call[0] for call in fake.calls]
        assert names.index("save") < names.index("queue")
        assert "save" not in names[names.index("queue") :]
        assert pane.stream.cards[-1].entry.delivery is Delivery.DELAYED
        assert pane.stream.cards[-1].entry.text.startswith("Sent today")
        assert app.focused is pane.stream
        assert pane.stream.selected is not None
        assert pane.stream.selected.seq == 50


async def test_a_refused_send_keeps_the_mail_open(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        fake.refuse["queue"] = BadInput("Name at least one recipient in To.")
        await begin_reply(desk, *"Hi", "ctrl+g")
        await until(pilot, lambda: app.errors)
        assert pane.reply_composer.is_open
        assert pane.reply_composer.body.text.startswith("Hi")


async def test_what_cannot_be_saved_is_not_sent(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk)
        fake.refuse["save"] = FencedOff("This draft was opened elsewhere.")
        await pilot.press("x", "ctrl+g")
        await until(pilot, lambda: pane.reply_composer.keeper.lost)
        assert fake.named("queue") == []
        assert app.screen is app.screen_stack[0]


async def news(desk: Desk) -> None:
    """Send while something new has come."""
    fake = desk[3]
    fake.refuse["queue"] = SomethingNew("Something new came into this conversation.")
    await begin_reply(desk, *"Hi", "ctrl+g")
    await dialog(desk[2], SomethingNewDialog)


async def test_stop_at_send_shows_what_is_new(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await news(desk)
        await pilot.press("s")
        await until(pilot, lambda: app.focused is pane.stream)
        assert pane.reply_composer.is_open
        assert pane.stream.at_end
        assert fake.named("queue") == [(7, False)]


async def test_stop_at_send_can_send_anyway(opened: Opener) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await news(desk)
        await pilot.press("a")
        await until(pilot, lambda: len(fake.named("queue")) == 2)
        assert fake.named("queue")[-1] == (7, True)
        await until(pilot, lambda: not pane.reply_composer.is_open)


@pytest.mark.parametrize("key", ["e", "escape"])
async def test_stop_at_send_can_go_back_to_the_text(opened: Opener, key: str) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await news(desk)
        await pilot.press(key)
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        assert fake.named("queue") == [(7, False)]


async def test_a_promised_file_is_asked_about_once(opened: Opener) -> None:
    async with opened() as desk:
        app, _, pilot, fake = desk
        await begin_reply(desk, *"See attachment", "ctrl+g")
        await dialog(pilot, ConfirmDialog)
        await pilot.press("n")
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert fake.named("queue") == []
        await pilot.press("ctrl+g")
        await until(pilot, lambda: fake.named("queue"))


async def test_a_second_press_does_not_send_twice(opened: Opener) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "ctrl+g", "ctrl+g", "ctrl+g")
        await until(pilot, lambda: not pane.reply_composer.is_open)
        assert len(fake.named("queue")) == 1


async def test_undo_brings_the_draft_back(opened: Opener) -> None:
    waiting = mail_out(50, delivery=Delivery.DELAYED, due_at=START + timedelta(seconds=9))
    async with opened(shown=page(*CONVERSATION, waiting)) as (app, pane, pilot, fake):
        await pilot.press("home", "u")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("cancel") == [(OutboxId(50),)]
        assert app.focused is pane.reply_composer.body


async def test_undo_works_by_a_click_on_the_countdown(opened: Opener) -> None:
    waiting = mail_out(50, delivery=Delivery.DELAYED, due_at=START + timedelta(seconds=9))
    async with opened(shown=page(*CONVERSATION, waiting)) as (_, pane, pilot, fake):
        card = pane.stream.card(50)
        await pilot.click(card, offset=(card.size.width - 12, 0))
        await until(pilot, lambda: fake.named("cancel"))


async def test_undo_is_offered_only_while_it_is_possible(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, fake):
        assert not pane.check_action("undo_send", ())
        await pilot.press("u")
        await pilot.pause()
        assert fake.named("cancel") == []


async def test_a_failed_mail_is_sent_again_after_asking(opened: Opener) -> None:
    failed = mail_out(50, delivery=Delivery.FAILED)
    async with opened(shown=page(*CONVERSATION, failed)) as (_, pane, pilot, fake):
        assert not pane.check_action("confirm_sent", ())
        await pilot.press("x")
        await dialog(pilot, ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: fake.named("send_again") == [(OutboxId(50),)])


async def test_an_unknown_outcome_is_settled_by_a_person(opened: Opener) -> None:
    unknown = mail_out(50, delivery=Delivery.UNKNOWN)
    async with opened(shown=page(*CONVERSATION, unknown)) as (_, _pane, pilot, fake):
        await pilot.press("y")
        await until(pilot, lambda: fake.named("confirm_sent") == [(OutboxId(50),)])


# Drafts shared with others


async def test_a_take_over_elsewhere_is_told_at_once(opened: Opener) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi")
        await pane.flush()
        assert fake.draft is not None
        theirs = replace(fake.draft.content, body="Theirs")
        fake.draft = replace(
            fake.draft, token=2, holder_id=AgentId(2), holder_session="b", content=theirs
        )
        pane.post_message(changed(drafts=True))
        await until(pilot, lambda: pane.reply_composer.keeper.lost)
        assert pane.reply_composer.keeper.lost == "Somebody else is writing this."
        assert pane.reply_composer.body.text == "Theirs"


async def test_taking_over_goes_on_with_both_texts(opened: Opener) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi")
        await pane.flush()
        fake.refuse["save"] = FencedOff("This draft was opened elsewhere.")
        await pilot.press("!")
        await until(pilot, lambda: pane.reply_composer.keeper.lost)
        assert fake.draft is not None
        theirs = replace(fake.draft.content, body="Theirs")
        fake.draft = replace(fake.draft, content=theirs, holder_id=AgentId(2), holder_session="b")
        pane.post_message(changed(drafts=True))
        await pilot.pause()
        assert pane.reply_composer.body.text.startswith("Hi!")
        await pilot.press("ctrl+t")
        await until(pilot, lambda: fake.named("take_over"))
        await until(pilot, lambda: not pane.reply_composer.keeper.lost)
        text = pane.reply_composer.body.text
        assert text.startswith("Hi!")
        assert text.endswith("Theirs")
        await until(pilot, lambda: fake.draft.content.body == text)


async def test_a_draft_sent_elsewhere_leaves_my_words_for_a_new_one(opened: Opener) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi")
        await pane.flush()
        keeper = pane.reply_composer.keeper
        keeper.lose("This draft was sent or discarded in another window.", gone=True)
        keeper.typed = replace(keeper.typed, body="my own words")
        fake.draft = None
        await pilot.press("ctrl+t")
        await until(pilot, lambda: len(fake.named("open_reply")) == 2)
        await until(pilot, lambda: pane.reply_composer.body.text == "my own words")


async def test_a_draft_is_discarded_only_after_asking(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("delete")
        await dialog(pilot, ConfirmDialog)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert fake.named("discard") == []
        await pilot.press("delete")
        await dialog(pilot, ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: fake.named("discard") == [(7, 1)])
        await until(pilot, lambda: not pane.reply_composer.is_open)


# Files


async def test_a_file_is_attached_and_removed(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk)
        await pilot.press("ctrl+o")
        asked = await dialog(pilot, AttachDialog)
        asked.dismiss(ChosenFile("invoice.pdf", b"pdf"))
        await until(pilot, lambda: fake.named("attach") == [("invoice.pdf", b"pdf")])
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        await pilot.press("tab", "delete")
        await until(pilot, lambda: fake.named("detach") == [("sha-invoice.pdf",)])
        assert pane.reply_composer.keeper.draft.files == ()


async def test_a_received_file_is_saved(opened: Opener, tmp_path: Path) -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("home", "s")
        asked = await dialog(pilot, SaveAttachmentDialog)
        asked.query_one("#folder").value = str(tmp_path)
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
        assert fake.named("attachment") == [(MessageId(1), 0)]
        assert app.told == [f"lid-front.jpg is in {tmp_path}."]
    assert (tmp_path / "lid-front.jpg").read_bytes() == b"pixels"


async def test_the_clicked_file_is_the_one_that_is_offered(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, _fake):
        await pane.stream.card(40).run_action("save_file(1)")
        asked = await dialog(pilot, SaveAttachmentDialog)
        assert asked.query_one("#name").value == "hinge-2.jpg"


async def test_a_mail_too_long_to_show_is_saved_whole(opened: Opener, tmp_path: Path) -> None:
    text = "line\n" * 5_000
    async with opened(shown=page(mail_in(1, text))) as (app, _, pilot, _fake):
        await pilot.press("s")
        asked = await dialog(pilot, SaveAttachmentDialog)
        asked.query_one("#folder").value = str(tmp_path)
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
    assert (tmp_path / "mail-1.txt").read_text() == text


# Closing


async def test_closing_starts_the_countdown_and_asks_for_the_code(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        assert fake.named("close") == [(IX,)]
        assert pane.query_one(WrapUpBar).display
        await pilot.press("down", "tab", *"lid sent", "ctrl+g")
        await until(pilot, lambda: fake.named("wrap_up"))
        assert fake.named("wrap_up") == [(CodeId(2), "lid sent")]
        await until(pilot, lambda: app.of(InteractionFinished))
        await until(pilot, lambda: not pane.query_one(WrapUpBar).display)
        assert app.told == []


async def test_the_wrap_up_can_be_left_and_opened_again(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        await pilot.press("tab", *"half", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        app.turn(70)
        await pilot.pause()
        bar = pane.query_one(WrapUpBar)
        assert "0:50 left" in str(bar.render())
        assert bar.has_class("-soon")
        await pilot.press("w")
        asked = await dialog(pilot, WrapUpDialog)
        assert asked.query_one("#notes").text == "half"
        assert len(fake.named("close")) == 1


async def test_a_wrap_up_that_timed_out_closes_its_dialog_with_a_sentence(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        fake.view = replace(fake.view, state=State.CLOSED_COMPLETE, wrap_up=None)
        pane.post_message(changed())
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert app.told == ["IMS0000123 is closed: its time to wrap up ended."]


async def test_a_customer_who_writes_ends_the_wrap_up(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        fake.view = replace(fake.view, state=State.WORK_IN_PROGRESS, wrap_up=None)
        pane.post_message(changed())
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert app.told == ["IMS0000123 is open again: its wrap-up was stopped."]


async def test_an_unsent_mail_stops_the_close_and_stays_open(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        fake.refuse["close"] = BadInput("IMS0000123 has an unsent draft.")
        await pilot.press("w")
        await until(pilot, lambda: app.errors)
        assert app.errors == ["IMS0000123 has an unsent draft."]
        assert pane.reply_composer.body.text.startswith("Hi")
        names = [call[0] for call in fake.calls]
        assert names.index("save") < names.index("close")


async def test_closing_takes_an_untouched_reply_along(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        assert not pane.reply_composer.is_open
        assert not fake.named("release")


async def test_a_close_by_mistake_is_undone_in_the_dialog_and_by_key(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.press("w")
        asked = await dialog(pilot, WrapUpDialog)
        await pilot.click("#go-on")
        await until(pilot, lambda: pane.view.state is State.WORK_IN_PROGRESS)
        assert asked not in pilot.app.screen_stack
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        await pilot.press("escape")
        await until(pilot, lambda: pane.view.state is State.WRAP_UP)
        await pilot.press("h")
        await until(pilot, lambda: len(fake.named("resume")) == 2)
        await until(pilot, lambda: not pane.query_one(WrapUpBar).display)


async def test_a_reply_in_which_nothing_was_typed_leaves_no_draft(opened: Opener) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("escape")
        await until(pilot, lambda: fake.named("discard") == [(7, 1)])
        assert fake.named("release") == []


async def test_an_outbound_draft_is_kept_even_when_it_is_empty(opened: Opener) -> None:
    async with opened(view=replace(VIEW, direction="outbound")) as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("escape")
        await until(pilot, lambda: fake.named("release"))
        assert fake.named("discard") == []


async def test_nothing_is_offered_in_a_closed_interaction(opened: Opener) -> None:
    closed = replace(VIEW, state=State.CLOSED_COMPLETE)
    async with opened(view=closed) as (_, pane, pilot, fake):
        for action in ("open_reply", "open_note", "toggle_hold", "close_interaction"):
            assert not pane.check_action(action, ())
        await pilot.press("r", "n", "h", "w", "m")
        await pilot.pause()
        moved = {"open_reply", "add_note", "hold", "close", "assign_to_me"}
        assert not [call for call in fake.calls if call[0] in moved]
        prompt = pane.query_one(ComposerPrompt).render().plain
        assert prompt == "Closed Complete. Nothing is written here any more."


async def test_somebody_elses_interaction_offers_only_a_note(opened: Opener) -> None:
    async with opened(view=replace(VIEW, mine=False, owner="Ben Ito")) as (_, pane, _p, _fake):
        assert not pane.check_action("open_reply", ())
        assert pane.check_action("open_note", ())
        assert pane.query_one(ComposerPrompt).render().plain == "n note"


# Links and mouse


async def test_the_parent_is_opened_by_key_and_mouse(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, _fake):
        await pilot.press("p")
        await until(pilot, lambda: app.of(InteractionRequested))
        await pane.query_one(InteractionHead).run_action("open_parent")
        await until(pilot, lambda: len(app.of(InteractionRequested)) == 2)
        wanted = InteractionRequested(InteractionId(98), "IMS0000098")
        assert app.of(InteractionRequested) == [wanted, wanted]


async def test_the_prompt_is_clickable(opened: Opener) -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.click(ComposerPrompt, offset=(4, 1))
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("open_reply") == [(False,)]


async def test_the_prompt_tells_of_a_draft_that_waits(opened: Opener) -> None:
    async with opened(view=replace(VIEW, draft_id=7)) as (_, pane, _pilot, _fake):
        assert pane.query_one(ComposerPrompt).render().plain.startswith("r go on with your draft")


async def test_the_shell_can_ask_for_the_composer(opened: Opener) -> None:
    async with opened() as (app, pane, pilot, _fake):
        pane.focus_composer()
        await until(pilot, lambda: pane.reply_composer.is_open)
        pane.focus_stream()
        await pilot.pause()
        pane.focus_composer()
        await until(pilot, lambda: app.focused is pane.reply_composer.body)


async def test_the_shell_can_run_what_the_composer_offers(opened: Opener) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        assert not pane.check_action("send_reply", ())
        await begin_reply(desk, *"Hi", "escape")
        assert pane.check_action("send_reply", ())
        await pane.run_action("send_reply")
        await until(pilot, lambda: fake.named("queue"))


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_stream_and_composer_both_have_room_on_a_small_screen(
    opened: Opener, size: tuple[int, int]
) -> None:
    async with opened((size[0], size[1] - 3)) as desk:
        _, pane, _, _ = desk
        await begin_reply(desk)
        assert pane.stream.size.height >= 4
        assert pane.reply_composer.body.size.height >= 3


# Pictures


Before = Callable[[Pilot[None]], Awaitable[None]]


@pytest.fixture
def picture(monkeypatch: pytest.MonkeyPatch, snap_compare: Any) -> Callable[..., bool]:
    """Compare the pane with its picture, after *before* did something."""

    def compare(before: Before, size: tuple[int, int]) -> bool:
        waiting = mail_out(
            50,
            "A new lid leaves today, with both hinges.\n\nKind regards\nAna",
            delivery=Delivery.DELAYED,
            due_at=START + timedelta(seconds=8),
            at=at(0),
        )
        shown = page(*CONVERSATION, waiting, read=11)
        install(monkeypatch, FakeDesk(page=shown))

        async def ready(pilot: Pilot[None]) -> None:
            pane = pilot.app.query_one(InteractionPane)
            await until(pilot, lambda: pane.view is not None)
            pane.focus_stream()
            await pilot.pause()
            await before(pilot)
            await pilot.pause()
            await pilot.pause()

        return bool(snap_compare(PaneApp(), terminal_size=size, run_before=ready))

    return compare


async def nothing(pilot: Pilot[None]) -> None:
    """As it opens."""


async def write(pilot: Pilot[None]) -> None:
    """A reply with two files and copies."""
    pane = pilot.app.query_one(InteractionPane)
    await pilot.press("r")
    await until(pilot, lambda: pane.reply_composer.is_open)
    keeper = pane.reply_composer.keeper
    assert keeper is not None
    await keeper.attach("invoice-5512.pdf", b"x" * 84_000)
    await keeper.attach("label.png", b"x" * 9_000)
    await pilot.press(*"Hello Mara,", "enter", "enter", *"the new lid is on its way.")
    await pane.flush()


async def write_note(pilot: Pilot[None]) -> None:
    """A note."""
    await pilot.press("n", *"Ask the carrier for the photo.")


async def close(pilot: Pilot[None]) -> None:
    """The wrap-up after 70 seconds."""
    await pilot.press("w")
    await dialog(pilot, WrapUpDialog)
    await pilot.press("down", "tab", *"New lid sent.")
    assert isinstance(pilot.app, HostApp)
    pilot.app.turn(70)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
@pytest.mark.parametrize("before", [nothing, write, write_note, close])
def test_the_pane_looks_like_its_picture(
    picture: Callable[..., bool], before: Before, size: tuple[int, int]
) -> None:
    assert picture(before, size)
