"""The package as other programs import it: without Django, and without the numerical libraries until they are used."""

import inspect
import subprocess
import sys

import pytest

from experiments import stats
from experiments.stats import engine

PROGRAM = """
import sys

class Refuse:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in ("django", "rest_framework", "celery"):
            raise ImportError(f"{name} was imported")

sys.meta_path.insert(0, Refuse())
from experiments import stats
assert not {"numpy", "scipy", "pandas"} & set(sys.modules), "a numerical library was loaded too early"
functions = [getattr(stats, name) for name in stats.__all__]
assert all(callable(one) for one in functions)
import pandas
plan = {
    "plan_version": 1, "columns": {"unit": "u", "arm": "a"}, "arms": {"control": "c", "treatments": ["t"]},
    "estimates": [{"id": "H1", "role": "primary", "outcome": "y", "estimand": "ITT",
                   "estimator": "difference_in_means"}],
}
data = pandas.DataFrame({"u": range(8), "a": list("ctctctct"), "y": [1, 3, 2, 4, 1, 5, 2, 4]})
print(stats.run(plan, data).document()["estimates"][0]["estimate"])
"""


def test_runs_without_django_and_loads_nothing_early() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "2.5"), done.stderr


@pytest.mark.parametrize("name", [*engine.ESTIMATORS, *engine.CHECKS, "run", "callaway_santanna_rows"])
def test_each_estimator_and_check_is_a_documented_function(name: str) -> None:
    found = getattr(stats, name)
    assert inspect.isfunction(found)
    assert found.__name__ == name
    assert name in dir(stats)
    for title in ("Parameters", "Returns", "Raises"):
        assert f"{title}\n" in inspect.cleandoc(found.__doc__ or ""), f"{name} does not document its {title}"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'honest'"):
        stats.honest  # noqa: B018  the look-up is the test
