"""The record page of a person."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual import work

from agentdesk import services
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.people import Kind, PersonRecord
from agentdesk.tui import record_editing, record_joining, records
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens.record import RecordScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.record_facts import AnyRecord


class PersonScreen(RecordScreen):
    """Who somebody is, and everything that ever passed between us."""

    def __init__(self, customer_id: CustomerId) -> None:
        super().__init__(f"person-{customer_id}")
        self.customer_id = customer_id

    @property
    def person(self) -> PersonRecord | None:
        """The record, once it was read."""
        return self.record if isinstance(self.record, PersonRecord) else None

    # Reading

    async def read_record(self) -> AnyRecord | None:
        """The person now."""
        app = shell(self)
        record: PersonRecord | None = await app.act(
            services.people.record(app.desk, app.actor, self.customer_id)
        )
        return record

    @property
    def whose(self) -> dict[str, Any]:
        """Theirs."""
        return {"customer_id": self.customer_id}

    def concerns(self, event: RecordsChanged) -> bool:
        """Interactions are named without their customer: any of them may be one of theirs."""
        change = event.change
        return self.customer_id in change.customers or bool(change.interactions)

    def show_record(self, record: AnyRecord) -> None:
        """One that was joined into another gives way to it."""
        if isinstance(record, PersonRecord) and record.merged_into is not None:
            app = shell(self)
            app.tell("This record was merged. The record that stays is shown.")
            app.switch_screen(PersonScreen(record.merged_into))
            return
        super().show_record(record)

    # Actions

    def possible(self, action: str) -> bool:
        """What there is to do with this person."""
        person = self.person
        if person is None or person.erased_at is not None:
            return False
        rules = {
            "verify_record": person.kind is Kind.GUEST,
            "open_account": person.details.account_id is not None,
            "remove_address": bool(person.addresses),
            "undo_merge": bool(person.merges),
            "new_contact": False,
        }
        return rules.get(action, True)

    @work(group="record", exclusive=True)
    async def _do(self, what: Callable[[Any, PersonRecord], Awaitable[object]]) -> None:
        """Ask, do, and read again."""
        if self.person is not None and await what(shell(self), self.person):
            self.read_again()

    def action_write_from_record(self) -> None:
        """A new mail to this person."""
        whom = records.write_to_person(shell(self), self.customer_id)
        shell(self).run_worker(whom, group="letter")

    def action_edit_record(self) -> None:
        """All fields."""
        self._do(record_editing.edit_person)

    def action_add_address(self) -> None:
        """One more."""
        self._do(record_editing.add_address)

    def action_remove_address(self) -> None:
        """One less."""
        self._do(record_editing.remove_address)

    def action_undo_merge(self) -> None:
        """Apart again."""
        self._do(record_joining.undo_merge)

    def action_erase_person(self) -> None:
        """For good."""
        self._do(record_joining.erase)

    def action_verify_record(self) -> None:
        """No guest any more."""
        self._do(lambda app, person: record_editing.verify(app, person.customer_id))

    @work(group="record", exclusive=True)
    async def action_merge_record(self) -> None:
        """Join with another record; whoever stays is shown."""
        app = shell(self)
        if self.person is None:
            return
        keep = await record_joining.merge(app, self.person)
        if keep is not None and keep != self.customer_id:
            app.switch_screen(PersonScreen(keep))
        elif keep is not None:
            self.read_again()

    def action_open_account(self) -> None:
        """Where this contact works."""
        if self.person is not None and self.person.details.account_id is not None:
            records.open_account(shell(self), self.person.details.account_id)
