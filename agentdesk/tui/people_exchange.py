"""People in and out as files: chosen, looked at first, taken in; or written to a private file."""

from functools import partial
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.tui.dialogs.import_people import (
    ImportDialog,
    ImportFileDialog,
    Outcome,
    Progress,
    RefusedLine,
    report,
)
from agentdesk.tui.dialogs.picker import Choice, PickDialog

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

LARGEST = 64 * 1024 * 1024
"""Bytes of a file; a million people need about as many."""

FORMS = (
    Choice("csv", "CSV", remark="for spreadsheets"),
    Choice("vcard", "vCard", remark="for address books"),
)
NAMES = {"csv": "people.csv", "vcard": "people.vcf"}


async def bring_in(app: "DeskApp") -> bool:
    """Choose a file, see what would happen, do it. True once something may have changed."""
    chosen = await app.push_screen_wait(ImportFileDialog(LARGEST, root=app.options.files_root))
    if chosen is None:
        return False
    run = partial(_run, app, chosen.content)
    done = await app.push_screen_wait(ImportDialog(chosen.name, run))
    if done is not None:
        app.tell(" ".join(report(done, trial=False)))
    return True


async def _run(app: "DeskApp", raw: bytes, trial: bool, progress: Progress) -> Outcome:
    found = await services.people_files.bring_in(
        app.desk, app.actor, raw, dry_run=trial, progress=progress
    )
    return Outcome(
        found.source.form,
        found.created,
        found.updated,
        found.as_was,
        found.accounts,
        found.refused_count,
        tuple(RefusedLine(each.line, each.why) for each in found.refused),
        tuple(found.source.unknown),
    )


async def write_out(app: "DeskApp", folder: str) -> str:
    """Choose a form and a folder, and write everybody there. Answers the folder, empty for none."""
    from agentdesk.tui.dialogs.save_attachment import Saveable, SaveAttachmentDialog
    from agentdesk.tui.panes.saving import default_folder, sentence

    form = await app.push_screen_wait(PickDialog(FORMS, title="Export all people as"))
    if form is None:
        return ""

    async def everybody() -> bytes | None:
        return await app.act(_text(app, form))

    root = app.options.files_root
    file = Saveable(NAMES[form], None, everybody, private=True)
    dialog = SaveAttachmentDialog([file], folder=folder or default_folder(root), root=root)
    saved = await app.push_screen_wait(dialog)
    if saved is None:
        return ""
    app.tell(sentence(saved))
    return str(saved.folder)


async def _text(app: "DeskApp", form: str) -> bytes:
    pieces = services.people_files.export(app.desk, app.actor, form)
    return "".join([piece async for piece in pieces]).encode()
