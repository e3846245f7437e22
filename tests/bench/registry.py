"""Run: python -m tests.bench.registry TRIALS VERSIONS — fills the database of the environment and reads its pages.

Prints as JSON the rows, the addresses of each kind of page, and what one reader after the other waited for them.
"""

import datetime as dt
import json
import random
import sys
import time
from typing import Any
from urllib.parse import urlencode

import django

from tests.bench import registry_rows
from tests.bench.asking import LIST, ONE, TIMED, Address, read
from tests.bench.registry_rows import RARE, WORDS


def main(trials: int, versions: int) -> None:
    """Fill the database, ask for each page, and print what was measured."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    first = registry_rows.one_trial()
    rows = registry_rows.fill(first, trials, versions)
    filled = time.perf_counter() - started
    kinds = addresses(first, versions)
    found = {
        "rows": rows,
        "filled": filled,
        "pages": [read(name, budget, address) for name, (budget, address) in kinds.items()],
        "addresses": {name: [address() for _ in range(TIMED)] for name, (_, address) in kinds.items()},
    }
    print(json.dumps(found))


def addresses(first: Any, versions: int) -> dict[str, tuple[int | None, Address]]:
    """Return for each kind of page its budget and what makes its addresses."""
    from experiments.models import Amendment, Trial

    public = Trial.objects.public()
    last = public.count() // 20
    amended = public.filter(pk__in=Amendment.objects.values("trial_id")).exclude(
        pk=registry_rows.most_amended(first)
    )
    numbers = list(amended.values_list("number", flat=True))
    most = Trial.objects.get(pk=registry_rows.most_amended(first)).number
    draw = random.Random(5)

    def of(part: str, start: str = "/trials/") -> Address:
        return lambda: f"{start}{draw.choice(numbers)}/{part}"

    def always(address: str) -> Address:
        return lambda: address

    def word() -> str:
        return draw.choice(WORDS)

    def on(name: str, ago: int) -> str:
        day = dt.date.today() - dt.timedelta(days=ago)  # the copies count back from the database's own today
        return f"{name}_day={day.day}&{name}_month={day.month}&{name}_year={day.year}"

    api, newest = "/api/v1/trials/", versions - 1
    return {
        "list, first page": (LIST, always("/trials/")),
        "list, any page": (LIST, lambda: f"/trials/?page={draw.randint(1, last)}"),
        "list, last page": (LIST, always(f"/trials/?page={last}")),
        "list by title, any page": (LIST, lambda: f"/trials/?sort=title&page={draw.randint(1, last)}"),
        "list by results due": (LIST, always("/trials/?sort=results_due")),
        "words, common": (LIST, lambda: f"/trials/?q={word()}"),
        "words, two common": (LIST, lambda: f"/trials/?q={word()}+{word()}"),
        "words, rare": (LIST, always(f"/trials/?q={RARE}")),
        "words, rare and common": (LIST, always(f"/trials/?q=trial+{RARE}")),
        "words, in no trial": (LIST, always("/trials/?q=helicopter")),
        "words, a part of numbers": (LIST, always("/trials/?q=2026-1000")),
        "force": (LIST, always("/trials/?force=testshire")),
        "problem": (LIST, always("/trials/?problem=burglary")),
        "tactic": (LIST, always("/trials/?tactic=tactic-7")),
        "design": (LIST, always("/trials/?design=rct_cluster")),
        "stage": (LIST, always("/trials/?conduct=delivering")),
        "results": (LIST, always("/trials/?results=published")),
        "withdrawn": (LIST, always("/trials/?registration=withdrawn")),
        "registered since": (LIST, always(f"/trials/?{on('registered_from', 7)}")),
        "treating on a day": (LIST, always(f"/trials/?{on('running_on', 10)}")),
        "all filters at once": (LIST, lambda: f"/trials/?{all_at_once(draw.choice(numbers))}&sort=title"),
        "record of a trial": (ONE, of("")),
        "protocol as a document": (ONE, of("document/")),
        f"history, {versions} versions": (ONE, of("versions/")),
        f"history, {registry_rows.MANY} versions": (ONE, always(f"/trials/{most}/versions/")),
        "difference of two versions": (ONE, of(f"diff/?before=1.0&after=1.{newest}")),
        "feed of the registry": (LIST, always("/trials/feed/")),
        "feed of a trial": (ONE, of("feed/")),
        "API, list": (LIST, always(api)),
        "API, words, with the count": (LIST, lambda: f"{api}?search={word()}&count_total=true"),
        "API, 1,000 rows as CSV": (None, always(f"{api}?format=csv&page_size=1000")),
        "API, a trial": (ONE, of("", api)),
        "API, versions of a trial": (ONE, of("versions/", api)),
        "API, difference": (ONE, of(f"diff/?from=1.0&to=1.{newest}", api)),
    }


def all_at_once(number: str) -> str:
    """Return what narrows the list by everything that is true of one trial."""
    from experiments.models import Trial

    trial = Trial.objects.select_related("tactic", "lead_force").get(number=number)
    day = trial.planned_from
    said = {
        "q": trial.title.split()[0],
        "force": trial.lead_force.slug,
        "problem": trial.problems.all()[0].slug,
        "tactic": trial.tactic.slug,
        "design": trial.searched_design,
        "conduct": trial.conduct_state,
        "results": trial.results_state,
        **(
            {"running_on_day": day.day, "running_on_month": day.month, "running_on_year": day.year}
            if day
            else {}
        ),
    }
    return urlencode(said)


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
