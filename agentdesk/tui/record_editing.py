"""Records made and changed: new ones, what is known of them, guests verified, addresses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.errors import Conflict, DeskError
from agentdesk.domain.ids import AccountId, CustomerId
from agentdesk.domain.people import AccountDetails, AccountRecord, Kind, PersonRecord
from agentdesk.tui import record_draft, records
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.find_record import FindDialog
from agentdesk.tui.dialogs.one_line import OneLineDialog
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.dialogs.record_form import ACCOUNT, PERSON, RecordForm
from agentdesk.tui.record_draft import AccountPick, Refusal, Typed
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.people_list import ACCOUNT as AN_ACCOUNT

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

KINDS = (
    Choice(Kind.CONTACT.value, "Contact", remark="works at an account"),
    Choice(Kind.CONSUMER.value, "Consumer", remark="belongs to none"),
)


# New records


async def create(app: "DeskApp", words: str = "") -> None:
    """Ask what, let its form be filled in, and open the new record. *words* begin its name."""
    kinds = (*KINDS, Choice(AN_ACCOUNT, "Account", remark="a company"))
    kind = await app.push_screen_wait(PickDialog(kinds, title="New record"))
    if kind == AN_ACCOUNT:
        await _create_account(app, words)
    elif kind is not None:
        await create_person(app, Kind(kind), typed=_begun(words))


def _begun(words: str) -> Typed:
    """What was looked for in vain is the beginning of the record."""
    return Typed(addresses=words.strip()) if "@" in words else Typed(name=words.strip())


async def create_person(app: "DeskApp", kind: Kind, *, typed: Typed) -> None:
    """A form for a contact or consumer; the new record opens."""
    made: list[CustomerId] = []

    async def save(typed: Typed) -> Refusal | None:
        if kind is Kind.CONTACT and not typed.account:
            return Refusal("Choose the account that this contact works for.")
        try:
            typed = replace(typed, account=await _with_id(app, typed.account))
            details = record_draft.person(typed)
            emails = record_draft.listed(typed.addresses)
            made.append(await services.people.create(app.desk, app.actor, kind, details, emails))
        except DeskError as error:
            return Refusal(str(error), typed)
        return None

    fields = ("name", "addresses", *(("account",) if kind is Kind.CONTACT else ()), *PERSON[1:])
    form = RecordForm(
        f"New {kind.value}", typed, save, fields=fields, find=records.account_finder(app)
    )
    if await app.push_screen_wait(form) and made:
        records.open_person(app, made[-1])


async def _with_id(app: "DeskApp", pick: AccountPick) -> AccountPick:
    """*pick* with the id that it has, or gets by being created now. Raises `DeskError`."""
    if not pick or pick.account_id is not None:
        return pick
    made = await services.people.create_account(app.desk, app.actor, AccountDetails(pick.name))
    return AccountPick(pick.name, AccountId(made))


async def _create_account(app: "DeskApp", words: str) -> None:
    made: list[AccountId] = []

    async def save(typed: Typed) -> Refusal | None:
        try:
            details = record_draft.account(typed)
            made.append(await services.people.create_account(app.desk, app.actor, details))
        except DeskError as error:
            return Refusal(str(error))
        return None

    form = RecordForm("New account", Typed(name=words.strip()), save, fields=ACCOUNT)
    if await app.push_screen_wait(form) and made:
        records.open_account(app, made[-1])


# Changes


async def edit_person(app: "DeskApp", record: PersonRecord) -> bool:
    """The form of a person; with an account a known person is a contact. True once saved."""
    key = record.customer_id

    async def change(typed: Typed, version: int) -> None:
        details = record_draft.person(typed)
        await services.people.change(app.desk, app.actor, key, version, details)

    async def read() -> tuple[Typed, int]:
        latest: PersonRecord = await services.people.record(app.desk, app.actor, key)
        return record_draft.of_person(latest), latest.version

    base = record_draft.of_person(record)
    form = RecordForm(
        f"Edit {record.details.name}",
        base,
        Saving(app, base, record.version, change, read).save,
        fields=PERSON if record.kind is Kind.GUEST else (PERSON[0], "account", *PERSON[1:]),
        find=records.account_finder(app),
    )
    return await app.push_screen_wait(form) is True


async def edit_account(app: "DeskApp", record: AccountRecord) -> bool:
    """The form of an account. True once saved."""
    key = record.account_id

    async def change(typed: Typed, version: int) -> None:
        details = record_draft.account(typed)
        await services.people.change_account(app.desk, app.actor, key, version, details)

    async def read() -> tuple[Typed, int]:
        latest: AccountRecord = await services.people.account(app.desk, app.actor, key)
        return record_draft.of_account(latest), latest.version

    base = record_draft.of_account(record)
    saving = Saving(app, base, record.version, change, read)
    form = RecordForm(f"Edit {record.details.name}", base, saving.save, fields=ACCOUNT)
    return await app.push_screen_wait(form) is True


@dataclass
class Saving:
    """Saves a form that began as *base* at *version*.

    Where somebody else saved first, it reads what they wrote and the form goes on with both.
    """

    app: "DeskApp"
    base: Typed
    version: int
    change: Callable[[Typed, int], Awaitable[None]]
    read: Callable[[], Awaitable[tuple[Typed, int]]]

    async def save(self, typed: Typed) -> Refusal | None:
        """None once saved."""
        try:
            typed = replace(typed, account=await _with_id(self.app, typed.account))
            await self.change(typed, self.version)
        except Conflict as error:
            return await self._join(typed, str(error))
        except DeskError as error:
            return Refusal(str(error), typed)
        return None

    async def _join(self, typed: Typed, sentence: str) -> Refusal:
        """A conflict of another kind, such as a name that is taken, is only told."""
        try:
            theirs, version = await self.read()
        except DeskError as error:
            return Refusal(str(error), typed)
        if version == self.version:
            return Refusal(sentence, typed)
        mine, both = record_draft.joined(typed, self.base, theirs)
        self.base, self.version = theirs, version
        return Refusal(record_draft.conflict(both), mine)


# Guests


async def verify(app: "DeskApp", customer_id: CustomerId) -> bool:
    """A guest becomes a contact, of an account that is found or new, or a consumer."""
    kind = await app.push_screen_wait(PickDialog(KINDS, title="Verify guest"))
    if kind is None:
        return False
    pick = AccountPick()
    if kind == Kind.CONTACT.value:
        chosen = await app.push_screen_wait(
            FindDialog(
                "Which account?",
                records.account_finder(app),
                new=True,
                empty="Type the name of the company; a new one is made of it.",
            )
        )
        if not isinstance(chosen, AccountPick):
            return False
        pick = chosen

    async def verified() -> str:
        record: PersonRecord = await services.people.record(app.desk, app.actor, customer_id)
        account = await _with_id(app, pick)
        details = replace(record.details, account_id=account.account_id)
        await services.people.verify(app.desk, app.actor, customer_id, Kind(kind), details)
        return record.details.name or (record.addresses[0].email if record.addresses else "")

    name = await app.act(verified())
    if name is None:
        return False
    what = f"a contact of {one_line(pick.name)}" if pick else "a consumer"
    app.tell(f"{one_line(name)} is {what} now.")
    return True


# Addresses


async def add_address(app: "DeskApp", record: PersonRecord) -> bool:
    """One more address. True once it is there."""

    async def save(line: str) -> str:
        try:
            await services.people.add_address(app.desk, app.actor, record.customer_id, line)
        except DeskError as error:
            return str(error)
        return ""

    dialog = OneLineDialog(
        f"Another address of {record.details.name}", save, placeholder="mara@olsen.example"
    )
    return await app.push_screen_wait(dialog) is not None


async def remove_address(app: "DeskApp", record: PersonRecord) -> bool:
    """Choose one and take it away, after asking."""
    choices = [Choice(a.email, one_line(a.email)) for a in record.addresses]
    email = await app.push_screen_wait(PickDialog(choices, title="Remove which address?"))
    if email is None:
        return False
    question = (
        f"Remove {one_line(email)} from this record? The next mail from it comes from a new guest."
    )
    if not await app.push_screen_wait(ConfirmDialog(question, yes="Remove", no="Keep")):
        return False

    async def removed() -> bool:
        await services.people.remove_address(app.desk, app.actor, record.customer_id, email)
        return True

    return bool(await app.act(removed()))
