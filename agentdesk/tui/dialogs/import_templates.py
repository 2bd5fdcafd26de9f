"""Choose a file of templates."""

from typing import ClassVar

from agentdesk.tui.dialogs.attach import AttachDialog


class ImportDialog(AttachDialog):
    """The same path with completion as for attachments, for another end."""

    TITLE_TEXT: ClassVar[str] = "Import templates from a TOML file"
    HINT: ClassVar[str] = "Tab completes · ↑↓ choose · Enter reads · Esc cancels"
