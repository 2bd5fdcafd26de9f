"""What a login server's refusal means for a person: one typed sentence that names what to do.

Sources: RFC 6749 §5.2, RFC 8628 §3.5; Microsoft's list of AADSTS codes; Google's OAuth pages.
"""

import re
from collections.abc import Mapping
from typing import Any

from agentdesk.domain.errors import LoginRefused, MailProblem, ServerUnreachable, SignInNeeded
from agentdesk.signin.registration import Registration

TRY_LATER = {"temporarily_unavailable", "server_error", "slow_down", "authorization_pending"}
SIGN_IN_AGAIN = {"invalid_grant", "interaction_required", "login_required", "consent_required"}
DECLINED = {"access_denied", "authorization_declined"}
EXPIRED = {"expired_token", "code_expired"}
UNKNOWN_CLIENT = {"invalid_client", "unauthorized_client", "deleted_client"}
LONGEST = 200

_AADSTS = re.compile(r"AADSTS(\d+)")
WHY = {
    "50034": "this user is not known in the tenant; check sign_in.tenant",
    "50020": "this user belongs to another tenant; check sign_in.tenant",
    "50053": "the user is locked out for now",
    "50055": "the user's password has expired",
    "50057": "the user is disabled",
    "50059": "the tenant is not known; check sign_in.tenant",
    "50076": "a second factor is wanted",
    "50078": "the second factor must be given again",
    "50079": "a second factor must be set up first",
    "50097": "a managed device is wanted",
    "50105": "the user is not assigned to the application; an administrator can do that",
    "50158": "the organisation wants another check",
    "50173": "the sign-in was revoked, such as by a changed password",
    "53003": "a rule of the organisation forbids it; try --browser, or ask its administrator",
    "65001": "nobody has consented to the application yet",
    "65004": "the consent was declined",
    "70000": "the grant is not valid any more",
    "70008": "it was not used for too long",
    "70016": "nobody has signed in yet",
    "70020": "the code was not used in time",
    "90002": "the tenant is not known; check sign_in.tenant",
    "90094": "only an administrator may consent to the application",
    "500011": "the tenant has no Exchange Online",
    "530032": "a rule of the organisation forbids it; ask its administrator",
    "530036": "the organisation forbids device codes; try --browser",
    "650053": "the application asks for rights that do not exist; check sign_in.resource",
    "700016": "the application is not known in the tenant; check sign_in.client_id",
    "700082": "it was not used for too long",
    "700084": "the sign-in has ended after its longest time",
    "7000218": "the application is not public; allow public client flows in its registration",
    "9002326": "the application is not registered for desktop use; add the platform "
    "Mobile and desktop applications with http://localhost",
}


def needed(account: Registration, why: str = "") -> SignInNeeded:
    """Somebody must sign in; *why* follows in brackets."""
    reason = f" ({why})" if why else ""
    return SignInNeeded(f"{account.address} needs sign-in{reason}: {account.way_in}.")


def refusal(account: Registration, answer: Mapping[str, Any], *, renewing: bool) -> MailProblem:
    """What to raise for an *answer* with an "error"; *renewing*: without a person who looks on."""
    error = str(answer.get("error", "")).strip()
    why = reason(answer)
    said = f"{why or error}"
    if error in TRY_LATER:
        return ServerUnreachable(f"{account.provider_name} is not able to sign in now: {said}.")
    if error in SIGN_IN_AGAIN and renewing:
        return needed(account, why)
    if error in DECLINED:
        return LoginRefused(f"The sign-in of {account.address} was declined: nothing was changed.")
    if error in EXPIRED:
        return LoginRefused(f"The code was not used in time: run {account.command} again.")
    if error in UNKNOWN_CLIENT:
        return LoginRefused(
            f"{account.provider_name} does not accept the application {account.client_id} "
            f"({said}): check {account.place}."
        )
    if error == "admin_policy_enforced":
        return LoginRefused(
            f"An administrator must allow the application {account.client_id} to read mail first."
        )
    return LoginRefused(
        f"{account.provider_name} refused the sign-in of {account.address}: {said}."
    )


def reason(answer: Mapping[str, Any]) -> str:
    """The provider's own reason in a few words; empty where it gives none."""
    description = str(answer.get("error_description") or "")
    if code := _AADSTS.search(description):
        known = WHY.get(code[1])
        return f"{known}, {code[0]}" if known else _first_sentence(description)
    return _first_sentence(description)


def _first_sentence(text: str) -> str:
    """Without the trace ids and times that follow; printable, one line."""
    line = re.split(r"\r|\n|Trace ID|\. (?=[A-Z])", text, maxsplit=1)[0]
    line = "".join(c if c.isprintable() else " " for c in line).strip().rstrip(".")
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
