"""Reports and automatic replies stay with the mail that they answer; ids and marks prove little."""

from dataclasses import replace

import pytest

from agentdesk.domain.ladder import Around, Matches, Rung, decide, meant
from agentdesk.domain.mail_identity import extract_marks
from agentdesk.domain.message import MailKind
from tests.domain.test_ladder import (
    CLOSED,
    MARA,
    OPEN,
    OURS,
    STRANGER,
    THEIRS,
    interaction,
    mail,
    token_match,
)

PROGRAMS = [MailKind.AUTO_REPLY, MailKind.BOUNCE, MailKind.LOOP]


@pytest.mark.parametrize("kind", PROGRAMS)
def test_in_a_closed_record_they_are_shown_and_open_nothing(kind: MailKind) -> None:
    found = Matches(references={THEIRS: CLOSED})
    link = decide(mail(in_reply_to=(THEIRS,), kind=kind), found, Around([OPEN]))
    assert link.target == CLOSED
    assert link.reason.endswith("which is closed; no person wrote it, so nothing is opened.")


@pytest.mark.parametrize("kind", [MailKind.NORMAL, MailKind.LIST])
def test_what_a_person_wrote_is_never_put_into_a_closed_record(kind: MailKind) -> None:
    found = Matches(references={THEIRS: CLOSED})
    link = decide(mail(in_reply_to=(THEIRS,), kind=kind), found)
    assert (link.target, link.parent) == (None, CLOSED)


@pytest.mark.parametrize(("kind", "counts"), [(MailKind.AUTO_REPLY, True), (MailKind.LOOP, False)])
def test_an_automatic_reply_may_come_from_another_address(kind: MailKind, counts: bool) -> None:
    link = decide(mail(sender=STRANGER, in_reply_to=(OURS,), kind=kind), token_match(OPEN))
    assert (link.target == OPEN) is counts
    assert link.flagged is not counts


def test_a_checked_report_comes_before_every_other_clue() -> None:
    found = Matches(references={THEIRS: interaction(7, is_open=True)}, reported=OPEN)
    link = decide(mail(sender=STRANGER, in_reply_to=(THEIRS,), kind=MailKind.BOUNCE), found)
    assert (link.rung, link.target) == (Rung.REPORT, OPEN)


def test_our_last_mail_counts_only_for_programs_that_name_none() -> None:
    last = Matches(last_written=OPEN)
    assert decide(mail(kind=MailKind.AUTO_REPLY), last).rung is Rung.RECIPIENT
    assert decide(mail(kind=MailKind.BOUNCE), last).target == OPEN
    for kind in (MailKind.NORMAL, MailKind.LIST, MailKind.LOOP):
        assert decide(mail(kind=kind), last).target is None
    named = Matches(numbers={"IMS0000100": CLOSED}, last_written=OPEN)
    by_number = mail(sender=STRANGER, subject="IMS0000100", kind=MailKind.AUTO_REPLY)
    assert decide(by_number, named).rung is Rung.FLAGGED


def test_an_id_in_several_records_means_the_one_of_the_sender() -> None:
    lees = replace(interaction(9, is_open=True), participants=frozenset({"lee@pine.example"}))
    assert meant([OPEN], mail(sender=STRANGER)) == OPEN
    assert meant([OPEN, OPEN], mail(sender=STRANGER)) == OPEN
    assert meant([lees, OPEN], mail(sender=MARA)) == OPEN
    assert meant([lees, OPEN], mail(sender=STRANGER)) is None
    assert meant([], mail()) is None


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("IMS0000123.7", (("IMS0000123", 7),)),
        (" ims0000123.7 ", (("IMS0000123", 7),)),
        ("7", ()),
        ("IMS0000123", ()),
        ("IMS123.7", ()),
        ("IMS0000123.7.8", ()),
        ("IMS0000123." + "9" * 40, ()),
    ],
)
def test_only_a_whole_mark_is_one(mark: str, said: tuple[tuple[str, int], ...]) -> None:
    assert extract_marks([mark]) == said
