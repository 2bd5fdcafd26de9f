"""The style sheet of the desk, each of whose sources is parsed once."""

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

_Key = tuple[frozenset[tuple[str, str]], str, CSSLocation, bool, int, str]
_parsed: dict[_Key, list[RuleSet]] = {}
"""Rules by the variables that they were parsed with, and their source. A handful of themes and some
hundred sources, which never change while the program runs.
"""


class DeskStylesheet(Stylesheet):
    """Textual parses every source anew whenever a screen brings one of its own, and at each change of
    the theme: its cache is made for fewer sources than we have, and begun anew each time. Opening a
    dialog for the first time stopped the screen for some 25 ms.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._theme = frozenset(self._variables.items())

    def set_variables(self, variables: dict[str, str]) -> None:
        """Another theme."""
        super().set_variables(variables)
        self._theme = frozenset(variables.items())

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        key = (self._theme, css, read_from, is_default_rules, tie_breaker, scope)
        if key not in _parsed:
            _parsed[key] = super()._parse_rules(*key[1:])
        return _parsed[key]

    def reparse(self) -> None:
        """The rules of all sources, under the variables of now."""
        self.parse()
