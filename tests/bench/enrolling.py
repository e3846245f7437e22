"""Run: python -m tests.bench.enrolling N — makes an open trial and N people who enrol; prints their tokens as JSON."""

import json
import sys

import django

from tests.bench import people


def main(callers: int) -> None:
    """Make them on the database of the environment."""
    from centre import tokens
    from tests.integration.enrolments import trickle

    trial = trickle.opened(people.cast())
    keys = []
    for place in range(callers):
        user = people.person(f"caller{place}", "force_user")
        keys.append(tokens.make(name="bench", scope="write", days=1, by=user)[1])
    print(json.dumps({"trial": trial.number, "tokens": keys}))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
