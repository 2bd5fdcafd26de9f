"""What supervisors do on the quarantine screen: a part of the catalogue of actions."""

from agentdesk.tui.action import SUPERVISORS, Action, Scope


def _action(name: str, key: str, label: str, what: str, words: str = "", footer: int = 0) -> Action:
    return Action(name, key, Scope.QUARANTINE, label, what, words, footer, roles=SUPERVISORS)


ACTIONS: tuple[Action, ...] = (
    _action(
        "retry_mail",
        "r",
        "Retry the mail",
        "Read and file it once more, or download it",
        "retry",
        1,
    ),
    _action(
        "release_mail",
        "f",
        "File mail as plain text",
        "Make an interaction of what can be read, so that it can be answered",
        "file as text",
        2,
    ),
    _action("discard_mail", "x", "Discard mail", "Put it away; nothing is deleted", "discard", 3),
    _action(
        "restore_mail",
        "u",
        "Take mail back",
        "Undo the last discard; in the other lists, take the highlighted mail back",
        "take back",
        3,
    ),
    _action(
        "export_mail",
        "s",
        "Export mail",
        "Save the mail as it came, in a private file",
        "export",
        4,
    ),
    _action("mark_mail", "space", "Mark mail", "The next action takes all marked mails", "mark", 6),
    _action("mark_all_mails", "a", "Mark all mails", "Every mail of this list", "all", 7),
    _action("choose_cause", "c", "Choose cause", "Only mails with one cause", "cause", 8),
    _action(
        "toggle_source",
        "v",
        "Show or hide source",
        "The bytes of the mail, everything invisible spelled out",
        "source",
        9,
    ),
    _action("open_mail", "enter", "Go to the mail's text", "Scroll it with the arrows", "text", 10),
)
