"""Raw mail and attachments: content-addressed, compressed, in chunks of 256 KiB."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import blob_chunks, blobs

CHUNK = 256 * 1024
LEVEL = 1  # mail is mostly text and base64: level 1 takes most of the gain for a third of the time


def sha256(content: bytes) -> str:
    """The address of *content*: hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def pack(content: bytes) -> list[bytes]:
    """Compressed chunks of *content*; an empty one for nothing."""
    packed = zlib.compress(content, LEVEL)
    return [packed[i : i + CHUNK] for i in range(0, len(packed), CHUNK)]


async def put(tx: Transaction, contents: Mapping[str, bytes]) -> None:
    """Keep *contents* under their hashes; those that are there already are left alone."""
    there = await tx.all(sa.select(blobs.c.sha256).where(blobs.c.sha256.in_(list(contents))))
    new = {k: v for k, v in contents.items() if k not in {row.sha256 for row in there}}
    await tx.insert_new(blobs, [{"sha256": k, "size": len(v)} for k, v in new.items()])
    chunks = [
        {"sha256": k, "n": n, "data": data}
        for k, v in new.items()
        for n, data in enumerate(pack(v))
    ]
    await tx.insert_new(blob_chunks, chunks)


async def put_one(tx: Transaction, content: bytes) -> str:
    """Keep *content*; returns its address."""
    address = sha256(content)
    await put(tx, {address: content})
    return address


async def get_many(tx: Transaction, addresses: Iterable[str]) -> dict[str, bytes]:
    """The contents under *addresses*; unknown ones are left out."""
    wanted = sa.select(blob_chunks).where(blob_chunks.c.sha256.in_(set(addresses)))
    parts: dict[str, list[bytes]] = {}
    for row in await tx.all(wanted.order_by(blob_chunks.c.sha256, blob_chunks.c.n)):
        parts.setdefault(row.sha256, []).append(row.data)
    return {k: zlib.decompress(b"".join(v)) for k, v in parts.items()}


async def get(tx: Transaction, address: str) -> bytes:
    """The content under *address*. Raises `NotFound`."""
    found = await get_many(tx, [address])
    if address not in found:
        raise NotFound("The original of this mail is not in the database.")
    return found[address]
