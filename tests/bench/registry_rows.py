"""A registry of any size on PostgreSQL: one trial goes the whole way through the actions, the others copy its rows.

Copies have other words, places, days, tactics and states, so that each page has as much to show as a real one. The
database's triggers are off meanwhile: a copy does not go the way that its original went.
"""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from tests.bench import people

EVERY = 100  # of so many trials one has its amendments too: those are the trials whose pages are read
MANY = 100  # versions of the one trial that was amended most
TACTICS = 100
RARE = "zebra"
WORDS = (
    "patrol",
    "burglary",
    "letters",
    "officers",
    "knife",
    "victims",
    "training",
    "cameras",
    "visits",
    "calls",
)
_CONDUCT = ["not_started", "delivering", "follow_up", "data_locked", "completed"]
Copy = Callable[[Any, dict[str, str], str], None]


def one_trial() -> Any:
    """Return a registered trial that went through the actions."""
    from tests.integration.experiments_pages import stages

    return stages.registered(people.cast())


def fill(first: Any, trials: int, versions: int) -> dict[str, int]:
    """Copy the trial and all that hangs on it; return how many rows of each kind there are."""
    from django.db import connection

    from centre.models import AuditEvent
    from experiments.models import Amendment, Registration, Trial

    with connection.cursor() as cursor:

        def copy(model: Any, changed: dict[str, str], source: str) -> None:
            columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
            chosen = ", ".join(changed.get(column, f"o.{column}") for column in columns)
            table, names = model._meta.db_table, ", ".join(columns)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} o {source}")

        cursor.execute("SET session_replication_role = replica")
        _trials(copy, first, trials)
        _around(copy, cursor, first)
        _versions(copy, cursor, first, versions)
        _amend(Amendment, first)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    kinds = {"trials": Trial, "versions": Registration, "amendments": Amendment, "audit events": AuditEvent}
    return {name: model.objects.count() for name, model in kinds.items()}


def _one_of(values: Iterable[Any], step: int = 1) -> str:
    """Return SQL for one of the values, by the number i of the copy."""
    listed = [f"'{value}'" if isinstance(value, str) else str(value) for value in values]
    return f"(ARRAY[{','.join(listed)}])[1 + (i / {step}) % {len(listed)}]"


def _trials(copy: Copy, first: Any, trials: int) -> None:
    from centre.models import Force
    from experiments.models import Trial
    from experiments.protocol import Design
    from tactics.models import Tactic

    named = f"'Tactic ' || i || ' on ' || {_one_of(WORDS)}"
    from_first = f"WHERE o.id = {first.tactic_id}"
    copy(
        Tactic,
        {"slug": "'tactic-' || i", "name": named},
        f"CROSS JOIN generate_series(1, {TACTICS}) i {from_first}",
    )
    title = " || ' ' || ".join(_one_of(WORDS, step) for step in (1, 7, 61))
    title += f" || ' trial ' || i || CASE WHEN i % 2500 = 3 THEN ' {RARE}' ELSE '' END"
    number, moment = "'CPP-2026-' || (10000 + i) || '-0'", "now() - i * interval '40 minutes'"
    is_out = f"(i / 3) % {len(_CONDUCT)} = {len(_CONDUCT) - 1} AND i % 2 = 0"
    copy(
        Trial,
        {
            "public_id": "gen_random_uuid()",
            "number": number,
            "title": title,
            "searched_words": f"lower({title} || ' ' || {number})",
            "tactic_id": _one_of(Tactic.objects.values_list("pk", flat=True), 11),
            "lead_force_id": _one_of(Force.objects.values_list("pk", flat=True)),
            "searched_design": _one_of([one.value for one in Design]),
            "registration_state": "CASE WHEN i % 50 = 9 THEN 'withdrawn' ELSE 'registered' END",
            "conduct_state": _one_of(_CONDUCT, 3),
            "results_state": f"CASE WHEN {is_out} THEN 'published' ELSE 'none' END",
            "visibility": "CASE WHEN i % 20 = 7 THEN 'embargoed' ELSE 'public' END",
            "embargo_until": "CASE WHEN i % 20 = 7 THEN current_date + 90 END",
            "registered_at": moment,
            "public_from": moment,
            "planned_from": "current_date - (i / 36)::int",
            "planned_until": "current_date - (i / 36)::int + 365",
            "results_due_on": "current_date - (i / 36)::int + 730",
        },
        f"CROSS JOIN generate_series(1, {trials - 1}) i WHERE o.id = {first.pk}",
    )


def _around(copy: Copy, cursor: Any, first: Any) -> None:
    """Copy sites, team, problems and history; i is the key of the trial that gets the copy."""
    from centre.models import AuditEvent, Force
    from experiments.models import Site, TeamMember
    from tactics.models import Problem

    others = (
        f"JOIN (SELECT id AS i FROM experiments_trial) t ON t.i <> o.trial_id WHERE o.trial_id = {first.pk}"
    )
    copy(Site, {"trial_id": "i", "force_id": _one_of(Force.objects.values_list("pk", flat=True), 3)}, others)
    copy(TeamMember, {"trial_id": "i"}, others)
    problem = _one_of(Problem.objects.values_list("pk", flat=True))
    cursor.execute(
        f"INSERT INTO experiments_trial_problems (trial_id, problem_id) SELECT i, {problem} "
        f"FROM (SELECT id AS i FROM experiments_trial) t WHERE i <> {first.pk}"
    )
    hashes = {"hash": "md5(o.id || '-' || i) || md5(i::text)", "subject_id": "i::text"}
    of_first = f"o.subject_type = 'experiments.trial' AND o.subject_id = '{first.pk}'"
    copy(
        AuditEvent,
        hashes,
        f"JOIN (SELECT id AS i FROM experiments_trial) t ON t.i <> {first.pk} WHERE {of_first}",
    )


def _versions(copy: Copy, cursor: Any, first: Any, versions: int) -> None:
    """Give each trial its versions, and the trial after the first many."""
    from experiments.models import Registration

    later = "to_jsonb('Summary of edition ' || v || '. ' || (o.protocol #>> '{title,plain_summary}'))"
    copy(
        Registration,
        {
            "trial_id": "i",
            "minor": "v",
            "registered_at": "now() - i * interval '40 minutes' + v * interval '1 minute'",
            "protocol": f"jsonb_set(o.protocol, '{{title,plain_summary}}', {later})",
        },
        f"JOIN (SELECT id AS i FROM experiments_trial) t ON t.i <> {first.pk} "
        f"JOIN generate_series(0, {MANY - 1}) v ON v < {versions} OR t.i = {most_amended(first)} "
        f"WHERE o.trial_id = {first.pk} AND o.major = 1 AND o.minor = 0",
    )
    cursor.execute(
        "UPDATE experiments_registration v SET previous_id = b.id FROM experiments_registration b "
        "WHERE b.trial_id = v.trial_id AND b.major = v.major AND b.minor = v.minor - 1"
    )


def most_amended(first: Any) -> int:
    """Return the key of the public trial with many versions."""
    from experiments.models import Trial

    found: int = Trial.objects.public().exclude(pk=first.pk).order_by("pk").values_list("pk", flat=True)[0]
    return found


def _amend(model: Any, first: Any) -> None:
    """Give every hundredth trial the amendments that its versions came of."""
    from experiments.models import Registration, Trial

    change = {"pointer": "/title/plain_summary", "before": "Before", "after": "After", "freeze": "V"}
    read = Trial.objects.exclude(pk=first.pk).order_by("pk").values_list("pk", flat=True)[::EVERY]
    rows = []
    for trial in {*read, most_amended(first)}:
        made = list(Registration.objects.filter(trial=trial).order_by("minor"))
        rows += [
            model(
                trial_id=trial,
                base=base,
                registration=version,
                protocol=version.protocol,
                diff=[change],
                is_major=False,
                reason_code="external_event",
                reason="A storm stopped the visits for two weeks, so that they end later.",
                outcome_data_opened=False,
                proposed_at=version.registered_at,
                proposed_by_id=version.registrar_id,
                decided_at=version.registered_at,
                decided_by_id=version.registrar_id,
                decision="approve",
            )
            for base, version in itertools.pairwise(made)
        ]
    model.objects.bulk_create(rows, batch_size=200)
