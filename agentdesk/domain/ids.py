"""Typed ids, so that an agent's id is never passed for an interaction's."""

from typing import NewType

InteractionId = NewType("InteractionId", int)
CaseId = NewType("CaseId", int)
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


def interaction_number(serial: int) -> str:
    """`IMS0000001`: the number that people say and write. Source: docs/architecture.md, *States*."""
    return f"IMS{serial:07d}"


def case_number(serial: int) -> str:
    """`CS0000001`."""
    return f"CS{serial:07d}"
