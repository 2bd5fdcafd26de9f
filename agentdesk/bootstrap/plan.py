"""From settings to the plain values that services, engine and screen know."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agentdesk.ai.choosing import Key
from agentdesk.bootstrap import credentials
from agentdesk.bootstrap.servers import imap_server, smtp_server
from agentdesk.domain.acknowledgement import AcknowledgementCaps
from agentdesk.domain.rules import Rules
from agentdesk.domain.setup import (
    CodeSetup,
    DeskSetup,
    IdentitySetup,
    MailAccountSetup,
    MailboxSetup,
)
from agentdesk.engine.lines import Line
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.settings import Settings, ai, cases, contact_centres
from agentdesk.settings.mailboxes import MailAccount
from agentdesk.settings.policy import policy_of
from agentdesk.settings.reminders import rules_of

MIB = 1024 * 1024


def origin(path: Path) -> str:
    """How versions of the policy name the settings file *path*, of this machine."""
    return f"{socket.gethostname()}:{path.absolute()}"


def rules(s: Settings) -> Rules:
    """Periods and choices."""
    return Rules(
        undo_send=timedelta(seconds=s.desk.undo_send_s),
        hold_after_send=s.desk.hold_after_send,
        wrap_up=timedelta(seconds=s.wrap_up.duration_s),
        inbound_silence=timedelta(days=s.inactivity.inbound_days),
        outbound_silence=timedelta(days=s.inactivity.outbound_days),
        silence_notice=timedelta(days=s.inactivity.notice_days),
        reminders=rules_of(s),
        ai=ai.rules_of(s.ai),
        cases=cases.rules_of(s.cases),
        centres={c.key: contact_centres.rules_of(c) for c in s.contact_centres},
        draft_silence=timedelta(days=s.inactivity.draft_days),
        own_addresses=frozenset(a for m in s.mail_accounts for a in m.own),
        acknowledgement=AcknowledgementCaps(
            s.acknowledgement.per_sender_per_day,
            s.acknowledgement.per_thread,
            s.acknowledgement.per_hour,
            timedelta(minutes=s.acknowledgement.newer_than_minutes),
        ),
        zone=zone(s),
        interaction_per_agent_for=frozenset(s.outbound.interaction_per_agent_for),
        markdown=s.outbound.markdown,
        largest_file=s.mail.largest_file_mib * MIB,
        largest_files=s.mail.largest_files_mib * MIB,
        address_queues={
            o.address.lower(): o.queue for m in s.mail_accounts for o in m.addresses if o.queue
        },
    )


def setup(s: Settings) -> DeskSetup:
    """The routing policy, accounts and codes."""
    return DeskSetup(
        policy=policy_of(s),
        accounts=tuple(
            MailAccountSetup(
                m.key,
                m.name,
                m.address.lower(),
                s.queue_of(m).key,
                m.imap.mailbox,
                m.others,
                m.signature,
                m.authserv_id.strip().lower(),
                tuple(MailboxSetup(b.name, b.queue) for b in m.imap.mailboxes),
                m.acknowledgement.strip(),
                tuple(_identities(m)),
            )
            for m in s.mail_accounts
        ),
        codes=tuple(CodeSetup(c.key, c.label, c.default, c.automatic) for c in s.wrap_up.codes),
    )


def _identities(m: MailAccount) -> Iterator[IdentitySetup]:
    """The addresses of an account that mail may be written from, beside its own."""
    for alias in m.aliases:
        yield IdentitySetup(alias.lower())
    for other in m.addresses:
        if other.sends:
            address, name = other.address.lower(), other.name.strip()
            yield IdentitySetup(address, name, other.signature.strip())


def lines(s: Settings) -> list[Line]:
    """How each account is reached. Passwords are looked up when a connection is made."""
    largest = s.mail.largest_mail_mib * MIB
    return [_line(m, largest) for m in s.mail_accounts]


def _line(m: MailAccount, largest_mail: int) -> Line:
    imap, smtp = imap_server(m), smtp_server(m)
    tokens = credentials.tokens_of(m)  # one for both, so that they share what is fetched
    reading, sending = credentials.to_read(m, tokens), credentials.to_send(m, tokens)
    return Line(
        key=m.key,
        address=m.address,
        reader=lambda: ImapAccount(imap, reading),
        sender=lambda: SmtpAccount(smtp, sending),
        after_filing=m.imap.after_filing,
        move_to=m.imap.move_to,
        sent_mailbox="" if m.files_sent_itself else m.sent_mailbox,
        files_sent=m.files_sent_itself,
        mailboxes=m.imap.read,
        largest_mail=largest_mail,
        sign_in=tokens,
    )


def ai_key(s: Settings) -> Key:
    """The key of the model's server, looked up when it is asked."""
    return credentials.ai_key_of(s.ai)


def zone(s: Settings) -> ZoneInfo | None:
    """The time zone of the screen; None for this machine's."""
    return None if s.desk.time_zone == "local" else ZoneInfo(s.desk.time_zone)
