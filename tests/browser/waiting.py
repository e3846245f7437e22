"""Waiting for long work as the person at the page would."""

import time
from typing import Any

PATIENCE = 120.0  # seconds until a test gives up; not a figure that is claimed


def until_ended(page: Any, *, javascript: bool) -> None:
    """Wait for the page's run to end: the page comes again by itself, or they ask for it again."""
    refresh = page.get_by_role("link", name="Refresh this page")
    deadline = time.monotonic() + PATIENCE
    while refresh.count():
        assert time.monotonic() < deadline, page.inner_text("main")
        page.wait_for_timeout(500)
        if not javascript:
            refresh.click()
    page.wait_for_load_state()
