"""Help for whoever writes a mail or a note: their own editor, canned texts."""

import os
from typing import TYPE_CHECKING, Any

from agentdesk.domain.errors import BadInput
from agentdesk.domain.template import TemplateKind
from agentdesk.tui import outside_editor
from agentdesk.tui.dialogs.template import TemplateDialog
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.composer import Composer, Mode
from agentdesk.tui.widgets.template_text import missing_sentence

if TYPE_CHECKING:
    from agentdesk.tui.panes.thread import ThreadPane


class Composing:
    """What is put into the text of one pane's composers without being typed there."""

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane
        self._away = False

    async def edit_outside(self, composer: Composer) -> None:
        """The text goes to the editor and comes back; meanwhile the draft stays locked."""
        app = shell(self._pane)
        if self._away or not app.may_lend:
            return
        self._away = True
        text = composer.body.text
        try:
            name = f"{self._pane.number}.txt"
            edited = await outside_editor.edit(text, name, app.lend_terminal(), os.environ)
        except BadInput as error:
            app.tell(str(error), "warning")
        else:
            if edited != text:
                self._put(composer, edited)
        finally:
            self._away = False

    def _put(self, composer: Composer, text: str) -> None:
        if composer.is_attached and composer.is_open:
            return composer.replace_text(text)
        app = shell(self._pane)
        app.copy_to_clipboard(text)
        app.tell("This was closed meanwhile. Your text is in the clipboard.", "warning")

    async def insert_template(self, composer: Composer, typed: str = "") -> None:
        """Choose a canned text; it stands at the cursor, ready to be typed on.

        Without a choice *typed* stands there: the key may have been meant as itself.
        """
        app, ix = shell(self._pane), self._pane.thread_id
        kind = TemplateKind.NOTE if composer.mode is Mode.NOTE else TemplateKind.REPLY
        filled = await app.push_screen_wait(TemplateDialog(ix, kind))
        if not composer.is_attached:
            return
        if filled is None:
            composer.insert(typed)
        else:
            composer.insert(filled.text, filled.subject)
            if sentence := missing_sentence(filled.missing):
                app.tell(sentence, "warning")
        composer.body.focus()
