"""What supervisors do on their five screens: a part of the catalogue of actions."""

from agentdesk.tui.action import SUPERVISORS, Action, Scope


def _action(
    scope: Scope, name: str, key: str, label: str, what: str, words: str = "", footer: int = 0
) -> Action:
    return Action(name, key, scope, label, what, words, footer, roles=SUPERVISORS)


AREA, AGENTS, ITEMS, CHARTS = Scope.SUPERVISOR, Scope.AGENTS, Scope.WORK_ITEMS, Scope.CHARTS

ACTIONS: tuple[Action, ...] = (
    _action(
        AREA,
        "toggle_wall",
        "W",
        "Wall mode",
        "The whole screen for a wall: queues, agents and charts in turn; any key leaves",
        "wall",
        12,
    ),
    _action(
        AREA,
        "open_tab",
        "t",
        "Open as a tab",
        "On the desk, where it can be answered",
        "tab",
        3,
    ),
    _action(
        AGENTS,
        "show_held",
        "enter",
        "Go to what the agent has",
        "Then enter reads the conversation",
        "holds",
        1,
    ),
    _action(
        AGENTS,
        "set_presence_of",
        "p",
        "Set the agent's presence",
        "Whether this agent gets offers",
        "presence",
        2,
    ),
    _action(
        AGENTS,
        "override_capacity",
        "c",
        "Override capacity",
        "How much this agent may have for some hours",
        "capacity",
        3,
    ),
    _action(
        AGENTS,
        "end_override",
        "e",
        "End the override",
        "The usual capacity holds again",
        "end override",
        4,
    ),
    _action(
        AGENTS,
        "explain_agent",
        "y",
        "Why not this agent",
        "What waits, and why each is not offered to this agent",
        "why not",
        5,
    ),
    _action(
        AGENTS,
        "read_held",
        "v",
        "Read the conversation",
        "Of the highlighted work, without changing anything",
        "read",
        6,
    ),
    _action(
        ITEMS,
        "read_item",
        "enter",
        "Read the work item",
        "Its conversation, without changing anything",
        "read",
        1,
    ),
    _action(
        ITEMS, "assign_items", "a", "Assign work items", "Give the work to an agent", "assign", 2
    ),
    _action(
        ITEMS,
        "requeue_items",
        "r",
        "Requeue work items",
        "Take back the offer and search anew",
        "requeue",
        3,
    ),
    _action(
        ITEMS, "move_items", "m", "Move to another queue", "Let another queue have it", "queue", 4
    ),
    _action(
        ITEMS,
        "set_items_priority",
        "p",
        "Change priority of work",
        "1 is the most urgent, 5 the least",
        "priority",
        5,
    ),
    _action(
        ITEMS,
        "cancel_items",
        "x",
        "Cancel work item",
        "Nobody is asked any more; the interaction stays",
        "cancel",
        6,
    ),
    _action(
        ITEMS,
        "undo_steering",
        "u",
        "Take it back",
        "As it was before your last word here",
        "undo",
        7,
    ),
    _action(
        ITEMS, "mark_item", "space", "Mark work item", "The next action takes all marked", "mark", 8
    ),
    _action(
        ITEMS, "mark_items", "*", "Mark all shown", "Every line that is read; again: none", "all", 9
    ),
    _action(
        ITEMS,
        "explain_item",
        "y",
        "Why is it waiting",
        "Every agent, and why each has it not",
        "why",
        10,
    ),
    _action(ITEMS, "find_items", "/", "Find work items", "Words, a name or a number", "find", 11),
    _action(
        ITEMS, "choose_filter", "f", "Choose what is listed", "Waiting, offered, needs attention"
    ),
    _action(ITEMS, "choose_item_queue", "c", "Choose queue", "Only the work of one queue"),
    _action(ITEMS, "choose_item_order", "o", "Choose order", "By waiting time, priority or target"),
    _action(CHARTS, "choose_range", "r", "Choose range", "Hours, days or weeks", "range", 1),
)
