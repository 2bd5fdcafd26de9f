"""No path leads from what an assistant writes to a mail that goes out, but an agent's own sending."""

import pytest

from tests.test_notes_are_never_mailed import BUILD, SOURCES, WRITERS, imported, names_in, reached

ASSISTANTS = sorted(m for m in SOURCES if m.startswith("agentdesk.ai."))
SERVICES = ("agentdesk.services.suggesting", "agentdesk.services.summaries")
SCREENS = (
    "agentdesk.tui.panes.suggesting",
    "agentdesk.tui.panes.summarising",
    "agentdesk.tui.dialogs.suggest",
    "agentdesk.tui.widgets.summary",
)
SENDS = {
    *("sending", "queue", "send_now", "send_again", "outgoing", "scheduling", "reschedule"),
    *("send_reply", "action_send_reply", "SendWanted", "_sending", "choose_sending"),
}
"""Every name by which something is sent."""


def test_no_assistant_knows_the_desk() -> None:
    assert ASSISTANTS
    for module in ASSISTANTS:
        there = reached(module)
        assert not [m for m in there if not m.startswith(("agentdesk.ai", "agentdesk.domain"))]


@pytest.mark.parametrize("module", SERVICES)
def test_who_proposes_can_reach_nothing_that_builds_or_sends_a_mail_or_writes_a_draft(
    module: str,
) -> None:
    out = reached(module)
    ways = {BUILD, "agentdesk.mail.smtp", "agentdesk.mail.account", "agentdesk.services.drafts"}
    assert not out & (ways | WRITERS)
    assert "agentdesk.storage.drafts" not in out
    assert not {name for name in out if name.startswith("agentdesk.engine")}


def test_the_outbox_is_only_looked_at() -> None:
    """The stream tells how far a mail is; nothing on the way to an assistant puts one there."""
    for module in {*SERVICES, *reached(SERVICES[0]), *reached(SERVICES[1])}:
        if "agentdesk.storage.outbox" in imported(module):
            assert module == "agentdesk.services.stream"
            assert not {"insert", "change", "change_fenced", "claim"} & names_in(module)


@pytest.mark.parametrize("module", SCREENS)
def test_the_screen_puts_a_proposal_into_the_draft_and_never_sends(module: str) -> None:
    assert not SENDS & names_in(module)
    assert "agentdesk.tui.panes.sending" not in imported(module)


def test_the_names_that_are_looked_for_are_those_that_send() -> None:
    """The test above would be worth nothing if sending were called otherwise."""
    assert {"sending", "queue"} <= names_in("agentdesk.tui.panes.sending")
    assert {"SendWanted", "_sending"} <= names_in("agentdesk.tui.panes.thread")


def test_who_sends_does_not_know_what_was_proposed() -> None:
    for module in SOURCES:
        if module in WRITERS or module in (
            "agentdesk.services.sending",
            "agentdesk.services.drafts",
        ):
            assert not set(SERVICES) & imported(module), module
            assert not {"suggesting", "Suggestion", "suggest_reply"} & names_in(module), module
