"""Why a mail lies where it lies, and how it goes elsewhere: a part of the catalogue of actions."""

from agentdesk.tui.action import Action, Scope

STREAM = Scope.INTERACTION

ACTIONS: tuple[Action, ...] = (
    Action(
        "explain_link",
        "Y",
        STREAM,
        "Why is this mail here",
        "What it was recognised by, what else was weighed, and which words counted",
        "why here",
        15,
    ),
    Action(
        "move_mail",
        "X",
        STREAM,
        "Move or split mail",
        "Put the highlighted mail, and the rest of its thread, into another record or its own",
        "move",
        16,
    ),
    Action(
        "undo_move",
        "B",
        STREAM,
        "Undo move of mail",
        "Put back what the highlighted line says was moved, or what you moved last",
    ),
    Action(
        "accept_proposal",
        "equals_sign",
        STREAM,
        "Link as proposed",
        "Put the mail into the record that it looks like",
        "link",
        2,
    ),
    Action(
        "decline_proposal",
        "minus",
        STREAM,
        "Decline proposal",
        "The mail stays here, and the proposal goes",
        "leave here",
        3,
    ),
)
