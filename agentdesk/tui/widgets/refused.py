"""A warning above a mail that is being written: a recipient's server refused mail before."""

from textual.content import Content
from textual.widgets import Static

from agentdesk.domain.views import BouncedAddress
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import bounced_sentence


class RefusedRecipients(Static):
    """One line, hidden while every recipient takes mail."""

    DEFAULT_CSS = """
    RefusedRecipients {
        display: none;
        height: auto;
        max-height: 2;
        width: 1fr;
        padding: 0 1;
        color: $warning-text;
        text-style: bold;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, bounced: tuple[BouncedAddress, ...]) -> None:
        """Name the first of *bounced* and count the others; nothing hides the line."""
        self.set_class(bool(bounced), "-shown")
        if bounced:
            app = shell(self)
            words = bounced_sentence(bounced[0], app.now(), app.options.zone)
            others = f" So did mail to {len(bounced) - 1} more." if len(bounced) > 1 else ""
            self.update(Content(f"! {words}{others} It may not arrive."))
