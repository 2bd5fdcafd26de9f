"""What somebody typed about a person or an account, checked and made safe before it is kept."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from agentdesk.domain.errors import BadInput
from agentdesk.domain.people import AccountDetails, Kind, PersonDetails
from agentdesk.domain.text import safe
from agentdesk.mail.addresses import parse_addresses

LONGEST_NAME: Final = 200
LONGEST_NOTES: Final = 20_000
LONGEST_TAG: Final = 40
MOST_TAGS: Final = 50
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)


def person(details: PersonDetails) -> PersonDetails:
    """*details* as they are kept. Raises `BadInput`."""
    return replace(
        details,
        name=name(details.name),
        language=language(details.language),
        time_zone=time_zone(details.time_zone),
        notes=notes(details.notes),
        tags=tags(details.tags),
    )


def account(details: AccountDetails) -> AccountDetails:
    """*details* as they are kept. Raises `BadInput`."""
    return AccountDetails(name(details.name), notes(details.notes), tags(details.tags))


def fits(kind: Kind, details: PersonDetails) -> None:
    """Raises `BadInput` where an account is missing, or is too many."""
    if kind is Kind.CONTACT and details.account_id is None:
        raise BadInput("A contact belongs to an account. Choose one, or make this a consumer.")
    if kind is not Kind.CONTACT and details.account_id is not None:
        raise BadInput(f"A {kind.value} belongs to no account. Make this a contact instead.")


def name(typed: str) -> str:
    """A name on one line. Raises `BadInput`."""
    said = safe(typed[: 4 * LONGEST_NAME], multiline=False).strip()
    if not said:
        raise BadInput("The name is empty. Type one.")
    if len(said) > LONGEST_NAME:
        raise BadInput(f"The name is longer than {LONGEST_NAME} characters.")
    return said


def notes(typed: str) -> str:
    """Notes on any number of lines. Raises `BadInput`."""
    said = safe(typed).strip()
    if len(said) > LONGEST_NOTES:
        raise BadInput(f"The notes are longer than {LONGEST_NOTES:,} characters.")
    return said


def language(typed: str) -> str:
    """A language tag such as `nb` or `pt-BR`, or nothing. Raises `BadInput`. Source: RFC 5646."""
    said = typed.strip().replace("_", "-")
    if said and not _LANGUAGE.fullmatch(said):
        raise BadInput(f"{_short(typed)} is no language. Write a code such as en, nb or pt-BR.")
    first, *rest = said.split("-")
    regions = [p.upper() if len(p) == 2 else p.title() if len(p) == 4 else p for p in rest]
    return "-".join([first.lower(), *regions])


def time_zone(typed: str) -> str:
    """The name of a time zone as the IANA database spells it, or nothing. Raises `BadInput`."""
    said = typed.strip().replace(" ", "_")
    found = _zones().get(said.lower(), "") if said else ""
    if said and not found:
        raise BadInput(f"{_short(typed)} is no time zone. Write a name such as Europe/Madrid.")
    return found


@cache
def _zones() -> dict[str, str]:
    return {zone.lower(): zone for zone in available_timezones()}


def tags(typed: Iterable[str]) -> tuple[str, ...]:
    """Tags in order, each once whatever its case, without `#`. Raises `BadInput`."""
    found: dict[str, str] = {}
    for one in typed:
        said = safe(one[: 4 * LONGEST_TAG], multiline=False).strip().lstrip("#").strip()
        if len(said) > LONGEST_TAG:
            raise BadInput(f"The tag {_short(said)} is longer than {LONGEST_TAG} characters.")
        if said:
            found.setdefault(said.casefold(), said)
    if len(found) > MOST_TAGS:
        raise BadInput(f"These are more than {MOST_TAGS} tags.")
    return tuple(found[key] for key in sorted(found))


def email(typed: str, own: frozenset[str] = frozenset()) -> str:
    """The one address in *typed*, lower case; *own* are those of the desk. Raises `BadInput`."""
    found = parse_addresses(typed[:2_000])
    if len(found) == 1 and "<" not in typed and found[0].email != typed.strip().lower():
        found = ()
    domain = found[0].email.rpartition("@")[2] if len(found) == 1 else ""
    if not domain or domain.startswith(".") or ".." in found[0].email:
        raise BadInput(f"{_short(typed)} is no email address.")
    if found[0].email in own:
        raise BadInput(f"{found[0].email} is an address of this desk, not of a customer.")
    return found[0].email


def _short(typed: str) -> str:
    said = safe(typed[:80], multiline=False).strip()
    return f"“{said}”" if said else "This"
