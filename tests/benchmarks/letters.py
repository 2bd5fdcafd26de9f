"""10 KB mixed mails, the same every time: a fifth plain with quotes, half alternative, some files."""

import random
from email.message import EmailMessage
from email.policy import SMTP

WORDS = [
    "order",
    "parcel",
    "invoice",
    "tent",
    "boots",
    "jacket",
    "refund",
    "return",
    "carrier",
    "delivery",
    "broken",
    "size",
    "colour",
    "zip",
    "please",
    "thank",
    "you",
    "when",
    "could",
    "would",
    "again",
    "photo",
    "attached",
    "address",
    "street",
    "number",
    "payment",
    "card",
    "account",
    "login",
    "password",
    "email",
    "yesterday",
    "today",
    "week",
    "arrived",
    "missing",
    "wrong",
    "damaged",
    "exchange",
]


def letters(count: int, to: str, seed: int = 1) -> list[bytes]:
    """*count* mails of about 10 KB from some hundred customers."""
    chance = random.Random(seed)
    return [_letter(n, to, chance) for n in range(count)]


def _words(chance: random.Random, count: int) -> str:
    lines = []
    while count > 0:
        lines.append(" ".join(chance.choices(WORDS, k=12)) + ".")
        count -= 12
    return "\n".join(lines)


def _letter(n: int, to: str, chance: random.Random) -> bytes:
    message = EmailMessage(policy=SMTP)
    who = chance.randrange(400)
    message["From"] = f"Customer {who} <customer{who}@example.org>"
    message["To"] = to
    message["Subject"] = f"Question {n} on {chance.choice(WORDS)}"
    message["Message-ID"] = f"<bench.{n}.{chance.randrange(10**9)}@example.org>"
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0000"
    for hop in range(4):
        message["Received"] = (
            f"from mx{hop}.example.org by mx{hop + 1}.example.org; Mon, 02 Mar 2026"
        )
    kind = chance.random()
    text = _words(chance, 300)
    if kind < 0.2:
        quoted = "\n".join(f"> {line}" for line in _words(chance, 1200).split("\n"))
        message.set_content(f"{text}\n\nOn Monday, Ana wrote:\n{quoted}\n")
        return message.as_bytes()
    message.set_content(text)
    body = "".join(f"<p>{line}</p>" for line in _words(chance, 700).split("\n"))
    message.add_alternative(f"<html><body>{body}</body></html>", subtype="html")
    if kind > 0.75:
        content = chance.randbytes(3000)
        message.add_attachment(content, maintype="application", subtype="pdf", filename="bill.pdf")
    return message.as_bytes()
