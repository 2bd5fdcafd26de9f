"""What happened to a case, or between an interaction and one, in one plain sentence each."""

from datetime import datetime, tzinfo
from typing import Any

from agentdesk.domain.case import CaseState
from agentdesk.domain.event import Happened, Record
from agentdesk.domain.when import dated, spoken


def case_sentence(row: Any, zone: tzinfo | None) -> str:
    """The sentence for an event row; empty where it is none of these. Times are those of *zone*."""
    if row.type == Happened.ASSOCIATED.value:
        return _associated(row)
    if row.record != Record.CASE.value:
        return ""
    return _moved(row) or _told(row, zone)


def _associated(row: Any) -> str:
    data, who = row.data, row.actor_name
    if row.record == Record.CASE.value:
        return f"{data['number']} was added by {who}"
    return f"Part of {data['number']} by {who}"


def _moved(row: Any) -> str:
    data, who = row.data, row.actor_name
    match row.type:
        case Happened.CASE_CREATED.value:
            owner = f", assigned to {data['owner']}" if data.get("owner") else ""
            return f"{data['why']}{owner}"
        case Happened.STATE_CHANGED.value:
            return f"{_label(data['from'])} → {_label(data['to'])} by {who}"
        case Happened.CASE_REOPENED.value:
            return f"Opened again by {who}"
        case Happened.CASE_RESOLVED.value:
            return f"Resolved as {data['code']} by {who}: {data['notes']}"
        case Happened.OWNER_CHANGED.value:
            group = f" in {data['group']}" if data.get("group") else ""
            return f"Assigned to {data.get('owner') or 'nobody'}{group} by {who}"
        case Happened.CASE_MERGED.value if data.get("into"):
            return f"Merged into {data['into']} by {who}"
        case Happened.CASE_MERGED.value:
            return f"{data['number']} was merged into it by {who}"
        case Happened.MERGE_UNDONE.value:
            return f"The merge with {data['number']} was undone by {who}"
    return ""


def _told(row: Any, zone: tzinfo | None) -> str:
    data, who = row.data, row.actor_name
    match row.type:
        case Happened.CASE_CHANGED.value:
            return f"{_changes(data, zone)} by {who}"
        case Happened.CASE_RELATED.value:
            off = "no longer " if data.get("off") else ""
            return f"{_RELATED[data['how']].format(off=off, number=data['number'])} by {who}"
        case Happened.TARGET_NEAR.value:
            due = spoken(datetime.fromisoformat(data["due"]), row.at, zone)
            return f"The {_words(data['kind'])} is due {due}"
        case Happened.TARGET_MISSED.value:
            return f"The {_words(data['kind'])} is overdue"
    return ""


_RELATED = {
    "related": "It is {off}related to {number}",
    "parent": "It is {off}part of {number}",
    "child": "{number} is {off}part of it",
}


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _changes(data: Any, zone: tzinfo | None) -> str:
    said = []
    for name in ("subject", "description", "priority", "category", "due"):
        if name not in data:
            continue
        if name == "priority":
            said.append(f"Priority {data['priority'][0]} → {data['priority'][1]}")
        elif name == "category":
            said.append(f"Category: {data['category'] or 'none'}")
        elif name == "subject":
            said.append(f"Subject: {data['subject']}")
        elif name == "due":
            due = data["due"]
            said.append(
                f"Due {dated(datetime.fromisoformat(due), zone)}" if due else "No due date any more"
            )
        else:
            said.append("Description changed")
    return ", ".join(said)


def _label(state: str) -> str:
    return CaseState(state).label
