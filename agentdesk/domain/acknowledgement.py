"""The automatic acknowledgement of a new interaction: its limits and its words; pure.

Source: RFC 3834 and research on loops. Who may be answered at all is `mail.kinds`' business.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from agentdesk.domain.blanks import LONGEST, filled

VARIABLES: Final = ("number", "subject", "name")


@dataclass(frozen=True, slots=True)
class AcknowledgementCaps:
    """How many acknowledgements go out at most, and to mail of which age.

    `per_sender_per_day` counts whatever a program sent to that address. `per_thread` counts an
    interaction together with those that it continues, `per_hour` all of them: the brake of the whole
    desk. Mail that lay on the server for longer than `newer_than` is never acknowledged, so that the
    first start on a full mailbox writes to nobody.
    """

    per_sender_per_day: int = 3
    per_thread: int = 1
    per_hour: int = 200
    newer_than: timedelta = timedelta(hours=1)


def acknowledgement_text(text: str, *, number: str, subject: str, name: str) -> str:
    """*text* with its variables filled in."""
    return filled(text, {"number": number, "subject": subject, "name": name})


def acknowledgement_subject(subject: str) -> str:
    """The subject of the answer. Source: RFC 3834 §3.1.5, `Auto:` and a space before the old one."""
    return f"Auto: {subject[:LONGEST]}"
