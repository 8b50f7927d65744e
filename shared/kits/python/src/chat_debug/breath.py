"""Lets the program's own threads go first, between two pieces of the worker's work.

One that waits for the interpreter gets it at once only when the worker truly sleeps: after a sleep of nothing the
worker is mostly back before it has woken.
"""

from __future__ import annotations

import time

_LENGTH = 0.00005


def breath() -> None:
    time.sleep(_LENGTH)
