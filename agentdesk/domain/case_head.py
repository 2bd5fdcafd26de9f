"""The head of a case tab, as its screen shows it; all text in it is safe for a terminal."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from agentdesk.domain.case import CaseState
from agentdesk.domain.case_views import EffortView, RelatedThread, TargetView, Watcher
from agentdesk.domain.ids import AgentId, CaseId, DraftId, ThreadId
from agentdesk.domain.views import CustomerCard, InteractionView


@dataclass(frozen=True, slots=True)
class CaseView:
    """The head of a case tab. `mine`: this agent owns it; `watched`: this agent follows it.

    `group` and `category` are labels, with their keys beside them. `code` is the label of how it was
    resolved. `due_at` is what a person promised.
    """

    case_id: CaseId
    number: str
    subject: str
    description: str
    state: CaseState
    owner: str
    owner_id: AgentId | None
    mine: bool
    watched: bool
    group: str
    group_key: str
    category: str
    category_key: str
    priority: int
    opened_at: datetime
    due_at: datetime | None
    code: str
    notes: str
    merged_into: str
    customer: CustomerCard
    targets: tuple[TargetView, ...]
    related: tuple[RelatedThread, ...]
    watchers: tuple[Watcher, ...]
    effort: EffortView
    draft_id: DraftId | None
    version: int

    @property
    def thread_id(self) -> ThreadId:
        """What its tab shows."""
        return self.case_id


ThreadView: TypeAlias = InteractionView | CaseView
"""The head of a tab."""
