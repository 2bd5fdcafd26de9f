"""What the writer of a mail or a note does beside typing: a part of the catalogue of actions."""

from agentdesk.tui.action import Action, Scope

# F6 and F7 mean something else in a text area of Textual, so they are heard before it.
STREAM, COMPOSER = Scope.INTERACTION, Scope.COMPOSER

ACTIONS: tuple[Action, ...] = (
    Action(
        "choose_sending",
        "f6",
        COMPOSER,
        "Send options",
        "Send and hold, keep working or close, or send later at a time of your choice",
        "options",
        6,
        anywhere=True,
    ),
    Action(
        "insert_template",
        "f7",
        COMPOSER,
        "Insert template",
        "Put a canned text at the cursor; / on an empty line does it too",
        "template",
        7,
        anywhere=True,
    ),
    Action(
        "edit_outside",
        "f8",
        COMPOSER,
        "Write in your editor",
        "Open the text in the program that VISUAL or EDITOR names",
        "editor",
        8,
    ),
    Action(
        "show_versions",
        "f9",
        COMPOSER,
        "Earlier versions",
        "What this draft said before, and what was typed when it was taken over",
        "versions",
        9,
    ),
    Action(
        "choose_draft",
        "D",
        STREAM,
        "Drafts here",
        "Every draft of this interaction: write on in yours, read along in a colleague's",
    ),
    Action(
        "open_forward",
        "F",
        STREAM,
        "Forward",
        "Send the highlighted mail and its files to somebody else",
        "forward",
        14,
    ),
    Action(
        "change_send_time",
        "Z",
        STREAM,
        "Send at another time",
        "Choose when a mail that still waits goes out",
        "send time",
        3,
    ),
)
