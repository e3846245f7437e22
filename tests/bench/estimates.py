"""Run: python -m tests.bench.estimates TRIALS — fills a database with 100 released estimates a trial and reads them.

Prints as JSON the number of rows, and what one reader waited for pages of 1,000.
"""

import contextlib
import json
import sys
from typing import Any

import django

from tests.bench import registry_rows
from tests.bench.asking import LIST, Address, read

EACH = 100  # estimates of each trial's release
PAGE = "/api/v1/estimates/?page_size=1000"
TOKENS = 30  # pages deep that the deep reader starts


def main(trials: int) -> None:
    """Fill the database, ask for pages, and print what was measured."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    first = registry_rows.one_trial()
    registry_rows.fill(first, trials, 1)
    rows = fill(first)
    pages = [read(name, LIST, address) for name, address in addresses().items()]
    print(json.dumps({"rows": rows, "pages": pages}))


def fill(first: Any) -> int:
    """Give every trial a published release of so many estimates; return how many estimates there are."""
    from django.db import connection

    with connection.cursor() as cursor:
        # The triggers are off: these rows do not go the way of a release, past the data lock and two checkers.
        cursor.execute("SET session_replication_role = replica")
        release = _release(first)
        _copy(
            cursor,
            "experiments_release",
            {"id": None, "public_id": "gen_random_uuid()", "trial_id": "t.id", "published_at": _MOMENT},
            f"experiments_release o JOIN experiments_trial t ON t.id <> o.trial_id WHERE o.id = {release.pk}",
        )
        columns = ", ".join(_ESTIMATE)
        cursor.execute(
            f"INSERT INTO experiments_releasedestimate ({columns}) SELECT {', '.join(_ESTIMATE.values())} "
            "FROM experiments_release r JOIN experiments_trial t ON t.id = r.trial_id "
            f"CROSS JOIN generate_series(1, {EACH}) i ORDER BY r.published_at, r.id, i"
        )
        rows: int = cursor.rowcount
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE experiments_releasedestimate")
        cursor.execute("ANALYZE")
    return rows


def addresses() -> dict[str, Address]:
    """Return the kinds of pages; the deep one goes on from page to page, as a reader of the whole table does."""
    from django.test import Client

    def always(address: str) -> Address:
        return lambda: address

    token = ""
    for _ in range(TOKENS):
        with contextlib.closing(Client().get(PAGE + token)) as answer:
            token = f"&page_token={answer.json()['next_page_token']}"
    deep = PAGE + token
    return {
        "API, newest 1,000": always(PAGE),
        f"API, 1,000 after {TOKENS} pages": always(deep),
        "API, newest 1,000 as CSV": always(f"{PAGE}&format=csv"),
        "API, 1,000 of one role": always(f"{PAGE}&outcome_role=secondary"),
        "API, 1,000 by number of the trial": always(f"{PAGE}&sort=trial_id"),
        "API, one trial": always(f"{PAGE}&trial_id=CPP-2026-15000-0"),
        "API, 1,000 with five fields": always(f"{PAGE}&fields=trial_id,estimate_id,yi,vi,effect_scale"),
    }


_MOMENT = "t.registered_at + interval '400 days'"
# One released estimate of release r of trial t, by its number i: SQL for each column.
_ESTIMATE = {
    "release_id": "r.id",
    "trial_id": "t.number",
    "protocol_version": "'1.0'",
    "registration_hash": "md5(t.id::text) || md5(r.id::text)",
    "analysis_id": "gen_random_uuid()",
    "estimand": "'ITT'",
    "outcome_id": "'outcome-' || i",
    "outcome_role": "(ARRAY['primary','secondary','guardrail','harm'])[1 + i % 4]",
    "prespecified": "i % 10 > 0",
    "arm": "'treatment'",
    "comparator": "'control'",
    "design": "'parallel'",
    "estimator": "(ARRAY['ancova','poisson','lin'])[1 + i % 3]",
    "estimate": "round((sin(t.id * 7 + i))::numeric, 6)::float8",
    "std_error": "round((0.1 + abs(cos(t.id + i)))::numeric, 6)::float8",
    "df": "(40 + i)::float8",
    "statistic": "round((sin(t.id * 3 + i) * 2)::numeric, 3)::float8",
    "p_value": "round(abs(sin(i))::numeric, 4)::float8",
    "conf_low": "-0.5",
    "conf_high": "0.5",
    "conf_level": "0.95",
    "effect_scale": "'raw'",
    "yi": "round((sin(t.id * 7 + i))::numeric, 6)::float8",
    "vi": "round((0.01 + abs(cos(t.id + i)))::numeric, 6)::float8",
    "direction_of_benefit": "'decrease'",
    "n_units_arm": "100 + 5 * i",
    "n_units_comp": "100 + 5 * i",
    "suppressed": "i % 50 = 7",
    "engine_version": "'1.0'",
    "code_sha": "md5('code')",
    "data_sha": "md5(t.id::text) || md5('data')",
    "released_at": "r.published_at",
    "licence": "'OGL-UK-3.0'",
    "estimate_id": "'H' || i",
    "status": "'ok'",
    "n_obs": "1000",
    "is_simulated": "true",
}


def _copy(cursor: Any, table: str, changed: dict[str, str | None], source: str) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall() if changed.get(name, "o") is not None]
    chosen = ", ".join(changed.get(name) or f"o.{name}" for name in columns)
    cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {source}")


def _release(trial: Any) -> Any:
    """Return a release that was prepared and published, of an analysis with nothing in it."""
    from django.utils import timezone

    from centre.models import Run
    from experiments.models import Analysis, Dataset, Registration, Release

    now, person = timezone.now(), trial.created_by
    dataset = Dataset.objects.create(
        trial=trial, kind=Dataset.Kind.OUTCOME, version=1, file_sha256="1" * 64, file_size=1,
        parquet_sha256="2" * 64, n_rows=1, columns=[], received_at=now, received_by=person,
    )  # fmt: skip
    analysis = Analysis.objects.create(
        trial=trial, registration=Registration.objects.filter(trial=trial).earliest("pk"), dataset=dataset,
        plan={}, plan_sha256="3" * 64, is_registered=True, requested_at=now, requested_by=person,
        run=Run.objects.create(task="analysis", title="x", created_at=now, requested_by=person),
    )  # fmt: skip
    return Release.objects.create(
        trial=trial, analysis=analysis, document={"estimates": []}, prepared_at=now, prepared_by=person,
        published_at=now,
    )  # fmt: skip


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
