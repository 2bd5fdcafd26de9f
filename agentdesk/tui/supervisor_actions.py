"""What supervisors do on their four screens: a part of the catalogue of actions."""

from agentdesk.tui.action import Action

ACTIONS: tuple[Action, ...] = ()
