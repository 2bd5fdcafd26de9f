"""Templates from a file and into one, with what an import would change told before."""

from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.template import ImportReport
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.import_templates import ImportDialog
from agentdesk.tui.dialogs.save_attachment import Saveable, SaveAttachmentDialog
from agentdesk.tui.panes.saving import default_folder, sentence

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

LARGEST_FILE = 20 * 1024 * 1024
FILE_NAME = "templates.toml"
PROBLEMS_SHOWN = 5
NAMES_SHOWN = 8


async def import_templates(app: "DeskApp") -> None:
    """Ask for a file, say what it would change, and do it once somebody agrees."""
    chosen = await app.push_screen_wait(ImportDialog(LARGEST_FILE, root=app.options.files_root))
    if chosen is None:
        return
    try:
        text = chosen.content.decode("utf-8")
    except UnicodeDecodeError:
        return app.tell(f"{chosen.name} is not UTF-8 text. Save it as UTF-8.", "warning")
    load = services.templates.import_file
    report = await app.act(load(app.desk, app.actor, text, dry_run=True))
    if report is None:
        return
    if report.problems:
        return app.tell(problems(report), "warning", f"Nothing was imported from {chosen.name}")
    if not (report.added or report.changed):
        return app.tell(f"{chosen.name} says nothing new: {report.same} as they are.")
    dialog = ConfirmDialog(question(report), yes="Import", no="Cancel", title=chosen.name)
    if await app.push_screen_wait(dialog):
        done = await app.act(load(app.desk, app.actor, text))
        if done is not None:
            app.tell(problems(done) or f"Imported: {done.sentence}")


def problems(report: ImportReport) -> str:
    """The first ones, a line each."""
    lines = [str(fault) for fault in report.problems[:PROBLEMS_SHOWN]]
    more = len(report.problems) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def question(report: ImportReport) -> str:
    """What would be new, what would change."""
    parts = [
        f"{head}: {', '.join(names[:NAMES_SHOWN])}{' …' if len(names) > NAMES_SHOWN else ''}"
        for head, names in (("New", report.added), ("Changed", report.changed))
        if names
    ]
    return "\n".join([report.sentence, "", *parts])


async def export_templates(app: "DeskApp") -> None:
    """Ask where, and write all of them."""

    async def fetch() -> bytes | None:
        text = await app.act(services.templates.export(app.desk, app.actor))
        return None if text is None else text.encode()

    root = app.options.files_root
    files = [Saveable(FILE_NAME, None, fetch)]
    dialog = SaveAttachmentDialog(files, folder=default_folder(root), root=root)
    saved = await app.push_screen_wait(dialog)
    if saved is not None:
        app.tell(sentence(saved))
