"""What contact centres did, as the activity stream says it."""

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.event import Happened
from agentdesk.domain.interaction import State


def centre_sentence(row: Any) -> str:
    """The sentence for an event row; empty where it is none of these."""
    data = row.data
    match row.type:
        case Happened.HANDED_OVER.value:
            return f"Handed over to {data['centre']}"
        case Happened.CENTRE_DECIDED.value:
            return _decided(data)
        case Happened.CODE_CONFIRMED.value:
            return f"{data['centre']} has the wrap-up code {data['code']}"
        case Happened.CODE_DIFFERS.value:
            not_ours = f", not {data['ours']}" if data["ours"] else ""
            return f"{data['centre']} has the wrap-up code {data['theirs']}{not_ours}"
        case Happened.CODE_DECIDED.value:
            return f"Of the two wrap-up codes {data['code']} counts"
    return ""


def _decided(data: Mapping[str, Any]) -> str:
    """What the centre overrode."""
    centre, to, taken_from = data["centre"], data["to"], data.get("from", "")
    match data["what"]:
        case "owner" if to:
            return f"{centre} gave it to {to} instead of {taken_from or 'nobody'}"
        case "owner":
            return f"{centre} took it from {taken_from or 'its owner'} into {data['queue']}"
        case "queue":
            return f"{centre} moved it from {taken_from} to {to}"
        case "capacity" if to == State.ON_HOLD.value:
            return f"{centre} parked it"
        case "capacity":
            return f"{centre} brought it back to its agent"
        case "end" if to == State.NEW.value:
            return f"{centre} ended it before anybody had it: it is handed over again"
        case "end":
            return f"{centre} ended it: give it a code, or the time runs out"
    return ""
