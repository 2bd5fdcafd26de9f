"""Settings that are allowed but look wrong: shown by `agentdesk check`, never refused."""

from collections.abc import Iterator

from agentdesk.settings import ai, cases, contact_centres, reminders, routing_advice
from agentdesk.settings.problems import Trouble
from agentdesk.settings.root import Settings


def warnings(settings: Settings) -> Iterator[Trouble]:
    """What a person should look at, section by section."""
    yield from _accounts(settings)
    yield from reminders.advice(settings)
    yield from ai.advice(settings.ai)
    yield from cases.advice(settings)
    yield from contact_centres.advice(settings)
    yield from routing_advice.warnings(settings)


def _accounts(s: Settings) -> Iterator[Trouble]:
    if not s.mail_accounts:
        yield Trouble(("mail_accounts",), "is empty, so no mail arrives; run agentdesk init")
    for i, account in enumerate(s.mail_accounts):
        if account.sent_mailbox and account.files_sent_itself:
            words = "is set, but this provider files sent mail itself; no copies are made, so leave it empty"
            yield Trouble(("mail_accounts", i, "sent_mailbox"), words)
