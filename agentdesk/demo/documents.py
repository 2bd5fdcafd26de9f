"""Files that the demo's mails carry: photos and one-page documents that really open."""

import random
import struct
import zlib

from agentdesk.mail.compose import File

WIDTH, HEIGHT, BAND = 160, 120, 4
_TITLES = {"invoice": "Invoice", "label": "Return label", "offer": "Offer"}


def photo(name: str) -> File:
    """A small picture, always the same for the same *name*."""
    rng = random.Random(name)
    sky, ground = (tuple(rng.randint(40, 220) for _ in range(3)) for _ in range(2))
    horizon = HEIGHT * rng.uniform(0.4, 0.7)
    bands = range(0, HEIGHT, BAND)
    rows = b"".join(_row(rng, y, sky if y < horizon else ground) * BAND for y in bands)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")
    content = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)
    return File(name, "image/png", content)


def _row(rng: random.Random, y: int, colour: tuple[int, ...]) -> bytes:
    """One line of pixels: the colour, lighter towards the right, with a little noise."""
    line = b"\0"
    for x, grain in enumerate(rng.randbytes(WIDTH // 8)):
        light = 2 * x + grain // 24 - y // 6
        line += bytes(min(255, max(0, c + light)) for c in colour) * 8
    return line


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def document(kind: str, subject: str) -> File:
    """A one-page PDF: an invoice, a return label or an offer about *subject*."""
    title = _TITLES[kind]
    words = subject.encode("cp1252", "replace").translate(None, b"()\\").decode("cp1252")
    drawn = (
        f"BT /F 20 Tf 60 760 Td (Northwind Outdoor) Tj 0 -40 Td ({title}) Tj "
        f"/F 12 Tf 0 -40 Td ({words}) Tj ET"
    ).encode("cp1252", "replace")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    return File(f"{title.lower().replace(' ', '-')}.pdf", "application/pdf", _pdf(objects))


def _pdf(objects: tuple[bytes, ...]) -> bytes:
    """The objects with the table that says where each begins. Source: ISO 32000-1, 7.5."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    tail = b"xref\n0 %d\n%b" % (size, table) + b"trailer<</Size %d/Root 1 0 R>>\n" % size
    return out + tail + b"startxref\n%d\n%%%%EOF\n" % len(out)
