"""What administrators do about contact centres: a part of the catalogue of actions."""

from agentdesk.tui.action import ADMINS, Action, Scope


def _action(name: str, key: str, label: str, what: str, words: str = "", footer: int = 0) -> Action:
    return Action(name, key, Scope.CENTRES, label, what, words, footer, roles=ADMINS)


ACTIONS: tuple[Action, ...] = (
    Action(
        "show_centres",
        "&",
        Scope.DESK,
        "Contact centres",
        "How they are, what stands for what there, and what waits for an administrator",
        "centres",
        19,
        roles=ADMINS,
    ),
    _action(
        "map_record",
        "m",
        "Map",
        "Say which of theirs the highlighted one of ours is, or the other way round",
        "map",
        1,
    ),
    _action("unmap_record", "u", "Unmap", "They have nothing to do with each other", "unmap", 3),
    _action(
        "import_centre",
        "i",
        "Read what a centre has",
        "Its queues, agents, presences and codes; what is mapped stays",
        "import",
        4,
    ),
    _action(
        "choose_kind", "f", "Choose kind", "Only queues, agents, presences or codes", "kind", 6
    ),
    _action(
        "retry_order",
        "r",
        "Retry order",
        "Ask the centre once more for what the highlighted line says",
        "retry",
        1,
    ),
    _action(
        "discard_order",
        "x",
        "Discard order",
        "Give it up, after a word on what that means",
        "discard",
        3,
    ),
    _action(
        "decide_code",
        "c",
        "Decide which code counts",
        "Ours or that of the centre, where two people chose different ones",
        "decide",
        1,
    ),
    _action("open_subject", "o", "Open its interaction", "As a tab of the desk", "open", 2),
)
