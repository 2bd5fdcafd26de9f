"""`python -m agentdesk`."""

from agentdesk.cli import main

if __name__ == "__main__":
    main()
