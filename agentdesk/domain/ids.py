"""Typed ids, so that an agent's id is never passed for an interaction's.

Interactions and cases are *threads*: mails, drafts and participants belong to either. They share one
series of ids, so that one number says where a mail lies; their numbers count apart.
"""

from typing import NewType, TypeAlias

InteractionId = NewType("InteractionId", int)
CaseId = NewType("CaseId", int)
ThreadId: TypeAlias = InteractionId | CaseId
MessageId = NewType("MessageId", int)
CustomerId = NewType("CustomerId", int)
AccountId = NewType("AccountId", int)
AgentId = NewType("AgentId", int)
QueueId = NewType("QueueId", int)
WorkItemId = NewType("WorkItemId", int)
DraftId = NewType("DraftId", int)
OutboxId = NewType("OutboxId", int)
CodeId = NewType("CodeId", int)
SegmentId = NewType("SegmentId", int)
MailAccountId = NewType("MailAccountId", int)
LocationId = NewType("LocationId", int)
SummaryId = NewType("SummaryId", int)
MoveId = NewType("MoveId", int)


def interaction_number(serial: int) -> str:
    """`IMS0000001`: the number that people say and write. Source: docs/architecture.md, *States*."""
    return f"IMS{serial:07d}"


def case_number(serial: int) -> str:
    """`CS0000001`."""
    return f"CS{serial:07d}"


def thread(record: str, serial: int) -> ThreadId:
    """The id of the thread of this kind of record, `interaction` or `case`."""
    return CaseId(serial) if record == "case" else InteractionId(serial)


def names_a_case(number: str) -> bool:
    """Whether the thread with this number is a case; all others are interactions."""
    return number.upper().startswith("CS")
