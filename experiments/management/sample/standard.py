"""One invented standard of productivity, adopted by two people, and the figures that each sample force sent of it.

The sample has four forces, and eight are the fewest that are compared: its pages say so.
"""

import datetime as dt
from decimal import Decimal

from centre import sample
from centre.hub.actions import figures, measures, standards
from centre.hub.months import number_of, words
from centre.models import Standard

KEY = "sample-files-right-first-time"
MONTHS = 18
HEAD = "force,measure,period,value,denominator,basis"
OUTCOME, ACTIVITY, INPUT = "sample-files-accepted", "sample-files-sent", "officer-hours"
# Files sent in a usual month, and of a hundred how many are accepted at once.
USUAL = {"northmoor": (240, 81), "eastvale": (190, 93), "southmere": (310, 76), "westholt": (150, 88)}
_SAID = {
    "definition": "Case files sent to prosecutors, as the sample programme invents them.",
    "exclusions": "Files of no real force.",
    "recording_rule": "Once for each file, in the month in which it was sent.",
    "source": "Invented for the sample programme",
    "licence": "Open Government Licence v3.0",
}


def adopt(today: dt.date) -> None:
    """The standard holds, and each force's own person has sent its months; once."""
    if Standard.objects.filter(key=KEY).exists():
        return
    registrar, begins = sample.person("registrar"), today - dt.timedelta(days=2 * 365)
    measures.adopt(
        key=OUTCOME,
        name="Files accepted at once (invented)",
        kind="outcome",
        unit="share",
        direction="higher_is_better",
        denominator="files sent",
        valid_from=begins,
        by=registrar,
        **_SAID,
    )
    measures.adopt(
        key=ACTIVITY,
        name="Files sent (invented)",
        kind="activity",
        unit="count",
        direction="neither",
        valid_from=begins,
        by=registrar,
        **_SAID,
    )
    proposed = standards.propose(
        key=KEY,
        name="Files right first time (invented)",
        good="Nine files in ten are accepted as they come, so that nobody works on them twice.",
        direction="higher",
        valid_from=today,
        by=registrar,
        inputs=(INPUT,),
        activity=(ACTIVITY,),
        outcome=OUTCOME,
        target=Decimal(90),
        target_source="Invented for the sample programme",
    )
    standards.adopt(standard=proposed, by=sample.person("director"))
    for force in sample.FORCES:
        figures.receive(
            content="\n".join((HEAD, *_rows(force, today))).encode(),
            filename=f"{force}-figures.csv",
            source="Invented for the sample programme",
            by=sample.person(force),
        )


def _rows(force: str, today: dt.date) -> list[str]:
    """Return the months before this one: files go up and down a little, and by no rule that a reader would look for."""
    sent, share = USUAL[force]
    end, rows = number_of(today.year, today.month), []
    for at in range(MONTHS):
        month, of = words(end - MONTHS + at), sent + at * 37 % 23 - 11
        accepted = round(of * (share + at * 11 % 7 - 3) / 100)
        rows += [
            f"{force},{OUTCOME},{month},{accepted},{of},counted",
            f"{force},{ACTIVITY},{month},{of},,counted",
            f"{force},{INPUT},{month},{of * 9},,counted",
        ]
    return rows
