"""Raw mail and attachments: content-addressed, compressed, in chunks of 256 KiB."""

import asyncio
import hashlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import blob_chunks, blobs

CHUNK = 256 * 1024
PIECE = 16 * 1024
STEP = 1024 * 1024
"""Bytes that are compressed between two looks at whether it shall go on."""

LEVEL = 1  # mail is mostly text and base64: level 1 takes most of the gain for a third of the time


def sha256(content: bytes) -> str:
    """The address of *content*: hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Packed:
    """A content ready to be kept: its address, size in bytes and compressed chunks."""

    sha256: str
    size: int
    chunks: tuple[bytes, ...]


def pack(content: bytes, step: Callable[[int], object] = lambda _size: None) -> Packed:
    """Compress *content*. Pure computation: for much of it, call it in a thread.

    *step* hears of every piece, in bytes of *content*; what it raises stops the work.
    """
    deflate, parts, view = zlib.compressobj(LEVEL), [], memoryview(content)
    for start in range(0, len(content), STEP):
        piece = view[start : start + STEP]
        parts.append(deflate.compress(piece))
        step(len(piece))
    packed = b"".join([*parts, deflate.flush()])
    chunks = tuple(packed[i : i + CHUNK] for i in range(0, len(packed), CHUNK))
    return Packed(sha256(content), len(content), chunks)


async def put(tx: Transaction, contents: Sequence[Packed]) -> None:
    """Keep *contents* under their addresses; those that are there already are left alone."""
    wanted = {c.sha256: c for c in contents}
    whole = blob_chunks.c.sha256.in_(list(wanted)) & (blob_chunks.c.n == 0)
    there = await tx.all(sa.select(blob_chunks.c.sha256).where(whole))
    new = [c for k, c in wanted.items() if k not in {row.sha256 for row in there}]
    await tx.insert_new(blobs, [{"sha256": c.sha256, "size": c.size} for c in new])
    chunks = [
        {"sha256": c.sha256, "n": n, "data": data} for c in new for n, data in enumerate(c.chunks)
    ]
    await tx.insert_new(blob_chunks, chunks)


async def erased(tx: Transaction, addresses: Iterable[str]) -> set[str]:
    """Those of *addresses* whose contents were erased and are not to come back."""
    same = blobs.c.sha256.in_(set(addresses)) & blobs.c.erased
    return {r.sha256 for r in await tx.all(sa.select(blobs.c.sha256).where(same))}


async def put_one(tx: Transaction, content: bytes) -> str:
    """Keep *content*; returns its address."""
    packed = await asyncio.to_thread(pack, content)
    await put(tx, [packed])
    return packed.sha256


async def get_many(tx: Transaction, addresses: Iterable[str]) -> dict[str, bytes]:
    """The contents under *addresses*; unknown and damaged ones are left out."""
    wanted = sa.select(blob_chunks).where(blob_chunks.c.sha256.in_(set(addresses)))
    parts: dict[str, list[bytes]] = {}
    for row in await tx.all(wanted.order_by(blob_chunks.c.sha256, blob_chunks.c.n)):
        parts.setdefault(row.sha256, []).append(row.data)
    return await asyncio.to_thread(_unpacked, parts)


def _unpacked(parts: dict[str, list[bytes]]) -> dict[str, bytes]:
    whole = ((address, _inflated(chunks)) for address, chunks in parts.items())
    return {address: content for address, content in whole if content is not None}


def _inflated(chunks: Iterable[bytes]) -> bytes | None:
    """Chunk by chunk: at once, a large mail would hold Python's lock and with it the event loop.

    None where chunks are damaged or missing.
    """
    machine = zlib.decompressobj()
    try:
        pieces = [machine.decompress(chunk) for chunk in chunks]
    except zlib.error:
        return None
    return b"".join(pieces) if machine.eof else None


async def beginning(tx: Transaction, address: str, most: int) -> bytes | None:
    """At most *most* bytes of the content under *address*, at a cost that its size does not raise.

    Never more than one chunk is read, so *most* may be up to `CHUNK`. None where the bytes are
    missing.
    """
    first = (blob_chunks.c.sha256 == address) & (blob_chunks.c.n == 0)
    row = await tx.one(sa.select(blob_chunks.c.data).where(first))
    return None if row is None else await asyncio.to_thread(unpacked_beginning, row.data, most)


async def beginnings(tx: Transaction, addresses: Iterable[str], most: int) -> dict[str, bytes]:
    """The same of many contents in one query; those whose bytes are missing are left out."""
    first = blob_chunks.c.sha256.in_(set(addresses)) & (blob_chunks.c.n == 0)
    rows = await tx.all(sa.select(blob_chunks.c.sha256, blob_chunks.c.data).where(first))

    def unpacked() -> dict[str, bytes]:
        return {r.sha256: unpacked_beginning(r.data, most) for r in rows}

    return await asyncio.to_thread(unpacked)


async def sizes(tx: Transaction, addresses: Iterable[str]) -> dict[str, int]:
    """How many bytes the contents under *addresses* have."""
    query = sa.select(blobs.c.sha256, blobs.c.size).where(blobs.c.sha256.in_(set(addresses)))
    return {r.sha256: r.size for r in await tx.all(query)}


def unpacked_beginning(data: bytes, most: int) -> bytes:
    """At most *most* bytes of the content whose compressed form begins with *data*.

    Damaged bytes give what stands before the damage.
    """
    unpacking, out = zlib.decompressobj(), bytearray()
    try:
        for i in range(0, len(data), PIECE):
            out += unpacking.decompress(data[i : i + PIECE], most - len(out))
            if len(out) >= most:
                break
    except zlib.error:
        pass
    return bytes(out)


async def get(tx: Transaction, address: str) -> bytes:
    """The content under *address*. Raises `NotFound`."""
    found = await get_many(tx, [address])
    if address not in found:
        raise NotFound("The original of this mail is not in the database.")
    return found[address]
