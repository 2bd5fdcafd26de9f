"""Records joined and taken apart again, and people erased."""

from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.people import PersonRecord
from agentdesk.tui import records
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.erase import EraseDialog
from agentdesk.tui.dialogs.find_record import FindDialog
from agentdesk.tui.dialogs.merge import MergeDialog
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.widgets.cells import moment_words, one_line

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

SOMEBODY_ELSE = "else"
OFFERED = 8
"""Duplicates that are offered before the search."""


async def merge(app: "DeskApp", record: PersonRecord) -> CustomerId | None:
    """Choose the other half, compare, join. Answers who stays; None where nothing was done."""
    other_id = await _other_half(app, record)
    if other_id is None:
        return None
    other = await app.act(services.people.record(app.desk, app.actor, other_id))
    if other is None:
        return None
    chosen = await app.push_screen_wait(MergeDialog(record, other))
    if chosen is None:
        return None
    keep, gone = chosen
    if await app.act(services.merging.merge(app.desk, app.actor, keep, gone)) is None:
        return None
    kept = record if keep == record.customer_id else other
    app.tell(f"Both are {one_line(kept.details.name) or 'one record'} now.")
    return keep


async def _other_half(app: "DeskApp", record: PersonRecord) -> CustomerId | None:
    """One of those that may be the same person, or somebody who is found."""
    if record.duplicates:
        choices = [
            Choice(
                str(each.customer_id),
                one_line(each.name, 60) or one_line(each.email, 60),
                remark=one_line(f"{each.email} · {each.why}", 120),
            )
            for each in record.duplicates[:OFFERED]
        ]
        choices.append(Choice(SOMEBODY_ELSE, "Somebody else …"))
        key = await app.push_screen_wait(PickDialog(choices, title="Merge with whom?"))
        if key is None:
            return None
        if key != SOMEBODY_ELSE:
            return CustomerId(int(key))
    find = records.people_finder(app, without=record.customer_id)
    hit = await app.push_screen_wait(FindDialog("Merge with whom?", find))
    return getattr(hit, "customer_id", None)


async def undo_merge(app: "DeskApp", record: PersonRecord) -> bool:
    """Choose one and take the records apart again."""
    now, zone = app.now(), app.options.zone
    choices = [
        Choice(
            str(each.merge_id),
            one_line(each.name, 60) or "(no name)",
            remark=one_line(f"by {each.by}, {moment_words(each.at, now, zone)}"),
        )
        for each in record.merges
    ]
    key = await app.push_screen_wait(PickDialog(choices, title="Undo which merge?"))
    if key is None:
        return False
    missing = await app.act(services.merging.undo(app.desk, app.actor, int(key)))
    if missing is None:
        return False
    app.tell(" ".join(("Both records are there again.", *missing)))
    return True


async def erase(app: "DeskApp", record: PersonRecord) -> bool:
    """Erase a person, once their name was typed."""
    address = record.addresses[0].email if record.addresses else ""
    name = record.details.name.strip() or address
    if not name:
        sure = await app.push_screen_wait(
            ConfirmDialog("Erase this person for good?", yes="Erase", no="Keep", danger=True)
        )
    else:
        sure = await app.push_screen_wait(EraseDialog(name))
    if not sure:
        return False

    async def erased() -> bool:
        await services.erasing.erase(app.desk, app.actor, record.customer_id)
        return True

    if not await app.act(erased()):
        return False
    app.tell("This person was erased. Only counts are left.")
    return True
