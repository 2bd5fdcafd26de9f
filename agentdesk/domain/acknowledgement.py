"""The automatic acknowledgement of a new interaction: its limits and its words; pure.

Source: RFC 3834 and research on loops. Who may be answered at all is `mail.kinds`' business.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

VARIABLES: Final = ("number", "subject", "name")
SUBJECT_CHARS: Final = 120
"""Of a stranger's words only so much is repeated: an acknowledgement is no carrier for them."""

_VARIABLE: Final = re.compile(r"\{(" + "|".join(VARIABLES) + r")\}")
_ANY_VARIABLE: Final = re.compile(r"\{([a-z_]*)\}")


@dataclass(frozen=True, slots=True)
class AcknowledgementCaps:
    """How many acknowledgements go out at most, and to mail of which age.

    `per_thread` counts an interaction together with those that it continues, `per_hour` all of them:
    the brake of the whole desk. Mail that lay on the server for longer than `newer_than` is never
    acknowledged, so that the first start on a full mailbox writes to nobody.
    """

    per_sender_per_day: int = 3
    per_thread: int = 1
    per_hour: int = 200
    newer_than: timedelta = timedelta(hours=1)


def unknown_variables(text: str) -> tuple[str, ...]:
    """What stands in braces in *text* and is no variable, in its order, each once."""
    return tuple(dict.fromkeys(v for v in _ANY_VARIABLE.findall(text) if v not in VARIABLES))


def acknowledgement_text(text: str, *, number: str, subject: str, name: str) -> str:
    """*text* with its variables filled in, in one pass: braces in a mail's words stay words."""
    words = {"number": number, "subject": subject[:SUBJECT_CHARS], "name": name[:SUBJECT_CHARS]}
    return _VARIABLE.sub(lambda found: words[found[1]], text).strip() + "\n"


def acknowledgement_subject(subject: str) -> str:
    """The subject of the answer. Source: RFC 3834 §3.1.5, `Auto:` and a space before the old one."""
    return f"Auto: {subject[:SUBJECT_CHARS]}"
