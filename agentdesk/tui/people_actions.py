"""What is done with records of people and accounts: a part of the catalogue of actions."""

from agentdesk.tui.action import EVERYBODY, SUPERVISORS, Action, Scope

DESK, STREAM, PEOPLE, RECORD = Scope.DESK, Scope.INTERACTION, Scope.PEOPLE, Scope.RECORD


def _action(
    name: str,
    key: str,
    scope: Scope,
    label: str,
    what: str,
    words: str = "",
    footer: int = 0,
    *,
    supervisors: bool = False,
) -> Action:
    roles = SUPERVISORS if supervisors else EVERYBODY
    return Action(name, key, scope, label, what, words, footer, roles=roles)


ACTIONS: tuple[Action, ...] = (
    _action(
        "find_people",
        "@",
        DESK,
        "Find people",
        "Customers and accounts by name, address or company: read, write to, create, change",
        "people",
        9,
    ),
    _action(
        "show_customer_record",
        "C",
        STREAM,
        "Customer record",
        "Who this customer is, and everything that ever passed between us",
        "customer",
        15,
    ),
    _action(
        "verify_guest",
        "V",
        STREAM,
        "Verify guest",
        "Make this guest a contact of an account, or a consumer",
        "verify",
        8,
    ),
    _action(
        "write_to_customer",
        "L",
        STREAM,
        "Write a new mail to this customer",
        "Begin or join the outbound interaction with this customer",
        "letter",
        16,
    ),
    _action(
        "open_person", "enter", PEOPLE, "Open record", "Open the highlighted record", "open", 1
    ),
    _action(
        "write_to_person",
        "L",
        PEOPLE,
        "Write to the highlighted customer",
        "Begin a new mail; of an account it is asked to whom",
        "letter",
        3,
    ),
    _action(
        "new_record",
        "n,+",
        PEOPLE,
        "New contact, consumer or account",
        "Create a record by hand",
        "new",
        4,
    ),
    _action(
        "open_history",
        "enter",
        RECORD,
        "Open the highlighted line",
        "An interaction as a tab of the desk, a contact as its record",
        "open",
        1,
    ),
    _action(
        "write_from_record",
        "L",
        RECORD,
        "Write a new mail",
        "To this person, or to a contact of this account",
        "letter",
        2,
    ),
    _action("edit_record", "E", RECORD, "Edit record", "Change what is known", "edit", 3),
    _action(
        "verify_record",
        "V",
        RECORD,
        "Verify this guest",
        "Make the guest a contact of an account, or a consumer",
        "verify",
        4,
    ),
    _action(
        "open_account",
        "A",
        RECORD,
        "Account of this contact",
        "Open the record of the company",
        "account",
        7,
    ),
    _action("add_address", "a", RECORD, "Add address", "One more email address", "add address", 8),
    _action(
        "remove_address",
        "x",
        RECORD,
        "Remove address",
        "An address that is not this person's any more",
    ),
    _action(
        "new_contact",
        "n,+",
        RECORD,
        "New contact of this account",
        "Create a person who works there",
        "new contact",
        6,
    ),
    _action(
        "merge_record",
        "m",
        RECORD,
        "Merge records",
        "Join two records of the same person; it can be undone",
        "merge",
        6,
    ),
    _action(
        "undo_merge",
        "u",
        RECORD,
        "Undo a merge",
        "Take records apart again that were joined here",
        "undo merge",
        9,
    ),
    _action(
        "erase_person",
        "X",
        RECORD,
        "Erase person",
        "Remove content and identity for good; only counts stay",
        supervisors=True,
    ),
)
