"""The head of a record page: the name in one line, and what is known below or beside the lists."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from agentdesk.domain.people import AccountRecord, Kind, PersonRecord
from agentdesk.domain.text import safe
from agentdesk.domain.views import BouncedAddress
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import bounced_sentence, moment_words, one_line, time_there
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread

NAME_CELLS = 10
MOST_COUNTED = 100
MOST_NOTES = 4_000
MOST_SHOWN = 20
"""Addresses, duplicates and merges that are written out."""

AnyRecord = PersonRecord | AccountRecord
KeyOf = Callable[[str], str]


class RecordTitle(LineWidget):
    """` Mara Olsen  ★ VIP`, and at the right what kind of record this is."""

    record: reactive[AnyRecord | None] = reactive(None)

    def pieces(self, width: int) -> Line:
        """Name, mark, kind."""
        record = self.record
        if record is None:
            return [Piece(" Reading …", "$faint-text")]
        name = one_line(record.details.name) or "(no name)"
        left = [Piece(f" {name}", "bold $foreground")]
        if isinstance(record, AccountRecord):
            return spread(left, [Piece("account ", "$heading-text")], width)
        if record.details.vip:
            left.append(Piece("  ★ VIP", "bold $vip"))
        if record.erased_at is not None:
            left.append(Piece("  erased", "bold $over"))
        style = "bold $soon" if record.kind is Kind.GUEST else "$heading-text"
        return spread(left, [Piece(f"{record.kind.value} ", style)], width)


class RecordFacts(VerticalScroll, can_focus=True):
    """What is known of a person or an account; scrolls where it is long."""

    record: reactive[AnyRecord | None] = reactive(None)

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def on_mount(self) -> None:
        """Their local time goes on."""
        shell(self).ticked.subscribe(self, self._tick)

    def _tick(self, moment: datetime) -> None:
        if moment.second == 0:
            self._draw()

    def watch_record(self) -> None:
        """Draw it."""
        self._draw()

    def on_resize(self) -> None:
        """Above a list there is less room than beside it."""
        self._draw()

    def _draw(self) -> None:
        record, app = self.record, shell(self)
        if record is None or not self.is_attached:
            return
        now, zone = app.now(), app.options.zone

        def key(action_id: str) -> str:
            return key_of(self, action_id)

        roomy = self.screen.has_class("-beside")
        if isinstance(record, AccountRecord):
            lines = [*_of_account(record), *_notes(record)]
        elif roomy:
            lines = [*_of_person(record, now, zone), *_notes(record)]
            lines += [*_duplicates(record, key), *_merges(record, now, zone, key)]
        else:
            lines = [*_briefly(record, now, zone, key), *_notes(record)]
        self.query_one(Static).update(Content("\n").join(lines))


def _of_person(record: PersonRecord, now: datetime, zone: tzinfo | None) -> Iterator[Content]:
    if record.erased_at is not None:
        when = moment_words(record.erased_at, now, zone)
        yield Content.styled(f"Erased on {when}. Only counts are left.", "bold $warning-text")
    known = record.details
    for at, address in enumerate(record.addresses[:MOST_SHOWN]):
        yield _fact("" if at else "Address", address.email)
        if address.bounced_at is not None:
            yield _bounced(address.email, address.bounced_at, now, zone)
    if (more := len(record.addresses) - MOST_SHOWN) > 0:
        yield _fact("", f"and {more} more")
    if not record.addresses and record.erased_at is None:
        yield _fact("Address", "none: nobody can write to them")
    yield from _known("Account", record.account)
    yield from _known("Language", known.language)
    yield from _known("Time", time_there(known.time_zone, now, zone))
    yield from _known("Tags", ", ".join(known.tags))
    yield _fact("Open", _open(record.open_count))
    yield _fact("Since", moment_words(record.known_since, now, zone))


def _briefly(
    record: PersonRecord, now: datetime, zone: tzinfo | None, key: KeyOf
) -> Iterator[Content]:
    """The same in few lines, for a head above a list."""
    if record.erased_at is not None:
        yield from _of_person(record, now, zone)
        return
    known = record.details
    emails = [one_line(address.email) for address in record.addresses[:MOST_SHOWN]]
    yield Content(", ".join(emails) or "No address: nobody can write to them.")
    for address in record.addresses[:MOST_SHOWN]:
        if address.bounced_at is not None:
            yield _bounced(address.email, address.bounced_at, now, zone)
    facts = (
        record.account,
        known.language,
        time_there(known.time_zone, now, zone),
        f"{_open(record.open_count)} open",
        f"since {moment_words(record.known_since, now, zone)}",
        *known.tags,
    )
    yield Content.styled(" · ".join(one_line(fact) for fact in facts if fact), "$muted-text")
    if count := len(record.duplicates):
        what = f"{count} record{'s' if count > 1 else ''} may be the same person"
        yield Content.styled(f"{what} · {key('merge_record')} merges", "$soon")
    if count := len(record.merges):
        what = f"{count} record{'s were' if count > 1 else ' was'} merged into this one"
        yield Content.styled(f"{what} · {key('undo_merge')} undoes", "$muted-text")


def _bounced(email: str, at: datetime, now: datetime, zone: tzinfo | None) -> Content:
    sentence = bounced_sentence(BouncedAddress(email, at), now, zone)
    return Content.styled(f"! {sentence}", "bold $warning-text")


def _of_account(record: AccountRecord) -> Iterator[Content]:
    more = "+" if record.contact_count >= 1_000 else ""
    yield _fact("Contacts", f"{record.contact_count:,}{more}" if record.contact_count else "none")
    yield _fact("Open", _open(record.open_count))
    yield from _known("Tags", ", ".join(record.details.tags))


def _open(count: int) -> str:
    return f"{count}{'+' if count >= MOST_COUNTED else ''}" if count else "nothing"


def _notes(record: AnyRecord) -> Iterator[Content]:
    if notes := record.details.notes.strip():
        yield Content("")
        yield Content.styled(safe(notes[:MOST_NOTES]), "italic $note")


def _duplicates(record: PersonRecord, key: KeyOf) -> Iterator[Content]:
    if not record.duplicates or record.erased_at is not None:
        return
    yield Content("")
    yield Content.styled(
        f"May be the same person · {key('merge_record')} merges", "bold $heading-text"
    )
    for other in record.duplicates[:MOST_SHOWN]:
        facts = (other.kind, other.account, other.email)
        line = " · ".join(one_line(fact) for fact in facts if fact)
        yield Content.assemble(
            (one_line(other.name) or "(no name)", "$foreground"),
            (f"  {line}", "$muted-text"),
        )
        yield Content.styled(f"  {one_line(other.why)}", "$soon")


def _merges(
    record: PersonRecord, now: datetime, zone: tzinfo | None, key: KeyOf
) -> Iterator[Content]:
    if not record.merges:
        return
    yield Content("")
    yield Content.styled(
        f"Merged into this record · {key('undo_merge')} undoes", "bold $heading-text"
    )
    for merge in record.merges[:MOST_SHOWN]:
        when = moment_words(merge.at, now, zone)
        yield Content.assemble(
            (one_line(merge.name) or "(no name)", "$foreground"),
            (f"  by {one_line(merge.by)}, {when}", "$muted-text"),
        )


def _known(name: str, value: str) -> Iterator[Content]:
    if value.strip():
        yield _fact(name, value)


def _fact(name: str, value: str) -> Content:
    return Content.assemble(
        (f"{name:<{NAME_CELLS}}", "$muted-text"), (one_line(value), "$foreground")
    )
