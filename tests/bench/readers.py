"""Run: python -m tests.bench.readers < work.json — readers to a beat; prints the milliseconds of each answer as JSON.

A process of its own with nothing but the standard library: what the readers cost, they take from the server that is
measured, on the same machine. An answer is late from the moment that its beat asked for it.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any


def main(work: Mapping[str, Any]) -> dict[str, Any]:
    """Read each address at its moment, by so many readers in turn."""
    addresses, readers, rate = work["addresses"], work["readers"], work["rate"]
    times: list[tuple[str, float]] = []
    wrong: list[str] = []
    begun = time.perf_counter() + 0.5

    def read(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", work["port"], timeout=60)
        for number in range(place, len(addresses), readers):
            kind, address = addresses[number]
            due = begun + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("GET", address)
            answer = connection.getresponse()
            answer.read()
            times.append((kind, 1_000 * (time.perf_counter() - due)))
            connection.close()  # each read is another reader's: the server would hang up before the next
            if answer.status != 200:
                wrong.append(f"{answer.status} {address}")

    threads = [threading.Thread(target=read, args=(place,)) for place in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"times": times, "seconds": time.perf_counter() - begun, "wrong": wrong[:3]}


if __name__ == "__main__":
    json.dump(main(json.load(sys.stdin)), sys.stdout)
