"""What the writer of a mail or a note does beside typing: a part of the catalogue of actions."""

from agentdesk.tui.action import Action, Scope

COMPOSER = Scope.COMPOSER

ACTIONS: tuple[Action, ...] = (
    Action(
        "edit_outside",
        "f8",
        COMPOSER,
        "Write in your editor",
        "Open the text in the program that VISUAL or EDITOR names",
        "editor",
        8,
    ),
)
