"""Whatever somebody changes who has the database and the vault in their hands, `verify` shows it.

TAMPERINGS says how many; `make faults` makes a thousand.
"""

import os
import random
from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from centre import frozen, heads, verification
from tests.faults.tampering import NO_EVIDENCE, Operator, kept_files, take_triggers_away
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

TAMPERINGS = int(os.environ.get("TAMPERINGS", "60"))
KINDS = {"flip", "file", "delete", "tail", "swap", "rewrite"}


def findings() -> list[str]:
    return [
        f"{report.part}: {one.subject}: {one.message}"
        for report in verification.run()
        for one in report.findings
    ]


@pytest.fixture
def published(cast: Any) -> None:
    """A published trial, over which a head was published, in a database without its triggers."""
    stages.published(cast)
    assert heads.publish() is not None
    take_triggers_away()
    return


def test_every_tampering_is_found(published: None) -> None:
    assert findings() == []
    seed = random.SystemRandom().randrange(2**32)
    operator, files = Operator(random.Random(seed)), {file: file.read_bytes() for file in kept_files()}
    missed, made = [], Counter[str]()
    for _ in range(TAMPERINGS):
        with transaction.atomic():
            done = operator.act()
            made[done.kind] += 1
            if not findings():
                missed.append(f"{done.kind}: {done.words}")
            transaction.set_rollback(True)
        for file, content in files.items():
            if not file.exists() or file.read_bytes() != content:
                file.unlink(missing_ok=True)
                file.write_bytes(content)
    print(f"{TAMPERINGS} tamperings (seed {seed}): {dict(made)}, {len(missed)} missed")
    assert missed == [], f"seed {seed}"
    assert findings() == [], "something was not put back"
    assert TAMPERINGS < 400 or made.keys() == KINDS, "chance left a kind out"


def test_columns_without_evidence_are_few_and_real() -> None:
    tables = {model._meta.db_table: model for model in frozen.frozen_models()}
    for table, column in NO_EVIDENCE:
        assert tables[table]._meta.pk.column == column
