"""Run: python -m tests.bench.library TACTICS — fills the database of the environment and reads the library's pages.

Prints as JSON the rows, the addresses of each kind of page, and what one reader after the other waited for them.
"""

import json
import random
import sys
import time
from typing import Any

import django

from tests.bench import library_rows
from tests.bench.asking import LIST, ONE, TIMED, Address, read
from tests.bench.library_rows import MORE
from tests.bench.registry_rows import RARE, WORDS


def main(tactics: int) -> None:
    """Fill the database, ask for each page, and print what was measured."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    first = library_rows.one_tactic()
    rows = library_rows.fill(first, tactics)
    filled = time.perf_counter() - started
    kinds = addresses(first, tactics)
    found = {
        "rows": rows,
        "filled": filled,
        "pages": [read(name, budget, address) for name, (budget, address) in kinds.items()],
        "addresses": {name: [address() for _ in range(TIMED)] for name, (_, address) in kinds.items()},
    }
    print(json.dumps(found))


def addresses(first: Any, tactics: int) -> dict[str, tuple[int | None, Address]]:
    """Return for each kind of page its budget and what makes its addresses."""
    draw = random.Random(5)
    last = tactics // 20

    def always(address: str) -> Address:
        return lambda: address

    def word() -> str:
        return draw.choice((*WORDS, *MORE))

    def slug() -> str:
        return f"tactic-{draw.randint(1, tactics - 1)}"

    def side_by_side() -> str:
        return "/tactics/compare/?" + "&".join(f"t={slug()}" for _ in range(3))

    return {
        "library": (LIST, always("/")),
        "list, first page": (LIST, always("/tactics/")),
        "list, any page": (LIST, lambda: f"/tactics/?page={draw.randint(1, last)}"),
        "list, last page": (LIST, always(f"/tactics/?page={last}")),
        "list by strength": (LIST, always("/tactics/?sort=strength")),
        "list by name, any page": (LIST, lambda: f"/tactics/?sort=name&page={draw.randint(1, last)}"),
        "words, common": (LIST, lambda: f"/tactics/?q={word()}"),
        "words, two common": (LIST, lambda: f"/tactics/?q={word()}+{word()}"),
        "words, eight": (LIST, lambda: "/tactics/?q=" + "+".join(word() for _ in range(8))),
        "words, rare": (LIST, always(f"/tactics/?q={RARE}")),
        "words, an abbreviation": (LIST, always("/tactics/?q=ASB")),
        "words, misspelt": (LIST, always("/tactics/?q=burglry+camras")),
        "words, in no tactic": (LIST, always("/tactics/?q=helicopter")),
        "problem": (LIST, always("/tactics/?problem=burglary")),
        "being tested": (LIST, always("/tactics/?tested=now")),
        "words and four filters": (
            LIST,
            lambda: f"/tactics/?q={word()}&cost=3&strength=2&setting=homes&tested=none",
        ),
        "a problem's three tactics": (ONE, always("/problems/burglary/?force=kent")),
        "gap map": (LIST, lambda: f"/gap-map/?page={draw.randint(1, last)}"),
        "compare three": (ONE, side_by_side),
        "compare, find another": (LIST, lambda: f"/tactics/compare/?t={slug()}&find={word()}"),
        "a tactic": (ONE, lambda: f"/tactics/{slug()}/"),
        "API, words": (LIST, lambda: f"/api/v1/tactics/?search={word()}"),
    }


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
