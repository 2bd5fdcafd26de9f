"""What settings.toml says reaches the services and the engine as plain values."""

from pathlib import Path

from agentdesk.bootstrap import plan
from agentdesk.domain.setup import IdentitySetup, MailboxSetup
from agentdesk.settings import load

EXAMPLE = Path(__file__).parent.parent.parent / "settings.toml"


def test_mailboxes_addresses_and_their_queues_arrive() -> None:
    settings = load(EXAMPLE)
    rules = plan.rules(settings)
    (account,) = plan.setup(settings).accounts
    (line,) = plan.lines(settings)
    assert rules.address_queues == {"invoices@example.com": "billing"}
    assert {"invoices@example.com", "help@example.com"} <= rules.own_addresses
    assert account.aliases == ("help@example.com", "invoices@example.com")
    assert account.identities == (
        IdentitySetup("help@example.com"),
        IdentitySetup("invoices@example.com", "Example Billing"),
    )
    assert account.mailboxes == (MailboxSetup("Invoices", "billing"),)
    assert line.mailboxes == ("INBOX", "Invoices")
    assert line.largest_mail == 50 * 1024 * 1024
    assert [line.loop_name(m) for m in line.mailboxes] == [
        "support@example.com INBOX",
        "support@example.com Invoices",
    ]
