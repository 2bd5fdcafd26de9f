"""Conversations that assistants are asked about."""

from datetime import UTC, datetime, timedelta

from agentdesk.domain.assistance import Passage, Speaker, Summary, Transcript
from agentdesk.domain.matching import Conversation, Letter

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def passage(
    n: int, text: str, who: str = "Mara Lind", speaker: Speaker = Speaker.CUSTOMER
) -> Passage:
    """The nth, an hour after the one before."""
    return Passage(n, MONDAY + timedelta(hours=n), who, speaker, text)


def transcript(*passages: Passage, description: str = "") -> Transcript:
    return Transcript(
        "IMS0000007", "Tent pole broken", "Mara Lind", passages, description, ("Ana Ruiz",)
    )


TENT = transcript(
    passage(1, "Hello, the pole of my tent broke. Can you send another one?"),
    passage(2, "She is a good customer.", "Ana Ruiz", Speaker.NOTE),
    passage(
        3, "Dear Mara, it goes out today. See https://tents.example/poles", "Ana Ruiz", Speaker.DESK
    ),
    passage(4, "Thank you. When will it be here?"),
)


def hostile(text: str) -> Transcript:
    """A conversation whose customer writes *text*."""
    return transcript(passage(1, text), passage(2, "We look at it.", "Ana Ruiz", Speaker.DESK))


def letter(text: str, subject: str = "Tent pole", name: str = "Mara Lind") -> Letter:
    return Letter(subject, "mara@lind.example", name, MONDAY, text)


def conversation(name: str, text: str, subject: str = "Tent pole") -> Conversation:
    return Conversation(name, (letter(text, subject),), subject)


def shown(summary: Summary) -> str:
    """Everything of it that a screen shows."""
    return "\n".join((summary.issue, summary.done, summary.next_steps, summary.by, summary.step))
