"""`python -m tests.benchmarks [name …]`: prints every speed as a ratio to a named reference."""

import asyncio
import sys
from importlib import import_module

NAMES = (
    "assign",
    "find",
    "help",
    "ingest",
    "hostile",
    "inspect",
    "link",
    "screen",
    "send",
    "storm",
    "summary",
    "wall",
)


def main() -> None:
    """Run the named benchmarks, or all."""
    for name in sys.argv[1:] or NAMES:
        asyncio.run(import_module(f"tests.benchmarks.{name}").run())


main()
