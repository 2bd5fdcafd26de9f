"""What everybody who reads an activity stream can do with it."""

from textual.widget import Widget

from agentdesk.tui.widgets.activity_stream import ActivityStream

READERS = (
    "select_previous",
    "select_next",
    "go_to_newest",
    "go_to_oldest",
    "toggle_fold",
    "toggle_all_folds",
    "load_earlier",
)
"""What of a conversation's actions a reader has."""


class StreamReader(Widget):
    """Around an `ActivityStream` with the id `stream`, which hands its keys on to here."""

    @property
    def stream(self) -> ActivityStream:
        """The conversation."""
        return self.query_one("#stream", ActivityStream)

    def focus_stream(self) -> None:
        """Give the keys to the conversation."""
        self.stream.focus()

    def action_select_previous(self) -> None:
        """The entry above."""
        self.stream.move(-1)

    def action_select_next(self) -> None:
        """The entry below."""
        self.stream.move(1)

    def action_go_to_newest(self) -> None:
        """The last entry."""
        self.stream.go_to_newest()

    def action_go_to_oldest(self) -> None:
        """The first entry that is loaded."""
        self.stream.go_to_first()

    def action_toggle_fold(self) -> None:
        """Quotes of the highlighted entry."""
        self.stream.toggle_fold()

    def action_toggle_all_folds(self) -> None:
        """Quotes of every entry."""
        self.stream.unfold_all()

    def action_load_earlier(self) -> None:
        """Older entries."""
        self.stream.ask_earlier()
