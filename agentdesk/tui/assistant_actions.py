"""What agents ask the assistant for, and do with its answers: a part of the catalogue of actions."""

from agentdesk.tui.action import Action, Scope

STREAM, SUMMARY, COMPOSER = Scope.INTERACTION, Scope.SUMMARY, Scope.COMPOSER

ACTIONS: tuple[Action, ...] = (
    Action(
        "show_summary",
        "I",
        STREAM,
        "Summary",
        "What it is about, what was done and what is next: shown, written or brought up to date",
        "summary",
        10,
    ),
    Action(
        "renew_summary",
        "I",
        SUMMARY,
        "Write it anew",
        "Read the whole conversation once more",
        "renew",
        1,
    ),
    Action("copy_summary", "c", SUMMARY, "Copy", "Put the summary into the clipboard", "copy", 2),
    Action(
        "note_summary",
        "a",
        SUMMARY,
        "Add as a note",
        "Add the summary to the conversation; only colleagues see it",
        "add as note",
        3,
    ),
    Action(
        "praise_summary",
        "plus",
        SUMMARY,
        "Helpful",
        "Keep that it helped; again takes it back",
        "helpful",
        4,
    ),
    Action(
        "fault_summary",
        "minus",
        SUMMARY,
        "Not helpful",
        "Keep that it did not help; again takes it back",
        "not helpful",
        5,
    ),
    Action(
        "leave_summary",
        "escape",
        SUMMARY,
        "Stop, or back",
        "Stop what is being written, or go back to the conversation",
        "back",
        2,
    ),
    Action(
        "suggest",
        "f12",
        COMPOSER,
        "Suggest or translate",
        "Let the assistant propose a reply, or translate a text; you edit and send it yourself",
        "suggest",
        8,
        anywhere=True,
    ),
)
