"""What the commands do that no other part does: the wizard of `init` and the findings of `check`."""
