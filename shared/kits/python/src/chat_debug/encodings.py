"""Undoes what a body was packed with on its way, so that what is recorded is what the program saw.

gzip and deflate are the standard library's; brotli and zstd are undone when the program has the package that it needs
to read them itself. What cannot be undone stays as it came, which its header says.
"""

from __future__ import annotations

import importlib
import zlib

# More than this is not unpacked: a small body can hold gigabytes.
MAX_UNPACKED = 16 * 1024 * 1024


def undo(body: bytes, header: str | None) -> tuple[bytes, str | None]:
    """The body unpacked, and what it was packed with, if it was and could be."""
    encodings = [
        name for name in (part.strip().lower() for part in (header or "").split(",")) if name not in ("", "identity")
    ]
    if not encodings or not body:
        return body, None
    unpacked = body
    for encoding in reversed(encodings):
        try:
            unpacked = _undo_one(unpacked, encoding)
        except Exception:
            return body, None
    return unpacked, ", ".join(encodings)


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
        return bytes(importlib.import_module("brotli").decompress(body))
    if encoding == "zstd":
        unpacker = importlib.import_module("zstandard").ZstdDecompressor()
        return bytes(unpacker.decompressobj().decompress(body))
    raise ValueError(encoding)


def _inflate(body: bytes, window: int) -> bytes:
    """What there is of it: a stream that was cut gives what came."""
    unpacked = bytearray()
    while body:
        inflate = zlib.decompressobj(window)
        unpacked += inflate.decompress(body, MAX_UNPACKED + 1 - len(unpacked))
        if len(unpacked) > MAX_UNPACKED:
            raise ValueError("too large")
        if not inflate.eof:
            break
        # gzip allows several members.
        body = inflate.unused_data
    return bytes(unpacked)
