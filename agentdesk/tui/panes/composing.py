"""Help for whoever writes a mail or a note: their own editor."""

import os
from typing import TYPE_CHECKING

from agentdesk.domain.errors import BadInput
from agentdesk.tui import outside_editor
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.composer import Composer

if TYPE_CHECKING:
    from agentdesk.tui.panes.interaction import InteractionPane


class Composing:
    """What is put into the text of one pane's composers without being typed there."""

    def __init__(self, pane: "InteractionPane") -> None:
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
