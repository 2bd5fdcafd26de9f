"""What a mail brings beside its own text: invitations, attached mails, signatures and ciphers.

Each is told in a sentence; where the mail has no text of its own, one of them stands in for it.
"""

from dataclasses import dataclass

from agentdesk.domain.message import MailKind
from agentdesk.mail.attached import attached_mails, attached_notices
from agentdesk.mail.bodies import Body
from agentdesk.mail.invitation import CALENDAR_TYPES, read_invitation
from agentdesk.mail.parts import Part
from agentdesk.mail.seal import seal_notices

_MAX_INVITATIONS = 3


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Sentences for `ParsedMail.notices`, and the text to show for a mail that has none."""

    notices: tuple[str, ...] = ()
    body: Body | None = None


def read_enclosed(root: Part, own_text: str, kind: MailKind) -> Enclosed:
    """What lies below *root*. The mail that a bounce returns is not told as attached."""
    leaves = tuple(root.leaves())
    notices = seal_notices(root.walk(), own_text)
    calendars = [leaf for leaf in leaves if leaf.type in CALENDAR_TYPES][:_MAX_INVITATIONS]
    invitations = [found for leaf in calendars if (found := read_invitation(leaf))]
    notices += [str(found.notice) for found in invitations]
    mails = attached_mails(leaves) if kind is not MailKind.BOUNCE else []
    notices += attached_notices(mails)
    body = None
    if not own_text.strip():
        described = next((found.description for found in invitations if found.description), None)
        if described:
            body = Body(text=described)
        elif mails:
            body = mails[0].body()
    return Enclosed(tuple(dict.fromkeys(notices)), body)
