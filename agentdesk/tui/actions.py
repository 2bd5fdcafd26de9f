"""From the catalogue of actions to bindings, shown keys and checked key maps."""

from collections.abc import Iterable, Mapping

from textual.binding import Binding

from agentdesk.domain.actor import Role
from agentdesk.tui.action import EVERYBODY, SUPERVISORS, Action, Scope
from agentdesk.tui.case_actions import NOT_OF_CASES
from agentdesk.tui.catalogue import ACTIONS, BY_ID

__all__ = [
    "ACTIONS",
    "BY_ID",
    "EVERYBODY",
    "SUPERVISORS",
    "Action",
    "Scope",
    "allowed",
    "bindings",
    "check_keymap",
    "is_chord",
    "keys_of",
    "of_scope",
    "shown_key",
]


def of_scope(scope: Scope) -> tuple[Action, ...]:
    """The actions of *scope* in the order of the table."""
    return tuple(action for action in ACTIONS if action.scope is scope)


def bindings(scope: Scope, *ids: str, via: str = "") -> list[Binding]:
    """Textual bindings for a node's `BINDINGS`: those of *scope*, or only *ids* of it.

    With `via="pane"` each runs `action_pane("<id>")`, for a node that hands actions on.
    """
    return [_binding(a, via) for a in of_scope(scope) if not ids or a.id in ids]


def _binding(action: Action, via: str) -> Binding:
    return Binding(
        action.key,
        f"{via}('{action.id}')" if via else action.id,
        action.label,
        show=action.footer > 0,
        priority=action.anywhere,
        id=action.id,
        tooltip=action.help,
    )


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that run *action* under *keymap*, the shown one first."""
    return tuple(key.strip() for key in keymap.get(action.id, action.key).split(",") if key.strip())


def shown_key(key: str) -> str:
    """A key as people write it: `ctrl+k` is `^K`, `question_mark` is `?`."""
    if key.startswith("ctrl+"):
        return "^" + shown_key(key.removeprefix("ctrl+")).upper()
    return KEY_SIGNS.get(key, key.upper() if key[:1] == "f" and key[1:].isdigit() else key)


KEY_SIGNS: Mapping[str, str] = {
    "enter": "⏎",
    "escape": "esc",
    "question_mark": "?",
    "asterisk": "*",
    "full_stop": ".",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "at": "@",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "comma": ",",
    "ampersand": "&",
    "space": "space",
}


def check_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The usable part of *keymap* and a sentence for each entry that is not.

    An action that does not exist, an empty key, or a key that another action of the same reach has.
    """
    good: dict[str, str] = {}
    sentences: list[str] = []
    for action_id, text in keymap.items():
        keys = [key.strip() for key in text.split(",") if key.strip()]
        if fault := _fault(action_id, keys):
            sentences.append(fault)
        else:
            good[action_id] = ",".join(keys)
    for loser, key, owner in _clashes(good):
        sentences.append(f"The key map gives {key} to {loser}, but {owner} has it. Ignored.")
        good.pop(loser, None)
    return good, tuple(sentences)


def _fault(action_id: str, keys: list[str]) -> str:
    """What is wrong with one entry by itself; empty when nothing is."""
    if action_id not in BY_ID:
        return f"The key map names {action_id!r}, which is no action."
    if not keys:
        return f"The key map gives {action_id} no key."
    if BY_ID[action_id].anywhere and not all(is_chord(key) for key in keys):
        return f"{action_id} works inside text fields too, so its key must be a ctrl or F key."
    return ""


def is_chord(key: str) -> bool:
    """Whether *key* is no character that a text field would type."""
    return len(shown_key(key)) > 1


def _clashes(keymap: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(remapped action, key, action that keeps it) wherever both would hear the same press."""
    found = []
    for action_id in keymap:
        action = BY_ID[action_id]
        for other in ACTIONS:
            if other.id == action_id or not _both_hear(action, other):
                continue
            for key in _shown(action, keymap) & _shown(other, keymap):
                found.append((action_id, key, other.id))
    return found


def _shown(action: Action, keymap: Mapping[str, str]) -> set[str]:
    return {shown_key(key) for key in keys_of(action, keymap)}


def _both_hear(one: Action, other: Action) -> bool:
    """Inbox, conversation, summary and composer never have the focus at once; lists are other screens."""
    scopes = {one.scope, other.scope}
    if len(scopes) == 1 or Scope.APP in scopes:
        return True
    if scopes < OTHER_SCREENS and Scope.LISTS in scopes:
        return {one.id, other.id} & IN_EVERY_LIST != set()
    if scopes < SUPERVISION:
        return Scope.SUPERVISOR in scopes
    if scopes & OTHER_SCREENS:
        return False
    if scopes == {Scope.CASE, Scope.INTERACTION}:
        return not {one.id, other.id} & NOT_OF_CASES
    return not scopes <= ONE_AT_A_TIME


ONE_AT_A_TIME = frozenset(
    {Scope.INBOX, Scope.INTERACTION, Scope.CASE, Scope.SUMMARY, Scope.COMPOSER}
)
"""Never have the focus at once."""

IN_EVERY_LIST = frozenset({"go_back", "next_list", "previous_list"})
"""Actions of the lists that the other screens have too."""

SUPERVISION = frozenset({Scope.SUPERVISOR, Scope.AGENTS, Scope.WORK_ITEMS, Scope.CHARTS})
OTHER_SCREENS = SUPERVISION | {
    Scope.LISTS,
    Scope.QUARANTINE,
    Scope.SETUP,
    Scope.PEOPLE,
    Scope.RECORD,
    Scope.TEMPLATES,
    Scope.CENTRES,
}


def allowed(actions: Iterable[Action], role: Role | None) -> tuple[Action, ...]:
    """Those that *role* may see; None stands for a desk that is not open yet."""
    return tuple(a for a in actions if (a.early if role is None else a.may(role)))
