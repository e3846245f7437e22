"""Where the sequence of a trial stands: one look at its newest case, however many there are."""

import json
from dataclasses import dataclass

from django.db import connection

from centre.models import User
from experiments.models import Allocation
from experiments.randomise import trickle

# Plain SQL, because others wait meanwhile: the same question asked by querysets takes longer to write than to answer.
# Each part is one look into a unique index.
_NEWEST = """
    SELECT e.position, a.hash, e.tally,
        (SELECT r.id FROM experiments_registration r WHERE r.trial_id = %(trial)s
            ORDER BY r.major DESC, r.minor DESC LIMIT 1),
        EXISTS (SELECT 1 FROM experiments_unit u WHERE u.allocation_id = %(allocation)s AND u.code = %(case)s)
        OR EXISTS (SELECT 1 FROM experiments_enrolment k WHERE k.allocation_id = %(allocation)s
            AND k.confirmed_by_id = %(by)s AND k.key = %(key)s)
    FROM experiments_enrolment e JOIN experiments_assignment a ON a.id = e.assignment_id
    WHERE e.allocation_id = %(allocation)s ORDER BY e.position DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class SequenceHead:
    """What the next case follows.

    Attributes
    ----------
    position : cases so far.
    hash : hash of the newest record; of the commitment, where there is none yet.
    tally : counts of the cases so far.
    registration_id : the version of the protocol in force.
    is_known : whether the case, or this key of this person, has come before.
    """

    position: int
    hash: str
    tally: trickle.Tally
    registration_id: int | None
    is_known: bool


def read(
    allocation: Allocation, scheme: trickle.TrickleScheme, *, case: str, by: User, key: str
) -> SequenceHead:
    """Read where the sequence stands. The trial is locked, so nobody moves it on meanwhile."""
    ids = {"trial": allocation.trial_id, "allocation": allocation.pk, "by": by.pk}
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {**ids, "case": case, "key": key})
        row = cursor.fetchone()
    if row is None:
        registration = allocation.trial.registration
        tally = trickle.Tally(scheme)
        return SequenceHead(
            0, allocation.commitment, tally, registration.pk if registration else None, is_known=False
        )
    position, newest_hash, written, registration_id, is_known = row
    tally = _tally(allocation, scheme, written)
    return SequenceHead(position, newest_hash, tally, registration_id, bool(is_known))


def _tally(allocation: Allocation, scheme: trickle.TrickleScheme, written: str | None) -> trickle.Tally:
    """Return the counts that the newest case holds; where it is from before they were kept, count every case."""
    if written is not None:
        return trickle.Tally.from_json(scheme, json.loads(written))
    tally = trickle.Tally(scheme)
    for levels, arm in allocation.enrolments.values_list("levels", "assignment__arm"):
        tally.add(levels, arm)
    return tally
