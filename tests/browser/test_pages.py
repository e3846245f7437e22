"""Every public page of the running registry: axe finds nothing, at 320 pixels, and nothing is fetched from outside."""

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PUBLIC = [
    "/",
    "/tactics/",
    "/tactics/compare/",
    "/tactics/{tactic}/",
    "/tactics/{tactic}/start/",
    "/tactics/{tactic}/adoptions/",
    "/tactics/{tactic}/hours/",
    "/tactics/{tactic}/ratings/",
    "/tactics/{tactic}/quality/",
    "/tactics/{tactic}/transparency/",
    "/tactics/{tactic}/history/",
    "/tactics/{tactic}/next-trial/",
    "/tactics/next-trials/",
    "/tactics/{tactic}/adoptions/",
    "/tactics/{tactic}/hours/",
    "/tactics/{tactic}/quality/",
    "/problems/burglary/",
    "/gap-map/",
    "/rejected-studies/",
    "/about-the-search/",
    "/forces/",
    "/forces/northmoor/",
    "/tactics/{tactic}/money/",
    "/tactics/{tactic}/money/?incidents=x",
    "/tactics/{priced}/money/",
    "/tactics/{priced}/money/?incidents=500&years=2",
    "/tactics/{tactic}/passport/",
    "/tactics/{priced}/passport/",
    "/passports/{passport}/",
    "/passport-keys/",
    "/about-the-ratings/",
    "/forces/",
    "/forces/northmoor/",
    "/forces/kent/",
    "/trials/",
    "/trials/?q=zeppelin",
    "/power/",
    "/power/?design=cluster&question=size",
    "/trials/{trial}/",
    "/trials/{trial}/versions/",
    "/trials/{trial}/allocation/",
    "/trials/{trial}/flow/",
    "/trials/{trial}/account/",
    "/trials/{trial}/releases/",
    "/api/docs/",
]


@pytest.fixture(scope="module")
def names(service: Any) -> dict[str, str]:
    trial = service.json("/api/v1/estimates/")["results"][0]["trial_id"]
    tactic = service.json("/api/v1/tactics/?search=cocoon")["results"][0]["slug"]
    priced = service.json("/api/v1/tactics/?search=patrols")["results"][0]["slug"]
    address = f"/tactics/{priced}/passport/"
    service.wait_until(lambda one: b"/passports/" in one.fetch(address)[0], "a passport")
    listed, _ = service.fetch(address)
    passport = re.search(r"/passports/([0-9a-f-]{36})/", listed.decode())[1]
    return {"trial": trial, "tactic": tactic, "priced": priced, "passport": passport}


@pytest.mark.parametrize("path", [path for path in PUBLIC if path != "/api/docs/"])
def test_page_is_accessible_on_a_phone(
    visit: Any, assert_accessible: Any, names: dict[str, str], path: str
) -> None:
    assert_accessible(visit(path.format(**names), width=320))


@pytest.mark.parametrize("path", PUBLIC)
def test_page_asks_for_nothing_outside(visit: Any, names: dict[str, str], path: str) -> None:
    page = visit(path.format(**names))
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("heading", level=1).first.is_visible() or path == "/api/docs/"
