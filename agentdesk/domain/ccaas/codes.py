"""Which of two wrap-up codes holds: ours or the centre's. Source: docs/ccaas.md, *Wrap-up codes*."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agentdesk.domain.ccaas.values import RemoteCode


class Ruling(StrEnum):
    """What is to be done. `NEITHER`: nobody has one. `SEND`: ours goes there. `CONFIRM`: the centre has
    ours. `TAKE`: theirs comes here. `REVIEW`: both stay, theirs counts, and a person looks.
    """

    NEITHER = "neither"
    SEND = "send"
    CONFIRM = "confirm"
    TAKE = "take"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class OurCode:
    """A code of ours. `sent` is the centre's id of what it stands for there; empty: of nothing yet.

    `automatic`: the desk chose it, because nobody did in time, for silence, or for a case.
    """

    sent: str
    at: datetime
    automatic: bool


def rule(ours: OurCode | None, theirs: RemoteCode | None) -> Ruling:
    """A code stands above none, a person's above an automatic one, and of two automatic ones the earlier.

    Of two persons' the centre's counts: its reports have it already.
    """
    if ours is None:
        return Ruling.NEITHER if theirs is None else Ruling.TAKE
    if theirs is None:
        return Ruling.SEND
    if ours.sent == theirs.code:
        return Ruling.CONFIRM
    if ours.automatic and theirs.automatic:
        later = theirs.at is None or theirs.at >= ours.at
        return Ruling.SEND if later else Ruling.TAKE
    if ours.automatic:
        return Ruling.TAKE
    return Ruling.SEND if theirs.automatic else Ruling.REVIEW
