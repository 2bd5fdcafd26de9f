"""A policy as the TOML that defines it: what `document.read` reads again as the same policy.

Keys with their usual value are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from agentdesk.domain import policy as domain
from agentdesk.domain.policy import Policy
from agentdesk.settings import spelling, toml
from agentdesk.settings.routing import RoutingSettings
from agentdesk.settings.schema import Model, model_at
from agentdesk.settings.sentences import first_sentence

Row = dict[str, Any]
SHORT = 70
"""A key's help may stand behind its line in so many characters."""
SECTIONS = tuple(RoutingSettings.model_fields)


def export(policy: Policy, default_queue: str = "") -> str:
    """The whole document, with a few words on each section and each key where it comes first.

    *default_queue* is no part of the policy; settings.toml names it.
    """
    texts: dict[str, list[str]] = {}
    for section, tables in _sections(policy, default_queue):
        about = " ".join((_model(section).__doc__ or "").split()).partition(". ")[0]
        written = [item_text(section, row, explained=n == 0) for n, row in enumerate(tables)]
        texts[section] = [f"# {about.removesuffix('.')}.\n{written[0]}", *written[1:]]
    return joined(texts, none=[] if policy.reject_reasons else ["reject_reasons"])


def joined(texts: Mapping[str, Sequence[str]], none: Sequence[str] = ()) -> str:
    """One document of the items in *texts*; the sections *none* are said to be empty."""
    head = "".join(f"{section} = []\n" for section in none)
    return "\n".join(part for part in (head, *chain.from_iterable(texts.values())) if part)


def items(policy: Policy) -> dict[str, list[str]]:
    """The text of every item by its section, in the order of the document; nothing is left out but
    keys with their usual value.
    """
    return {
        section: [item_text(section, row) for row in tables]
        for section, tables in rows(policy).items()
    }


def item_text(section: str, row: Mapping[str, Any], *, explained: bool = False) -> str:
    """One table with its header; *explained* puts short help behind the keys."""
    model = _model(section)
    lines = ["[routing]" if section == "routing" else f"[[{section}]]"]
    for key, value in row.items():
        line = toml.line(key, value)
        help_ = first_sentence(model.model_fields[key])
        if explained and "\n" not in line and len(help_) <= SHORT and len(line + help_) <= 94:
            line = f"{line}  # {help_}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def _model(section: str) -> Model:
    model = model_at(RoutingSettings, (section,))
    assert model is not None
    return model


def _sections(policy: Policy, default_queue: str) -> Iterator[tuple[str, list[Row]]]:
    """Without the sections that say only what is usual."""
    usual = Policy()
    for section, tables in rows(policy, default_queue).items():
        if section == "routing":
            said = any(tables)
        else:
            said = section == "queues" or getattr(policy, section) != getattr(usual, section)
        if said and tables:
            yield section, tables


def rows(policy: Policy, default_queue: str = "") -> dict[str, list[Row]]:
    """The tables of each section as plain values, without keys that have their usual value."""
    made = {
        "agents": [_plain(a) | {"groups": sorted(a.groups)} for a in policy.agents],
        "groups": [_plain(g) for g in policy.groups],
        "skills": [_plain(k) for k in policy.skills],
        "schedules": [_schedule(p) for p in policy.schedules],
        "channels": [_plain(c) for c in policy.channels],
        "presences": [_plain(p) | {"groups": sorted(p.groups)} for p in policy.presences],
        "queues": [_queue(q) | {"default": q.key == default_queue} for q in policy.queues],
        "work_rules": [_work_rule(r) for r in policy.work_rules],
        "account_teams": [_plain(t) for t in policy.account_teams],
        "reject_reasons": [_plain(r) for r in policy.reject_reasons],
        "routing": [_plain(policy.options) | {"ramp_s": round(policy.options.ramp_s)}],
    }
    return {
        section: [_unusual(_model(section), row) for row in made[section]] for section in SECTIONS
    }


def _unusual(model: Model, row: Row) -> Row:
    """In the order of the section's keys, without those that have their usual value.

    An empty `pools` means nobody, so it is in the row only where it says something.
    """
    kept: Row = {}
    for key, field in model.model_fields.items():
        if key not in row or row[key] is None:
            continue
        usual = field.get_default(call_default_factory=True)
        value = tuple(row[key]) if isinstance(row[key], list) else row[key]
        if field.is_required() or value != usual or key == "pools":
            kept[key] = row[key]
    return kept


def _plain(setup: Any) -> Row:
    return {name: getattr(setup, name) for name in setup.__dataclass_fields__}


def _schedule(p: domain.ScheduleSetup) -> Row:
    return _plain(p) | {"hours": [spelling.hours_text(h) for h in p.hours]}


def _work_rule(r: domain.WorkRule) -> Row:
    return _plain(r) | {"skills": [spelling.need_text(n) for n in r.skills]}


def _queue(q: domain.QueueSetup) -> Row:
    row = _plain(q) | {
        "order": q.position,
        "skills": [spelling.need_text(n) for n in q.skills],
        "affinity": [spelling.affinity_text(a) for a in q.affinity],
        "accept_timeout_s": q.accept_timeout_s or 0,
    }
    del row["pools"]
    if len(q.pools) == 1 and q.pools[0] == domain.PoolSetup(q.pools[0].groups):
        return row | {"groups": sorted(q.pools[0].groups)}
    return row | {"pools": [_pool(p) for p in q.pools]}


def _pool(p: domain.PoolSetup) -> Row:
    row: Row = {"groups": sorted(p.groups)} if p.groups else {}
    row["after_s"] = p.after_s
    return row | ({"rule": p.rule} if p.rule else {})
