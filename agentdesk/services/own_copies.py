"""Our own mails that come back, through a list, a copy to ourselves or the folder of sent mail.

They are not filed again. Servers on their way may have given them another Message-ID (Outlook,
Amazon SES): it is remembered, so that answers which cite it find their conversation. A mail is only
taken for ours when its sender and words are; an id or a mark alone may come from anybody.
"""

from collections.abc import Iterator

from agentdesk.domain.mail_identity import extract_marks
from agentdesk.domain.message import ParsedMail
from agentdesk.services.batch import Batch, thread_of


def own_copy(b: Batch, mail: ParsedMail) -> int | None:
    """The message that *mail* is a copy of, or None. Remembers the ids that it bears now."""
    if mail.sender.email not in b.desk.rules.own_addresses:
        return None
    for message_id in _named(b, mail):
        row = b.outbound.get(message_id)
        if row is not None and row.direction == "outbound" and _same_words(mail, row.text):
            _learn(b, mail, message_id)
            return message_id
    return None


def _named(b: Batch, mail: ParsedMail) -> Iterator[int]:
    """Messages of ours that the mail may be, by its ids and our mark."""
    ids = (b.own_mail.get(i) for i in (mail.message_id, *mail.aliases))
    yield from (i for i in ids if i is not None)
    yield from (message_id for _, message_id in extract_marks(mail.desk_ids))


def _same_words(mail: ParsedMail, text: str) -> bool:
    """Servers add footers and wrap lines, so what we wrote must come first, word by word."""
    words = text.split()
    return bool(words or not mail.text.strip()) and mail.text.split()[: len(words)] == words


def _learn(b: Batch, mail: ParsedMail, message_id: int) -> None:
    row = b.outbound[message_id]
    for known_as in (mail.message_id, *mail.aliases):
        if known_as and known_as != row.header_id:
            b.aliases.append((known_as, message_id))
            b.own_mail[known_as] = message_id
            thread = thread_of(row)
            if thread is not None:
                b.remember_id(known_as, thread)
