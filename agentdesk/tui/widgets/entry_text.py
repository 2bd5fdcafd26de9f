"""What a card of the activity stream says, as styled text. Pure: no widget, no clock.

Styles are component classes of `EntryCard` (a leading dot), so a theme recolours mounted cards.
Text from mails only ever enters as plain `Content`: markup in it is never parsed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import ceil

from textual.content import Content
from textual.style import Style

from agentdesk.domain.delivery import Fate
from agentdesk.domain.message import Attachment
from agentdesk.domain.views import Delivery, EntryKind, StreamEntry
from agentdesk.tui.widgets import entry_facts, entry_place
from agentdesk.tui.widgets.sending_words import goes_out, seconds

MOST_LINES = 2_000
"""Lines of text on one card. Source: measurements of Textual's wrapping."""

MOST_CHARACTERS = 120_000
FILES_SHOWN = 8
BLANK_LINES_FIRST = re.compile(r"\A(?:[^\S\n]*\n)+")

ICONS = {
    EntryKind.MAIL_IN: "↓",
    EntryKind.MAIL_OUT: "↑",
    EntryKind.NOTE: "✎",
    EntryKind.CHANGE: "·",
}

KeyOf = Callable[[str], str]
"""The key that runs an action id, as people write it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a mail in reading order; `folded` ones are quotes and signatures."""

    text: str
    folded: bool

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.text.count("\n") + 1


@dataclass(frozen=True, slots=True)
class Reading:
    """How the card is read now: unfolded or not, at which moment, in which zone, with which keys."""

    unfolded: bool
    moment: datetime
    zone: tzinfo | None
    key_of: KeyOf


def passages(entry: StreamEntry) -> tuple[Passage, ...]:
    """The text cut at the borders of `latest`. A mail without any new text is all quote."""
    if not entry.latest:
        text = _trim(entry.text)
        return (Passage(text, entry.kind is EntryKind.MAIL_IN),) if text else ()
    found: list[Passage] = []
    at = 0
    for span in sorted(entry.latest, key=lambda s: s.start):
        found.append(Passage(_trim(entry.text[at : span.start]), True))
        found.append(Passage(_trim(entry.text[span.start : span.end]), False))
        at = span.end
    found.append(Passage(_trim(entry.text[at:]), True))
    return tuple(p for p in found if p.text)


def folds(entry: StreamEntry) -> bool:
    """Whether a folded card keeps anything back."""
    return entry_facts.has_more_warnings(entry) or any(p.folded for p in passages(entry))


def is_cut(entry: StreamEntry) -> bool:
    """Whether the card cannot show the whole text."""
    return len(entry.text) > MOST_CHARACTERS or entry.text.count("\n") >= MOST_LINES


def body(entry: StreamEntry, reading: Reading) -> Content | None:
    """Everything below the head; None where the head says it all."""
    key = reading.key_of("toggle_fold")
    lines = [
        *entry_facts.lines_above(entry, unfolded=reading.unfolded, key=key),
        *_text_lines(entry, reading),
        *entry_facts.lines_below(entry),
        *_extra_lines(entry, reading),
    ]
    return Content("\n").join(lines) if lines else None


def _text_lines(entry: StreamEntry, reading: Reading) -> Iterator[Content]:
    room = _Room()
    for passage in passages(entry):
        if not passage.folded:
            yield _with_mentions(room.take(passage.text), entry)
            continue
        yield _fold_line(passage, reading)
        if reading.unfolded:
            yield Content.styled(room.take(passage.text), ".entry--quote")
    if room.refused or room.cut:
        rest = f"{room.refused:,} more lines are" if room.refused else "More of this line is"
        how = f"{reading.key_of('save_attachment')} saves the whole text."
        yield Content.styled(f"{rest} not shown. {how}", ".entry--quote")


def _with_mentions(text: str, entry: StreamEntry) -> Content:
    """A note is one passage, so that places in it are places in *text*."""
    content = Content(text)
    for span in entry.mentions:
        content = content.stylize(".entry--mention", span.start, span.end)
    return content


class _Room:
    """What is left of the card's limits. `refused` lines did not fit; `cut`: one only in part."""

    def __init__(self) -> None:
        self._lines, self._characters = MOST_LINES, MOST_CHARACTERS
        self.refused = 0
        self.cut = False

    def take(self, text: str) -> str:
        """As much of *text* as still fits."""
        lines = text.split("\n")
        fitting = "\n".join(lines[: max(0, self._lines)])
        kept = fitting[: max(0, self._characters)]
        taken = kept.count("\n") + 1 if kept else 0
        self.cut = self.cut or len(kept) < len(fitting)
        self.refused += len(lines) - taken
        self._lines -= taken
        self._characters -= len(kept)
        return kept


def _fold_line(passage: Passage, reading: Reading) -> Content:
    noun = "quoted line" if passage.lines == 1 else "quoted lines"
    verb = "fold" if reading.unfolded else "unfold"
    line = f"[{passage.lines:,} {noun} · {reading.key_of('toggle_fold')} to {verb}]"
    return _clickable(Content.styled(line, ".entry--quote"), "toggle_fold")


def _extra_lines(entry: StreamEntry, reading: Reading) -> Iterator[Content]:
    if entry.attachments:
        yield _file_line(entry.attachments, reading)
    if note := delivery_note(entry, reading):
        style = ".entry--over" if entry.delivery is Delivery.FAILED else ".entry--late"
        yield Content.styled(note, style)


def _file_line(files: tuple[Attachment, ...], reading: Reading) -> Content:
    real = [(i, f) for i, f in enumerate(files) if not f.inline]
    parts = [
        _clickable(
            Content.assemble(("📎 ", ""), (f.name, ".entry--file"), f" {size_text(f.size)}"),
            f"save_file({index})",
        )
        for index, f in real[:FILES_SHOWN]
    ]
    if len(real) > FILES_SHOWN:
        parts.append(Content.styled(f"and {len(real) - FILES_SHOWN} more", ".entry--rest"))
    if inside := len(files) - len(real):
        noun = "image" if inside == 1 else "images"
        parts.append(Content.styled(f"{inside} {noun} in the text", ".entry--rest"))
    if real:
        key = reading.key_of("save_attachment")
        parts.append(Content.styled(f"{key} saves", ".entry--rest"))
    return Content("   ").join(parts)


def head_left(entry: StreamEntry, key_of: KeyOf) -> Content:
    """Icon, what it is where no person wrote it, who, and the rest of the title.

    In the stream of a record the number of its interaction comes first.
    """
    icon = f"{entry.number}  {ICONS[entry.kind]}" if entry.number else ICONS[entry.kind]
    if entry.link is not None:
        return _clickable(entry_place.head(icon, entry, key_of), "explain_link")
    if entry.kind is EntryKind.CHANGE:
        return Content.styled(f"{icon} {entry.title}", ".entry--rest")
    who, arrow, rest = entry.title.partition(" → ")
    if entry.kind is EntryKind.NOTE:
        who, arrow, rest = entry.actor, "", "  note for colleagues"
    badge = entry_facts.badge(entry)
    return Content.assemble(
        (f"{icon} ", ".entry--who"),
        *([badge, (" · ", ".entry--rest")] if badge else []),
        (who, ".entry--who"),
        (arrow + rest, ".entry--rest"),
    )


def head_right(entry: StreamEntry, reading: Reading) -> Content:
    """Delivery or authentication, where there is one, and the local time."""
    time = Content.styled(local_time(entry.at, reading.moment, reading.zone), ".entry--time")
    if entry.delivery is None:
        mark = entry_facts.mark(entry)
        return mark + Content("  ") + time if mark is not None else time
    words, style = delivery_words(entry, reading)
    state = Content.styled(words, style)
    if entry.delivery is Delivery.DELAYED:
        state = _clickable(state, "undo_send")
    return state + Content("  ") + time


DELIVERY = {
    Delivery.DELAYED: ("waiting", ".entry--soon"),
    Delivery.QUEUED: ("queued", ".entry--rest"),
    Delivery.SENDING: ("sending", ".entry--rest"),
    Delivery.MAYBE_SENT: ("sending", ".entry--rest"),
    Delivery.SENT: ("sent", ".entry--calm"),
    Delivery.DEFERRED: ("deferred", ".entry--late"),
    Delivery.FAILED: ("not sent", ".entry--over"),
    Delivery.UNKNOWN: ("outcome unknown", ".entry--late"),
    Delivery.CANCELED: ("called back", ".entry--rest"),
    Delivery.SUPERSEDED: ("written anew", ".entry--rest"),
}


def delivery_words(entry: StreamEntry, reading: Reading) -> tuple[str, str]:
    """The state of an outgoing mail and its style; a countdown while it can be called back."""
    assert entry.delivery is not None
    words, style = DELIVERY[entry.delivery]
    if entry.delivery is Delivery.DELAYED and entry.due_at is not None:
        left = ceil((entry.due_at - reading.moment).total_seconds())
        if left > 0 and entry.scheduled_for:
            words = f"goes out {goes_out(entry.due_at, reading.moment, reading.zone)}"
        elif left > 0:
            words = f"leaves in {seconds(left)} · {reading.key_of('undo_send')} undo"
    return words, style


def delivery_note(entry: StreamEntry, reading: Reading) -> str:
    """Why a mail has not arrived and what to do; empty where nothing is wrong."""
    why, advice = entry.delivery_note.strip(), _delivery_advice(entry, reading)
    if entry.delivery is Delivery.SENT:
        return _sentences(why, advice)
    return _sentences(why, advice) if advice else ""


def _delivery_advice(entry: StreamEntry, reading: Reading) -> str:
    again, edit = reading.key_of("send_again"), reading.key_of("edit_again")
    match entry.delivery:
        case Delivery.DEFERRED if entry.due_at is not None:
            when = local_time(entry.due_at, reading.moment, reading.zone)
            return f"Next try {when}. {again} tries now, {edit} edits it."
        case Delivery.DEFERRED:
            return f"It is tried again by itself. {again} tries now, {edit} edits it."
        case Delivery.FAILED:
            return f"{again} sends it again, {edit} edits it."
        case Delivery.SENT if any(o.fate is Fate.REFUSED for o in entry.outcomes):
            return f"{again} sends it to them again, {edit} writes to them anew."
        case Delivery.UNKNOWN:
            key = reading.key_of("settle_unknown")
            return f"It may have arrived. {key} shows what is known and asks."
    return ""


def _sentences(first: str, second: str) -> str:
    dot = "." if first and second and first[-1] not in ".!?" else ""
    return f"{first}{dot} {second}".strip()


def size_text(size: int) -> str:
    """Bytes as people read them: `84 KB`, `1.2 MB`. Powers of 1,000."""
    if size < 1_000:
        return f"{size} B"
    value = float(size)
    for unit in ("KB", "MB", "GB"):
        value /= 1_000
        if value < 999.5 or unit == "GB":
            return f"{value:.1f} {unit}" if value < 9.95 and unit != "KB" else f"{value:.0f} {unit}"
    raise AssertionError


def local_time(at: datetime, moment: datetime, zone: tzinfo | None) -> str:
    """`09:41` today, `1 Mar 09:41` this year, `1 Mar 2025 09:41` before."""
    local, today = at.astimezone(zone), moment.astimezone(zone)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return clock
    day = f"{local.day} {local:%b}"
    return f"{day} {clock}" if local.year == today.year else f"{day} {local.year} {clock}"


def _clickable(content: Content, action: str) -> Content:
    return content.stylize(Style.from_meta({"@click": action}))


def _trim(text: str) -> str:
    return BLANK_LINES_FIRST.sub("", text).rstrip()
