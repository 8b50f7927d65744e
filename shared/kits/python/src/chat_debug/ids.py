"""Ids: of runs, of chats by any name, and of messages.

What the service would refuse is told from what it takes here, so that a turn is not lost at the end of its way.
"""

from __future__ import annotations

import os
import re
import uuid

# The namespace of chats by any name; shared/api/CONTRACT.md fixes it.
NAMESPACE = uuid.UUID("c00be217-abf9-5bac-820f-9055c0b9a170")

MAX_EXTERNAL_ID = 256
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OWNER = re.compile(r"[!-~]{1,128}")
_MESSAGE = re.compile(r"(?! )(?:[^\s\x00-\x1f\x7f-\x9f]| ){1,128}(?<! )")


def uuid7(millis: int) -> str:
    """A UUIDv7 of this millisecond."""
    random = int.from_bytes(os.urandom(10), "big")
    value = (millis & ((1 << 48) - 1)) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def is_owner(owner: str) -> bool:
    """Whether this can be a user's id."""
    return bool(_OWNER.fullmatch(owner)) and "#" not in owner


def chat(chat_id: object, owner: str) -> tuple[str, str | None]:
    """The id of a chat in paths, and the name that it stands for unless that is a UUID already, or longer than the
    service takes: the id says all that is needed to find it again."""
    name = str(chat_id)
    if _UUID.fullmatch(name):
        return name, None
    if not name:
        raise ValueError("The chat's id must not be empty.")
    is_short = len(name.encode()) <= MAX_EXTERNAL_ID
    return str(uuid.uuid5(NAMESPACE, f"{owner}\0{name}")), name if is_short else None


def related_chat(chat_id: object, owner: str) -> str | None:
    """The id of a chat that a turn's chat came from; nothing when it cannot be one."""
    try:
        return chat(chat_id, owner)[0]
    except ValueError:
        return None


def exact(value: object) -> str | None:
    """A UUID as the service takes it, in lower case; nothing when it is none."""
    text = str(value).lower()
    return text if _UUID.fullmatch(text) else None


def message(message_id: object) -> int | str | None:
    """A message's id as the service takes it; nothing when it cannot be one."""
    if message_id is None:
        return None
    if isinstance(message_id, int) and not isinstance(message_id, bool) and -(2**63) <= message_id < 2**63:
        return message_id
    text = str(message_id)
    return text if _MESSAGE.fullmatch(text) else None
