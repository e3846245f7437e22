"""Run: python -m tests.bench.callers < work.json — callers who enrol at once; prints their milliseconds as JSON.

A process of its own with nothing but the standard library, and all that is sent is made beforehand: what the callers
cost, they take from the server that is measured, on the same machine.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

Request = tuple[str, dict[str, str]]


def main(work: Mapping[str, Any]) -> dict[str, Any]:
    """Let every caller enrol so many cases; return the milliseconds of each, the seconds of all, and what failed."""
    tokens, pause = work["tokens"], work["pause"]
    address = f"/api/v1/trials/{work['trial']}/enrolments/"
    sent = [requests(work["run"], place, token, work["each"]) for place, token in enumerate(tokens)]
    times: list[list[float]] = [[] for _ in tokens]
    wrong: list[str] = []
    barrier = threading.Barrier(len(tokens) + 1)

    def call(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", work["port"], timeout=60)
        connection.connect()
        barrier.wait()
        begun = time.perf_counter() + pause * place / len(tokens)
        for number, (body, headers) in enumerate(sent[place]):
            if pause:  # to the beat, however long the answer before took
                time.sleep(max(0.0, begun + number * pause - time.perf_counter()))
            started = time.perf_counter()
            connection.request("POST", address, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            times[place].append((time.perf_counter() - started) * 1000)
            if answer.status != 201:
                wrong.append(f"{answer.status} {text[:300]!r}")
        connection.close()

    threads = [threading.Thread(target=call, args=(place,)) for place in range(len(tokens))]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return {"times": [one for own in times for one in own], "seconds": seconds, "wrong": wrong[:3]}


def requests(run: str, place: int, token: str, each: int) -> list[Request]:
    """Make the bodies and headers of one caller's cases."""
    made = []
    for case in range(each):
        name = f"{run}{place}-{case}"
        levels = {"sex": ("female", "male")[case % 2], "area": ("north", "south")[place % 2]}
        body = {"case": name, "include": [True, True], "exclude": [False], "levels": levels}
        headers = {
            "Authorization": f"Token {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": name,
        }
        made.append((json.dumps(body), headers))
    return made


if __name__ == "__main__":
    json.dump(main(json.load(sys.stdin)), sys.stdout)
