"""Contact centres at which this agent has yet to sign in."""

from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.screens.desk import DeskScreen


class CentreDoors:
    """Knows who the agent is at each centre, and says once when a sign-in is missing."""

    def __init__(self, screen: "DeskScreen") -> None:
        self._screen = screen
        self._stale = True
        self._mine: tuple[Identity, ...] = ()
        self._told: frozenset[str] = frozenset()

    @property
    def missing(self) -> tuple[Identity, ...]:
        """Where this agent is mapped, and has no sign-in on this machine that still works."""
        sign_ins = shell(self._screen).centre_sign_ins
        mapped = (who for who in self._mine if who.external_id and who.centre in sign_ins)
        return tuple(who for who in mapped if not sign_ins[who.centre].has(who.external_id))

    def centres_changed(self) -> None:
        """Somebody may be mapped to somebody else now, or a sign-in may have ended."""
        self._stale = True

    async def read(self) -> None:
        """Read again, where something changed, and say what is newly missing."""
        app = shell(self._screen)
        if not self._stale or not app.centre_sign_ins:
            return
        self._stale = False
        mine = await app.act(services.ccaas.signing_in.identities(app.desk, app.actor))
        if mine is None:
            return
        self._mine = mine
        missing = frozenset(who.centre for who in self.missing)
        for centre in sorted(missing - self._told):
            name, key = (
                app.desk.rules.centres[centre].name,
                key_of(self._screen, "sign_in_to_centre"),
            )
            how = f": press {key}" if key else ""
            app.tell(f"You get no work from {name} until you sign in there{how}.")
        self._told = missing
        self._screen.refresh_bindings()
