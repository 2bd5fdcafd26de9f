"""Deadlines: everything that happens by time alone is a row, so that it survives a restart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Due(StrEnum):
    """What a deadline ends; the subject is the id of the named record."""

    WRAP_UP = "wrap_up"  # interaction: the default code is applied
    OFFER = "offer"  # work item: back to its queue
    WAIT = "wait"  # work item: it waited for as long as its queue allows
    CAPACITY = "capacity"  # agent: a capacity for a while ends
    SILENCE = "silence"  # interaction on hold: closed for inactivity
    REMINDER = "reminder"  # interaction on hold: its customer is reminded
    NOTICE = "notice"  # interaction on hold: its owner hears that it will be closed
    SNOOZE = "snooze"  # interaction on hold: it comes back to its owner
    DRAFT = "draft"  # draft: an untouched one is abandoned
    OUTBOX = "outbox"  # outbox row: may be sent now
    COPY = "copy"  # outbox row: a copy belongs into the mailbox for sent mail
    CASE_TARGET = "case_target"  # case: a service level is near or missed
    CASE_CLOSE = "case_close"  # resolved case: closed for good
    CENTRE = "centre"  # interaction: its contact centre is asked again how it stands
    LOOK = "look"  # outbox row of unknown outcome: look for it among the sent mails


@dataclass(frozen=True, slots=True)
class Deadline:
    """One row. `generation` tells this deadline from an earlier one of the same kind and subject."""

    kind: Due
    subject: int
    due_at: datetime
    generation: int
