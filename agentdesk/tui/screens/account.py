"""The record page of an account: its people, and everything that passed between them and us."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on, work
from textual.widget import Widget

from agentdesk import services
from agentdesk.domain.ids import AccountId
from agentdesk.domain.people import AccountRecord, Kind, PersonHit
from agentdesk.domain.views import Page
from agentdesk.tui import record_editing, records
from agentdesk.tui.hints import key_of
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.record_draft import AccountPick, Typed
from agentdesk.tui.screens.record import HISTORY, STREAM, RecordScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.history_list import HistoryList
from agentdesk.tui.widgets.people_list import PeopleList
from agentdesk.tui.widgets.record_facts import AnyRecord
from agentdesk.tui.widgets.virtual_list import VirtualList

CONTACTS = "contacts"


class AccountScreen(RecordScreen):
    """A company that is our customer."""

    LISTS: ClassVar[Mapping[str, str]] = {
        HISTORY: "History",
        STREAM: "Stream",
        CONTACTS: "Contacts",
    }

    def __init__(self, account_id: AccountId) -> None:
        super().__init__(f"account-{account_id}")
        self.account_id = account_id

    @property
    def account(self) -> AccountRecord | None:
        """The record, once it was read."""
        return self.record if isinstance(self.record, AccountRecord) else None

    # Reading

    async def read_record(self) -> AnyRecord | None:
        """The account now."""
        app = shell(self)
        record: AccountRecord | None = await app.act(
            services.people.account(app.desk, app.actor, self.account_id)
        )
        return record

    @property
    def whose(self) -> dict[str, Any]:
        """That of all its people."""
        return {"account_id": self.account_id}

    async def _fetch_contacts(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[PersonHit] | None:
        """Those that the record brings."""
        record = await self.read_record()
        return Page(record.contacts) if isinstance(record, AccountRecord) else None

    def make_list(self, name: str) -> Widget:
        """Contacts, too; and in the history whose it was."""
        if name == CONTACTS:
            new = key_of(self, "new_contact")
            empty = f"Nobody works here yet. {new} makes a contact."
            return PeopleList(self._fetch_contacts, empty=empty, id=CONTACTS)
        if name == HISTORY:
            return HistoryList(self.fetch_history, people=True, id=HISTORY)
        return super().make_list(name)

    def concerns(self, event: RecordsChanged) -> bool:
        """Its people and interactions are named without their account: any may be one of them."""
        change = event.change
        return self.account_id in change.accounts or bool(change.interactions or change.customers)

    # Actions

    def possible(self, action: str) -> bool:
        """An account is edited, and gets new contacts."""
        return action in ("edit_record", "new_contact", "write_from_record")

    @on(VirtualList.Selected)
    async def action_open_history(self) -> None:
        """A contact as its record, an interaction as a tab."""
        shown = self.shown
        if isinstance(shown, PeopleList):
            if shown.row is not None:
                records.open_hit(shell(self), shown.row)
        else:
            await super().action_open_history()

    def action_write_from_record(self) -> None:
        """A new mail to a contact."""
        whom = records.write_to_account(shell(self), self.account_id)
        shell(self).run_worker(whom, group="letter")

    @work(group="record", exclusive=True)
    async def action_edit_record(self) -> None:
        """All fields."""
        if self.account is not None and await record_editing.edit_account(
            shell(self), self.account
        ):
            self.read_again()

    @work(group="record", exclusive=True)
    async def action_new_contact(self) -> None:
        """Somebody who works here."""
        if self.account is not None:
            pick = AccountPick(self.account.details.name, self.account_id)
            await record_editing.create_person(shell(self), Kind.CONTACT, typed=Typed(account=pick))
