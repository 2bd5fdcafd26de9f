"""Mails attached to a mail (message/rfc822): a sentence about each, and the text of the first.

What they say never decides about the mail that carries them. Source: RFC 2046 §5.2.1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from agentdesk.domain.text import SafeText, safe
from agentdesk.mail.addresses import parse_sender
from agentdesk.mail.bodies import Body, read_body
from agentdesk.mail.headers import Headers, read_headers, utc_date
from agentdesk.mail.parts import Part, read_tree
from agentdesk.mail.wording import utc_minute

MESSAGE_TYPES: Final = frozenset({"message/rfc822", "message/global"})
_MAX_NOTICES: Final = 5
_MAX_NESTING: Final = 3
_HEAD_BYTES: Final = 16 * 1024
_WORD_CHARS: Final = 120


@dataclass(frozen=True, slots=True)
class AttachedMail:
    """A mail in *part*."""

    part: Part

    @property
    def notice(self) -> SafeText:
        """`Attached mail: <subject>, from <sender>, <date>.`"""
        return _notice(self.part)

    def body(self) -> Body:
        """Its readable text below the notice as a head line; of a mail that only carries one, that one's."""
        head, part, body = list[str](), self.part, Body()
        for _ in range(_MAX_NESTING):
            head.append(_notice(part))
            root, _warnings = read_tree(part.content)
            body = read_body(root)
            inner = next(_messages(root.leaves()), None)
            if body.text.strip() or inner is None:
                break
            part = inner
        text = SafeText("\n\n".join([*head, body.text]))
        return Body(text=text, passed_on=True, warnings=body.warnings)


def attached_mails(leaves: Iterable[Part]) -> list[AttachedMail]:
    """The mails among *leaves*, in their order."""
    return [AttachedMail(leaf) for leaf in _messages(leaves)]


def attached_notices(mails: list[AttachedMail]) -> list[str]:
    """A sentence for each of the first mails, and one for how many there are beside them."""
    notices = [str(mail.notice) for mail in mails[:_MAX_NOTICES]]
    more = len(mails) - len(notices)
    return [*notices, f"{more} more attached mails."] if more > 0 else notices


def _messages(leaves: Iterable[Part]) -> Iterator[Part]:
    return (leaf for leaf in leaves if leaf.type in MESSAGE_TYPES)


def head_of(part: Part) -> Headers:
    """The header of the mail attached in *part*, as far as its first 16 KB hold it."""
    return read_headers(part.content[:_HEAD_BYTES])[0]


def _notice(part: Part) -> SafeText:
    headers = head_of(part)
    subject = headers.text("subject")[:_WORD_CHARS] or "(no subject)"
    sender = str(parse_sender(headers.get("from")))[:_WORD_CHARS]
    date = utc_date(headers.get("date"))
    said = [subject, *([f"from {sender}"] if sender else []), *([utc_minute(date)] if date else [])]
    return safe(f"Attached mail: {', '.join(said)}.", multiline=False)
