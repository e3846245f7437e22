"""Every page that anybody may see, as somebody who may: as it is, and after its form was sent empty. axe finds nothing.

The addresses are those of the permission matrix, each in the first state of its trial in which somebody sees a page;
with EVERY_STATE=1 in all of them.
"""

import os
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.permissions import world
from tests.permissions.asking import SUBJECTS, questions

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Each kind of person who may see what others may not; whoever comes first in this order looks.
LOOKERS = (
    "registrar",
    "analyst",
    "custodian",
    "checker",
    "publisher",
    "reviewer",
    "force_user",
    "sponsor",
    "director",
)
# Leads away; is a part of the page of its run.
LEFT_OUT = {"sign-out", "run-progress"}


def may_see(clients: dict[str, Client], address: str) -> str:
    """Return who sees a page of HTML there, if anybody does."""
    for name, client in clients.items():
        with transaction.atomic():
            answer = client.get(address)
            transaction.set_rollback(True)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            return name
    return ""


def test_axe_finds_nothing_on_any_page(
    cast: SimpleNamespace, open_page: Any, assert_accessible: Any, settings: Any
) -> None:
    built = world.build(cast)
    clients = {name: Client() for name in (*LOOKERS, "anonymous")}
    for name, client in clients.items():
        if name != "anonymous":
            client.force_login(getattr(cast, name))
    assert set(clients) <= set(SUBJECTS)
    opened: dict[str, Any] = {}
    wrong, n_pages, n_sent, n_unseen = [], 0, 0, []
    seen: set[str] = set()
    for row, method, name, address in questions(built):
        if method != "GET" or name in LEFT_OUT or address.startswith("/api/"):
            continue
        if name in seen and not os.environ.get("EVERY_STATE"):
            continue
        who = may_see(clients, address)
        if not who:
            n_unseen.append(row)
            continue
        seen.add(name)
        if who not in opened:
            opened[who] = open_page(
                "/privacy/", person=None if who == "anonymous" else getattr(cast, who), width=320
            )
        page = opened[who]
        page.goto(address)
        n_pages += 1
        wrong += said(assert_accessible, page, row)
        forms = page.locator("main form[method=post]:has(input:not([type=hidden]), textarea, select)")
        if forms.count():
            with page.expect_navigation():
                forms.first.evaluate("form => { form.noValidate = true; form.requestSubmit() }")
            n_sent += 1
            wrong += said(assert_accessible, page, f"{row}, sent empty")
    print(
        f"{n_pages} pages, {n_sent} forms sent empty, {len(wrong)} with a violation, {len(n_unseen)} unseen"
    )
    assert not wrong, "\n".join(wrong)
    assert n_pages > 100


def said(assert_accessible: Any, page: Any, row: str) -> list[str]:
    """Return what is wrong with a page, in a line."""
    try:
        assert_accessible(page)
    except AssertionError as found:
        return [f"{row}: {' '.join(str(found).split())[:400]}"]
    return []
