"""What is done with the customer of a thread: the record is opened, a guest verified."""

from textual.widget import Widget

from agentdesk.domain.ids import CustomerId
from agentdesk.domain.views import CustomerCard
from agentdesk.tui import records
from agentdesk.tui.shell import shell


class CustomerKeys(Widget):
    """Mixed into a pane that knows the customer of its thread."""

    @property
    def customer(self) -> CustomerCard | None:
        """Whose it is; None until it was read."""
        raise NotImplementedError

    def read_again(self) -> None:
        """Something of this thread was moved from here."""
        raise NotImplementedError

    @property
    def _customer_id(self) -> CustomerId | None:
        return self.customer.customer_id if self.customer is not None else None

    def action_show_customer_record(self) -> None:
        """Who this is."""
        if self._customer_id is not None:
            records.open_person(shell(self), self._customer_id)

    def action_write_to_customer(self) -> None:
        """A new mail, which is no answer."""
        if (whom := self._customer_id) is not None:
            app = shell(self)
            app.run_worker(records.write_to_person(app, whom), group="letter")

    def action_verify_guest(self) -> None:
        """No guest any more."""
        self.run_worker(self._verify(), group="record", exclusive=True)

    async def _verify(self) -> None:
        from agentdesk.tui import record_editing

        whom = self._customer_id
        if whom is not None and await record_editing.verify(shell(self), whom):
            self.read_again()
