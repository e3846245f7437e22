"""Run: python -m tests.bench.enrolling N — makes an open trial and N people who enrol; prints their tokens as JSON."""

import json
import sys
from types import SimpleNamespace

import django


def main(callers: int) -> None:
    """Make them on the database of the environment."""
    from centre import tokens
    from centre.models import Force, Membership, User
    from tests.integration.enrolments import trickle

    force = Force.objects.create(slug="testshire", name="Testshire Police (invented)", kind=Force.Kind.SAMPLE)

    def person(name: str, role: str) -> User:
        user = User.objects.create_user(f"{name}@test.example", None, name=name)
        Membership.objects.create(user=user, role=role, force=force if role == "force_user" else None)
        return user

    cast = SimpleNamespace(
        force_user=person("force_user", "force_user"),
        registrar=person("registrar", "registrar"),
        reviewer=person("reviewer", "methods_reviewer"),
        custodian=person("custodian", "allocation_custodian"),
    )
    trial = trickle.opened(cast)
    keys = []
    for place in range(callers):
        user = person(f"caller{place}", "force_user")
        keys.append(tokens.make(name="bench", scope="write", days=1, by=user)[1])
    print(json.dumps({"trial": trial.number, "tokens": keys}))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
