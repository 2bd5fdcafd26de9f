"""Sending in the pane: how, when, and taking back what waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from textual.widgets import Input, OptionList, Static

from agentdesk.domain.delivery import AfterSend
from agentdesk.domain.draft import Identity, News
from agentdesk.domain.errors import BadInput, SomethingNew
from agentdesk.domain.ids import MessageId, OutboxId
from agentdesk.domain.template import Template, TemplateId, TemplateKind
from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.send_options import SendOptionsDialog
from agentdesk.tui.dialogs.something_new import SomethingNewDialog
from agentdesk.tui.dialogs.template import TemplateDialog
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog
from agentdesk.tui.widgets.send_bar import SendBar
from agentdesk.tui.widgets.sending_words import for_customer, goes_out, undoable
from tests.tui.pane_app import Desk, begin_reply, dialog, opened
from tests.tui.pane_host import CONVERSATION, START, at, mail_out, page, until
from tests.tui.pane_services import VIEW

TOMORROW_9 = datetime(2026, 3, 3, 9, tzinfo=UTC)
TOKYO = "Asia/Tokyo"


def waiting(seq: int, due: datetime, *, scheduled: bool = False) -> StreamEntry:
    """A mail that has not gone out yet."""
    return mail_out(
        seq, delivery=Delivery.DELAYED, due_at=due, scheduled_for=due if scheduled else None
    )


def words(desk: Desk, selector: str) -> str:
    """What a line of the top screen says."""
    return str(desk[0].screen.query_one(selector, Static).render())


async def ask_how(desk: Desk) -> None:
    """Press f6 in a reply."""
    await begin_reply(desk, *"Hi", "f6")
    await dialog(desk[2], SendOptionsDialog)


# How


@pytest.mark.parametrize(
    ("downs", "after"),
    [(0, AfterSend.USUAL), (1, AfterSend.HOLD), (2, AfterSend.KEEP)],
)
async def test_f6_sends_in_the_chosen_way(downs: int, after: AfterSend) -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await ask_how(desk)
        await pilot.press(*["down"] * downs, "enter")
        await until(pilot, lambda: fake.named("queue"))
        assert fake.sent == (after, None)
        await until(pilot, lambda: not pane.reply_composer.is_open)


async def test_send_and_close_asks_for_the_wrap_up_code() -> None:
    async with opened() as desk:
        _, _pane, pilot, fake = desk
        await ask_how(desk)
        await pilot.press("down", "down", "down", "enter")
        await dialog(pilot, WrapUpDialog)
        assert fake.sent == (AfterSend.CLOSE, None)
        assert fake.named("close") == []


async def test_escape_goes_back_to_the_text() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await ask_how(desk)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        assert fake.named("queue") == []


async def test_a_typed_moment_is_answered_at_once_and_kept() -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await ask_how(desk)
        await pilot.press(*"tomorrow 9")
        await until(pilot, lambda: words(desk, "#answer") == "Tue 3 Mar, 09:00")
        await pilot.press("enter")
        await until(pilot, lambda: fake.sent == (AfterSend.USUAL, TOMORROW_9))
        await until(pilot, lambda: pane.query_one(SendBar).display)
        assert "Goes out Tue 3 Mar, 09:00" in str(pane.query_one(SendBar).render())


async def test_the_moment_is_shown_on_the_customers_clock() -> None:
    view = replace(VIEW, customer=replace(VIEW.customer, time_zone=TOKYO))
    async with opened(view=view) as desk:
        await ask_how(desk)
        await desk[2].press(*"tomorrow 9")
        told = "Tue 3 Mar, 09:00 · 18:00 for Mara (Asia/Tokyo)"
        await until(desk[2], lambda: words(desk, "#answer") == told)


@pytest.mark.parametrize(
    ("typed", "sentence"), [("gibberish", "no moment"), ("1999-01-01", "is past")]
)
async def test_what_is_no_moment_is_told_and_nothing_is_sent(typed: str, sentence: str) -> None:
    async with opened() as desk:
        app, _pane, pilot, fake = desk
        await ask_how(desk)
        await pilot.press(*typed)
        await until(pilot, lambda: sentence in words(desk, "#answer"))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, SendOptionsDialog)
        assert fake.named("queue") == []


async def test_a_suggested_moment_is_taken_by_key() -> None:
    async with opened() as desk:
        _, _pane, pilot, fake = desk
        await ask_how(desk)
        await pilot.press("down", "down", "down", "down", "enter")
        await until(pilot, lambda: fake.sent == (AfterSend.USUAL, START + timedelta(hours=2)))


async def test_an_arrow_goes_back_from_typing_to_the_list() -> None:
    async with opened() as desk:
        app, _pane, pilot, fake = desk
        await ask_how(desk)
        await pilot.press(*"tom", "down")
        assert app.screen.query_one(Input).value == ""
        assert app.screen.query_one(OptionList).highlighted == 0
        await pilot.press("enter")
        await until(pilot, lambda: fake.sent == (AfterSend.USUAL, None))


async def test_everything_fits_on_a_small_screen() -> None:
    async with opened(size=(80, 24)) as desk:
        await ask_how(desk)
        await desk[2].pause()
        screen = desk[0].screen
        for part in ("#ways", "#when", "#answer", ".hint"):
            assert screen.region.contains_region(screen.query_one(part).region), part
        assert screen.query_one("#box").max_scroll_y == 0


# What waits


async def test_the_countdown_stands_at_the_bottom_and_ticks() -> None:
    shown = page(*CONVERSATION, waiting(50, START + timedelta(seconds=9)))
    async with opened(shown=shown) as desk:
        app, pane, pilot, _ = desk
        bar = pane.query_one(SendBar)
        assert str(bar.render()) == "Goes out in 9 s · u undoes"
        app.turn(2)
        await pilot.pause()
        assert str(bar.render()) == "Goes out in 7 s · u undoes"
        app.turn(8)
        await pilot.pause()
        assert not bar.display


async def test_the_countdown_goes_on_while_another_tab_is_seen() -> None:
    shown = page(*CONVERSATION, waiting(50, START + timedelta(seconds=9)))
    async with opened(shown=shown) as (app, pane, pilot, fake):
        pane.display = False
        await pilot.pause()
        app.turn(4)
        pane.display = True
        await pilot.pause()
        assert str(pane.query_one(SendBar).render()) == "Goes out in 5 s · u undoes"
        pane.focus_stream()
        await pilot.press("u")
        await until(pilot, lambda: fake.named("cancel") == [(OutboxId(50),)])


async def test_a_scheduled_mail_says_when_and_is_taken_back() -> None:
    shown = page(*CONVERSATION, waiting(50, TOMORROW_9, scheduled=True))
    async with opened(shown=shown) as (_, pane, pilot, fake):
        assert str(pane.query_one(SendBar).render()).startswith("Goes out Tue 3 Mar, 09:00 · u")
        assert "goes out Tue 3 Mar, 09:00" in str(pane.stream.card(50).render().head(100))
        await pilot.press("u")
        await until(pilot, lambda: fake.named("cancel") == [(OutboxId(50),)])
        await until(pilot, lambda: pane.reply_composer.is_open)


async def test_another_time_is_chosen_for_a_mail_that_waits() -> None:
    shown = page(*CONVERSATION, waiting(50, TOMORROW_9, scheduled=True))
    async with opened(shown=shown) as (_, _pane, pilot, fake):
        await pilot.press("Z")
        await dialog(pilot, SendOptionsDialog)
        await pilot.press(*"tomorrow 14", "enter")
        later = TOMORROW_9.replace(hour=14)
        await until(pilot, lambda: fake.named("reschedule") == [(OutboxId(50), later)])


async def test_a_mail_that_waits_goes_out_now_by_dialog_or_key() -> None:
    shown = page(*CONVERSATION, waiting(50, TOMORROW_9, scheduled=True))
    async with opened(shown=shown) as (_, _pane, pilot, fake):
        await pilot.press("Z")
        await dialog(pilot, SendOptionsDialog)
        await pilot.press("enter")
        await until(pilot, lambda: fake.named("send_now") == [(OutboxId(50),)])
        await pilot.press("end", "x")
        await until(pilot, lambda: len(fake.named("send_now")) == 2)


async def test_without_a_waiting_mail_no_time_can_be_changed() -> None:
    async with opened() as (app, pane, pilot, _fake):
        assert not pane.check_action("change_send_time", ())
        assert not pane.query_one(SendBar).display
        await pilot.press("Z")
        await pilot.pause()
        assert app.screen is app.screen_stack[0]


async def test_an_offer_of_the_bar_is_clicked() -> None:
    shown = page(*CONVERSATION, waiting(50, START + timedelta(seconds=9)))
    async with opened(shown=shown) as (_, pane, pilot, fake):
        await pilot.click(pane.query_one(SendBar), offset=(21, 0))
        await until(pilot, lambda: fake.named("cancel") == [(OutboxId(50),)])


def test_the_mail_just_sent_is_called_back_before_a_scheduled_one() -> None:
    soon, later = waiting(50, START), waiting(51, TOMORROW_9, scheduled=True)
    sooner = waiting(52, TOMORROW_9 - timedelta(hours=1), scheduled=True)
    assert undoable([soon, later]) == soon
    assert undoable([later, sooner]) == sooner
    assert undoable([mail_out(1, delivery=Delivery.SENT)]) is None


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (TOKYO, "Wed 4 Mar, 06:00 for Mara (Asia/Tokyo)"),
        ("Europe/London", ""),
        ("", ""),
        ("Mars/Olympus", ""),
        ("../etc/passwd", ""),
    ],
)
def test_another_day_at_the_customers_is_named(zone: str, told: str) -> None:
    assert for_customer(TOMORROW_9.replace(hour=21), UTC, "Mara", zone) == told


def test_another_year_is_named() -> None:
    assert goes_out(datetime(2027, 1, 4, 9, tzinfo=UTC), START, UTC) == "Mon 4 Jan 2027, 09:00"


# Stop at send


NEWS = (
    News(at(1), "Mara Olsen", "Never mind, it came today.", incoming=True),
    News(at(2), "Ben Okafor", "Good to hear.", incoming=False),
)


async def stopped(desk: Desk, news: tuple[News, ...] = NEWS) -> None:
    """Something came while this was written."""
    desk[3].refuse["queue"] = SomethingNew("2 mails came into this conversation.", news)
    await begin_reply(desk, *"Hi", "ctrl+g")
    await dialog(desk[2], SomethingNewDialog)


async def test_what_is_new_is_shown_with_who_when_and_its_first_words() -> None:
    async with opened() as desk:
        await stopped(desk)
        told = words(desk, "#news").split("\n")
        assert told == [
            "09:42  ↓ Mara Olsen",
            "  Never mind, it came today.",
            "09:43  ↑ Ben Okafor",
            "  Good to hear.",
        ]


async def test_of_much_that_is_new_the_last_is_shown_and_the_rest_counted() -> None:
    async with opened(size=(80, 24)) as desk:
        await stopped(desk, NEWS * 5)
        told = words(desk, "#news").split("\n")
        assert told[0] == "6 more before these"
        assert len(told) == 9
        answers = desk[0].screen.query_one(".answers")
        assert desk[0].screen.region.contains_region(answers.region)


async def test_the_draft_can_be_discarded_for_what_is_new() -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await stopped(desk)
        await pilot.press("d")
        await dialog(pilot, ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: fake.named("discard"))
        await until(pilot, lambda: not pane.reply_composer.is_open)


async def test_the_chosen_way_holds_after_sending_was_stopped() -> None:
    async with opened() as desk:
        _, _pane, pilot, fake = desk
        fake.refuse["queue"] = SomethingNew("Something new came into this conversation.")
        await ask_how(desk)
        await pilot.press("down", "enter")
        await dialog(pilot, SomethingNewDialog)
        await pilot.press("a")
        await until(pilot, lambda: fake.sent == (AfterSend.HOLD, None))


# Forward


async def test_a_highlighted_mail_is_forwarded() -> None:
    async with opened() as (app, pane, pilot, fake):
        await pilot.press("home", "F")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert fake.named("open_forward") == [(MessageId(1),)]
        assert app.focused is pane.reply_composer.envelope.field("to")
        assert pane.reply_composer.envelope.field("subject").value.startswith("Fwd:")


async def test_a_forward_that_promises_a_file_in_its_own_words_is_asked_about() -> None:
    async with opened() as (_, pane, pilot, fake):
        await pilot.press("home", "F")
        await until(pilot, lambda: pane.reply_composer.is_open)
        pane.reply_composer.envelope.field("to").value = "ben@example.org"
        pane.reply_composer.body.focus()
        await pilot.press(*"See attached", "ctrl+g")
        await dialog(pilot, ConfirmDialog)
        assert fake.named("queue") == []


# Identities

SUPPORT = Identity("support@x.org", "Northwind Support", "Kind regards\nSupport", default=True)
SALES = Identity("sales@x.org", "Northwind Sales", "Best wishes\nSales")


async def test_one_address_of_ours_is_no_choice() -> None:
    async with opened() as desk:
        _, pane, pilot, fake = desk
        fake.identities = (SUPPORT,)
        await begin_reply(desk)
        await pilot.pause()
        assert not pane.query_one("#from-line").display


async def test_another_sender_takes_its_signature_along() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        fake.identities = (SUPPORT, SALES)
        body = "Hello\n\n-- \nKind regards\nSupport\n"
        fake.draft = fake.new_draft(content=replace(fake.new_draft().content, body=body))
        await begin_reply(desk)
        await until(pilot, lambda: pane.query_one("#from-line").display)
        pane.reply_composer.envelope.identity.focus()
        await pilot.press("space")
        assert pane.reply_composer.body.text == "Hello\n\n-- \nBest wishes\nSales\n"
        await until(pilot, lambda: fake.draft.content.sender == "sales@x.org")
        assert "Northwind Sales <sales@x.org>   ◂ 2 of 2 ▸" in str(
            pane.reply_composer.envelope.identity.render()
        )
        await pilot.press("left", "down")
        await until(pilot, lambda: fake.draft.content.sender == "support@x.org")
        assert app.focused is pane.reply_composer.envelope.field("to")


# Templates

GREETING = Template(
    TemplateId(1), "greeting", TemplateKind.REPLY, "Greeting", "Dear {{customer.first_name}},"
)
OPEN = Template(
    TemplateId(2), "open", TemplateKind.REPLY, "Open case", "See {{case.number}}.", subject="Case"
)


async def choose_template(desk: Desk, key: str, name: str) -> None:
    """Open the templates and take the one with that *name*."""
    _, pane, pilot, fake = desk
    fake.templates = (GREETING, OPEN)
    await begin_reply(desk)
    pane.reply_composer.body.move_cursor((0, 0))
    await pilot.press(key)
    asked = await dialog(pilot, TemplateDialog)
    await pilot.press(*name)
    await until(pilot, lambda: asked.rows.row is not None and asked.rows.row.name.startswith(name))
    await pilot.press("enter")


@pytest.mark.parametrize("key", ["f7", "slash"])
async def test_a_template_stands_at_the_cursor_filled_in(key: str) -> None:
    async with opened() as desk:
        app, pane, pilot, _ = desk
        await choose_template(desk, key, "Greet")
        body = pane.reply_composer.body
        await until(pilot, lambda: body.text.startswith("Dear Mara,\n"))
        await until(pilot, lambda: app.focused is body)
        assert body.cursor_location == (0, 10)


async def test_what_has_no_value_is_told_and_marked() -> None:
    async with opened() as desk:
        app, pane, pilot, _ = desk
        await choose_template(desk, "f7", "Open")
        body = pane.reply_composer.body
        await until(pilot, lambda: body.text.startswith("See {{case.number}}."))
        assert app.told == ["Not known here: {{case.number}}. Fill in by hand before it is sent."]
        assert body.get_line(0).spans
        assert pane.reply_composer.envelope.field("subject").value.startswith("Re: ")


async def test_sending_with_an_open_place_is_refused_with_a_sentence() -> None:
    async with opened() as desk:
        app, pane, pilot, fake = desk
        sentence = "The mail still says {{case.number}}. Fill it in or remove it."
        fake.refuse["queue"] = BadInput(sentence)
        await choose_template(desk, "f7", "Open")
        await until(pilot, lambda: pane.reply_composer.body.text.startswith("See {{"))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.errors == [sentence])
        assert pane.reply_composer.is_open


async def test_a_slash_within_words_is_a_slash_and_one_that_is_not_meant_stays() -> None:
    async with opened() as desk:
        app, pane, pilot, _ = desk
        await begin_reply(desk, *"and/or", "enter")
        assert pane.reply_composer.body.text.startswith("and/or\n")
        await pilot.press("slash")
        await dialog(pilot, TemplateDialog)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        await until(pilot, lambda: pane.reply_composer.body.text.startswith("and/or\n/"))


async def test_a_slash_in_the_subject_is_a_slash() -> None:
    async with opened() as desk:
        _, pane, pilot, _ = desk
        await begin_reply(desk)
        subject = pane.reply_composer.envelope.field("subject")
        subject.focus()
        await pilot.press("end", "slash")
        assert subject.value.endswith("/")


async def test_a_note_takes_templates_of_notes() -> None:
    async with opened() as (_, pane, pilot, fake):
        fake.templates = (GREETING,)
        await pilot.press("n")
        await until(pilot, lambda: pane.note_composer.is_open)
        await pilot.press("f7")
        asked = await dialog(pilot, TemplateDialog)
        assert asked.title_text() == "Insert a note template"
        await until(pilot, lambda: asked.rows.row is not None)
        await pilot.press("enter")
        await until(pilot, lambda: pane.note_composer.body.text == "Dear Mara,")


# Room


@pytest.mark.parametrize("note", [False, True])
async def test_the_text_keeps_eight_lines_on_a_small_screen(note: bool) -> None:
    async with opened(size=(80, 20)) as desk:
        _, pane, pilot, fake = desk
        fake.identities = (SUPPORT, SALES)
        if note:
            await pilot.press("n")
            await until(pilot, lambda: pane.note_composer.is_open)
            composer = pane.note_composer
        else:
            await begin_reply(desk, "ctrl+l")
            await until(pilot, lambda: pane.query_one("#from-line").display)
            composer = pane.reply_composer
        await pilot.pause()
        assert composer.body.size.height >= 8
        assert pane.region.contains_region(composer.body.region)
