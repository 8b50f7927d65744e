"""Undoes what a body was packed with on its way, so that what is recorded is what the program saw.

gzip and deflate are the standard library's; brotli, from version 1.2 on, and zstd are undone when the program has the
package that it needs to read them itself. What cannot be undone stays as it came, which its header says.
"""

from __future__ import annotations

import importlib
import zlib
from typing import TypeVar

# More than this is not unpacked: a small body can hold gigabytes.
MAX_UNPACKED = 16 * 1024 * 1024


B = TypeVar("B", bytes, bytearray)


def named(header: str) -> list[str]:
    """What a body was packed with, in order."""
    return [name for name in (part.strip().lower() for part in header.split(",")) if name not in ("", "identity")]


def undo(body: bytes, encodings: list[str]) -> bytes | None:
    """The body unpacked; nothing when it cannot be."""
    try:
        for encoding in reversed(encodings):
            body = _undo_one(body, encoding)
    except Exception:
        return None
    return body


def _undo_one(body: bytes, encoding: str) -> bytes:
    if encoding in ("gzip", "x-gzip"):
        return _inflate(body, 16 + zlib.MAX_WBITS)
    if encoding == "deflate":
        try:
            return _inflate(body, zlib.MAX_WBITS)
        except zlib.error:
            # Some servers leave out the two bytes of RFC 1950.
            return _inflate(body, -zlib.MAX_WBITS)
    if encoding == "br":
        # Older versions have no limit.
        unpacker = importlib.import_module("brotli").Decompressor()
        return _fitting(bytes(unpacker.process(body, output_buffer_limit=MAX_UNPACKED + 1)))
    if encoding == "zstd":
        unpacker = importlib.import_module("zstandard").ZstdDecompressor()
        return _fitting(bytes(unpacker.stream_reader(body, read_across_frames=True).read(MAX_UNPACKED + 1)))
    raise ValueError(encoding)


def _inflate(body: bytes, window: int) -> bytes:
    """What there is of it: a stream that was cut gives what came."""
    unpacked = bytearray()
    while body:
        inflate = zlib.decompressobj(window)
        unpacked += inflate.decompress(body, MAX_UNPACKED + 1 - len(unpacked))
        _fitting(unpacked)
        if not inflate.eof:
            break
        # gzip allows several members.
        body = inflate.unused_data
    return bytes(unpacked)


def _fitting(unpacked: B) -> B:
    if len(unpacked) > MAX_UNPACKED:
        raise ValueError("too large")
    return unpacked
