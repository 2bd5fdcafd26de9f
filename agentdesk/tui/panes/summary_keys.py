"""What a tab does with the summary of its conversation: it is read when it may have changed, and shown."""

from textual import on
from textual.widget import Widget

from agentdesk.domain.ids import ThreadId
from agentdesk.tui.messages import RecordsChanged, SummaryWanted
from agentdesk.tui.panes.summarising import Summarising


class SummaryKeys(Widget):
    """Mixed into a pane of one thread."""

    thread_id: ThreadId
    summarising: Summarising

    def on_mount(self) -> None:
        """What was kept is shown at once."""
        self.summarising.read()

    @on(RecordsChanged)
    def _summary_may_be_old(self, event: RecordsChanged) -> None:
        if self.thread_id in event.change.threads:
            self.summarising.read()

    def action_show_summary(self) -> None:
        """Bring it to the front, and up to date."""
        self.summarising.show()
        self.post_message(SummaryWanted())
