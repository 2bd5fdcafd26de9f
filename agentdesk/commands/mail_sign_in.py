"""`agentdesk sign-in` and `agentdesk sign-out`: OAuth2 for a mail account, at the terminal."""

from pathlib import Path

from agentdesk.bootstrap.credentials import registration, store_of
from agentdesk.commands.dialogue import Dialogue, Terminal, ask_hidden
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.errors import BadInput
from agentdesk.settings import MailAccount, load
from agentdesk.signin.flow import Way, known_secret, sign_in, sign_out
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.waiting import Task, Waiting


def run_sign_in(
    path: Path,
    wanted: str,
    way: Way | None,
    waiting: Waiting | None = None,
    talk: Dialogue | None = None,
) -> int:
    """Sign in to the account *wanted* of the settings in *path*. Raises `BadInput`, `MailProblem`."""
    account = _account(path, wanted)
    with_person(registration(account), store_of(account), way, talk or Terminal(), waiting)
    return 0


def run_sign_out(path: Path, wanted: str, talk: Dialogue | None = None) -> int:
    """Forget the sign-in of the account *wanted*."""
    account, talk = _account(path, wanted), talk or Terminal()
    there = sign_out(registration(account), store_of(account))
    if not there:
        talk.say(f"Nobody is signed in to {account.address}.")
        return 0
    talk.say(f"The tokens of {account.address} are forgotten.")
    if account.auth == "microsoft":
        talk.say("To end the sign-in at Microsoft too, remove it at https://myapps.microsoft.com.")
    return 0


def with_person(
    account: Registration,
    store: Store,
    way: Way | None,
    talk: Dialogue,
    waiting: Waiting | None = None,
) -> None:
    """Let the person at this terminal sign in, and say where the tokens are kept."""
    secret = _client_secret(account, store, talk)
    waiting = waiting or Waiting(lambda task: _explain(account, task, talk))
    grant, where = sign_in(account, store, SystemClock(), waiting, way=way, secret=secret)
    talk.say(f"Signed in{f' as {grant.person}' if grant.person else ''}.")
    if where == "the keyring":
        talk.say("The tokens are in the keyring of this machine.")
    else:
        talk.say(f"The tokens are in a file in {where} that only you may read.")
    talk.say("Desks and engines of yours that wait for it go on by themselves.")


def _explain(account: Registration, task: Task, talk: Dialogue) -> None:
    if task.code:
        talk.say(f"Open {task.address} in any browser, and type this code: {task.code}")
    elif task.opened:
        talk.say(f"Your browser shows the sign-in of {account.provider_name}. If not, open:")
        talk.say(f"  {task.address}")
    else:
        talk.say("Open this address in a browser:")
        talk.say(f"  {task.address}")
        talk.say("It must be able to come back to this machine. From another one, run there first:")
        talk.say(f"  ssh -N -L {task.port}:127.0.0.1:{task.port} HOST")
    talk.say(f"{account.wanted[:1].upper()}{account.wanted[1:]}.")
    talk.say("Waiting … (Ctrl-C ends it)")


def _client_secret(account: Registration, store: Store, talk: Dialogue) -> str:
    """Google's, asked for where nothing knows it."""
    known = known_secret(account, store)
    if account.provider != "google" or known:
        return known
    return ask_hidden(talk, "Client secret of the application")


def _account(path: Path, wanted: str) -> MailAccount:
    accounts = load(path).mail_accounts
    for account in accounts:
        if wanted in (account.key, account.address):
            return account
    known = ", ".join(account.key for account in accounts) or "none"
    raise BadInput(f"There is no mail account {wanted}; there are: {known}.")
