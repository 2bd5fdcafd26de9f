"""Every action of the desk, once: keys, palette, footer and help all read this table.

Keys are plain: letters (heard when no text field has the focus) and ctrl chords that every terminal
sends over SSH. Not used: ctrl+i, ctrl+m, ctrl+j, ctrl+h and ctrl+[ (they are tab, enter, line feed,
backspace and escape on the wire), ctrl+z, ctrl+s, ctrl+b and ctrl+a (suspend, stop output, tmux,
screen). ctrl+q quits: raw mode hands it through.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.actor import Role


class Scope(StrEnum):
    """Where an action is at home."""

    APP = "app"
    DESK = "desk"
    INBOX = "inbox"
    INTERACTION = "interaction"
    COMPOSER = "composer"
    LISTS = "lists"

    @property
    def heading(self) -> str:
        """As the help screen calls it."""
        return HEADINGS[self]


HEADINGS = {
    Scope.APP: "Everywhere",
    Scope.DESK: "Desk",
    Scope.INBOX: "Inbox and work list",
    Scope.INTERACTION: "Interaction",
    Scope.COMPOSER: "Composer",
    Scope.LISTS: "Lists and wallboard",
}

EVERYBODY = frozenset(Role)
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can do; `action_<id>` does it.

    `key`: default keys, separated by commas, the shown one first. `footer`: its rank in the footer,
    1 is kept longest on a narrow screen, 0 is never shown there. `words`: the footer's short label.
    `help` is one line for palette and help. `early`: works before the desk is open. `anywhere`: heard
    inside text fields and dialogs too, so its keys must be chords.
    """

    id: str
    key: str
    scope: Scope
    label: str
    help: str
    words: str = ""
    footer: int = 0
    roles: frozenset[Role] = EVERYBODY
    early: bool = False
    anywhere: bool = False

    def may(self, role: Role) -> bool:
        """Whether *role* sees this action at all. Services check again."""
        return role in self.roles


APP, DESK, INBOX = Scope.APP, Scope.DESK, Scope.INBOX
STREAM, COMPOSER, LISTS = Scope.INTERACTION, Scope.COMPOSER, Scope.LISTS

ACTIONS: tuple[Action, ...] = (
    Action(
        "accept_offer",
        "enter",
        INBOX,
        "Accept offer",
        "Take the highlighted offer and open it",
        "accept",
        1,
    ),
    Action(
        "reject_offer",
        "x",
        INBOX,
        "Reject offer",
        "Give the highlighted offer back to its queue, with a reason",
        "reject",
        2,
    ),
    Action(
        "open_interaction",
        "enter,o",
        INBOX,
        "Open interaction",
        "Open the highlighted interaction or draft as a tab",
        "open",
        1,
    ),
    Action(
        "assign_to_me",
        "m",
        STREAM,
        "Assign to me",
        "Take this interaction out of its queue",
        "assign to me",
        3,
    ),
    Action("open_reply", "r,ctrl+r", STREAM, "Reply", "Write to the customer", "reply", 3),
    Action(
        "open_reply_all",
        "a",
        STREAM,
        "Reply to all",
        "Write to the customer and everybody in copy",
        "reply all",
        11,
    ),
    Action(
        "open_note",
        "n,ctrl+n",
        STREAM,
        "Write note",
        "Write a note that only colleagues see",
        "note",
        4,
    ),
    Action(
        "toggle_hold",
        "h",
        STREAM,
        "Hold or resume",
        "Wait for the customer and free the capacity, or take up the work again",
        "hold",
        6,
    ),
    Action(
        "close_interaction",
        "w",
        STREAM,
        "Close and wrap up",
        "Finish the work and choose a wrap-up code",
        "close",
        5,
    ),
    Action("select_previous", "up,k", STREAM, "Activity above", "Highlight the activity above"),
    Action("select_next", "down,j", STREAM, "Activity below", "Highlight the activity below"),
    Action("go_to_newest", "end,G", STREAM, "Newest activity", "Highlight the last activity"),
    Action(
        "go_to_oldest",
        "home,g",
        STREAM,
        "Oldest activity shown",
        "Highlight the first activity that is loaded",
    ),
    Action(
        "toggle_fold",
        "o,enter",
        STREAM,
        "Fold or unfold quotes",
        "Show or hide the quoted text of the highlighted mail",
        "unfold",
        10,
    ),
    Action(
        "toggle_all_folds",
        "O",
        STREAM,
        "Fold or unfold all quotes",
        "Show or hide the quoted text of every mail",
    ),
    Action(
        "load_earlier",
        "e",
        STREAM,
        "Load earlier",
        "Show older activities of this interaction",
        "earlier",
        13,
    ),
    Action(
        "save_attachment",
        "s",
        STREAM,
        "Save attachment",
        "Save a file of the highlighted mail",
        "save file",
        12,
    ),
    Action(
        "undo_send",
        "u",
        STREAM,
        "Undo send",
        "Call back a mail that has not gone out yet",
        "undo send",
        2,
    ),
    Action(
        "send_again",
        "x",
        STREAM,
        "Send again now",
        "Try a mail that was not delivered once more, unchanged, for those who did not get it",
        "send again",
        2,
    ),
    Action(
        "edit_again",
        "f",
        STREAM,
        "Edit and send anew",
        "Take a mail that was not delivered back into the composer",
        "edit",
        2,
    ),
    Action(
        "settle_unknown",
        "y",
        STREAM,
        "Was it sent?",
        "See what is known about a mail of unknown outcome, and decide",
        "was it sent?",
        2,
    ),
    Action(
        "discard_draft", "delete", STREAM, "Discard draft", "Throw away the mail that was begun"
    ),
    Action(
        "open_link",
        "p",
        STREAM,
        "Open parent or case",
        "Open the record that this interaction continues",
    ),
    Action(
        "send_reply",
        "ctrl+g,ctrl+enter",
        COMPOSER,
        "Send",
        "Send the mail that is being written",
        "send",
        1,
    ),
    Action(
        "attach_file", "ctrl+o", COMPOSER, "Attach file", "Attach a file to the mail", "attach", 3
    ),
    Action(
        "toggle_copies",
        "ctrl+l",
        COMPOSER,
        "Show Cc and Bcc",
        "Show or hide the copy fields",
        "cc",
        5,
    ),
    Action(
        "take_over_draft",
        "ctrl+t",
        COMPOSER,
        "Take over draft",
        "Write on where another agent is writing",
        "take over",
        2,
    ),
    Action(
        "leave_composer",
        "escape",
        COMPOSER,
        "Leave composer",
        "Go back to the conversation; the draft stays",
        "leave",
        4,
    ),
    Action(
        "focus_inbox",
        "i,f2",
        DESK,
        "Go to the work list",
        "Inbox, ongoing work and drafts",
        "inbox",
        8,
    ),
    Action(
        "focus_stream",
        "v,f3",
        DESK,
        "Go to the conversation",
        "The activity stream of the active tab",
    ),
    Action("focus_composer", "d,f4", DESK, "Go to the composer", "The mail that is being written"),
    Action(
        "next_tab",
        "],ctrl+pagedown",
        DESK,
        "Next tab",
        "The digits 1 to 9 choose a tab directly",
        "tab",
        14,
    ),
    Action("previous_tab", "[,ctrl+pageup", DESK, "Previous tab", "The tab to the left"),
    Action(
        "close_tab",
        "q",
        DESK,
        "Close tab",
        "Only the tab: the interaction stays as it is",
        "close tab",
        15,
    ),
    Action(
        "set_presence",
        "P",
        DESK,
        "Set presence",
        "Available, away or offline: only available agents get offers",
        "presence",
        10,
    ),
    Action(
        "show_interactions",
        "/,l",
        DESK,
        "Find interactions",
        "All lists with search: open, mine, queued, closed",
        "search",
        7,
    ),
    Action(
        "show_wallboard",
        "b",
        DESK,
        "Show wallboard",
        "Queues and agents at a glance",
        "wallboard",
        9,
        roles=SUPERVISORS,
    ),
    Action(
        "retry_opening",
        "R,f5",
        DESK,
        "Try to open again",
        "After the desk could not be opened",
        "try again",
        1,
        early=True,
    ),
    Action("retry_engine", "E", DESK, "Try mail again now", "Connect at once, after a trouble"),
    Action(
        "sign_in_mail",
        "M",
        DESK,
        "Sign in to mail account",
        "Microsoft or Google: what to open, and the code to type there",
        roles=ADMINS,
    ),
    Action("toggle_work", "<", DESK, "Show or hide the work list", "The pane on the left"),
    Action("toggle_customer", ">", DESK, "Show or hide the customer", "The pane on the right"),
    Action("open_row", "enter", LISTS, "Open", "Open the highlighted row as a tab", "open", 1),
    Action("go_back", "escape", LISTS, "Back to the desk", "Leave this screen", "back", 2),
    Action("focus_search", "/", LISTS, "Search", "Words, a name or a number", "search", 3),
    Action("next_list", "]", LISTS, "Next list", "The digits 1 to 5 choose one", "list", 5),
    Action("previous_list", "[", LISTS, "Previous list", "The list to the left"),
    Action(
        "open_palette",
        "ctrl+p,ctrl+k",
        APP,
        "Command palette",
        "Every action by name",
        "palette",
        7,
        early=True,
    ),
    Action("show_help", "?,f1", APP, "Help", "Every key of the desk", "help", 4, early=True),
    Action("switch_theme", "T", APP, "Switch theme", "Choose other colours", early=True),
    Action(
        "quit_desk",
        "ctrl+q",
        APP,
        "Quit",
        "Leave agentdesk; tabs and drafts are kept",
        "quit",
        16,
        early=True,
        anywhere=True,
    ),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}
