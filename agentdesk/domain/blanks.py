"""Blanks in a text of the settings, `{name}`: which there are, and filled in; pure."""

import re
from collections.abc import Collection, Mapping
from typing import Final

LONGEST: Final = 120
"""Of a stranger's words only so much is repeated: what a program sends is no carrier for them."""

_ANY: Final = re.compile(r"\{([a-z_]*)\}")


def unknown_blanks(text: str, known: Collection[str]) -> tuple[str, ...]:
    """What stands in braces in *text* and is not *known*, in its order, each once."""
    return tuple(dict.fromkeys(v for v in _ANY.findall(text) if v not in known))


def filled(text: str, words: Mapping[str, str]) -> str:
    """*text* with its blanks filled in, in one pass: braces in a mail's words stay words."""
    said = _ANY.sub(lambda found: words.get(found[1], found[0])[:LONGEST], text)
    return said.strip() + "\n"
