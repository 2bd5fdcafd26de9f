"""What parts of the screen tell each other. Past participles: each says what has happened.

Messages from outside (`DeskOpened` … `HealthChanged`) go to the app, which hands `RecordsChanged`
and `HealthChanged` down to every screen. Messages from panes bubble up to the desk screen.
"""

from dataclasses import dataclass
from typing import Protocol

from textual.message import Message

from agentdesk.domain.case_head import ThreadView
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import CaseId, DraftId, InteractionId, ThreadId
from agentdesk.domain.views import LoopHealth
from agentdesk.tui.widgets.summary_text import SummaryState


class Openable(Protocol):
    """A row of a list that can be opened as a tab."""

    @property
    def interaction_id(self) -> InteractionId:
        """What the tab shows."""

    @property
    def number(self) -> str:
        """What the tab is called."""


@dataclass
class DeskOpened(Message, bubble=False):
    """The desk answers: `app.desk` and `app.actor` are set."""


@dataclass
class DeskFailed(Message, bubble=False):
    """The desk could not be opened; `sentence` says why and what to do."""

    sentence: str


@dataclass
class RecordsChanged(Message, bubble=False):
    """Somebody's transaction moved these records: read again what concerns you."""

    change: Change


@dataclass
class HealthChanged(Message, bubble=False):
    """The loops of the engine stand differently."""

    loops: tuple[LoopHealth, ...]


@dataclass
class TabRequested(Message):
    """Somebody wants this interaction or case as the active tab, at the entry `seq` where one is named,
    and to write on in the draft that is named.
    """

    thread_id: ThreadId
    number: str
    seq: int = 0
    draft_id: DraftId | None = None


@dataclass
class ViewRead(Message):
    """The pane of a tab has read its head: the customer pane follows."""

    view: ThreadView


@dataclass
class SummaryRead(Message):
    """How the summary of a tab's conversation stands: its card follows."""

    thread_id: ThreadId
    state: SummaryState

    def can_replace(self, message: Message) -> bool:
        """While a model writes, only how it stands now counts."""
        return isinstance(message, SummaryRead) and message.thread_id == self.thread_id


@dataclass
class SummaryWanted(Message):
    """The summary of the active tab should be shown, and get the keys."""


@dataclass
class PositionChanged(Message):
    """A pane was scrolled; `top` is the seq of its first visible entry (0: the end)."""

    thread_id: ThreadId
    top: int


@dataclass
class InteractionFinished(Message):
    """This agent is done here (wrapped up, transferred): its tab may close."""

    interaction_id: InteractionId


@dataclass
class TransferAsked(Message):
    """A dialog tells this agent how the transfer through a contact centre ends; once it is `over`, a toast
    does.
    """

    interaction_id: InteractionId
    over: bool = False


@dataclass
class ThreadBecame(Message):
    """An interaction became a case, or a part of one: its tab becomes that of the case."""

    interaction_id: InteractionId
    case_id: CaseId
    number: str


@dataclass
class CaseMade(Message):
    """This agent created a case: it is no news."""

    case_id: CaseId
