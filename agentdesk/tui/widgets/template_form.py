"""One template to read or write: its lines, its text, and how it reads for a customer."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static, TextArea

from agentdesk.domain import template as rules
from agentdesk.domain.template import SAMPLE, Template, TemplateKind
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import moment_words, one_line
from agentdesk.tui.widgets.template_text import preview

FIELDS = {"name": "Name", "folder": "Folder", "subject": "Subject"}
PROBLEMS_SHOWN = 3


class TemplateForm(Vertical):
    """Shows `template`; posts `Typed` when somebody writes. Hidden where there is none."""

    class Typed(Message):
        """The template reads otherwise now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._template: Template | None = None
        self._editable = False

    def compose(self) -> ComposeResult:
        for name, label in FIELDS.items():
            with Horizontal(id=f"{name}-line", classes="line"):
                yield Label(label, classes="label")
                yield Input(id=name, compact=True, select_on_focus=False)
        yield Static("", id="about", markup=False)
        with Container(id="texts"):
            yield TextArea(
                id="text",
                soft_wrap=True,
                tab_behavior="focus",
                compact=True,
                highlight_cursor_line=False,
                read_only=True,
            )
            yield VerticalScroll(Static("", id="sample", markup=False), id="sample-box")
        yield Static("", id="told", markup=False)
        yield Static("", id="nothing", markup=False)

    def on_mount(self) -> None:
        """Still cursors where settings say so; the preview is no stop for the focus."""
        for field in self.query(Input):
            field.cursor_blink = shell(self).options.blink
        self.text.cursor_blink = shell(self).options.blink
        self.query_one("#sample-box").can_focus = False

    @property
    def text(self) -> TextArea:
        """Where the body is written."""
        return self.query_one("#text", TextArea)

    def field(self, name: str) -> Input:
        """One of the lines."""
        return self.query_one(f"#{name}", Input)

    @property
    def template(self) -> Template | None:
        """As it stands in the fields."""
        if self._template is None:
            return None
        name, folder, subject = (self.field(each).value for each in FIELDS)
        text = self.text.text
        return replace(self._template, name=name, folder=folder, subject=subject, body=text)

    def show(
        self,
        template: Template | None,
        *,
        editable: bool,
        queues: Sequence[str],
        folders: Iterable[str],
    ) -> None:
        """Another template, or the same with other queues. *queues* are the names of its queues."""
        before, self._template, self._editable = self._template, template, editable
        self.set_class(template is None, "-none")
        if template is None:
            return
        self.field("folder").suggester = SuggestFromList(sorted({*folders} - {""}))
        with self.prevent(Input.Changed, TextArea.Changed):
            for name in FIELDS:
                field = self.field(name)
                if field.value != getattr(template, name):
                    field.value = getattr(template, name)
                field.disabled = not editable
            if self.text.text != template.body or before is None or before.id != template.id:
                self.text.load_text(template.body)
        self.text.read_only = not editable
        self.query_one("#subject-line").display = template.kind is TemplateKind.REPLY
        self.query_one("#about", Static).update(self._about(template, queues))
        self.show_sample()

    def _about(self, template: Template, queues: Sequence[str]) -> Content:
        app = shell(self)
        where = ", ".join(one_line(name) for name in queues) or "every queue"
        parts = [template.kind.value.capitalize(), f"for {where}"]
        if template.changed_at is not None:
            when = moment_words(template.changed_at, app.now(), app.options.zone)
            parts.append(f"{one_line(template.changed_by)}, {when}")
        return Content.styled(" · ".join(parts), "$muted-text")

    def show_nothing(self, words: Content) -> None:
        """What stands there while no template is highlighted."""
        self.query_one("#nothing", Static).update(words)

    def show_sample(self) -> None:
        """How it reads for a customer who does not exist, and what is wrong with it."""
        now = self.template
        if now is None:
            return
        filled = rules.fill(now, SAMPLE)
        self.query_one("#sample", Static).update(preview(filled.text, filled.subject))
        tidy = rules.tidied(now)
        wrong = [sentence for _, sentence in rules.problems(tidy, tidy.queues)]
        told = self.query_one("#told", Static)
        told.update(Content.styled("\n".join(wrong[:PROBLEMS_SHOWN]), "$over"))
        told.set_class(bool(wrong) and self._editable, "-shown")

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _typed(self, event: Message) -> None:
        event.stop()
        self.show_sample()
        self.post_message(self.Typed())

    @on(Input.Submitted)
    def _next_line(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()
