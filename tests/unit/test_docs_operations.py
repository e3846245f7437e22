"""The runbook, the units and the compose file name only commands that there are, and no part without a health check."""

import re

import yaml
from django.core.management import get_commands

from tests.conftest import ROOT


def test_every_command_that_is_named_is_there() -> None:
    places = [
        ROOT / "docs" / "operations.md",
        ROOT / "compose.yaml",
        *(ROOT / "ops" / "systemd").glob("*.service"),
    ]
    named = {
        name for place in places for name in re.findall(r"manage\.py\"?,? \"?([a-z_]+)", place.read_text())
    }
    assert {"backup", "restore", "restore_drill", "verify", "alarms", "read_only", "migrate"} <= named
    assert named - get_commands().keys() == set()


def test_every_timer_has_its_service_and_every_lasting_part_a_health_check() -> None:
    units = {unit.name for unit in (ROOT / "ops" / "systemd").iterdir()}
    assert {name.replace(".timer", ".service") for name in units if name.endswith(".timer")} <= units
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    has_none = {name for name, said in services.items() if "healthcheck" not in said}
    assert has_none == {"migrate", "web"}  # the one ends; the other has the image's
    assert not any(said.get("healthcheck", {}).get("disable") for said in services.values())


def test_what_the_contents_link_to_is_a_heading() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    headings = {
        re.sub(r"[^a-z -]", "", line[3:].lower()).replace(" ", "-")
        for line in text.splitlines()
        if line[:3] == "## "
    }
    assert set(re.findall(r"\]\(#([a-z-]+)\)", text)) <= headings


def test_the_image_holds_no_tests_and_its_parts_no_open_door() -> None:
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {"tests", "docs", ".git", ".env", ".local"} <= set(left_out)
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert {name for name, said in services.items() if said.get("network_mode") == "none"} == {
        "postgres",
        "redis",
    }
    assert {name: said["ports"] for name, said in services.items() if "ports" in said} == {
        "web": ["127.0.0.1:8000:8000"]
    }
    owners = {
        name
        for name, said in services.items()
        if "//registry:" in said.get("environment", {}).get("DATABASE_URL", "")
    }
    assert owners == {"migrate", "backup"}  # the others work with less (manage.py database_role)
