"""A redirect that is followed belongs to the call that it was the answer to."""

from __future__ import annotations

import httpx
from conftest import Recorded, made_up, question


def test_a_redirect_that_is_followed_is_a_try_of_the_same_call(recorded: Recorded) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/chat/completions":
            return httpx.Response(307, headers={"location": "/elsewhere?a=1"})
        return httpx.Response(200, json={"choices": []})

    client = recorded.debug.wrap(httpx.Client(transport=httpx.MockTransport(handler), follow_redirects=True))
    with recorded.turn():
        assert client.post("http://h/v1/chat/completions", json=question()).status_code == 200
        # What goes there by itself is a call of its own.
        client.post("http://h/elsewhere?a=1", json=question(user="x"))
    run = recorded.run()
    followed, other = run["steps"]
    tries = [(each["status"], each["response_status"], each["path"]) for each in followed["attempts"]]
    assert tries == [("completed", 307, "/v1/chat/completions"), ("completed", 200, "/elsewhere")]
    assert (run["status"], followed["status"], len(other["attempts"])) == ("completed", "completed", 1)


def test_a_redirect_that_nobody_follows_is_no_answer(recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(302, headers={"location": "/elsewhere"})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
    assert recorded.run()["steps"][0]["status"] == "error"
