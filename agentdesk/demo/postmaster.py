"""Mail between the users of the demo's mail world, and reports on what cannot be delivered."""

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime

from agentdesk.demo.mailstore import MailStore
from agentdesk.demo.smtp_server import OnMail, deliver_to
from agentdesk.mail.addresses import parse_sender
from agentdesk.mail.headers import message_ids, read_headers

HOST = "mail.world.example"
_REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@{host}>
To: <{sender}>
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: <{token}@{host}>
{thread}Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="={token}"

--={token}
Content-Type: text/plain; charset=utf-8

This is the mail system at host {host}.

Your message could not be delivered to this recipient:

<{recipient}>: there is no such mailbox here (550 5.1.1 user unknown)

--={token}
Content-Type: message/delivery-status

Reporting-MTA: dns; {host}

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--={token}
Content-Type: text/rfc822-headers

{headers}
--={token}--
"""


def relay(store: MailStore) -> OnMail:
    """Delivers to the users of *store*; senders hear of recipients who do not exist."""
    deliver = deliver_to(store)

    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        raw = checked(sender, raw)
        await deliver(sender, recipients, raw)
        for recipient in dict.fromkeys(recipients):
            if sender and store.has_user(sender) and not store.has_user(recipient):
                store.deliver(sender, undeliverable(sender, recipient, raw))

    return on_mail


def checked(sender: str, raw: bytes) -> bytes:
    """*raw* under what this server found about its From: whether it is the one who signed in.

    Source: RFC 8601, *Authentication-Results*; all that it can know here is the domain.
    """
    said = parse_sender(read_headers(raw)[0].get("from")).email.rpartition("@")[2]
    verdict = "pass" if said and said == sender.lower().rpartition("@")[2] else "fail"
    field = f"Authentication-Results: {HOST}; dmarc={verdict} header.from={said or 'none'}\r\n"
    return field.encode("ascii", "replace") + raw


def undeliverable(sender: str, recipient: str, raw: bytes) -> bytes:
    """The delivery report to *sender* that *recipient* is unknown. Source: RFC 3464."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    ids = message_ids(read_headers(raw)[0].get("message-id"))
    thread = f"In-Reply-To: <{ids[0]}>\nReferences: <{ids[0]}>\n" if ids else ""
    text = _REPORT.format(
        host=HOST,
        sender=sender,
        recipient=recipient,
        date=format_datetime(datetime.now(UTC)),
        token=secrets.token_hex(12),
        thread=thread,
        headers=head.decode("utf-8", "replace"),
    )
    return text.replace("\n", "\r\n").encode()
