"""One mail of the quarantine: why it is here, what is known of it, what can be read."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentdesk.domain.quarantine import Place, SetAside, SetAsideMail
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.entry_text import local_time, size_text

MOST_LINES = 400
MOST_CHARACTERS = 20_000
NAME_CELLS = 10
NOTHING_TO_READ = "There is nothing to read in it."


class SetAsidePane(VerticalScroll, can_focus=True):
    """Shows what it is given; `source` shows the bytes instead of the text."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.source = False
        self._mail: SetAsideMail | None = None

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def show_mail(self, mail: SetAsideMail | None) -> None:
        """Another mail, or none; from its beginning."""
        same = self._mail and mail and self._mail.row.location_id == mail.row.location_id
        self._mail = mail
        self._draw()
        if not same:
            self.scroll_home(animate=False)

    def toggle_source(self) -> None:
        """Text or bytes."""
        self.source = not self.source
        self._draw()
        self.scroll_home(animate=False)

    def _draw(self) -> None:
        app = shell(self)
        body = Content("")
        if self._mail is not None:
            body = described(self._mail, app.now(), app.options.zone, source=self.source)
        self.query_one(Static).update(body)


def described(
    mail: SetAsideMail, moment: datetime, zone: tzinfo | None, *, source: bool
) -> Content:
    """The whole pane: the cause first, then the facts, then the text."""
    lines = [
        Content.styled(mail.row.cause.label, "bold $over"),
        Content(one_line(mail.row.why)),
        Content(""),
        *_facts(mail, moment, zone),
        Content(""),
        *_text(mail, source=source),
    ]
    return Content("\n").join(lines)


def _facts(mail: SetAsideMail, moment: datetime, zone: tzinfo | None) -> Iterator[Content]:
    row = mail.row
    if row.place is not Place.ASIDE:
        yield _fact("State", row.place.label)
    yield _fact("Mailbox", f"{row.account} · {row.mailbox} · number {row.uid}")
    yield _fact("Received", f"{local_time(row.at, moment, zone)} · {size_text(row.size)}")
    for name, value in mail.fields:
        yield _fact(name, value)
    if row.left_on_server:
        yield _fact("Download", _where(row))
    for step in mail.history:
        said = step.sentence.removesuffix(f": {row.why}")  # it stands at the top already
        yield _fact(local_time(step.at, moment, zone), said)


def _where(row: SetAside) -> str:
    if row.place is Place.ASKED:
        return "Its server is asked for it when its mailbox is read next."
    return "Not here as a whole: trying again asks its server for it."


def _fact(name: str, value: str) -> Content:
    return Content.assemble(
        (f"{name:<{NAME_CELLS}} ", "$muted-text"), (one_line(value), "$foreground")
    )


def _text(mail: SetAsideMail, *, source: bool) -> Iterator[Content]:
    text = (mail.source if source else mail.text).strip("\n")
    if not text.strip():
        yield Content.styled(NOTHING_TO_READ, "$muted-text")
        return
    lines = text[:MOST_CHARACTERS].split("\n")[:MOST_LINES]
    yield Content("\n".join(lines))
    if mail.cut or len("\n".join(lines)) < len(text):
        yield Content.styled("Only the beginning is shown. The export is whole.", "$muted-text")
