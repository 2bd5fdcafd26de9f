"""A line below the recipients of a mail that is being written: one is no address, or takes no mail."""

from textual.content import Content
from textual.widgets import Static

from agentdesk.domain.views import BouncedAddress
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import bounced_sentence


class RefusedRecipients(Static):
    """Hidden while nothing is to be said. A `fault` is said before what bounced once, and that before
    a remark.
    """

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
        &.-wrong { color: $over; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.fault = ""

    def show(self, bounced: tuple[BouncedAddress, ...], remark: str = "") -> None:
        """The fault, else the first of *bounced* and how many others, else *remark*."""
        self.set_class(bool(self.fault or bounced or remark), "-shown")
        self.set_class(bool(self.fault), "-wrong")
        if self.fault:
            self.update(Content(f"! {self.fault}"))
        elif bounced:
            app = shell(self)
            words = bounced_sentence(bounced[0], app.now(), app.options.zone)
            others = f" So did mail to {len(bounced) - 1} more." if len(bounced) > 1 else ""
            self.update(Content(f"! {words}{others} It may not arrive."))
        elif remark:
            self.update(Content(remark))
