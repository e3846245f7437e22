"""Facts of a release that never was: an invented trial with two estimates, run by the engine on invented rows."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa

from experiments import disclosure
from experiments.packages.facts import Facts, PackedFile
from experiments.packages.tidy import TIDY
from experiments.stats import engine
from experiments.stats import plan as plans

PLAN: dict[str, Any] = {
    "plan_version": 1,
    "columns": {"unit": "unit", "arm": "arm"},
    "arms": {"control": "control", "treatments": ["treatment"]},
    "alpha": 0.05,
    "multiplicity": "holm",
    "seed": 7,
    "estimates": [
        {"id": "H1", "role": "primary", "family": "crime", "outcome": "calls", "estimator": "ancova"},
        {"id": "H2", "role": "secondary", "family": "crime", "outcome": "visits", "estimator": "poisson"},
        {"id": "H3", "role": "harm", "outcome": "calls", "estimator": "difference_in_means"},
    ],
    "checks": ["balance"],
}
SUBJECTS = {"calls": "person", "visits": "place"}


def table() -> pa.Table:
    """Return eighty invented rows."""
    n = 80
    arms = ["treatment" if place % 2 else "control" for place in range(n)]
    return pa.table(
        {
            "unit": [f"U{place:02}" for place in range(n)],
            "arm": arms,
            "calls": [10 + place * 37 % 11 - (arm == "treatment") * 2.5 for place, arm in enumerate(arms)],
            "visits": [float(3 + place * 29 % 7 + (arm == "treatment")) for place, arm in enumerate(arms)],
        }
    )


def exact() -> dict[str, Any]:
    """Return the result document before rounding."""
    return engine.run(plans.parse(PLAN), table(), data_sha256="d" * 64, first_line=2).document()


def released() -> dict[str, Any]:
    """Return it as released, through JSON as the database keeps it."""
    document = disclosure.released_document(exact(), subjects=SUBJECTS, exception="Places are no people.")
    found: dict[str, Any] = json.loads(json.dumps(document))
    return found


def tidy(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the rows of the tidy table that the document has, with times and ids as the registry has them."""
    for row in document["estimates"]:
        known = dict.fromkeys(column.name for column in TIDY)
        yield {
            **known,
            **{name: row[name] for name in known if name in row},
            "trial_id": "CPP-2026-0001-9",
            "protocol_version": "1.1",
            "registration_hash": "a" * 64,
            "analysis_id": uuid.UUID("7c3f4d3e-1111-4222-8333-444455556666"),
            "estimate_id": row["id"],
            "outcome_id": row["outcome"],
            "outcome_role": row["role"],
            "prespecified": True,
            "suppressed": False,
            "window_start": dt.date(2026, 2, 1),
            "data_sha": "d" * 64,
            "released_at": dt.datetime(2026, 10, 1, 10, tzinfo=dt.UTC),
            "licence": "Open Government Licence v3.0",
            "is_simulated": True,
        }


def facts(**changed: Any) -> Facts:
    """Return the facts of a release."""
    document = released()
    made = Facts(
        address="https://registry.example",
        release_id="0b0f2c9e-1111-4222-8333-444455556666",
        trial_number="CPP-2026-0001-9",
        title="Do visits <reduce> calls? “Ünïcode” & more",
        creators=("University of Nowhere",),
        tactic="https://registry.example/tactics/visits/",
        protocol_version="1.1",
        registration_sha256="a" * 64,
        registered_at="2026-01-05T09:00:00Z",
        analysis_id="7c3f4d3e-1111-4222-8333-444455556666",
        is_registered=True,
        is_simulated=True,
        plan=PLAN,
        subjects=SUBJECTS,
        note="Places are no people.",
        document=document,
        tidy=tuple(tidy(document)),
        has_draw=False,
        data_sha256="d" * 64,
        code_version="0.1.0",
        analysis_requested_at="2026-09-01T10:00:00Z",
        analysis_finished_at="2026-09-01T10:00:05Z",
        prepared_at="2026-09-02T10:00:00Z",
        checked_at=("2026-09-03T10:00:00Z", "2026-09-04T10:00:00Z"),
        published_at="2026-10-01T10:00:00Z",
        files=(PackedFile("result.json", json.dumps(document).encode(), "application/json"),),
    )
    return replace(made, **changed)
