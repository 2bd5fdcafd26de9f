"""What agents do with routed work beside answering it: a part of the catalogue of actions."""

from agentdesk.tui.action import Action, Scope

DESK, STREAM, LISTS = Scope.DESK, Scope.INTERACTION, Scope.LISTS

ACTIONS: tuple[Action, ...] = (
    Action(
        "transfer_interaction",
        "t",
        STREAM,
        "Transfer",
        "Hand this interaction to another agent or queue, with a note",
        "transfer",
        7,
    ),
    Action(
        "show_why",
        "W",
        DESK,
        "Why is it where it is",
        "Who may take the highlighted work, who may not and why: why not me, why not Ana",
        "why",
        12,
    ),
    Action(
        "show_waiting",
        "N",
        DESK,
        "Show waiting work",
        "What waits in the queues that you may take from",
    ),
    Action(
        "show_wrap_ups",
        "U",
        DESK,
        "Show my wrap-ups",
        "Those that run, then what you wrapped up before",
    ),
    Action(
        "take_row",
        "m",
        LISTS,
        "Take",
        "Take the highlighted work out of its queue and open it",
        "take",
        4,
    ),
    Action(
        "explain_row",
        "W",
        LISTS,
        "Why is it there",
        "Who may take the highlighted work, who may not and why",
        "why",
        6,
    ),
)
