"""What a draft said before: read, and written on from."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agentdesk.domain.draft import DraftVersion
from agentdesk.domain.text import safe
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import moment_words, one_line

EMPTY = (
    "There is no earlier version yet. One is kept every five minutes of writing, before large changes "
    "and when somebody takes the draft over."
)


class VersionsDialog(Dialog[int]):
    """Answers the id of the version to write on from. Nothing is ever deleted here."""

    CSS_PATH = with_dialog_css("versions.tcss")
    HINT: ClassVar[str] = "↑↓ choose · ⇞⇟ scroll · Enter writes on from it · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "scroll_preview(-1)", show=False, priority=True),
        Binding("pagedown", "scroll_preview(1)", show=False, priority=True),
    ]

    def __init__(self, versions: Sequence[DraftVersion], *, may_restore: bool) -> None:
        super().__init__()
        self._versions, self._may_restore = tuple(versions), may_restore

    def title_text(self) -> str:
        """Whose."""
        return "Earlier versions of this draft"

    def compose_body(self) -> Iterable[Widget]:
        """The list, and the text of its highlighted line."""
        options = [Option(self._line(v), id=str(v.version_id)) for v in self._versions]
        yield OptionList(*options, id="versions", compact=True, markup=False)
        box = VerticalScroll(Static("", id="preview", markup=False), id="preview-box")
        box.can_focus = False
        yield box

    def _line(self, version: DraftVersion) -> Content:
        app = shell(self)
        when = moment_words(version.at, app.now(), app.options.zone)
        words = f"  {one_line(version.agent)}, {one_line(version.reason)}"
        return Content.assemble((f" {when:>6}", "bold"), (words, "$muted-text"))

    def on_mount(self) -> None:
        """Start on the newest."""
        listed = self.query_one(OptionList)
        listed.display = bool(self._versions)
        if self._versions:
            listed.highlighted = 0
            listed.focus()
        else:
            self.query_one("#preview", Static).update(Content.styled(EMPTY, "$muted-text"))

    @on(OptionList.OptionHighlighted)
    def _show(self, event: OptionList.OptionHighlighted) -> None:
        said = self._versions[event.option_index].content
        head = f"To: {one_line(said.to)}\nSubject: {one_line(said.subject)}\n\n"
        text = Content.assemble((head, "$muted-text"), (safe(said.body), ""))
        self.query_one("#preview", Static).update(text)
        self.query_one("#preview-box", VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        if self._may_restore:
            self.dismiss(self._versions[event.option_index].version_id)
        else:
            sentence = "Somebody else writes this draft. Take it over to write on from this."
            shell(self).tell(sentence, "warning")

    def action_scroll_preview(self, by: int) -> None:
        """A long text, a screenful further."""
        box = self.query_one("#preview-box", VerticalScroll)
        box.scroll_relative(y=by * max(1, box.size.height - 1), animate=False)
