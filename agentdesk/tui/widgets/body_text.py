"""The text of a mail: what a template left open stands out until it is filled in."""

from rich.style import Style
from rich.text import Text
from textual.widgets import TextArea

from agentdesk.domain.template import places

OPEN = Style(bold=True, reverse=True)


class BodyText(TextArea):
    """A text area that marks `{{variables}}`."""

    def get_line(self, line_index: int) -> Text:
        """The line, its open places marked."""
        line = super().get_line(line_index)
        if "{{" in line.plain:
            for _, span in places(line.plain):
                line.stylize(OPEN, span.start, span.end)
        return line
