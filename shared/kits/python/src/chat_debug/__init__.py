"""Records the turns of AI chats with a chat-debug service, byte for byte, and never disturbs the chat.

    debug = chat_debug.Recorder()
    client = debug.wrap(openai.OpenAI())
    with debug.turn(chat_id, owner_id, first_message=text) as turn:
        turn.bind(client).chat.completions.create(...)

- `recorder`: what a chat backend makes one of
- `turn`, `attempt`: what passes by in a turn; `streams`: what runs in it later
- `hooks`: how the calls of clients become known
- `worker`, `connection`: the threads that talk to the service
- `packing`: the bodies that it sends; `reading`, `usage`, `encodings`, `redaction`: what is done to what passed before
"""

from chat_debug.attempt import Attempt, End
from chat_debug.recorder import Recorder
from chat_debug.turn import Turn
from chat_debug.version import __version__

__all__ = ["Attempt", "End", "Recorder", "Turn", "__version__"]
