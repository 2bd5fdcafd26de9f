"""Writing in the pane: drafts, sending, undo, files. Nothing typed is lost."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from agentdesk.domain.delivery import Fate, Outcome
from agentdesk.domain.errors import BadInput, FencedOff, SomethingNew
from agentdesk.domain.ids import AgentId, MessageId, OutboxId
from agentdesk.domain.views import BouncedAddress, Delivery
from agentdesk.tui.dialogs.attach import ChosenFile
from agentdesk.tui.dialogs.attach_files import AttachFilesDialog
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.save_attachment import SaveAttachmentDialog
from agentdesk.tui.dialogs.something_new import SomethingNewDialog
from agentdesk.tui.dialogs.was_it_sent import WasItSentDialog
from agentdesk.tui.transfer import Transfer
from agentdesk.tui.widgets import draft_keeper
from agentdesk.tui.widgets.composer_prompt import ComposerPrompt
from agentdesk.tui.widgets.refused import RefusedRecipients
from tests.tui.pane_app import Desk, begin_reply, dialog, opened
from tests.tui.pane_host import CONVERSATION, START, mail_in, mail_out, page, until
from tests.tui.pane_services import changed

# Writing


async def test_reply_opens_the_draft_and_gives_it_the_keys() -> None:
    async with opened() as desk:
        app, pane, _, fake = desk
        await begin_reply(desk)
        assert fake.named("open_reply") == [(False,)]
        assert app.focused is pane.reply_composer.body
        assert not pane.query_one(ComposerPrompt).display


async def test_reply_to_all_asks_for_everyone() -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.press("a")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("open_reply") == [(True,)]


async def test_escape_goes_back_to_the_conversation_and_r_to_the_draft() -> None:
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


async def test_escape_twice_folds_the_draft_and_lets_others_write() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("escape")
        await until(pilot, lambda: fake.named("release"))
        assert not pane.reply_composer.is_open
        await begin_reply(desk)
        assert pane.reply_composer.body.text.startswith("Hi")


async def test_one_composer_is_open_at_a_time() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "escape")
        await until(pilot, lambda: app.focused is pane.stream)
        await pilot.press("n")
        await until(pilot, lambda: pane.note_composer.is_open)
        assert not pane.reply_composer.is_open
        assert fake.draft is not None
        assert fake.draft.content.body.startswith("Hi")


async def test_flush_saves_before_the_tab_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as desk:
        _, pane, _, fake = desk
        monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 1_000)
        await begin_reply(desk, *"Hi")
        assert fake.named("save") == []
        await pane.flush()
        assert fake.draft is not None
        assert fake.draft.content.body.startswith("Hi")


async def test_a_hidden_tab_saves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 1_000)
        await begin_reply(desk, *"Hi")
        pane.display = False
        await until(pilot, lambda: fake.named("save"))


# Sending


async def test_send_queues_the_saved_draft_and_shows_it_counting_down() -> None:
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


async def test_a_refused_send_keeps_the_mail_open() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        fake.refuse["queue"] = BadInput("Name at least one recipient in To.")
        await begin_reply(desk, *"Hi", "ctrl+g")
        await until(pilot, lambda: app.errors)
        assert pane.reply_composer.is_open
        assert pane.reply_composer.body.text.startswith("Hi")


async def test_what_cannot_be_saved_is_not_sent() -> None:
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


async def test_stop_at_send_shows_what_is_new() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await news(desk)
        await pilot.press("s")
        await until(pilot, lambda: app.focused is pane.stream)
        assert pane.reply_composer.is_open
        assert pane.stream.at_end
        assert fake.named("queue") == [(7, False)]


async def test_stop_at_send_can_send_anyway() -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await news(desk)
        await pilot.press("a")
        await until(pilot, lambda: len(fake.named("queue")) == 2)
        assert fake.named("queue")[-1] == (7, True)
        await until(pilot, lambda: not pane.reply_composer.is_open)


@pytest.mark.parametrize("key", ["e", "escape"])
async def test_stop_at_send_can_go_back_to_the_text(key: str) -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await news(desk)
        await pilot.press(key)
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        assert fake.named("queue") == [(7, False)]


async def test_a_promised_file_is_asked_about_once() -> None:
    async with opened() as desk:
        app, _, pilot, fake = desk
        await begin_reply(desk, *"See attachment", "ctrl+g")
        await dialog(pilot, ConfirmDialog)
        await pilot.press("n")
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert fake.named("queue") == []
        await pilot.press("ctrl+g")
        await until(pilot, lambda: fake.named("queue"))


async def test_a_second_press_does_not_send_twice() -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await begin_reply(desk, *"Hi", "ctrl+g", "ctrl+g", "ctrl+g")
        await until(pilot, lambda: not pane.reply_composer.is_open)
        assert len(fake.named("queue")) == 1


async def test_undo_brings_the_draft_back() -> None:
    waiting = mail_out(50, delivery=Delivery.DELAYED, due_at=START + timedelta(seconds=9))
    async with opened(shown=page(*CONVERSATION, waiting)) as (app, pane, pilot, fake):
        await pilot.press("home", "u")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("cancel") == [(OutboxId(50),)]
        assert app.focused is pane.reply_composer.body


async def test_undo_works_by_a_click_on_the_countdown() -> None:
    waiting = mail_out(50, delivery=Delivery.DELAYED, due_at=START + timedelta(seconds=9))
    async with opened(shown=page(*CONVERSATION, waiting)) as (_, pane, pilot, fake):
        card = pane.stream.card(50)
        await pilot.click(card, offset=(card.size.width - 12, 0))
        await until(pilot, lambda: fake.named("cancel"))


async def test_undo_is_offered_only_while_it_is_possible() -> None:
    async with opened() as (_, pane, pilot, fake):
        assert not pane.check_action("undo_send", ())
        await pilot.press("u")
        await pilot.pause()
        assert fake.named("cancel") == []


async def test_a_failed_mail_is_sent_again() -> None:
    failed = mail_out(50, delivery=Delivery.FAILED)
    async with opened(shown=page(*CONVERSATION, failed)) as (_, pane, pilot, fake):
        assert not pane.check_action("settle_unknown", ())
        await pilot.press("x")
        await until(pilot, lambda: fake.named("send_again") == [(OutboxId(50),)])


@pytest.mark.parametrize("delivery", [Delivery.FAILED, Delivery.DEFERRED])
async def test_an_undelivered_mail_is_taken_back_into_the_composer(delivery: Delivery) -> None:
    failed = mail_out(50, delivery=delivery)
    async with opened(shown=page(*CONVERSATION, failed)) as (app, pane, pilot, fake):
        await pilot.press("f")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("edit") == [(OutboxId(50),)]
        assert app.focused is pane.reply_composer.body


async def test_a_sent_mail_offers_to_write_anew_only_to_those_who_refused_it() -> None:
    refused = (Outcome("ben@example.org", Fate.REFUSED, 550, "no such user"),)
    sent = mail_out(49, delivery=Delivery.SENT)
    partly = mail_out(50, delivery=Delivery.SENT, outcomes=refused)
    async with opened(shown=page(*CONVERSATION, sent, partly)) as (_, pane, pilot, fake):
        assert pane.check_action("edit_again", ())
        await pilot.press("up")
        await until(pilot, lambda: not pane.check_action("edit_again", ()))


@pytest.mark.parametrize("key", ["x", "y"])
async def test_a_mail_that_may_have_arrived_is_sent_again_only_after_asking(key: str) -> None:
    unknown = mail_out(50, delivery=Delivery.UNKNOWN)
    async with opened(shown=page(*CONVERSATION, unknown)) as (_, _pane, pilot, fake):
        await pilot.press(key)
        await dialog(pilot, WasItSentDialog)
        assert fake.named("send_again") == []
        await pilot.press("x")
        await until(pilot, lambda: fake.named("send_again") == [(OutboxId(50),)])


async def test_an_unknown_outcome_is_settled_by_a_person_who_saw_the_evidence() -> None:
    unknown = mail_out(50, delivery=Delivery.UNKNOWN)
    async with opened(shown=page(*CONVERSATION, unknown)) as (app, _pane, pilot, fake):
        await pilot.press("y")
        await dialog(pilot, WasItSentDialog)
        told = "\n".join(str(s.render()) for s in app.screen.query(Static))
        for words in ("mara@example.org", "did not confirm", "09:34 · Not found in Sent.", "09:42"):
            assert words in told
        assert "ben@example.org: 550 5.1.1 no such user" in told
        await pilot.press("y")
        await until(pilot, lambda: fake.named("confirm_sent") == [(OutboxId(50),)])


@pytest.mark.parametrize("key", ["n", "escape", "enter"])
async def test_the_question_can_be_left_open(key: str) -> None:
    unknown = mail_out(50, delivery=Delivery.UNKNOWN)
    async with opened(shown=page(*CONVERSATION, unknown)) as (app, _pane, pilot, fake):
        await pilot.press("y")
        await dialog(pilot, WasItSentDialog)
        await pilot.press(key)
        await until(pilot, lambda: app.screen is app.screen_stack[0])
        assert fake.named("confirm_sent") == fake.named("send_again") == []


# Drafts shared with others


async def test_a_take_over_elsewhere_is_told_at_once() -> None:
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
        assert pane.reply_composer.keeper.lost == "Ben Okafor is writing this."
        assert pane.reply_composer.body.text == "Theirs"


async def test_taking_over_goes_on_with_both_texts() -> None:
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


async def test_a_draft_sent_elsewhere_leaves_my_words_for_a_new_one() -> None:
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


async def test_a_draft_is_discarded_only_after_asking() -> None:
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


async def test_a_file_is_attached_and_removed() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk)
        await pilot.press("ctrl+o")
        asked = await dialog(pilot, AttachFilesDialog)
        assert await asked._take(ChosenFile("invoice.pdf", b"pdf"), Transfer()) == ""
        asked.dismiss(None)
        await until(pilot, lambda: fake.named("attach") == [("invoice.pdf", b"pdf")])
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        await pilot.press("tab", "delete")
        await until(pilot, lambda: fake.named("detach") == [("sha-invoice.pdf",)])
        assert pane.reply_composer.keeper.draft.files == ()


async def test_a_received_file_is_saved(tmp_path: Path) -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("home", "s")
        asked = await dialog(pilot, SaveAttachmentDialog)
        asked.query_one("#folder").value = str(tmp_path)
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
        assert fake.named("attachment") == [(MessageId(1), 0)]
        assert app.told == [f"lid-front.jpg is in {tmp_path}."]
        await until(pilot, lambda: fake.kept_folder == str(tmp_path))
        await pilot.press("s")
        asked = await dialog(pilot, SaveAttachmentDialog)
        assert asked.query_one("#folder").value == str(tmp_path)
    assert (tmp_path / "lid-front.jpg").read_bytes() == b"pixels"


async def test_the_clicked_file_is_the_one_that_is_offered() -> None:
    async with opened() as (_, pane, pilot, _fake):
        await pane.stream.card(40).run_action("save_file(1)")
        asked = await dialog(pilot, SaveAttachmentDialog)
        await until(pilot, lambda: asked.query_one("#name").value == "hinge-2.jpg")


async def test_a_folder_that_is_gone_is_not_proposed(tmp_path: Path) -> None:
    async with opened() as (_, _pane, pilot, fake):
        fake.kept_folder = f"{tmp_path}/gone"
        await pilot.press("home", "s")
        asked = await dialog(pilot, SaveAttachmentDialog)
        assert asked.query_one("#folder").value in ("~/", "~/Downloads")


async def test_a_mail_without_files_is_saved_as_it_came(tmp_path: Path) -> None:
    async with opened(shown=page(mail_in(1, title="../Mara → us"))) as (app, _, pilot, fake):
        fake.kept_folder = str(tmp_path)
        await pilot.press("s")
        await dialog(pilot, SaveAttachmentDialog)
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
        assert fake.named("original") == [(MessageId(1),)]
    assert os.listdir(tmp_path) == ["Mara.eml"]
    assert (tmp_path / "Mara.eml").read_bytes().endswith(b"Hello\r\n")


async def test_a_mail_too_long_to_show_is_saved_whole(tmp_path: Path) -> None:
    text = "line\n" * 5_000
    async with opened(shown=page(mail_in(1, text))) as (app, _, pilot, _fake):
        await pilot.press("s")
        asked = await dialog(pilot, SaveAttachmentDialog)
        asked.query_one("#folder").value = str(tmp_path)
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
    assert (tmp_path / "mail-1.txt").read_text() == text


# Recipients whose servers refuse mail


async def test_the_writer_is_warned_of_an_address_that_bounced() -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        fake.refused = (BouncedAddress("mara@example.org", START - timedelta(days=3)),)
        await begin_reply(desk)
        warning = pane.query_one(RefusedRecipients)
        await until(pilot, lambda: warning.display)
        assert str(warning.render()) == (
            "! Mail to mara@example.org bounced on 27 Feb. It may not arrive."
        )
        pane.reply_composer.query_one("#to", Input).value = "lee@example.org"
        await until(pilot, lambda: not warning.display)
