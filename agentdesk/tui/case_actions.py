"""What agents do with cases: a part of the catalogue of actions."""

from agentdesk.tui.action import Action, Scope

STREAM, DESK, CASE = Scope.INTERACTION, Scope.DESK, Scope.CASE

NOT_OF_CASES = frozenset(
    {
        "toggle_hold",
        "snooze_interaction",
        "close_interaction",
        "transfer_interaction",
        "create_case",
    }
)
"""Actions of an interaction that the tab of a case does not have."""

ACTIONS: tuple[Action, ...] = (
    Action(
        "create_case",
        "c",
        STREAM,
        "Create case",
        "Make a case of this interaction, or add it to an existing one; the interaction closes",
        "case",
        8,
    ),
    Action(
        "show_cases",
        "J",
        DESK,
        "Find cases",
        "Lists of cases with search: mine, of my groups, watched, overdue, all",
    ),
    Action(
        "resolve_case",
        "w",
        CASE,
        "Resolve, reopen or close",
        "Say how it was resolved; a resolved case is reopened or closed",
        "resolve",
        5,
    ),
    Action(
        "toggle_awaiting",
        "h",
        CASE,
        "Await information or go on",
        "Wait for the customer, while service levels pause; or take it up again",
        "await",
        6,
    ),
    Action(
        "assign_case",
        "t",
        CASE,
        "Assign",
        "Give this case to another agent or group",
        "assign",
        7,
    ),
    Action(
        "edit_case",
        "c",
        CASE,
        "Edit case",
        "Subject, description, priority and category",
        "edit",
        9,
    ),
    Action(
        "relate_case",
        "K",
        CASE,
        "Relate or merge",
        "Related cases, the case that this one is a part of, and merging into another one",
        "relate",
        12,
    ),
    Action(
        "set_due_date",
        "z",
        CASE,
        "Set due date",
        "When it was promised to be done; or nothing is promised any more",
    ),
    Action(
        "watch_case",
        "*",
        CASE,
        "Watch or stop watching",
        "News of a case that you watch are marked on your desk",
    ),
    Action(
        "toggle_details",
        ".",
        CASE,
        "Show or hide details",
        "Description, related records, watchers and how it was resolved",
        "details",
        10,
    ),
)
