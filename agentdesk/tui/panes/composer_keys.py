"""What is done in the composer that is open, asked for around it: by palette, footer or a click."""

from textual.widget import Widget

from agentdesk.tui.widgets.composer import Composer


class ComposerKeys(Widget):
    """Mixed into a pane with composers: hands their actions on to the one that is open."""

    @property
    def open_composer(self) -> Composer | None:
        """The one that is shown."""
        raise NotImplementedError

    def _in_composer(self, action_id: str) -> None:
        if (composer := self.open_composer) is not None:
            composer.call_next(composer.run_action, action_id)

    def action_send_reply(self) -> None:
        """Send what is being written."""
        self._in_composer("send_reply")

    def action_attach_file(self) -> None:
        """Attach a file to it."""
        self._in_composer("attach_file")

    def action_toggle_copies(self) -> None:
        """Its Cc and Bcc."""
        self._in_composer("toggle_copies")

    def action_take_over_draft(self) -> None:
        """Write it here."""
        self._in_composer("take_over_draft")

    def action_show_versions(self) -> None:
        """What the draft said before."""
        self._in_composer("show_versions")

    def action_choose_sending(self) -> None:
        """Send it in another way."""
        self._in_composer("choose_sending")

    def action_insert_template(self) -> None:
        """A canned text."""
        self._in_composer("insert_template")

    def action_suggest(self) -> None:
        """What the assistant would write."""
        self._in_composer("suggest")

    def action_edit_outside(self) -> None:
        """Its text in another editor."""
        self._in_composer("edit_outside")

    def action_leave_composer(self) -> None:
        """Back to the conversation."""
        self._in_composer("leave_composer")
