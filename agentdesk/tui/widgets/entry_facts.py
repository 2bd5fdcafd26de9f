"""What a card says about a mail beside its text: its kind, its sender's authentication, warnings and
notices. Pure: no widget, no clock. Every meaning has its word, so that nothing rests on colour.
"""

from collections.abc import Iterator
from typing import Final

from textual.content import Content

from agentdesk.domain.message import Authentication, MailKind, Verdict
from agentdesk.domain.views import EntryKind, StreamEntry

WARNINGS_FIRST: Final = 3
"""Warnings shown on a folded card: a hostile mail must not push its own text out of sight."""

NOTICES_SHOWN: Final = 12

_BADGES: Final = {
    MailKind.AUTO_REPLY: ("automatic reply", ".entry--automatic"),
    MailKind.BOUNCE: ("not delivered", ".entry--over"),
    MailKind.LIST: ("mailing list", ".entry--automatic"),
    MailKind.LOOP: ("mail loop", ".entry--late"),
}
_DELAYED: Final = ("delivery delayed", ".entry--late")
_ACKNOWLEDGED: Final = ("automatic acknowledgement", ".entry--automatic")


def badge(entry: StreamEntry) -> tuple[str, str] | None:
    """What the mail is where no person wrote it, and the style; None for people's own words."""
    if entry.kind is EntryKind.MAIL_OUT:
        return _ACKNOWLEDGED if entry.mail_kind is MailKind.AUTO_REPLY else None
    if entry.mail_kind is MailKind.BOUNCE and entry.bounce_action == "delayed":
        return _DELAYED
    return _BADGES.get(entry.mail_kind)


def mark(entry: StreamEntry) -> Content | None:
    """Whether the mail server vouches for the sender; None where it says nothing."""
    if entry.kind is not EntryKind.MAIL_IN:
        return None
    if entry.auth.verdict is Verdict.PASS:
        return Content.styled("✓ verified", ".entry--verified")
    if entry.auth.verdict is Verdict.FAIL:
        return Content.styled("✗ not verified", ".entry--unverified")
    return None


def has_more_warnings(entry: StreamEntry) -> bool:
    """Whether a folded card keeps warnings back."""
    return len(entry.warnings) > WARNINGS_FIRST


def lines_above(entry: StreamEntry, *, unfolded: bool, key: str) -> Iterator[Content]:
    """What must be read before the text. *key* unfolds."""
    shown = entry.warnings if unfolded else entry.warnings[:WARNINGS_FIRST]
    for warning in shown:
        yield Content.styled(f"! {warning}", ".entry--warning")
    if rest := len(entry.warnings) - len(shown):
        noun = "warning" if rest == 1 else "warnings"
        yield Content.styled(f"[{rest:,} more {noun} · {key} to unfold]", ".entry--quote")
    if entry.kind is EntryKind.MAIL_IN and entry.auth.verdict is Verdict.FAIL:
        words = f"The mail server could not verify the sender{_methods(entry.auth)}."
        yield Content.styled(words, ".entry--unverified")


def _methods(auth: Authentication) -> str:
    named = (("SPF", auth.spf), ("DKIM", auth.dkim), ("DMARC", auth.dmarc))
    said = ", ".join(f"{name} {word}" for name, word in named if word)
    return f": {said}" if said else ""


def lines_below(entry: StreamEntry) -> Iterator[Content]:
    """What the mail brings beside its text: an invitation, a signature, attached mail."""
    for notice in entry.notices[:NOTICES_SHOWN]:
        yield Content.styled(f"▸ {notice}", ".entry--notice")
    if (rest := len(entry.notices) - NOTICES_SHOWN) > 0:
        yield Content.styled(f"▸ and {rest:,} more", ".entry--rest")
