"""What a first page weighs, and when its largest part is there, on a slow 4G line, nothing cached.

The registry on one's own machine sends style and script as they are; production sends them as `collectstatic` packs
them, with gzip. The budget is of what production sends; the time is of the heavier page.
"""

import gzip
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.bench]
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
MOST_KB, MOST_SECONDS = 150, 2.5
LARGEST = """() => new Promise(done => {
  new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true });
  setTimeout(() => done(null), 5000);
})"""


def saved(answer: Any) -> int:
    """Return how many bytes of a file production does not send."""
    content = answer.body()
    return len(content) - min(len(gzip.compress(content, 9)), len(content))


def test_a_first_page_on_a_slow_line(service: Any, visit: Any) -> None:
    number = service.json("/api/v1/estimates/")["results"][0]["trial_id"]
    slug = service.json(f"/api/v1/trials/{number}/")["tactic"]
    addresses = {
        "the library": "/",
        "its list": "/tactics/",
        "a tactic": f"/tactics/{slug}/",
        "the registry": "/trials/",
        "a trial with results": f"/trials/{number}/",
    }
    beyond = []
    for what, address in addresses.items():
        page = visit("/privacy/")  # a context of its own: nothing of another page is kept
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        line.send("Network.emulateNetworkConditions", SLOW_4G)
        sizes: list[float] = []
        line.on(
            "Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"])
        )
        answers: list[Any] = []
        page.on("response", lambda answer, answers=answers: answers.append(answer))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        largest = page.evaluate(LARGEST)
        assert largest is not None, f"{what}: no largest part was told"
        packed = sum(saved(one) for one in answers if "/static/" in one.url)
        kb, sent, seconds = (sum(sizes) - packed) / 1_000, sum(sizes) / 1_000, largest / 1_000
        said = f"{what}: {kb:.0f} kB packed, {sent:.0f} kB here, largest part after {seconds:.2f} s"
        print(said)
        if kb > MOST_KB or seconds > MOST_SECONDS:
            beyond.append(said)
    assert not beyond, "; ".join(beyond)
