"""The least that Textual can be: the reference of the screen benchmarks."""

from textual.app import App, ComposeResult
from textual.widgets import OptionList


class MinimalApp(App[None]):
    """A short list of options."""

    def compose(self) -> ComposeResult:
        """Twenty lines to move in."""
        yield OptionList(*[f"Line {n}" for n in range(20)])


if __name__ == "__main__":
    MinimalApp().run()
