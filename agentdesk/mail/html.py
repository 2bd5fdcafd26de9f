"""tmp"""

from dataclasses import dataclass
from agentdesk.domain.message import Span
from agentdesk.domain.text import SafeText, safe


@dataclass(frozen=True)
class HtmlText:
    text: SafeText
    quoted: tuple[Span, ...] = ()
    warnings: tuple[str, ...] = ()


def html_to_text(markup: str) -> HtmlText:
    from selectolax.lexbor import LexborHTMLParser

    b = LexborHTMLParser(markup).body
    return HtmlText(safe(b.text(separator=" ") if b else ""))
