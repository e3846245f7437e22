"""Pages in a real browser: opened as a person, at a width, with or without JavaScript."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator

from tests.browser import service as service_module

_WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(autouse=True, scope="session")
def whole_pages() -> Iterator[None]:
    """After a click, read no page that is only half there.

    A click waits until the next page's answer begins, not until it ends: what is read at once may be an empty `main`.
    """
    click = Locator.click

    def click_and_wait(self: Locator, **options: Any) -> None:
        click(self, **options)
        self.page.wait_for_load_state()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click_and_wait)
        yield


@pytest.fixture
def open_page(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a path: `open_page("/", person=registrar, width=320, javascript=False)`."""
    yield from _opener(browser, live_server.url)


@pytest.fixture(scope="session")
def service(django_db_setup: None) -> Iterator[service_module.Service]:
    """The whole registry with its sample programme published, one for the session."""
    # Short, for the path of Redis's socket.
    with tempfile.TemporaryDirectory(prefix="tr-", dir="/tmp", ignore_cleanup_errors=True) as place:
        running = service_module.start(Path(place))
        try:
            running.wait_until(service_module.is_published, "the sample programme to be published")
            yield running
        finally:
            running.stop()


@pytest.fixture
def visit(browser: Any, service: service_module.Service) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a path of the running registry: `visit("/", width=320, javascript=False)`."""
    yield from _opener(browser, service.url)


def _opener(browser: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Open pages; fail at the end for what the browser complained of (a refused script, a failed request)."""
    contexts, complaints = [], []

    def opened(path: str, *, person: Any = None, width: int = 1280, javascript: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, base_url=url
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _note_outside(request.url, url, complaints))
        page.on("response", lambda response: _note_missing(response, complaints))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    # The browser reports an expected 4xx answer as an error too; the test has looked at that page itself.
    assert [text for text in complaints if "the server responded with a status of 4" not in text] == []


def _note_missing(response: Any, complaints: list[str]) -> None:
    """A script or style that is not there: unlike a page's own 4xx, never expected."""
    if response.status >= 400 and response.request.resource_type != "document":
        complaints.append(f"{response.status} for {response.url}")


def _note_outside(asked: str, url: str, complaints: list[str]) -> None:
    if not asked.startswith((url, "data:")):
        complaints.append(f"a call outside: {asked}")


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
