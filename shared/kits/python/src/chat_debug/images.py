"""Takes images, and whatever else is sent as base64, out of a body that is too large: its size and hash stay, so that
it can be told again. Every other byte stays.

It works in slices, between which the chat has its turn: each holds the interpreter for a millisecond at most, or not
much more.
"""

from __future__ import annotations

import binascii
import hashlib
import re

from chat_debug.breath import breath

# The fewest digits that are taken for something.
LEAST = 1024
# A multiple of four digits.
SLICE = 64 * 1024
# Nothing is looked for within digits: a search that tried again at each would take the square of their number.
_LONG = re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{%d,}" % LEAST)
_DIGITS = re.compile(rb"[A-Za-z0-9+/]*")
_PADDING = re.compile(rb"={0,2}")


def without(body: bytes) -> bytes:
    """The same body when there is nothing to take out."""
    kept: list[bytes] = []
    at = rest = 0
    while at < len(body):
        breath()
        found = _LONG.search(body, at, at + SLICE)
        if found is None:
            # One that begins at the slice's end is seen from its beginning next.
            at += SLICE - LEAST + 1
            continue
        start, end = found.span()
        at += SLICE
        while end == at and end < len(body):
            breath()
            end, at = _end(_DIGITS, body, end, SLICE), at + SLICE
        kept += (body[rest:start], _described(body, start, end))
        # Its padding goes with it.
        at = rest = _end(_PADDING, body, end, 2)
    return b"".join((*kept, body[rest:])) if kept else body


def _end(what: re.Pattern[bytes], body: bytes, at: int, most: int) -> int:
    found = what.match(body, at, at + most)
    return found.end() if found else at


def _described(body: bytes, start: int, end: int) -> bytes:
    """The hash is that of the bytes, as a person has them in a file."""
    # One digit more than bytes have belongs to what stands beside it.
    end -= (end - start) % 4 == 1
    digest, size = hashlib.sha256(), 0
    for at in range(start, end, SLICE):
        breath()
        digits = body[at : min(at + SLICE, end)]
        content = binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
        digest.update(content)
        size += len(content)
    return f"[LEFT OUT: {size} bytes, sha256 {digest.hexdigest()}]".encode()
