"""Which actions mean anything now: for keys, footer and palette. Services check again."""

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.case import WORKED_ON
from agentdesk.domain.case_head import CaseView
from agentdesk.domain.delivery import Fate
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.interaction import WRITABLE, State
from agentdesk.domain.people import Kind
from agentdesk.domain.views import Delivery, InteractionView, StreamEntry
from agentdesk.tui.widgets.entry_text import folds

HANDLED = WRITABLE | {State.WRAP_UP}
MISSED = frozenset({Delivery.FAILED, Delivery.DEFERRED})


def with_view(action_id: str, view: InteractionView, actor: Actor, *, writing: bool) -> bool | None:
    """What the state of the interaction allows; None where it does not decide."""
    if view.transferring_to and action_id in MOVED_OR_WRITTEN:
        return False
    state = view.state
    may_move = view.mine or actor.role is not Role.AGENT
    rules = {
        "open_reply": may_move and state in WRITABLE,
        "open_reply_all": may_move and state in WRITABLE,
        "choose_draft": state in WRITABLE,
        "open_note": not state.closed,
        "toggle_hold": may_move and state in HANDLED,
        "snooze_interaction": may_move and state in WRITABLE,
        "close_interaction": may_move and state in HANDLED,
        "create_case": may_move and not state.closed,
        "transfer_interaction": may_move and state in WRITABLE,
        "assign_to_me": state is State.NEW and view.centre is None,
        "discard_draft": writing or view.draft_id is not None,
        "open_link": link_of(view) is not None,
        "show_customer_record": view.customer.customer_id is not None,
        "write_to_customer": view.customer.customer_id is not None,
        "verify_guest": view.customer.kind == Kind.GUEST,
    }
    return rules.get(action_id)


MOVED_OR_WRITTEN = frozenset(
    {
        "open_reply",
        "open_reply_all",
        "choose_draft",
        "open_note",
        "toggle_hold",
        "snooze_interaction",
        "close_interaction",
        "create_case",
        "transfer_interaction",
        "discard_draft",
        "undo_send",
        "open_forward",
    }
)
"""What nobody does while a contact centre passes it on."""


def with_entry(action_id: str, entry: StreamEntry) -> bool | None:
    """What the highlighted entry allows; None where it does not decide."""
    match action_id:
        case "toggle_fold":
            return folds(entry) or entry.link is not None
        case "save_attachment":
            return entry.message_id is not None
        case "send_again":
            return missed(entry) or entry.delivery in (Delivery.UNKNOWN, Delivery.DELAYED)
        case "edit_again":
            return missed(entry)
        case "open_forward":
            return entry.message_id is not None
        case "settle_unknown":
            return entry.delivery is Delivery.UNKNOWN
    return None


def missed(entry: StreamEntry) -> bool:
    """Whether somebody has certainly not got this mail, and nobody is handing it in now."""
    refused = any(o.fate is Fate.REFUSED for o in entry.outcomes)
    return entry.delivery in MISSED or (entry.delivery is Delivery.SENT and refused)


ON_ENTRY = frozenset(
    {
        "toggle_fold",
        "save_attachment",
        "send_again",
        "edit_again",
        "settle_unknown",
        "open_forward",
    }
)


def link_of(view: InteractionView) -> tuple[ThreadId, str] | None:
    """Id and number of its case, else of the interaction that it continues."""
    if view.case_id is not None:
        return view.case_id, view.number_of_case
    return (view.parent_id, view.parent) if view.parent_id is not None else None


def with_case(action_id: str, view: CaseView, *, writing: bool) -> bool | None:
    """What the state of a case allows; None where it does not decide. Rights are the services'."""
    state = view.state
    rules = {
        "open_reply": not state.closed,
        "open_reply_all": not state.closed,
        "open_forward": not state.closed,
        "choose_draft": not state.closed,
        "open_note": not state.closed,
        "assign_to_me": not state.closed and not view.mine,
        "assign_case": not state.closed,
        "edit_case": not state.closed,
        "set_due_date": not state.closed,
        "toggle_awaiting": state in WORKED_ON,
        "resolve_case": not state.closed,
        "relate_case": not state.closed or bool(view.merged_into),
        "discard_draft": writing or view.draft_id is not None,
        "open_link": bool(view.related),
        "show_customer_record": view.customer.customer_id is not None,
        "write_to_customer": view.customer.customer_id is not None,
        "verify_guest": view.customer.kind == Kind.GUEST,
    }
    return rules.get(action_id)
