"""What the assistant proposes while a mail is written: it goes into the draft, and no further."""

from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.domain import languages
from agentdesk.domain.draft import own_text, with_own_text
from agentdesk.domain.views import EntryKind, StreamEntry
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.dialogs.suggest import MailTranslationDialog, ReplyDialog, TranslationDialog
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.composer import Composer

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.thread import ThreadPane

REPLY, TEXT, MAIL = "reply", "text", "mail"


class Suggesting:
    """For the mail of one pane. Before a text is put in, what the draft said is kept as a version."""

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    async def ask(self, composer: Composer) -> None:
        """Choose what, then see it come."""
        entry = self._mail
        match await self._app.push_screen_wait(
            PickDialog(_choices(composer, entry), title="Ask the assistant")
        ):
            case "reply":
                await self._reply(composer)
            case "text":
                await self._translate(composer)
            case "mail" if entry is not None:
                await self._translate_mail(entry)
        composer.focus_text()

    @property
    def _mail(self) -> StreamEntry | None:
        """The highlighted mail, else the last one that came in."""
        entries = [card.entry for card in self._pane.stream.cards]
        newest = (e for e in reversed(entries) if e.kind is EntryKind.MAIL_IN)
        chosen = self._pane.stream.selected
        return (
            chosen if chosen is not None and chosen.message_id is not None else next(newest, None)
        )

    async def _reply(self, composer: Composer) -> None:
        app, here = self._app, self._pane.thread_id
        dialog = ReplyDialog(
            lambda wish: services.suggesting.reply(app.desk, app.actor, here, wish)
        )
        text = await app.push_screen_wait(dialog)
        if text is not None:
            own = own_text(composer.body.text)
            await self._put(composer, f"{own}\n\n{text}", "before the suggestion")

    async def _translate(self, composer: Composer) -> None:
        app, own = self._app, own_text(composer.body.text)
        dialog = TranslationDialog(
            lambda name: services.suggesting.translate(app.desk, app.actor, own, name),
            self._theirs or languages.DEFAULT,
        )
        text = await app.push_screen_wait(dialog)
        if text is not None:
            await self._put(composer, text, "before the translation")

    async def _translate_mail(self, entry: StreamEntry) -> None:
        app, message = self._app, entry.message_id
        assert message is not None
        dialog = MailTranslationDialog(
            lambda name: services.suggesting.translate_mail(app.desk, app.actor, message, name),
            languages.DEFAULT,
        )
        await app.push_screen_wait(dialog)

    @property
    def _theirs(self) -> str:
        """The customer's language, as people call it; empty where it is not known."""
        view = self._pane.view
        return languages.name_of(view.customer.language) if view is not None else ""

    async def _put(self, composer: Composer, text: str, why: str) -> None:
        """Above signature and quote, as one step that undo takes back."""
        app, keeper = self._app, composer.keeper
        if keeper is None or keeper.lost or not composer.is_attached:
            app.copy_to_clipboard(text)
            app.tell("This was closed meanwhile. The text is in the clipboard.", "warning")
            return
        said, draft_id = composer.content, keeper.draft.id
        await app.act(services.drafts.keep_version(app.desk, app.actor, draft_id, said, why))
        composer.replace_text(with_own_text(composer.body.text, text))
        composer.body.move_cursor((0, 0))


def _choices(composer: Composer, entry: StreamEntry | None) -> list[Choice]:
    found = [Choice(REPLY, "Suggest a reply", remark="a draft that you edit and send")]
    if own_text(composer.body.text):
        found.append(Choice(TEXT, "Translate your text"))
    if entry is not None and entry.message_id is not None:
        found.append(Choice(MAIL, f"Translate {entry.actor}'s mail", remark="to read it"))
    return found
