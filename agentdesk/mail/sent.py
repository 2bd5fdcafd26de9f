"""Finding one of our own mails again in a mailbox for sent mail, whatever a server made of its id."""

from dataclasses import dataclass

from agentdesk.mail.account import MailAccount
from agentdesk.mail.headers import message_ids, read_headers

HITS = 5  # a header search may find a longer number that contains ours


@dataclass(frozen=True, slots=True)
class Mark:
    """What an outgoing mail can be known by. `header_id` is bare, `identity` its X-Agentdesk-ID."""

    header_id: str
    identity: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Where new mails would lie in a mailbox: at `uidnext` or above, within one `uidvalidity`."""

    uidvalidity: int = 0
    uidnext: int = 0


async def sent_mailbox(account: MailAccount) -> str:
    """The mailbox that the server itself calls the one for sent mail; empty without one."""
    return (await account.special_use()).get("\\Sent", "")


async def note(account: MailAccount, mailbox: str) -> Noted:
    """Where the next mail of *mailbox* will lie."""
    status = await account.select(mailbox, readonly=True)
    return Noted(status.uidvalidity, status.uidnext)


async def find(account: MailAccount, mailbox: str, mark: Mark, since: Noted) -> str | None:
    """The Message-ID under which our mail lies in *mailbox*; None if it is not there.

    Only mails from *since* on are looked at, where its UIDs still mean something. Exchange keeps an
    id that it replaced in X-Microsoft-Original-Message-ID.
    """
    status = await account.select(mailbox, readonly=True)
    first = since.uidnext if status.uidvalidity == since.uidvalidity else 1
    first = max(first, 1)
    if await account.find_message_id(mailbox, "Message-ID", mark.header_id, first):
        return mark.header_id
    kept = ("X-Agentdesk-ID", mark.identity), ("X-Microsoft-Original-Message-ID", mark.header_id)
    for name, value in kept:
        uids = await account.find_message_id(mailbox, name, value, first)
        async for batch in account.fetch(uids[-HITS:]):
            for mail in batch:
                headers, _ = read_headers(mail.raw)
                if value in (
                    headers.get(name.lower()).strip(),
                    *message_ids(headers.get(name.lower())),
                ):
                    ids = message_ids(headers.get("message-id"))
                    return ids[0] if ids else mark.header_id
    return None
