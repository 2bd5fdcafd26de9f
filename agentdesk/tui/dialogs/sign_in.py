"""Sign in to a mail account or contact centre: what to open and which code to type, meanwhile waiting."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk import services
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.errors import DeskError
from agentdesk.domain.text import safe
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.dialogs.picker import Choice, PickDialog

if TYPE_CHECKING:
    from agentdesk.signin.tokens import Tokens
    from agentdesk.signin.waiting import Task
    from agentdesk.tui.app import DeskApp

MAIL = "Sign in to mail account"
CENTRE = "Sign in to contact centre"


async def sign_in_to_mail(app: "DeskApp") -> None:
    """Ask for the account where there are several, and let the person sign in."""
    accounts = {tokens.account.key: tokens for tokens in app.sign_ins}
    key = next(iter(accounts), None)
    if len(accounts) > 1:
        choices = [Choice(k, t.account.address) for k, t in accounts.items()]
        key = await app.push_screen_wait(PickDialog(choices))
    if key is not None and (said := await app.push_screen_wait(SignInDialog(accounts[key]))):
        app.tell(said)


async def sign_in_to_centre(app: "DeskApp", missing: Sequence[Identity]) -> None:
    """Ask for the centre where there are several, and let the agent sign in as who they are there."""
    at = {who.centre: app.centre_sign_ins[who.centre].tokens(who) for who in missing}
    key = next(iter(at), None)
    if len(at) > 1:
        choices = [Choice(k, tokens.account.address) for k, tokens in at.items()]
        key = await app.push_screen_wait(PickDialog(choices))
    if key is not None and (said := await app.push_screen_wait(SignInDialog(at[key], CENTRE))):
        app.tell(said)
        await app.act(services.ccaas.signing_in.signed_in(app.desk, app.actor, key))


class SignInDialog(Dialog[str]):
    """Answers a sentence once the person signed in; escape calls it off."""

    CSS_PATH = with_dialog_css("sign_in.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, tokens: "Tokens", title: str = MAIL) -> None:
        super().__init__()
        self._tokens, self._called = tokens, title
        self._asked: Task | None = None

    def title_text(self) -> str:
        """As the desk's action is called."""
        return self._called

    def compose_body(self) -> Iterable[Widget]:
        """What to do, the address, the code, and both to copy."""
        account = self._tokens.account
        yield Static(Content(f"Asking {account.provider_name} …"), id="todo", classes="sentence")
        yield Static("", id="address", markup=False)
        yield Static("", id="code", markup=False)
        yield Static("", id="problem", classes="problem", markup=False)
        yield Horizontal(
            Button(Content("Copy code"), id="copy-code", compact=True),
            Button(Content("Copy address"), id="copy-address", compact=True),
            Button(Content("Cancel"), id="cancel", compact=True),
            classes="answers",
        )

    def on_mount(self) -> None:
        """Nothing is there to copy yet."""
        for name in ("#copy-code", "#copy-address"):
            self.query_one(name).display = False
        self.query_one("#cancel").focus()
        self._sign_in()

    @work(group="sign in")
    async def _sign_in(self) -> None:
        """Ends with the dialog: a cancelled worker calls the sign-in off."""
        try:
            person = await self._tokens.sign_in(self.show_task)
        except DeskError as error:
            self._fail(str(error))
        else:
            self.dismiss(self._tokens.account.done(person))

    def show_task(self, task: "Task") -> None:
        """What the person must do now."""
        self._asked = task
        self.query_one("#todo", Static).update(Content(self._todo(task)))
        self.query_one("#address", Static).update(Content(safe(task.address)))
        self.query_one("#code", Static).update(Content(safe(task.code)))
        self.query_one("#copy-code").display = bool(task.code)
        self.query_one("#copy-address").display = True
        self.query_one("#copy-code" if task.code else "#copy-address").focus()

    def _todo(self, task: "Task") -> str:
        wanted = self._tokens.account.wanted
        if task.code:
            return (
                f"Open this address in any browser, type the code, and {wanted}. This waits for it."
            )
        if task.opened:
            return f"The browser shows the sign-in: {wanted}."
        return (
            f"Open this address in a browser that can reach port {task.port} of this machine, and "
            f"{wanted}. From elsewhere, run there first: "
            f"ssh -N -L {task.port}:127.0.0.1:{task.port} HOST"
        )

    def _fail(self, sentence: str) -> None:
        for name in ("#todo", "#address", "#code", "#copy-code", "#copy-address"):
            self.query_one(name).display = False
        problem = self.query_one("#problem", Static)
        problem.update(Content(safe(sentence)))
        problem.add_class("-shown")
        self.query_one("#cancel", Button).label = Content("Close")
        self.query_one("#cancel").focus()

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        if event.button.id == "cancel" or self._asked is None:
            self.action_cancel()
            return
        code = event.button.id == "copy-code"
        self.app.copy_to_clipboard(self._asked.code if code else self._asked.address)
