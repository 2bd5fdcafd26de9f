"""What a card says of a mail beside its text, so that no program is taken for a person."""

from dataclasses import replace
from typing import Any

import pytest

from agentdesk.domain.message import Authentication, MailKind, Verdict
from agentdesk.domain.text import safe
from agentdesk.domain.views import StreamEntry
from agentdesk.tui.widgets import entry_facts
from agentdesk.tui.widgets.entry_text import folds
from tests.tui.fake_desk import HOSTILE
from tests.tui.pane_host import change, mail_in, mail_out
from tests.tui.test_entry_text import head, words

PASSED = Authentication(Verdict.PASS, "pass", "pass", "pass")
FAILED = Authentication(Verdict.FAIL, "softfail", "", "fail")


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (MailKind.AUTO_REPLY, "automatic reply"),
        (MailKind.BOUNCE, "not delivered"),
        (MailKind.LIST, "mailing list"),
        (MailKind.LOOP, "mail loop"),
    ],
)
@pytest.mark.parametrize("width", [54, 80, 120])
def test_the_head_begins_with_what_the_mail_is(kind: MailKind, shown: str, width: int) -> None:
    entry = mail_in(30, mail_kind=kind, auth=PASSED)
    assert head(entry, width).startswith(f"↓ {shown} · Mara Olsen")


def test_a_persons_mail_bears_no_badge() -> None:
    assert head(mail_in(30)).startswith("↓ Mara Olsen →")
    assert entry_facts.badge(mail_out(1)) is None
    assert entry_facts.badge(change(1, "Opened")) is None


def test_a_delayed_delivery_is_not_called_a_failed_one() -> None:
    entry = mail_in(30, mail_kind=MailKind.BOUNCE, bounce_action="delayed")
    assert "delivery delayed · " in head(entry)
    assert "not delivered" not in head(entry)


def test_our_acknowledgement_says_that_nobody_wrote_it() -> None:
    entry = mail_out(30, mail_kind=MailKind.AUTO_REPLY, own=False)
    assert head(entry, 54).startswith("↑ automatic acknowledgement · ")


@pytest.mark.parametrize(("auth", "shown"), [(PASSED, "✓ verified"), (FAILED, "✗ not verified")])
def test_authentication_is_a_mark_in_words_beside_the_time(
    auth: Authentication, shown: str
) -> None:
    assert head(mail_in(30, auth=auth), 54).endswith(f"{shown}  09:11")


def test_nothing_is_said_where_the_server_says_nothing() -> None:
    assert "verified" not in head(mail_in(30)) + words(mail_in(30))
    assert "verified" not in head(mail_out(30, auth=PASSED))


def test_a_failed_check_is_explained_above_the_text() -> None:
    lines = words(mail_in(1, "Hello", auth=FAILED)).split("\n")
    assert lines == [
        "The mail server could not verify the sender: SPF softfail, DMARC fail.",
        "Hello",
    ]


def test_warnings_stand_above_the_text_and_notices_below() -> None:
    entry = mail_in(1, "Hello", warnings=("The link shows one host.",), notices=("Signed.",))
    assert words(entry) == "! The link shows one host.\nHello\n▸ Signed."


def many(count: int) -> tuple[str, ...]:
    """Distinct sentences."""
    return tuple(f"Sentence {n}." for n in range(count))


def test_many_warnings_do_not_push_the_text_out_of_sight() -> None:
    entry = mail_in(1, "Hello", warnings=many(500))
    shown = words(entry).split("\n")
    assert len(shown) == entry_facts.WARNINGS_FIRST + 2
    assert shown[-2] == "[497 more warnings · o to unfold]"
    assert folds(entry)
    assert words(entry, unfolded=True).count("! Sentence") == 500
    assert not folds(mail_in(1, "Hello", warnings=many(3)))


def test_many_notices_are_counted() -> None:
    shown = words(mail_in(1, "Hello", notices=many(40))).split("\n")
    assert len(shown) == entry_facts.NOTICES_SHOWN + 2
    assert shown[-1] == "▸ and 28 more"
    assert "more" not in words(mail_in(1, "Hello", notices=many(12)))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_facts_are_only_text(hostile: str) -> None:
    clean = safe(hostile)

    def entry(**changes: Any) -> StreamEntry:
        return replace(mail_in(1, "Hello"), **changes)

    shown = words(entry(warnings=(clean,), notices=(clean,)))
    assert shown == f"! {clean}\nHello\n▸ {clean}"
    auth = Authentication(Verdict.FAIL, dmarc=clean)
    assert words(entry(auth=auth)).endswith("\nHello")
