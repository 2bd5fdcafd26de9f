"""What a card of the activity stream says."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from textual.content import Content

from agentdesk.domain.delivery import Fate, Outcome
from agentdesk.domain.message import Attachment, Span
from agentdesk.domain.views import Delivery, EntryKind, StreamEntry
from agentdesk.tui.widgets import entry_text
from agentdesk.tui.widgets.entry import CardVisual
from agentdesk.tui.widgets.entry_text import MOST_LINES, Reading, body, passages
from tests.tui.pane_host import START, change, mail_in, mail_out, note

QUOTED = "Here it is.\n\nOn Monday Ana wrote:\n> Send a photo\n> please\n\nBye\n-- \nMara"
READING = Reading(False, START, UTC, lambda action: {"toggle_fold": "o"}.get(action, "k"))


def quoted(seq: int = 1, **changes: Any) -> StreamEntry:
    """New text before and after a quote of three lines, then a signature."""
    end = QUOTED.index("\n-- ")
    spans = (Span(0, 13), Span(QUOTED.index("Bye"), end))
    return mail_in(seq, QUOTED, latest=spans, **changes)


def words(entry: StreamEntry, *, unfolded: bool = False) -> str:
    """The text of a card below its head."""
    content = body(entry, replace(READING, unfolded=unfolded))
    return content.plain if content is not None else ""


def head(entry: StreamEntry, width: int = 80) -> str:
    """The first line of a card."""
    visual = CardVisual(
        entry_text.head_left(entry, READING.key_of), entry_text.head_right(entry, READING), None
    )
    return visual.head(width).plain


# What a card says


def test_only_the_latest_words_are_shown_and_the_rest_folds() -> None:
    assert words(quoted()) == (
        "Here it is.\n[3 quoted lines · o to unfold]\nBye\n[2 quoted lines · o to unfold]"
    )


def test_unfolding_shows_every_line_in_its_place() -> None:
    shown = words(quoted(), unfolded=True)
    assert "> Send a photo\n> please" in shown
    assert shown.index("Here it is.") < shown.index("> please") < shown.index("Bye")
    assert "[3 quoted lines · o to fold]" in shown


def test_a_mail_that_is_all_quote_folds_whole() -> None:
    assert words(mail_in(1, "> a\n> b", latest=())) == "[2 quoted lines · o to unfold]"


def test_our_own_mail_without_spans_is_shown_whole() -> None:
    assert words(mail_out(1, "It is on its way.", latest=())) == "It is on its way."


def test_blank_lines_between_passages_make_no_fold() -> None:
    text = "One\n\n\nTwo"
    entry = mail_in(1, text, latest=(Span(0, 3), Span(6, 9)))
    assert [p.folded for p in passages(entry)] == [False, False]


def test_one_quoted_line_is_named_in_the_singular() -> None:
    assert "[1 quoted line ·" in words(mail_in(1, "Yes\n> ok", latest=(Span(0, 3),)))


def test_text_over_two_thousand_lines_is_cut_and_the_rest_is_counted() -> None:
    shown = words(mail_in(1, "\n".join(f"line {n}" for n in range(5_000))))
    assert shown.count("\n") == MOST_LINES
    assert shown.endswith("3,000 more lines are not shown. k saves the whole text.")


def test_one_endless_line_is_cut_too() -> None:
    shown = words(mail_in(1, "x" * 1_000_000))
    assert len(shown) < 130_000
    assert shown.endswith("More of this line is not shown. k saves the whole text.")


def test_unfolding_keeps_to_the_limit_of_the_card() -> None:
    text = "New\n" + "> old\n" * 4_000
    assert (
        words(mail_in(1, text, latest=(Span(0, 3),)), unfolded=True).count("\n") <= MOST_LINES + 2
    )


def test_files_are_listed_with_their_size() -> None:
    files = (
        Attachment("invoice.pdf", 84_200, "application/pdf", 0),
        Attachment("photo.jpg", 1_234_567, "image/jpeg", 1),
        Attachment("logo.png", 900, "image/png", 2, inline=True),
    )
    assert words(mail_in(1, "Hi", attachments=files)) == (
        "Hi\n📎 invoice.pdf 84 KB   📎 photo.jpg 1.2 MB   1 image in the text   k saves"
    )


def test_many_files_are_counted_instead_of_listed() -> None:
    files = tuple(Attachment(f"{n}.jpg", 10, "image/jpeg", n) for n in range(20))
    assert "and 12 more" in words(mail_in(1, "", latest=(), attachments=files))


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1 KB"),
        (999_499, "999 KB"),
        (999_999, "1.0 MB"),
        (9_949_999, "9.9 MB"),
        (25_000_000, "25 MB"),
        (4_200_000_000, "4.2 GB"),
    ],
)
def test_sizes_read_like_people_write_them(size: int, shown: str) -> None:
    assert entry_text.size_text(size) == shown


def test_the_head_names_writer_reader_and_local_time() -> None:
    line = head(mail_in(30))
    assert line.startswith("↓ Mara Olsen → support@example.com")
    assert line.endswith("09:11")
    assert len(line) == 80


def test_a_narrow_head_keeps_the_time_and_cuts_the_title() -> None:
    line = head(mail_in(30), width=20)
    assert line.endswith("09:11")
    assert "…" in line
    assert Content(line).cell_length == 20


@pytest.mark.parametrize(
    ("days", "shown"), [(0, "09:41"), (1, "1 Mar 09:41"), (400, "26 Jan 2025 09:41")]
)
def test_older_entries_carry_their_date(days: int, shown: str) -> None:
    assert entry_text.local_time(START - timedelta(days=days), START, UTC) == shown


def test_a_change_is_one_line() -> None:
    entry = change(5, "Work in Progress → On Hold by Ana Ruiz")
    assert head(entry).startswith("· Work in Progress → On Hold by Ana Ruiz")
    assert words(entry) == ""


def test_a_note_says_that_it_is_for_colleagues() -> None:
    assert head(note(3, "Check the photo")).startswith("✎ Ben Ito  note for colleagues")


# Delivery


@pytest.mark.parametrize(
    ("delivery", "shown"),
    [
        (Delivery.QUEUED, "queued"),
        (Delivery.SENDING, "sending"),
        (Delivery.MAYBE_SENT, "sending"),
        (Delivery.SENT, "sent"),
        (Delivery.DEFERRED, "deferred"),
        (Delivery.FAILED, "not sent"),
        (Delivery.UNKNOWN, "outcome unknown"),
        (Delivery.CANCELED, "called back"),
        (Delivery.SUPERSEDED, "written anew"),
    ],
)
def test_each_step_of_delivery_has_its_word(delivery: Delivery, shown: str) -> None:
    assert f"{shown}  " in head(mail_out(1, delivery=delivery))


def test_a_delayed_mail_counts_down_and_names_the_undo_key() -> None:
    entry = mail_out(1, delivery=Delivery.DELAYED, due_at=START + timedelta(seconds=7.2))
    assert "leaves in 8 s · k undo" in head(entry)


def test_what_went_wrong_is_said_with_what_to_do() -> None:
    failed = mail_out(1, "Hi", delivery=Delivery.FAILED, delivery_note="Mailbox full (5.2.2)")
    assert words(failed) == "Hi\nMailbox full (5.2.2). k sends it again, k edits it."
    unknown = mail_out(1, "Hi", delivery=Delivery.UNKNOWN)
    assert "It may have arrived." in words(unknown)


def test_a_sent_mail_with_refused_recipients_says_so() -> None:
    entry = mail_out(1, "Hi", delivery=Delivery.SENT, delivery_note="ben@x.org was refused: 550")
    assert words(entry) == "Hi\nben@x.org was refused: 550"
    refused = (Outcome("ben@x.org", Fate.REFUSED, 550),)
    told = words(replace(entry, outcomes=refused))
    assert told.endswith("550. k sends it to them again, k writes to them anew.")


def test_a_deferred_mail_says_why_and_when_it_is_tried_again() -> None:
    due = START + timedelta(minutes=5)
    entry = mail_out(1, "Hi", delivery=Delivery.DEFERRED, delivery_note="451 busy", due_at=due)
    assert words(entry) == "Hi\n451 busy. Next try 09:46. k tries now, k edits it."


def test_kinds_have_their_own_icon() -> None:
    assert len({entry_text.ICONS[kind] for kind in EntryKind}) == len(EntryKind)
