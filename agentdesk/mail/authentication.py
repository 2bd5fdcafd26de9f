"""What a trusted receiving server found out about a mail's origin (RFC 8601).

Only the topmost Authentication-Results of the configured server counts: whatever stands below may
have come with the mail. ARC is not read. Own reader of one field, because authres 1.2 refuses what
Microsoft 365 and senders without return path get (`smtp.mailfrom=<>`), fails with RecursionError on
nested comments and needs a second for a field of 64 KB. Source: research/mail.md §6.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agentdesk.domain.message import UNCHECKED, Authentication, Verdict
from agentdesk.mail.headers import Headers

MICROSOFT: Final = "microsoft365"
"""The configured name for Microsoft 365, whose field names no server."""
_FIELD_CHARS: Final = 16_384
_MAX_FIELDS: Final = 50

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|\\.|[();]|[^"\\();]+|\\', re.DOTALL)
_AROUND_EQUALS = re.compile(r"\s*=\s*")
_METHOD = re.compile(r"(spf|dkim|dmarc)(?:/\d{1,5})?=([a-z]{1,20})", re.IGNORECASE)


@dataclass(slots=True)
class _Statement:
    """One method's result and its properties, such as `header.d`, in lower case."""

    method: str
    result: str
    properties: dict[str, str] = field(default_factory=dict)

    def domain(self, *names: str) -> str:
        """The domain in the first of these properties that is there."""
        found = next((self.properties[n] for n in names if self.properties.get(n)), "")
        return found.strip("<>").rpartition("@")[2]


def checked_by(headers: Headers, authserv_id: str) -> bool:
    """Whether the server *authserv_id* says that it checked the mail."""
    return _trusted(headers, authserv_id) is not None


def authentication(headers: Headers, authserv_id: str, from_domain: str) -> Authentication:
    """The trusted server's findings; without *authserv_id*, or without its field, none.

    `from_domain`, lower case, is the domain that the reader sees: a DMARC result for another one
    (a mail with two From fields) does not count, and SPF and DKIM must be aligned with it.
    """
    statements = _trusted(headers, authserv_id)
    if statements is None:
        return UNCHECKED
    words = {m: _word(statements, m) for m in ("spf", "dkim", "dmarc")}
    return Authentication(_verdict(statements, words["dmarc"], from_domain), **words)


def aligned(domain: str, from_domain: str) -> bool:
    """Whether both are one domain, or one lies below the other (RFC 7489 §3.1, relaxed).

    Without a list of public suffixes, so siblings do not count.
    """
    shorter, longer = sorted((domain.strip("."), from_domain.strip(".")), key=len)
    return "." in shorter and (longer == shorter or longer.endswith("." + shorter))


def _verdict(statements: list[_Statement], dmarc: str, from_domain: str) -> Verdict:
    if dmarc in {"pass", "fail"}:
        decided = next(s for s in statements if s.method == "dmarc")
        about = decided.domain("header.from")
        if about and not aligned(about, from_domain):
            return Verdict.NONE
        return Verdict(dmarc)
    confirmed = any(
        s.result == "pass" and aligned(_proven_domain(s), from_domain) for s in statements
    )
    return Verdict.PASS if confirmed else Verdict.NONE


def _proven_domain(statement: _Statement) -> str:
    if statement.method == "dkim":
        return statement.domain("header.d", "header.i")
    return statement.domain("smtp.mailfrom", "smtp.mail")


def _word(statements: list[_Statement], method: str) -> str:
    """The result of *method*; of several signatures one that passed."""
    results = [s.result for s in statements if s.method == method]
    return "pass" if method == "dkim" and "pass" in results else next(iter(results), "")


def _trusted(headers: Headers, authserv_id: str) -> list[_Statement] | None:
    """The statements in the topmost field of the server; None where it left no field."""
    wanted = authserv_id.strip().lower()
    if not wanted:
        return None
    for value in headers.all("authentication-results")[:_MAX_FIELDS]:
        first, *rest = _sections(value[:_FIELD_CHARS])
        unnamed = "=" in first
        if unnamed and wanted == MICROSOFT:
            return list(_statements([first, *rest]))
        if not unnamed and first.split()[:1] == [wanted]:
            return list(_statements(rest))
    return None


def _sections(value: str) -> list[str]:
    """The texts between the semicolons, in lower case, comments left out."""
    sections, depth = [""], 0
    for token in _TOKEN.findall(value):
        if token == "(":
            depth += 1
        elif token == ")":
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif token == ";":
            sections.append("")
        else:
            sections[-1] += token.strip('"') if token.startswith('"') else token
    return [_AROUND_EQUALS.sub("=", s).strip().lower() for s in sections]


def _statements(sections: list[str]) -> Iterator[_Statement]:
    for section in sections:
        found = _METHOD.match(section)
        if found:
            pairs = (word.partition("=") for word in section[found.end() :].split())
            properties = {name: text for name, sign, text in pairs if sign}
            yield _Statement(found[1], found[2], properties)
