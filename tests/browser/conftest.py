"""Pages in a real browser: opened as a person, at a width, with or without JavaScript."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

_WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture
def open_page(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a path: `open_page("/", person=registrar, width=320, javascript=False)`.

    What the browser complains of (a refused script or style, a failed request) is in `page.complaints`, and fails the
    test at its end.
    """
    contexts, complaints = [], []

    def opened(path: str, *, person: Any = None, width: int = 1280, javascript: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, base_url=live_server.url
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
            )
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    # The browser reports an expected 4xx answer as an error too; the test has looked at that page itself.
    assert [text for text in complaints if "the server responded with a status of 4" not in text] == []


@pytest.fixture
def assert_accessible() -> Callable[[Any], None]:
    """Return a check by axe (WCAG 2.2 AA) that also finds a page which scrolls sideways."""

    def check(page: Any) -> None:
        found = Axe().run(page, options=_WCAG)
        assert found.violations_count == 0, found.generate_report()
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{page.url} scrolls sideways by {overflow} pixels"

    return check
