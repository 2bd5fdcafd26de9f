"""`agentdesk model-key`: the key of the model's server goes into the keyring."""

from pathlib import Path

from agentdesk.commands.dialogue import Dialogue, Terminal
from agentdesk.domain.errors import BadInput
from agentdesk.settings import load
from agentdesk.settings.secrets import AI_LOGIN, ai_key_place, store


def run_model_key(path: Path, talk: Dialogue | None = None) -> int:
    """Ask for the key and store it. Raises `BadInput`, `KeyringUnusable`, `SettingsError`."""
    ai, talk = load(path).ai, talk or Terminal()
    place = ai_key_place(ai)
    if not ai.keyring:
        raise BadInput(
            "The settings say keyring = false in [ai]: set the environment variable "
            f"{place.variable} instead."
        )
    key = talk.read(f"Key for the model on {ai.host} (hidden): ", hidden=True).strip()
    if not key:
        raise BadInput("No key was typed, so none is stored.")
    store(ai.host, AI_LOGIN, key)
    talk.say("The key is in the keyring of this machine. agentdesk check tries it.")
    return 0
