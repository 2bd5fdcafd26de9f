"""The interaction pane: what is read, seen, moved and opened."""

from dataclasses import replace

import pytest

from agentdesk.domain.errors import BadInput, IllegalTransition
from agentdesk.domain.ids import CodeId, InteractionId
from agentdesk.domain.interaction import State
from agentdesk.tui.actions import Scope, of_scope
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog
from agentdesk.tui.messages import (
    InteractionFinished,
    PositionChanged,
    TabRequested,
    ViewRead,
)
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets.composer_prompt import ComposerPrompt
from agentdesk.tui.widgets.interaction_head import InteractionHead
from agentdesk.tui.widgets.wrap_up_bar import WrapUpBar
from tests.tui.pane_app import begin_reply, dialog, opened
from tests.tui.pane_host import CONVERSATION, IX, mail_in, page, until
from tests.tui.pane_services import VIEW, changed


def test_there_is_a_method_for_every_action_of_the_pane() -> None:
    for action in of_scope(Scope.INTERACTION):
        assert hasattr(InteractionPane, f"action_{action.id}"), action.id
    for action in of_scope(Scope.COMPOSER):
        assert hasattr(InteractionPane, f"action_{action.id}"), action.id


# Reading


async def test_the_pane_tells_the_shell_what_it_read() -> None:
    async with opened() as (app, _, _pilot, _fake):
        assert app.of(ViewRead)[-1].view == VIEW


async def test_the_head_says_what_it_is_about() -> None:
    async with opened() as (_, pane, _pilot, _fake):
        lines = pane.query_one(InteractionHead).render().plain.split("\n")
        assert lines[0].startswith("IMS0000123  Order 5512 arrived damaged")
        assert lines[0].endswith("● Work in Progress")
        assert lines[1].startswith("Ana Ruiz (you) · Support · P2")
        assert lines[1].endswith("continues IMS0000098 · case CS0000007")


@pytest.mark.parametrize("width", [20, 40, 60])
async def test_the_head_fits_any_width(width: int) -> None:
    subject = "[/order] 漢字 " + "w" * 500
    view = replace(VIEW, subject=subject, mine=False, owner="Somebody With A Long Name")
    async with opened((width, 20), view) as (app, pane, _pilot, _fake):
        head = pane.query_one(InteractionHead)
        assert head.size.height == 2
        strips = app.screen._compositor.render_strips()
        assert all(strip.cell_length == width for strip in strips)


async def test_a_change_is_read_again() -> None:
    async with opened() as (_, pane, pilot, fake):
        fake.view = replace(VIEW, subject="Another subject")
        fake.page = page(*CONVERSATION, mail_in(60, "One more thing"))
        pane.post_message(changed())
        await until(pilot, lambda: pane.view.subject == "Another subject")
        assert pane.stream.cards[-1].seq == 60


async def test_a_change_elsewhere_is_not_read() -> None:
    async with opened() as (_, pane, pilot, fake):
        before = len(fake.named("stream"))
        pane.post_message(changed(drafts=True))
        await pilot.pause()
        assert len(fake.named("stream")) == before


async def test_what_was_seen_to_the_end_is_marked_read() -> None:
    async with opened(shown=page(*CONVERSATION, read=11)) as (_, _pane, pilot, fake):
        await until(pilot, lambda: fake.named("mark_read"))
        assert fake.named("mark_read") == [(40,)]


async def test_what_was_read_before_is_not_marked_again() -> None:
    async with opened(shown=page(*CONVERSATION, read=40)) as (_, _pane, pilot, fake):
        await pilot.pause()
        assert fake.named("mark_read") == []


async def test_earlier_entries_are_read_on_demand() -> None:
    shown = page(*(mail_in(n) for n in range(50, 60)), earlier=True)
    async with opened(shown=shown) as (_, pane, pilot, fake):
        fake.older[50] = page(mail_in(48), mail_in(49))
        await pilot.press("e")
        await until(pilot, lambda: pane.stream.cards[0].seq == 48)
        assert not pane.stream.has_earlier
        assert not pane.check_action("load_earlier", ())


async def test_scrolling_tells_the_place() -> None:
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
async def test_keys_move_the_highlight(keys: list[str], selected: int) -> None:
    async with opened() as (_, pane, pilot, _fake):
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        assert pane.stream.selected is not None
        assert pane.stream.selected.seq == selected


async def test_folds_open_by_key() -> None:
    async with opened() as (_, pane, pilot, _fake):
        card = pane.stream.card(40)
        await pilot.press("o")
        assert card.unfolded
        await pilot.press("enter")
        assert not card.unfolded
        await pilot.press("O")
        assert card.unfolded


# Taking, holding, noting


async def test_assign_to_me_takes_it_out_of_its_queue() -> None:
    new = replace(VIEW, state=State.NEW, owner="", mine=False)
    async with opened(view=new) as (_, pane, pilot, fake):
        assert not pane.check_action("open_reply", ())
        await pilot.press("m")
        await until(pilot, lambda: pane.view.mine)
        assert fake.named("assign_to_me") == [(IX,)]


async def test_hold_and_resume_share_a_key() -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.press("h")
        await until(pilot, lambda: pane.view.state is State.ON_HOLD)
        await pilot.press("h")
        await until(pilot, lambda: pane.view.state is State.WORK_IN_PROGRESS)
        assert [call[0] for call in fake.calls if call[0] in ("hold", "resume")] == [
            "hold",
            "resume",
        ]


async def test_a_refusal_is_one_sentence() -> None:
    async with opened() as (app, _, pilot, fake):
        fake.refuse["hold"] = IllegalTransition("IMS0000123 cannot be put on hold.")
        await pilot.press("h")
        await until(pilot, lambda: app.errors)
        assert app.errors == ["IMS0000123 cannot be put on hold."]


async def test_a_note_is_added_and_never_mailed() -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("n", *"call first", "ctrl+g")
        await until(pilot, lambda: not pane.note_composer.is_open)
        assert fake.named("add_note") == [("call first",)]
        assert not fake.named("queue")
        assert not fake.named("open_reply")
        assert app.focused is pane.stream
        assert pane.note_composer.body.text == ""


async def test_a_refused_note_stays_on_the_screen() -> None:
    async with opened() as (app, pane, pilot, fake):
        fake.refuse["add_note"] = BadInput("Write something first.")
        await pilot.press("n", *"x", "ctrl+g")
        await until(pilot, lambda: app.errors)
        assert pane.note_composer.is_open
        assert pane.note_composer.body.text == "x"


async def test_a_note_that_was_begun_survives_closing_the_tab() -> None:
    async with opened() as (app, pane, pilot, _fake):
        await pilot.press("n", *"half a th")
        await pilot.pause()
        await pane.flush()
        await pane.remove()
        again = InteractionPane(IX, "IMS0000123")
        await app.mount(again)
        await pilot.pause()
        assert again.note_composer.body.text == "half a th"


# Closing


async def test_closing_starts_the_countdown_and_asks_for_the_code() -> None:
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


async def test_the_wrap_up_can_be_left_and_opened_again() -> None:
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


async def test_a_wrap_up_that_timed_out_closes_its_dialog_with_a_sentence() -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        fake.view = replace(fake.view, state=State.CLOSED_COMPLETE, wrap_up=None)
        pane.post_message(changed())
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert app.told == ["IMS0000123 is closed: its time to wrap up ended."]


async def test_a_customer_who_writes_ends_the_wrap_up() -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        fake.view = replace(fake.view, state=State.WORK_IN_PROGRESS, wrap_up=None)
        pane.post_message(changed())
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert app.told == ["IMS0000123 is open again: its wrap-up was stopped."]


async def test_an_unsent_mail_stops_the_close_and_stays_open() -> None:
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


async def test_closing_takes_an_untouched_reply_along() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("w")
        await dialog(pilot, WrapUpDialog)
        assert not pane.reply_composer.is_open
        assert not fake.named("release")


async def test_a_close_by_mistake_is_undone_in_the_dialog_and_by_key() -> None:
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


async def test_a_reply_in_which_nothing_was_typed_leaves_no_draft() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("escape")
        await until(pilot, lambda: fake.named("discard") == [(7, 1)])
        assert fake.named("release") == []


async def test_an_outbound_draft_is_kept_even_when_it_is_empty() -> None:
    async with opened(view=replace(VIEW, direction="outbound")) as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("escape")
        await until(pilot, lambda: fake.named("release"))
        assert fake.named("discard") == []


async def test_nothing_is_offered_in_a_closed_interaction() -> None:
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


async def test_somebody_elses_interaction_offers_only_a_note() -> None:
    async with opened(view=replace(VIEW, mine=False, owner="Ben Ito")) as (_, pane, _p, _fake):
        assert not pane.check_action("open_reply", ())
        assert pane.check_action("open_note", ())
        assert pane.query_one(ComposerPrompt).render().plain == "n note"


# Links and mouse


async def test_the_parent_is_opened_by_key_and_mouse() -> None:
    async with opened() as (app, pane, pilot, _fake):
        await pilot.press("p")
        await until(pilot, lambda: app.of(TabRequested))
        await pane.query_one(InteractionHead).run_action("open_thread(98, 'IMS0000098')")
        await until(pilot, lambda: len(app.of(TabRequested)) == 2)
        wanted = TabRequested(InteractionId(98), "IMS0000098")
        assert app.of(TabRequested) == [wanted, wanted]


async def test_the_prompt_is_clickable() -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.click(ComposerPrompt, offset=(4, 0))
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("open_reply") == [(False,)]


async def test_the_prompt_tells_of_a_draft_that_waits() -> None:
    async with opened(view=replace(VIEW, draft_id=7)) as (_, pane, _pilot, _fake):
        assert pane.query_one(ComposerPrompt).render().plain.startswith("r go on with your draft")


async def test_the_shell_can_ask_for_the_composer() -> None:
    async with opened() as (app, pane, pilot, _fake):
        pane.focus_composer()
        await until(pilot, lambda: pane.reply_composer.is_open)
        pane.focus_stream()
        await pilot.pause()
        pane.focus_composer()
        await until(pilot, lambda: app.focused is pane.reply_composer.body)


async def test_the_shell_can_run_what_the_composer_offers() -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        assert not pane.check_action("send_reply", ())
        await begin_reply(desk, *"Hi", "escape")
        assert pane.check_action("send_reply", ())
        await pane.run_action("send_reply")
        await until(pilot, lambda: fake.named("queue"))


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_stream_and_composer_both_have_room_on_a_small_screen(size: tuple[int, int]) -> None:
    async with opened((size[0], size[1] - 3)) as desk:
        _, pane, _, _ = desk
        await begin_reply(desk)
        assert pane.stream.size.height >= 4
        assert pane.reply_composer.body.size.height >= 3


def test_a_pane_that_is_not_there_yet_offers_nothing() -> None:
    pane = InteractionPane(IX, "IMS0000123")
    assert not pane.check_action("open_reply", ())
