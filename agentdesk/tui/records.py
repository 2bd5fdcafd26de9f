"""Going to records and to what belongs to them, from whichever screen. Each function takes the app."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.draft import Draft
from agentdesk.domain.ids import AccountId, CustomerId, InteractionId, ThreadId
from agentdesk.domain.people import PersonHit
from agentdesk.tui.dialogs.find_record import Find, FindDialog

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

FOUND = 50
"""Hits that a dialog shows; more words find the others."""

ACCOUNTS = 200
"""People and accounts among which accounts are shown; a quarter may be accounts."""


def open_person(app: "DeskApp", customer_id: CustomerId) -> None:
    """The record page of a person, over the present screen."""
    from agentdesk.tui.screens.person import PersonScreen

    app.push_screen(PersonScreen(customer_id))


def open_account(app: "DeskApp", account_id: AccountId) -> None:
    """The record page of an account, over the present screen."""
    from agentdesk.tui.screens.account import AccountScreen

    app.push_screen(AccountScreen(account_id))


def open_hit(app: "DeskApp", hit: PersonHit) -> None:
    """Whatever was found."""
    if hit.customer_id is not None:
        open_person(app, hit.customer_id)
    elif hit.account_id is not None:
        open_account(app, hit.account_id)


async def open_on_desk(app: "DeskApp", thread_id: ThreadId, number: str) -> None:
    """That interaction or case as the active tab; all screens above the desk go."""
    desk = app.desk_screen
    await desk.open_thread(thread_id, number)
    for _ in app.screen_stack[app.screen_stack.index(desk) + 1 :]:
        app.pop_screen()


async def write_to_person(app: "DeskApp", customer_id: CustomerId) -> None:
    """A new mail to somebody, in the tab of its interaction."""
    draft = await app.act(services.outbound.open_for_customer(app.desk, app.actor, customer_id))
    if draft is not None:
        await _write_in(app, draft)


async def write_to_account(app: "DeskApp", account_id: AccountId) -> None:
    """A new mail to a contact of an account, who is asked for where there are several."""
    record = await app.act(services.people.account(app.desk, app.actor, account_id))
    if record is None:
        return
    contact: PersonHit | object | None = next(iter(record.contacts), None)
    if contact is None:
        return app.tell("This account has no contact to write to. Make one on its record.")
    if len(record.contacts) > 1:
        contact = await app.push_screen_wait(
            FindDialog("Write to whom?", _among(record.contacts), empty="No such contact.")
        )
    if isinstance(contact, PersonHit) and contact.customer_id is not None:
        whom = contact.customer_id
        coro = services.outbound.open_for_account(app.desk, app.actor, account_id, whom)
        if (draft := await app.act(coro)) is not None:
            await _write_in(app, draft)


async def write_to_hit(app: "DeskApp", hit: PersonHit) -> None:
    """Whatever was found."""
    if hit.customer_id is not None:
        await write_to_person(app, hit.customer_id)
    elif hit.account_id is not None:
        await write_to_account(app, hit.account_id)


def _among(contacts: Sequence[PersonHit]) -> Find:
    async def find(words: str) -> Sequence[PersonHit]:
        wanted = words.casefold().split()
        return [h for h in contacts if all(w in f"{h.name} {h.email}".casefold() for w in wanted)]

    return find


async def _write_in(app: "DeskApp", draft: Draft) -> None:
    """The composer of that draft, over everything else."""
    ix = InteractionId(draft.thread_id)
    view = await app.act(services.views.interaction(app.desk, app.actor, ix))
    if view is None:
        return
    await open_on_desk(app, ix, view.number)
    pane = app.desk_screen.tabs.pane(ix)
    if pane is not None:
        await pane.write_in(draft)


def people_finder(app: "DeskApp", *, without: CustomerId | None = None) -> Find:
    """Finds people by typed words; *without*: not this one."""

    async def find(words: str) -> Sequence[PersonHit] | None:
        hits = await app.act(
            services.people.find(app.desk, app.actor, words, limit=FOUND, accounts=False)
        )
        return hits if hits is None else [h for h in hits if h.customer_id != without]

    return find


def account_finder(app: "DeskApp") -> Find:
    """Finds accounts by typed words."""

    async def find(words: str) -> Sequence[PersonHit] | None:
        hits = await app.act(services.people.find(app.desk, app.actor, words, limit=ACCOUNTS))
        return hits if hits is None else [h for h in hits if h.customer_id is None]

    return find
