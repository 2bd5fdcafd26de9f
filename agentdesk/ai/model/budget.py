"""How much one question may hold. No tokenizer: every model has another one."""

from collections.abc import Iterable, Sequence

Entry = tuple[str, str]
"""Foreign text: what it is, and the text."""

BYTES_PER_TOKEN = 3
"""English has about 4 bytes of UTF-8 a token, Chinese about 3: rather too many tokens than too few."""

HEAD = 80
"""Tokens for the line above an entry: who wrote it, and when."""

FIRST_PARTS, LAST_PARTS = 6, 18
"""A longer conversation is read without its middle, which the summary says."""

SPARE = 1_200
"""Tokens kept for what stands around the mails, and for the answer."""


def tokens(text: str) -> int:
    """How many tokens *text* takes at most, by its size."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def pieces(text: str, most: int) -> list[str]:
    """*text* in pieces of at most *most* tokens, cut at line ends where there are some."""
    found: list[str] = []
    at = 0
    while True:
        piece = _beginning(text[at : at + most * BYTES_PER_TOKEN], most)
        if at + len(piece) >= len(text):
            return [*found, piece]
        line = piece.rfind("\n", len(piece) // 2)
        piece = piece[: line + 1] if line >= 0 else piece
        found.append(piece)
        at += len(piece)


def clipped(text: str, most: int) -> str:
    """The beginning of *text*, at most *most* tokens."""
    return text if tokens(text) <= most else f"{_beginning(text, most)} …"


def _beginning(text: str, most: int) -> str:
    return text.encode("utf-8", "replace")[: most * BYTES_PER_TOKEN].decode("utf-8", "ignore")


def parts(entries: Iterable[Entry], most: int) -> tuple[list[list[Entry]], str]:
    """*entries* in groups of at most *most* tokens, and what had to be left out, in words."""
    groups: list[list[Entry]] = [[]]
    left = most
    for head, text in entries:
        for piece in pieces(text, most - HEAD):
            size = tokens(piece) + HEAD
            if size > left and groups[-1]:
                groups.append([])
                left = most
            groups[-1].append((head, piece))
            left -= size
    between = groups[FIRST_PARTS:-LAST_PARTS]
    if not between:
        return groups, ""
    kept = [*groups[:FIRST_PARTS], *groups[-LAST_PARTS:]]
    return kept, f"{sum(map(len, between))} entries in the middle were left out"


def newest(entries: Sequence[Entry], most: int) -> list[Entry]:
    """As many of the last *entries* as fit, in their order; of the last one at least its beginning."""
    kept: list[Entry] = []
    left = most
    for head, text in reversed(entries):
        size = tokens(text) + HEAD
        if size > left:
            break
        kept.append((head, text))
        left -= size
    if not kept and entries:
        kept.append((entries[-1][0], clipped(entries[-1][1], most - HEAD)))
    return kept[::-1]
