"""Each method of drawing a whole list by page: protocol, freeze, draw, reveal, and the stand-alone replay."""

import csv
import datetime as dt
import hashlib
import io
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from experiments import protocol
from experiments.actions import allocations, conduct, cosignatures, registrations, reviews, trials
from experiments.analysis.evidence import verifies
from experiments.analysis.registered import registered as registered_draw
from experiments.lifecycle import Conduct
from experiments.models import Allocation, AssignedPeriod, BeaconValue, Trial
from experiments.randomise.beacon import QUICKNET
from experiments.stats.registered import Registered
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, summary, words
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db

FIRST_DAY = dt.date(2026, 3, 2)
COVARIATES = ("crime", "people")


def places(n: int, *columns: str, clusters: int = 0) -> str:
    """Return a unit list; covariates are numbers that follow from the place of the unit, the same in a cluster."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("unit", *columns))
    for place in range(n):
        drawn = place % clusters if clusters else place
        values = {
            "cluster": f"C{drawn:02}",
            "crime": f"{drawn * 37 % 101 - 20}.50",
            "people": str(drawn * drawn * 13 % 97),
            "arm": "treatment" if place % 2 else "control",
            "block": str(place // 4),
        }
        writer.writerow((f"P{place:02}", *(values[name] for name in columns)))
    return text.getvalue()


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "stepped_wedge": (
        {
            "wedge": {
                "sequences": 4,
                "baseline_periods": 2,
                "step_periods": 3,
                "first_day": "2027-01-04",
                "period_days": 28,
                "transition_periods": 0,
            },
            "ratio": [],
        },
        places(32, "cluster", clusters=16),
    ),
    "matched": ({"balance": {"covariates": list(COVARIATES)}}, places(12, *COVARIATES)),
    "constrained": (
        {"balance": {"covariates": list(COVARIATES), "keep_percent": 10}},
        places(24, "cluster", *COVARIATES, clusters=12),
    ),
    "crossover": (
        {
            "crossover": {
                "first_day": FIRST_DAY.isoformat(),
                "days": 28,
                "block_days": 4,
                "max_run": 2,
                "washout_days": 0,
            }
        },
        places(6),
    ),
    "simple": ({}, places(120)),
    "factorial": (
        {
            "ratio": [],
            "crossed_factors": [
                {"id": "visit", "levels": ["v0", "v1"]},
                {"id": "text", "levels": ["t0", "t1"]},
            ],
        },
        places(40),
    ),
    "external": (
        {"external": {"source": "A statistician outside the team, by sealed list", "has_blocks": True}},
        places(16, "arm", "block"),
    ),
}
DESIGNS = {
    "stepped_wedge": "rct_stepped_wedge",
    "matched": "rct_matched_pair",
    "crossover": "rct_crossover",
    "factorial": "rct_factorial",
}


def document(tactic: Any, method: str, **allocation: Any) -> dict[str, Any]:
    """Return a complete protocol with another draw."""
    made = stages.document(tactic)
    made["allocation"] |= {"method": method, **CASES[method][0], **allocation}
    made["design"]["design"] = DESIGNS.get(method, "rct_place")
    if method == "factorial":
        treated, control = made["arms"]
        made["arms"] = [
            {**(control if code == "v0+t0" else treated), "id": code, "label": code}
            for code in ("v0+t0", "v0+t1", "v1+t0", "v1+t1")
        ]
        made["analysis_plan"]["arms"] = {"control": "v0+t0", "treatments": ["v0+t1", "v1+t0", "v1+t1"]}
        for hypothesis in made["problem"]["hypotheses"]:
            hypothesis |= {"treatment": "v1+t1", "comparator": "v0+t0"}
    return made


def baseline(cast: Any, method: str, **allocation: Any) -> Trial:
    """Return a registered trial with this draw, whose list may be frozen."""
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    return registered(cast, tactic, document(tactic, method, **allocation))


def registered(cast: Any, tactic: Any, written: dict[str, Any]) -> Trial:
    """Return the trial of a protocol, registered and open for its list."""
    trial = trials.start(title=stages.PLAN.title, by=cast.force_user, tactic=tactic, is_simulated=True)
    written = stages.declaring(written, cast.force_user)
    trial = trials.save(trial=trial, document=written, edition=trial.protocol_edition, by=cast.force_user)
    trial = trials.submit(trial=trial, by=cast.force_user)
    reviews.decide(trial=trial, decision="approve", comment="Ready.", by=cast.reviewer)
    cosignatures.sign(trial=stages.fresh(trial), by=cast.sponsor)
    registrations.register(trial=stages.fresh(trial), by=cast.registrar)
    return conduct.advance(trial=stages.fresh(trial), to="baseline", by=cast.registrar)


def drawn(cast: Any, sign_in: Any, method: str, **sent: Any) -> Trial:
    """Return a trial that was frozen and drawn by page."""
    trial = baseline(cast, method)
    custodian = sign_in(cast.custodian)
    page = address(trial, "trial-allocation-freeze")
    answer = custodian.post(page, {"pasted": CASES[method][1], **sent})
    assert answer.status_code == 302, summary(answer)
    answer = custodian.post(address(trial, "trial-allocation-draw"), {"confirm": "draw"})
    assert answer.status_code == 302, summary(answer)
    return stages.fresh(trial)


def revealed(cast: Any, sign_in: Any, trial: Trial) -> None:
    """Lock the data (which are not what these tests are about) and open the seed by page."""
    stages.put(trial, Conduct.DATA_LOCKED)
    page = address(trial, "trial-allocation-reveal")
    assert sign_in(cast.custodian).post(page, {"confirm": "reveal"}).status_code == 302


def replayed(client: Any, trial: Trial, folder: Path) -> tuple[int, str]:
    """Run the verifier on what the pages give to anybody."""
    for name, room in (("verify.py", "verifier"), ("record.json", "record"), ("list.csv", "list")):
        (folder / name).write_bytes(client.get(address(trial, f"trial-allocation-{room}")).content)
    command = [sys.executable, "-I", "verify.py", "record.json", "list.csv"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("method", CASES)
def test_the_whole_way(cast: Any, sign_in: Any, client: Any, tmp_path: Path, method: str) -> None:
    trial = drawn(cast, sign_in, method)
    revealed(cast, sign_in, trial)
    code, said = replayed(client, trial, tmp_path)
    assert (code, said.startswith("MATCH: ")) == (0, True), said
    canonical = client.get(address(trial, "trial-allocation-units")).content
    allocation = stages.fresh(trial).allocation
    assert allocation is not None
    assert hashlib.sha256(canonical).hexdigest() == allocation.unit_list_sha256
    assert verifies(allocation) is (method != "external")
    assert client.get(address(trial, "trial-allocation")).status_code == 200
    changed = (tmp_path / "list.csv").read_text(encoding="utf-8").replace("P0", "Q0", 1)
    (tmp_path / "list.csv").write_text(changed, encoding="utf-8")
    command = [sys.executable, "-I", "verify.py", "record.json", "list.csv"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    ("method", "column"),
    [("stepped_wedge", "cluster"), ("matched", "crime"), ("constrained", "people"), ("external", "block")],
)
def test_the_freeze_page_names_the_columns(cast: Any, sign_in: Any, method: str, column: str) -> None:
    trial = baseline(cast, method)
    page = sign_in(cast.custodian).get(address(trial, "trial-allocation-freeze"))
    assert f"{column} :" in words(page)


def test_a_stepped_wedge_shows_its_schedule(cast: Any, sign_in: Any, client: Any) -> None:
    trial = drawn(cast, sign_in, "stepped_wedge")
    allocation = trial.allocation
    assert allocation is not None
    sequences = list(allocation.assignments.values_list("arm", flat=True))
    assert {name: sequences.count(name) for name in "1234"} == dict.fromkeys("1234", 8)
    public = words(client.get(address(trial, "trial-allocation")))
    assert "Schedule: the arm of each sequence in each period" in public
    assert "Sequence 1 2 3 4 5 6 7 8 9 10 11 12 13 14 1 control control treatment" in public
    assert "P00" not in public
    assert "unit,stratum,cluster,sequence" in listed(sign_in(cast.custodian), trial)


def test_pairs_are_shown_to_the_custodian_alone(cast: Any, sign_in: Any, client: Any) -> None:
    trial = drawn(cast, sign_in, "matched")
    page = address(trial, "trial-allocation")
    shown = words(sign_in(cast.custodian).get(page))
    assert "Who was matched with whom" in shown
    assert "The list alone decides the matching: optimal." in shown
    for other in (client, sign_in(cast.force_user), sign_in(cast.analyst)):
        assert "Who was matched with whom" not in words(other.get(page))
    allocation = trial.allocation
    assert allocation is not None
    pairs: dict[str, list[str]] = {}
    for block, arm in allocation.assignments.values_list("block", "arm"):
        pairs.setdefault(block, []).append(arm)
    assert [sorted(pair) for pair in pairs.values()] == [["control", "treatment"]] * 6
    assert "crime,people,arm" in listed(sign_in(cast.custodian), trial)


def test_the_set_of_a_constrained_draw_can_be_taken(cast: Any, sign_in: Any, client: Any) -> None:
    trial = drawn(cast, sign_in, "constrained")
    page = address(trial, "trial-allocation-set")
    allocation = trial.allocation
    assert allocation is not None
    assert status(client, page) == 404
    content = sign_in(cast.custodian).get(page).content
    assert hashlib.sha256(content).hexdigest() == allocation.prepared["set_sha256"]
    rows = content.decode().split()
    assert len(rows) == allocation.prepared["kept"]
    assert all(len(row) == 12 and row.count("0") == 6 for row in rows)
    assert "924: all allocations" in words(sign_in(cast.custodian).get(address(trial, "trial-allocation")))


def test_a_constrained_draw_that_couples_two_clusters_is_refused(cast: Any, sign_in: Any) -> None:
    trial = baseline(cast, "constrained")
    pasted = places(6, "cluster", *COVARIATES, clusters=6)
    answer = sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), {"pasted": pasted})
    assert answer.status_code == 422
    assert "be in the same arm in the" in summary(answer)
    assert not Allocation.objects.exists()


def test_a_force_sees_days_up_to_today(cast: Any, sign_in: Any, time_machine: Any) -> None:
    trial = drawn(cast, sign_in, "crossover")
    assert AssignedPeriod.objects.count() == 6 * 28
    page = address(trial, "trial-allocation-days")
    assert len(sign_in(cast.custodian).get(page).content.decode().splitlines()) == 1 + 6 * 28
    time_machine.move_to(dt.datetime.combine(FIRST_DAY + dt.timedelta(days=2), dt.time(6), dt.UTC))
    rows = list(csv.DictReader(io.StringIO(sign_in(cast.force_user).get(page).content.decode())))
    assert len(rows) == 6 * 3
    assert max(row["day"] for row in rows) == "2026-03-04"
    assert "Days on end in one arm" not in words(
        sign_in(cast.force_user).get(address(trial, "trial-allocation"))
    )
    for person in (cast.other_force_user, cast.researcher):
        assert status(sign_in(person), page) == 404


def test_an_imported_list_is_labelled_and_its_arms_are_hidden_before_it_is_taken_over(
    cast: Any, sign_in: Any
) -> None:
    trial = baseline(cast, "external")
    page = address(trial, "trial-allocation-freeze")
    assert sign_in(cast.custodian).post(page, {"pasted": CASES["external"][1]}).status_code == 302
    assert status(sign_in(cast.force_user), address(trial, "trial-allocation-units")) == 404
    text = listed(sign_in(cast.force_user), trial)
    assert "treatment" not in text
    shown = words(sign_in(cast.custodian).get(address(trial, "trial-allocation")))
    assert "The arms were not generated here" in shown
    assert "In every stratum each arm has its registered share." in shown
    assert "Every block holds every arm by its share." in shown
    assert "Take over the arms" in shown
    pasted = CASES["external"][1].replace("control", "nobody", 1)
    other = baseline(cast, "external")
    answer = sign_in(cast.custodian).post(address(other, "trial-allocation-freeze"), {"pasted": pasted})
    assert "There is no arm with the code nobody" in summary(answer)


def listed(client: Any, trial: Trial) -> str:
    """Return the list as a person downloads it."""
    content: bytes = client.get(address(trial, "trial-allocation-list")).content
    return content.decode()


class TestBeacon:
    """A round is named when the list is frozen; its value comes later, by page."""

    SIGNATURE = "ab" * 48
    VALUE = hashlib.sha256(bytes.fromhex(SIGNATURE)).hexdigest()

    def frozen(self, cast: Any, sign_in: Any) -> tuple[Trial, int]:
        trial = baseline(cast, "simple", seed_policy="public_beacon")
        number = QUICKNET.round_at(timezone.now() + dt.timedelta(hours=1))
        sent = {"pasted": CASES["simple"][1], "beacon_round": number}
        answer = sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), sent)
        assert answer.status_code == 302, summary(answer)
        return stages.fresh(trial), number

    def test_the_whole_way(
        self, cast: Any, sign_in: Any, client: Any, tmp_path: Path, time_machine: Any
    ) -> None:
        trial, number = self.frozen(cast, sign_in)
        assert f"Round {number} of drand’s quicknet" in words(client.get(address(trial, "trial-allocation")))
        draw, beacon = address(trial, "trial-allocation-draw"), address(trial, "trial-allocation-beacon")
        answer = sign_in(cast.custodian).post(draw, {"confirm": "draw"})
        assert (answer.status_code, "Enter the value of the named round" in summary(answer)) == (409, True)
        value = {"round": number, "randomness": self.VALUE, "signature": self.SIGNATURE}
        early = sign_in(cast.custodian).post(beacon, value)
        assert (early.status_code, "comes out at" in summary(early)) == (422, True)
        time_machine.move_to(QUICKNET.time_of(number))
        for wrong, message in (
            ({"round": number + 1}, "was named when the list was frozen"),
            ({"randomness": "0" * 64}, "is not the SHA-256 of the signature"),
            ({"signature": ""}, "Enter the signature"),
        ):
            answer = sign_in(cast.custodian).post(beacon, {**value, **wrong})
            assert (answer.status_code, message in summary(answer)) == (422, True)
        assert not BeaconValue.objects.exists()
        assert sign_in(cast.custodian).post(beacon, value).status_code == 302
        assert sign_in(cast.custodian).post(beacon, value).status_code == 409
        assert sign_in(cast.custodian).post(draw, {"confirm": "draw"}).status_code == 302
        public = words(client.get(address(trial, "trial-allocation")))
        assert self.VALUE in public
        assert "We did not check the signature itself" in public
        revealed(cast, sign_in, trial)
        code, said = replayed(client, trial, tmp_path)
        assert (code, said.startswith("MATCH: ")) == (0, True), said
        allocation = stages.fresh(trial).allocation
        assert allocation is not None
        assert verifies(allocation)
        assert allocation.seed_revealed.endswith(f"|{allocation.unit_list_sha256}|{self.VALUE}")

    def test_the_round_is_still_to_come(self, cast: Any, sign_in: Any) -> None:
        trial = baseline(cast, "simple", seed_policy="public_beacon")
        page = address(trial, "trial-allocation-freeze")
        for sent, message in (
            ({"beacon_round": 1_000}, "Name a round that is still to come"),
            ({}, "Name the round of the beacon"),
        ):
            answer = sign_in(cast.custodian).post(page, {"pasted": CASES["simple"][1], **sent})
            assert (answer.status_code, message in summary(answer)) == (422, True)
        assert not Allocation.objects.exists()

    def test_only_the_custodian_enters_the_value(self, cast: Any, sign_in: Any) -> None:
        trial, _ = self.frozen(cast, sign_in)
        for person in (cast.force_user, cast.analyst, cast.registrar, cast.researcher):
            assert status(sign_in(person), address(trial, "trial-allocation-beacon")) == 403


def test_a_waiting_list_says_when_those_who_wait_get_their_turn(cast: Any, sign_in: Any) -> None:
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    written = stages.document(tactic)
    written["design"]["design"] = "waitlist"
    assert {each.pointer for each in problems(written)} >= {"/arms", "/allocation/waiting_until"}
    written["allocation"]["waiting_until"] = "2027-06-01"
    written["arms"][1]["role"] = "waitlist"
    assert problems(written) == []
    trial = registered(cast, tactic, written)
    allocations.freeze_units(trial=trial, lines=stages.lines(), by=cast.custodian)
    allocations.draw(trial=trial, by=cast.custodian)
    shown = words(sign_in(cast.custodian).get(address(trial, "trial-allocation")))
    assert "control gets the treatment on 1 June 2027" in shown


def problems(written: dict[str, Any]) -> list[Any]:
    return protocol.problems(protocol.from_json(written), today=timezone.localdate())


def told(trial: Trial) -> Registered:
    """Return what the engine is told of the draw."""
    return registered_draw(SimpleNamespace(trial=trial, registration=trial.registration))  # type: ignore[arg-type]


def test_the_engine_gets_the_stored_set(cast: Any, sign_in: Any) -> None:
    trial = drawn(cast, sign_in, "constrained")
    allocation = trial.allocation
    assert allocation is not None
    assert len(told(trial).allowed) == allocation.prepared["kept"]
    arms = dict(allocation.assignments.values_list("cluster", "arm"))
    assert tuple(arms[cluster] for cluster in sorted(arms)) in told(trial).allowed


def test_the_engine_gets_the_tuples_as_strata(cast: Any, sign_in: Any) -> None:
    trial = drawn(cast, sign_in, "matched")
    assert sorted(told(trial).strata.values()) == sorted(str(pair) for pair in range(1, 7) for _ in "TC")
