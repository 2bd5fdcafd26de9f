"""What a sentence does, by its words: asks, promises, thanks, reports trouble, says what was done.

In the languages that desks write most. Cues are evidence and no understanding: what rests on them is
always shown with the sentence itself, its writer and its date.
"""

import re
from collections.abc import Sequence
from typing import Final

_LOOKED_AT: Final = 300
"""Characters of a sentence in which cues count."""


def _any(lines: str) -> re.Pattern[str]:
    """Beginnings of words and phrases, between bars and in lines."""
    return re.compile(rf"\b(?:{'|'.join(lines.strip().splitlines())})", re.IGNORECASE)


_PLEASANT: Final = _any(
    r"""
hesitate\b|feel free\b|(?:any|further|more|other) questions\b|look(?:ing)? forward\b
hope (?:this|that|you|it)\b|have a (?:nice|great|good|lovely)\b|sorry (?:for|about|to hear)\b
i am sorry\b|we are sorry\b|apologi[sz]e\b|thank(?:s| you) (?:for|again|very|so|in advance)\b
happy to help\b|(?:thank you|thanks)[.!,]*$|how are you\b|bei (?:weiteren |rück)?fragen\b|zögern\b
freuen uns\b|schöne[ns]? (?:tag|abend|woche)\b|danke für\b|vielen dank\b
(?:es )?tut (?:mir|uns) leid\b|entschuldig|n'hésitez\b|restons à\b|bonne journée\b
merci (?:pour|de votre|d'avance|beaucoup)\b|désolés?\b|no dude\b|quedamos a\b|gracias por\b
lamentamos\b|disculpe\b
"""
)
_THANKS: Final = _any(
    r"""
thank(?:s| you)\b|thx\b|cheers\b|danke\b|(?:vielen|herzlichen|besten) dank\b|merci\b|gracias\b
grazie\b|obrigad[oa]\b|bedankt\b|dank je\b|dank u\b|tack\b|tusen takk\b|kiitos\b|dziękuję\b
спасибо\b
"""
)
_SETTLED: Final = _any(
    r"""
perfect\b|(?:all|everything) (?:is )?(?:good|fine|clear|well)\b|works?(?: now| again)?[!.]
it worked\b|solved\b|(?:it|they|both) (?:has |have )?(?:arrived|came|fits?)\b|agreed\b
great(?: service)?[!.]|problem (?:is )?gone\b
(?:ist |sind )?(?:da|angekommen|erledigt|geklärt)[,.! ]|funktioniert (?:jetzt|wieder)\b|perfekt\b
parfait\b|c'est (?:bon|réglé)\b|réglé\b|bien reçue?s?\b|resuelto\b|solucionado\b|perfecto\b
ha llegado\b|todo (?:bien|claro)\b
"""
)
_CONTRAST: Final = _any(
    r"""
but\b|still\b|however\b|unfortunately\b|(?:do|does|did|has|have|is|are|was)(?:n't|n’t| not)\b
never\b|late\b|aber\b|leider\b|immer noch\b|noch (?:nicht|kein)|nicht (?:erhalten|möglich)
mais\b|malheureusement\b|toujours pas\b|rien reçu|pero\b|todavía\b|aún no\b|no (?:ha|he|puedo)\b
"""
)
_FAULT: Final = _any(
    r"""
can(?:not|'t|’t) (?:log|open|use|find|see|pay|read)|(?:does|did)(?:n't|n’t| not) work\b|broken?\b
broke\b|snapped\b|wrong\b|missing\b|damaged\b|twice\b|errors?\b|fail(?:s|ed|ure)?\b|problem\b|faulty\b
torn\b|lost\b|no longer\b|complain|funktioniert nicht\b|defekt\b|kaputt\b|falsch|fehl(?:t|en|er)
beschädigt|nicht angekommen\b|hakt\b|gar nicht\b|cassée?\b|erreur\b|manque|endommagé|ne marche pas\b
no funciona\b|rot[oa]\b|falta\b|dañad
"""
)
_ASKED: Final = _any(
    r"""
please (?!thank|accept|find)|(?:could|can|would|will) you\b|kindly\b|let (?:me|us) know\b
(?:i|we) (?:need|would like|want|ask|request|expect)\b|i'd like\b|when (?:can|will|do)\b
bitte (?!entschuldig)|(?:können|könnten|würden) sie\b|(?:kannst|könntest) du\b
(?:ich|wir) (?:brauche|brauchen|möchte|möchten|benötige)|s'il (?:vous|te) plaît\b
pou(?:rriez|vez)[- ]vous\b
(?:je voudrais|j'aimerais|nous voudrions|j'ai besoin|merci de (?!votre))\b|por favor\b
(?:podrían?|pueden?|podéis|puedes) |(?:necesito|quisiera|quiero|me gustaría)\b
"""
)
_PROMISED: Final = _any(
    r"""
(?:i|we)(?:'ll|’ll| will| shall)\b(?! (?:be (?:happy|glad)|gladly))
(?:i am|i'm|we are|we're) going to\b|you(?:'ll| will) (?:hear|get|receive)\b
will (?:get|come) back to you\b|will (?:keep|let) you\b
(?:i am|i'm|we are|we're) (?:now |still )?(?:looking into|checking|investigating|waiting for|working on)\b
(?:ich|wir) werden?\b|werden? (?:ich|wir)\b|meld(?:e|en) (?:mich|uns|ich|wir)\b
(?:gebe|geben) (?:ich |wir )?ihnen bescheid\b|(?:schicke|sende)n? (?:ich |wir )?ihnen\b
sie (?:hören|erhalten|bekommen)\b|je vais\b|nous allons\b
je vous (?:envoie|enverrai|tiens|tiendrai|recontacte)
nous vous (?:enverrons|tiendrons|recontacterons|informerons)
(?:je reviens|nous reviendrons|nous revenons) vers\b|vous (?:recevrez|aurez)\b|voy a\b|vamos a\b
(?:le|les|te|se lo|lo) (?:enviar|informar|avisar|mantendr|mandar)(?:é|emos)\b
(?:me pondré|nos pondremos) en contacto\b|recibirá\b
"""
)
_CONDITION: Final = re.compile(
    r"(?:if|once|as soon as|when|should) (?:you|there)\b|(?:wenn|falls|sobald|sollten) sie\b"
    r"|si vous\b|dès que vous\b|si usted\b|cuando nos\b|en cuanto (?:nos|usted)\b",
    re.IGNORECASE,
)
"""What somebody promises in case of something is no promise yet."""

_DONE: Final = _any(
    r"""
(?:i|we)(?:'ve|’ve| have)(?: now| just| already| also)? \w+|(?:has|have) been \w+
is on (?:its|the) way\b|left (?:our|the)\b|refund|replac|confirmed\b|sent\b|booked\b|corrected\b
changed\b|(?:habe|haben) (?:ich|wir)\b|(?:ich|wir) (?:habe|haben)\b
(?:wurde|worden|erstattet|verschickt|geändert)\b|(?:j'ai|nous avons|a été|ont été|vient de)\b
(?:he|hemos|ha sido|han sido|acabamos de)\b
"""
)
_TODO: Final = _any(
    r"""
to-do\b|needs? to\b|ha(?:s|ve) to\b|must\b|remember to\b|don'?t forget\b|follow up\b
call (?:him|her|them|back)\b|ask (?!ed)|check (?:with|whether|if|again|on)\b|wait(?:ing)? for\b
promised\b|remind\b|(?:muss|müssen)\b|noch offen\b|nach(?:fragen|fassen|haken)\b|rückruf\b|à faire\b
il faut\b|doi(?:t|s|vent)\b|rappeler\b|pendiente\b|hay que\b|ten(?:emos|go) que\b
"""
)
_CONTENT: Final = re.compile("ありがとう|谢谢|謝謝|감사|شكر|תודה|👍|🙏|✅|❤|[😀-😍]")
"""Thanks in scripts without spaces or with joined words, and what people send instead of words."""

_CHECKBOX: Final = re.compile(r"\[ ?\]|\bTODO\b|\b[Tt]o-?[Dd]o:")
_TICKED: Final = re.compile(r"\[x\]|\b(?:done|erledigt|fait|hecho)\b", re.IGNORECASE)


def asks(sentence: str) -> bool:
    """Whether it is a question, or wants something."""
    return wishes(sentence) and not is_pleasant(sentence)


def wishes(sentence: str) -> bool:
    """Like `asks`, where politeness was looked at before."""
    return is_question(sentence) or bool(_ASKED.search(sentence[:_LOOKED_AT]))


def is_question(sentence: str) -> bool:
    """By its mark."""
    return sentence.rstrip("\"'”’»)] ").endswith(("?", "？", "؟"))


def is_pleasant(sentence: str) -> bool:
    """Whether it is only polite: an offer of help, thanks for something, a wish, an excuse."""
    return bool(_PLEASANT.search(sentence[:_LOOKED_AT]))


def promises(sentence: str) -> bool:
    """Whether the writer says what they will do, or are doing, without an if."""
    seen = sentence[:_LOOKED_AT]
    if is_question(seen) or _CONDITION.search(seen):
        return False
    return bool(_PROMISED.search(seen))


def is_todo(sentence: str) -> bool:
    """Whether a note leaves something to do."""
    seen = sentence[:_LOOKED_AT]
    if _TICKED.search(seen):
        return False
    return bool(_CHECKBOX.search(seen) or _TODO.search(seen))


def tells_trouble(sentence: str) -> bool:
    """Whether something is wrong, or not as it should be."""
    return names_fault(sentence) or bool(_CONTRAST.search(sentence[:_LOOKED_AT]))


def names_fault(sentence: str) -> bool:
    """Whether it says that something does not work, is damaged or missing."""
    return bool(_FAULT.search(sentence[:_LOOKED_AT]))


def tells_done(sentence: str) -> bool:
    """Whether it says what happened or was done."""
    return bool(_DONE.search(sentence[:_LOOKED_AT]))


def is_settled(said: Sequence[str]) -> bool:
    """Whether a whole mail says that all is well: thanks or content, no wish, no trouble."""
    if any(asks(s) or tells_trouble(s) for s in said):
        return False
    return any(p.search(s[:_LOOKED_AT]) for s in said for p in (_THANKS, _SETTLED, _CONTENT))
