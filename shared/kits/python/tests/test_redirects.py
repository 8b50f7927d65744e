"""A redirect that is followed belongs to the call that it was the answer to."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx
import pytest
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


@pytest.mark.parametrize(
    "location", ["http://h:80", "http://h:80/elsewhere", "HTTP://H/elsewhere#part", "http://h?a=1", "https://h:443/"]
)
def test_a_place_has_many_spellings(location: str, recorded: Recorded) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        is_first = request.url.path == "/v1/chat/completions"
        return httpx.Response(307 if is_first else 200, headers={"location": location}, json={"choices": []})

    client = recorded.debug.wrap(httpx.Client(transport=httpx.MockTransport(handler), follow_redirects=True))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
    (step,) = recorded.run()["steps"]
    assert [each["response_status"] for each in step["attempts"]] == [307, 200]
    # It is no retry.
    assert not {"retry_classification", "retry_delay_ms"} & step["attempts"][0].keys()


def test_a_client_may_spell_out_a_path_that_is_empty(recorded: Recorded) -> None:
    with recorded.turn() as turn:
        for url, status in (("http://h/a", 302), ("http://h/", 200)):
            attempt = turn.begin("GET", url, [], None)
            assert attempt is not None
            attempt.answered(status, [("location", "http://h")])
            attempt.ended()
    assert [len(step["attempts"]) for step in recorded.run()["steps"]] == [2]


@pytest.mark.parametrize("statuses", [(307, 308), (303, 307), (307, 303), (302, 302)])
def test_a_call_is_followed_however_often_it_is_sent_on(statuses: tuple[int, int], recorded: Recorded) -> None:
    answers = [httpx.Response(status, headers={"location": f"/{status}"}) for status in statuses]
    answers.append(httpx.Response(200, json={"choices": []}))
    transport = httpx.MockTransport(lambda request: answers.pop(0))
    client = recorded.debug.wrap(httpx.Client(transport=transport, follow_redirects=True))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
    (step,) = recorded.run()["steps"]
    assert [each["response_status"] for each in step["attempts"]] == [*statuses, 200]


def test_who_sends_something_else_to_the_place_follows_no_redirect(recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(302, headers={"location": "/elsewhere"})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
        client.post("http://h/elsewhere", json=question(user="x"))
    assert [len(step["attempts"]) for step in recorded.run()["steps"]] == [1, 1]


def sent_on_together(recorded: Recorded, status: int, paths: tuple[str, str], first: str) -> list[dict[str, Any]]:
    """The steps of two calls that are both sent on to the same place before either goes there: `first` does first."""

    async def main() -> None:
        both, gone, answers = asyncio.Barrier(2), asyncio.Event(), itertools.count(1)

        async def handler(request: httpx.Request) -> httpx.Response:
            if request.url.path in paths:
                return httpx.Response(status, headers={"location": "/elsewhere"})
            gone.set()
            return httpx.Response(200, json={"choices": [], "id": next(answers)})

        async def answered(response: httpx.Response) -> None:
            if response.has_redirect_location:
                await both.wait()
                if response.request.url.path != first:
                    await gone.wait()

        transport, hooks = httpx.MockTransport(handler), {"response": [answered]}
        client = httpx.AsyncClient(transport=transport, event_hooks=hooks, follow_redirects=True)
        recorded.debug.wrap(client)
        async with recorded.turn():
            await asyncio.gather(*(client.post(f"http://h{path}", json=question(user=path)) for path in paths))

    asyncio.run(main())
    steps: list[dict[str, Any]] = recorded.run()["steps"]
    return steps


@pytest.mark.parametrize("first", ["/a", "/b"])
@pytest.mark.parametrize("status", [307, 308])
def test_calls_that_are_sent_on_together_keep_their_requests(status: int, first: str, recorded: Recorded) -> None:
    steps = sent_on_together(recorded, status, ("/a", "/b"), first)
    assert [step["attempts"][0]["path"] for step in steps] == ["/a", "/b"]
    for step in steps:
        before, after = step["attempts"]
        assert after["path"] == "/elsewhere" and before["request_body"] == after["request_body"]


@pytest.mark.parametrize("status", [302, 303])
def test_of_calls_that_are_sent_on_to_the_same_the_first_goes_first(status: int, recorded: Recorded) -> None:
    steps = sent_on_together(recorded, status, ("/a", "/b"), "/a")
    assert [[each["method"] for each in step["attempts"]] for step in steps] == [["POST", "GET"]] * 2
    assert [step["normalized_response"]["id"] for step in steps] == [1, 2]


def test_the_same_call_is_no_retry_of_one_that_is_sent_on(recorded: Recorded) -> None:
    steps = sent_on_together(recorded, 307, ("/a", "/a"), "/a")
    assert [[each["path"] for each in step["attempts"]] for step in steps] == [["/a", "/elsewhere"]] * 2


def test_no_key_leaves_in_a_header_that_says_a_url(recorded: Recorded) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        said = {"location": "/there?a=1&api_key=SECRET", "Content-Location": "http://u:SECRET@h/?b=2"}
        return httpx.Response(307, headers=said)

    client = recorded.debug.wrap(made_up(handler))
    with recorded.turn():
        client.post("http://h/v1/messages", json=question(), headers={"Referer": "http://h/?c=3&sig=SECRET"})
    (step,) = recorded.run()["steps"]
    (each,) = step["attempts"]
    assert each["response_headers"]["location"] == "/there?a=1&api_key=[REDACTED]"
    assert each["response_headers"]["content-location"] == "http://[REDACTED]@h/?b=2"
    assert each["request_headers"]["referer"] == "http://h/?c=3&sig=[REDACTED]"


def test_an_exception_that_says_a_key_of_the_referer_is_told_by_its_kind_alone(recorded: Recorded) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no way from {request.headers['referer']}")

    client = recorded.debug.wrap(made_up(handler))
    with recorded.turn(), pytest.raises(httpx.ConnectError):
        client.post(
            "http://h/v1/messages", json=question(), headers={"Referer": "http://h/?api_key=SECRET-OF-SOMEBODY"}
        )
    (step,) = recorded.run()["steps"]
    assert step["attempts"][0]["error"] == "ConnectError"
