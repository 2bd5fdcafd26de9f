"""What admins do on the routing setup screen: a part of the catalogue of actions."""

from agentdesk.tui.action import ADMINS, Action, Scope


def _action(name: str, key: str, label: str, what: str, words: str = "", footer: int = 0) -> Action:
    return Action(name, key, Scope.SETUP, label, what, words, footer, roles=ADMINS)


ACTIONS: tuple[Action, ...] = (
    _action("edit_item", "enter", "Edit item", "Write in its text; esc leaves it", "edit", 1),
    _action(
        "save_setup",
        "f2,w",
        "Save routing setup",
        "Say what changes, ask once, and put it in force on every desk",
        "save",
        2,
    ),
    _action("add_item", "n", "Add item", "A new one below, from a template", "new", 3),
    _action("duplicate_item", "d", "Duplicate item", "The same again, named anew", "duplicate", 5),
    _action("remove_item", "x", "Remove item", "Take it out of the setup", "remove", 4),
    _action("move_item_up", "K", "Move item up", "One place nearer the top", "up", 8),
    _action("move_item_down", "J", "Move item down", "One place nearer the end", "down", 8),
    _action(
        "undo_item",
        "u",
        "Undo setup change",
        "Take back the last item that was added, removed or moved",
        "undo",
        6,
    ),
    _action(
        "show_setup_history",
        "h",
        "Versions of the setup",
        "Who changed it when; an earlier one can be restored",
        "versions",
        7,
    ),
    _action(
        "discard_setup",
        "D",
        "Discard setup changes",
        "Begin again with what is in force",
        "discard",
        9,
    ),
)
