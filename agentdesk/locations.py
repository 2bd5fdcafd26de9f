"""Where files live on this machine. Source: the XDG base directory specification, by platformdirs."""

from pathlib import Path

import platformdirs


def settings_file() -> Path:
    """The settings of this person: `~/.config/agentdesk/settings.toml` on Linux."""
    return platformdirs.user_config_path("agentdesk", appauthor=False) / "settings.toml"


def data_dir() -> Path:
    """Where the database lies unless `database.url` says otherwise. Not created here."""
    return platformdirs.user_data_path("agentdesk", appauthor=False)


def log_dir() -> Path:
    """Where logs are written. Not created here."""
    return platformdirs.user_log_path("agentdesk", appauthor=False)


def themes_dir() -> Path:
    """Where a person puts own themes. Not created here."""
    return platformdirs.user_config_path("agentdesk", appauthor=False) / "themes"
