"""Transcripts that tests put together: Mara Olsen writes to Ana Ruiz and Ben Koch."""

from datetime import UTC, datetime, timedelta

from agentdesk.domain.assistance import Passage, Speaker, Transcript

BEGAN = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
NAMES = {
    Speaker.CUSTOMER: "Mara Olsen",
    Speaker.DESK: "Ana Ruiz",
    Speaker.NOTE: "Ben Koch",
    Speaker.CHANGE: "Ben Koch",
}


def customer(text: str, who: str = "") -> tuple[Speaker, str, str]:
    return Speaker.CUSTOMER, who, text


def desk(text: str, who: str = "") -> tuple[Speaker, str, str]:
    return Speaker.DESK, who, text


def note(text: str, who: str = "") -> tuple[Speaker, str, str]:
    return Speaker.NOTE, who, text


def change(text: str, who: str = "") -> tuple[Speaker, str, str]:
    return Speaker.CHANGE, who, text


def transcript(*said: tuple[Speaker, str, str], subject: str = "Broken tent") -> Transcript:
    """One passage every five hours, from Monday, 2 March 2026, 09:41."""
    passages = tuple(
        Passage(n + 1, BEGAN + n * timedelta(hours=5), who or NAMES[speaker], speaker, text)
        for n, (speaker, who, text) in enumerate(said)
    )
    return Transcript("IMS0000001", subject, "Mara Olsen", passages)
