"""What the routing setup screen says: its head, what was found, and what would change."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from textual.content import Content
from textual.reactive import reactive

from agentdesk.domain.editing import Checked, Fault, PolicyVersion, SetupView
from agentdesk.domain.text import safe
from agentdesk.settings.template import help_on
from agentdesk.tui.dialogs.picker import Choice
from agentdesk.tui.setup_draft import Draft, Place
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread
from agentdesk.tui.widgets.outline import PROBLEM, WARNING

MOST_CHANGES, MOST_WARNINGS, MOST_FAULTS = 10, 4, 4

Said = tuple[Draft, Checked, SetupView | None]


class SetupHead(LineWidget):
    """What this is, and where it stands."""

    said: reactive[Said | None] = reactive(None, always_update=True)

    def pieces(self, width: int) -> Line:
        """` Routing setup  version 12 …`, and at the right what is to be saved or mended."""
        line = [Piece(" Routing setup  ", "bold $heading-text")]
        if self.said is None:
            return line
        draft, checked, view = self.said
        if view is not None and view.history:
            newest = view.history[0]
            words = f"version {newest.version}, {one_line(newest.said)}"
            line.append(Piece(words, "$muted-text"))
        return spread(line, _state(draft, checked), width)


def _state(draft: Draft, checked: Checked) -> list[Piece]:
    problems = len(checked.problems) + len(draft.misplaced())
    if problems:
        return [Piece(f"{_counted(problems, 'problem')} ", "bold $over")]
    odd = len(checked.warnings)
    found = [Piece(f"{_counted(odd, 'warning')}  ", "$soon")] if odd else []
    if draft.changed:
        changes = len(checked.changes)
        words = f"{_counted(changes, 'change')} not saved " if changes else "not saved "
        return [*found, Piece(words, "bold $unread")]
    return [*found, Piece("saved ", "$muted-text")]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def marks(draft: Draft, checked: Checked) -> dict[Place, str]:
    """Which items something is wrong or odd with."""
    found = {draft.place_of(w.line)[0]: WARNING for w in checked.warnings if w.line}
    found |= {draft.place_of(p.line)[0]: PROBLEM for p in checked.problems if p.line}
    return found | dict.fromkeys(draft.misplaced(), PROBLEM)


def told(draft: Draft, checked: Checked, place: Place, line: int) -> Content:
    """Faults, those of the item at *place* first; then help on its *line*, from 0."""
    parts: list[tuple[str, str] | Content] = []
    misplaced = draft.misplaced()
    wrong = [*_placed(draft, list(checked.problems), place)]
    if place in misplaced:
        wrong.insert(0, str(misplaced[place]))
    odd = [*_placed(draft, list(checked.warnings), place)]
    for mark, style, sentences in ((PROBLEM, "$over", wrong), (WARNING, "$soon", odd)):
        parts += [(f"{mark} {safe(words)}\n", style) for words in sentences[:MOST_FAULTS]]
        if len(sentences) > MOST_FAULTS:
            parts.append((f"  … and {len(sentences) - MOST_FAULTS} more\n", style))
    lines = draft.text(place).splitlines()
    here = lines[line] if line < len(lines) else ""
    parts.append((help_on(place.section, here), "$muted-text"))
    return Content.assemble(*parts)


def _placed(draft: Draft, faults: Sequence[Fault], here: Place) -> Iterator[str]:
    """`line 3: …` for those of this item, first; `support, line 3: …` for the others."""
    others = []
    for fault in faults:
        if not fault.line:
            others.append(fault.sentence)
            continue
        place, line = draft.place_of(fault.line)
        if place == here:
            yield f"line {line}: {fault.sentence}"
        else:
            others.append(f"{draft.title(place)}, line {line}: {fault.sentence}")
    yield from others


def asked(checked: Checked) -> str:
    """The one question before it is in force: what changes, and what is odd about it."""
    count = len(checked.changes)
    lines = [f"{_counted(count, 'change')}, in force at once on every desk:", ""]
    lines += _few(checked.changes, MOST_CHANGES)
    if checked.warnings:
        lines += ["", "To be looked at:"]
        lines += _few([w.sentence for w in checked.warnings], MOST_WARNINGS)
    return safe("\n".join(lines))


def _few(lines: Sequence[str], most: int) -> list[str]:
    shown = [f"· {line}" for line in lines[:most]]
    return [*shown, f"… and {len(lines) - most} more"] if len(lines) > most else shown


def version_lines(versions: Sequence[PolicyVersion], zone: tzinfo | None) -> list[Choice]:
    """The versions, the newest first."""
    return [
        Choice(
            str(v.version),
            f"{v.version:>4}  {v.at.astimezone(zone):%Y-%m-%d %H:%M}  {one_line(v.said)}",
            remark="in force" if n == 0 else "",
        )
        for n, v in enumerate(versions)
    ]
