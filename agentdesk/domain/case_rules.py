"""What settings decide about cases, as plain values."""

from dataclasses import dataclass
from datetime import timedelta

from agentdesk.domain.case_views import CaseChoice
from agentdesk.domain.service_level import LevelRule

CATEGORIES = (
    CaseChoice("question", "Question"),
    CaseChoice("problem", "Problem"),
    CaseChoice("complaint", "Complaint"),
    CaseChoice("return", "Return or refund"),
    CaseChoice("billing", "Billing"),
    CaseChoice("other", "Other"),
)
CODES = (
    CaseChoice("solved", "Solved"),
    CaseChoice("workaround", "Solved by a workaround"),
    CaseChoice("not_reproducible", "Not reproducible"),
    CaseChoice("duplicate", "Duplicate"),
    CaseChoice("no_answer", "No answer from the customer"),
    CaseChoice("withdrawn", "Withdrawn by the customer"),
)


@dataclass(frozen=True, slots=True)
class CaseRules:
    """Choices and periods of cases. A resolved case is closed `close_after`. `await_after_send`: a mail
    to the customer puts a case to Awaiting Info. The first of `levels` that fits a case is its service
    level; it is warned of once `warn_at` percent of the time are over.
    """

    categories: tuple[CaseChoice, ...] = CATEGORIES
    codes: tuple[CaseChoice, ...] = CODES
    close_after: timedelta = timedelta(days=5)
    await_after_send: bool = False
    levels: tuple[LevelRule, ...] = ()
    warn_at: int = 75

    def category(self, key: str) -> str:
        """Its label; the key of one that settings dropped."""
        return next((c.label for c in self.categories if c.key == key), key)

    def code(self, key: str) -> str:
        """Its label; the key of one that settings dropped."""
        return next((c.label for c in self.codes if c.key == key), key)
