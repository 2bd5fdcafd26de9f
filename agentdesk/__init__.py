"""agentdesk: a terminal desktop for people who answer customers' email."""

__version__ = "0.1.0"
