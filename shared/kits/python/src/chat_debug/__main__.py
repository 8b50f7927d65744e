"""`python -m chat_debug check`: records one turn, and says what is missing when that does not work."""

from __future__ import annotations

import argparse
import sys

from chat_debug import check
from chat_debug.version import __version__


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chat_debug", description="The chat-debug recorder for Python.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    checks = commands.add_parser("check", help="record one turn, and say what is missing")
    checks.add_argument("--owner", default="user-1", help="whose chat it is in (user-1)")
    checks.add_argument("--chat", default="chat-debug check", help="the chat that gets the turn; any string")
    checks.add_argument("--client", metavar="MODULE:NAME", help="a client of yours, to see whether it is wrapped")
    arguments = parser.parse_args()
    return check.run(arguments.owner, arguments.chat, arguments.client)


if __name__ == "__main__":
    sys.exit(main())
