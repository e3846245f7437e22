"""How each package is asked the same question. A package is imported only in the process that measures it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

OUTCOME, UNIT, PERIOD, FIRST = "complaints", "uid", "period", "first_trained"
NATIONAL = {"unit": "unit", "period": "period"}
Answer = dict[str, tuple[float, float]]  # estimate and standard error, by term
Ask = Callable[[], Answer]


def ours(
    estimator: str,
    covariance: str,
    options: dict[str, Any],
    data: pd.DataFrame,
    *,
    columns: dict[str, str] | None = None,
    covariates: list[str] | None = None,
    arms: dict[str, Any] | None = None,
    second: str = "std_error",
) -> Ask:
    """The whole engine: plan, sample, estimate, intervals and bands."""
    from experiments import stats

    plan = {
        "plan_version": 1,
        **({"arms": arms} if arms else {}),
        "columns": columns or {"unit": UNIT, "period": PERIOD, "first_treated": FIRST},
        "estimates": [
            {
                "id": "H1",
                "role": "primary",
                "outcome": "y" if columns else OUTCOME,
                "covariates": covariates or [],
                "estimand": "ATT",
                "estimator": estimator,
                "covariance": covariance,
                "options": options,
            }
        ],
    }

    def ask() -> Answer:
        row = stats.run(plan, data).document()["estimates"][0]
        assert row["status"] == "ok", row["reason"]
        terms = {
            term["term"].removeprefix("event_time="): (term["estimate"], term["std_error"])
            for term in row["terms"]
        }
        return {**terms, "overall": (row["estimate"], row[second])}

    return ask


def ours_dynamic(data: pd.DataFrame) -> Ask:
    """Callaway–Sant'Anna by event time, with simultaneous bands, which csdid and diff-diff are spared."""
    options = {"control_group": "not_yet_treated", "aggregation": "dynamic", "base_period": "varying"}
    return ours("callaway_santanna", "analytic", options, data)


def ours_two_way(data: pd.DataFrame) -> Ask:
    """Two-way fixed effects, errors by unit with the usual small-sample factor."""
    return ours("twfe", "CR1", {}, data)


def csdid(data: pd.DataFrame) -> Ask:
    """The Python port of R's did, with its fast path and analytic errors."""
    from csdid.att_gt import ATTgt

    given = data.astype({PERIOD: float, FIRST: float})

    def ask() -> Answer:
        model = ATTgt(
            yname=OUTCOME,
            tname=PERIOD,
            idname=UNIT,
            gname=FIRST,
            data=given,
            control_group=["notyettreated"],
            xformla=None,
        )
        found = (
            model.fit(est_method="dr", bstrap=False).aggte(typec="dynamic", bstrap=False, cband=False).atte
        )
        terms = zip(found["egt"], found["att_egt"], found["se_egt"], strict=True)
        answer = {str(int(time)): (float(att), float(error)) for time, att, error in terms}
        return {**answer, "overall": (float(found["overall_att"]), float(found["overall_se"]))}

    return ask


def differences(data: pd.DataFrame) -> Ask:
    """The package differences, in one process."""
    from differences import ATTgt

    given = data.set_index([UNIT, PERIOD])

    def ask() -> Answer:
        model = ATTgt(data=given, cohort_column=FIRST)
        model.fit(OUTCOME, est_method="dr", control_group="not_yet_treated", progress_bar=False)
        terms, overall = model.aggregate("event"), model.aggregate("event", overall=True)
        answer = {str(int(time)): _pair(row) for time, row in terms.iterrows()}
        return {**answer, "overall": _pair(overall.iloc[0])}

    return ask


def diff_diff(data: pd.DataFrame) -> Ask:
    """The package diff-diff. It keeps the last cohort as a treated one, so only effects after treatment compare."""
    from diff_diff import CallawaySantAnna

    def ask() -> Answer:
        model = CallawaySantAnna(control_group="not_yet_treated", cband=False)
        found = model.fit(
            data, outcome=OUTCOME, unit=UNIT, time=PERIOD, first_treat=FIRST, aggregate="event_study"
        )
        return {
            str(int(time)): (float(term["effect"]), float(term["se"]))
            for time, term in found.event_study_effects.items()
            if time >= 0
        }

    return ask


def pyfixest(data: pd.DataFrame) -> Ask:
    """The Python port of R's fixest."""
    from pyfixest import feols

    given = data.assign(treated=(data[PERIOD] >= data[FIRST]).astype(float))

    def ask() -> Answer:
        found = feols(f"{OUTCOME} ~ treated | {UNIT} + {PERIOD}", data=given, vcov={"CRV1": UNIT})
        return {"overall": (float(found.coef().iloc[0]), float(found.se().iloc[0]))}

    return ask


def linearmodels(data: pd.DataFrame) -> Ask:
    """The package linearmodels. Its small-sample factor counts the absorbed units, so its error differs a little."""
    from linearmodels import PanelOLS

    given = data.assign(treated=(data[PERIOD] >= data[FIRST]).astype(float)).set_index([UNIT, PERIOD])

    def ask() -> Answer:
        model = PanelOLS(given[OUTCOME], given[["treated"]], entity_effects=True, time_effects=True)
        found = model.fit(cov_type="clustered", cluster_entity=True)
        return {"overall": (float(found.params.iloc[0]), float(found.std_errors.iloc[0]))}

    return ask


def ours_national_two_way(data: pd.DataFrame) -> Ask:
    """Two regressors, unit and month effects, errors by unit."""
    return ours("twfe", "CR1", {}, data, columns={**NATIONAL, "treatment": "treated"}, covariates=["w"])


def pyfixest_national(data: pd.DataFrame) -> Ask:
    """The same regression."""
    from pyfixest import feols

    def ask() -> Answer:
        found = feols("y ~ treated + w | unit + period", data=data, vcov={"CRV1": "unit"})
        return {"overall": (float(found.coef().iloc[0]), float(found.se().iloc[0]))}

    return ask


def linearmodels_low_memory(data: pd.DataFrame) -> Ask:
    """The same regression, with the option that avoids dummies: its default ends for want of memory at this size."""
    from linearmodels import PanelOLS

    given = data.set_index(["unit", "period"])

    def ask() -> Answer:
        model = PanelOLS(given["y"], given[["treated", "w"]], entity_effects=True, time_effects=True)
        found = model.fit(cov_type="clustered", cluster_entity=True, low_memory=True)
        return {"overall": (float(found.params.iloc[0]), float(found.std_errors.iloc[0]))}

    return ask


def copy_columns(data: pd.DataFrame) -> Ask:
    """One copy of the five columns that the regression reads: what no regression can be faster than."""
    names = ["unit", "period", "treated", "w", "y"]

    def ask() -> Answer:
        copies = [data[name].to_numpy().copy() for name in names]
        return {"overall": (float(copies[-1][0]), 0.0)}

    return ask


def ours_national_dynamic(data: pd.DataFrame) -> Ask:
    """Effects by event time with the simultaneous band, never-treated controls."""
    options = {"control_group": "never_treated", "aggregation": "dynamic", "base_period": "varying"}
    columns = {**NATIONAL, "first_treated": "first_treated"}
    return ours("callaway_santanna", "analytic", options, data, columns=columns)


def diff_diff_national(data: pd.DataFrame) -> Ask:
    """The same with its own simultaneous band from 999 draws; its errors are then those of the draws."""
    from diff_diff import CallawaySantAnna

    def ask() -> Answer:
        model = CallawaySantAnna(control_group="never_treated", n_bootstrap=999, cband=True, seed=1)
        found = model.fit(
            data,
            outcome="y",
            unit="unit",
            time="period",
            first_treat="first_treated",
            aggregate="event_study",
        )
        return {
            str(int(time)): (float(term["effect"]), float(term["se"]))
            for time, term in found.event_study_effects.items()
            if time >= 0
        }

    return ask


def csdid_national(data: pd.DataFrame) -> Ask:
    """The same with its own simultaneous band from 999 draws; its errors are then those of the draws."""
    from csdid.att_gt import ATTgt

    given = data[["unit", "period", "first_treated", "y"]].astype({"period": float, "first_treated": float})

    def ask() -> Answer:
        model = ATTgt(
            yname="y",
            tname="period",
            idname="unit",
            gname="first_treated",
            data=given,
            control_group=["nevertreated"],
            xformla=None,
            biters=999,
        )
        found = model.fit(est_method="dr", bstrap=False).aggte(typec="dynamic", bstrap=True, cband=True).atte
        # With its bootstrap the errors of some event times are left out, and which is not said.
        errors = np.full(len(found["egt"]), np.nan)
        if len(np.ravel(found["se_egt"])) == len(errors):
            errors = np.ravel(found["se_egt"])
        terms = zip(found["egt"], found["att_egt"], errors, strict=True)
        return {str(int(time)): (float(np.ravel(att)[0]), float(error)) for time, att, error in terms}

    return ask


def ours_wild(data: pd.DataFrame) -> Ask:
    """Wild cluster bootstrap of a two-way model by force, with the interval that inverts it."""
    options = {"reps": 9_999, "weights": "rademacher"}
    columns = {**NATIONAL, "treatment": "treated"}
    return ours("twfe", "wild_cluster_bootstrap", options, data, columns=columns, second="p_value")


def pyfixest_wild(data: pd.DataFrame) -> Ask:
    """The same test, period effects as columns, without an interval; the fit comes before the clock."""
    from pyfixest import feols

    fit = feols("y ~ treated + C(period) | unit", data=data, vcov={"CRV1": "unit"})

    def ask() -> Answer:
        found = fit.wildboottest(param="treated", reps=9_999, seed=1)
        return {"overall": (float(fit.coef()["treated"]), float(found["Pr(>|t|)"]))}

    return ask


REDRAWS, LOOPED = 10_000, 1_000  # draws asked for, and those that the loop is given


def _redraw(estimator: str, covariates: list[str]) -> Callable[[pd.DataFrame], Ask]:
    def given(data: pd.DataFrame) -> Ask:
        return ours(
            estimator,
            "randomisation",
            {"draws": REDRAWS},
            data,
            columns={"unit": "unit", "arm": "arm"},
            covariates=covariates,
            arms={"control": "0", "treatments": ["1"]},
            second="p_value",
        )

    return given


def _loop(covariates: list[str]) -> Callable[[pd.DataFrame], Ask]:
    """A regression for every draw, with the robust error that studentises it: the p value alone, no interval."""

    def given(data: pd.DataFrame) -> Ask:
        import statsmodels.api as sm

        outcome, others = data["y"].to_numpy(), data[covariates].to_numpy()
        treated = data["arm"].to_numpy().astype(float)

        def fitted(status: "np.ndarray[Any, np.dtype[np.float64]]") -> tuple[float, float]:
            columns = np.column_stack([np.ones(len(outcome)), status, others])
            found = sm.OLS(outcome, columns).fit(cov_type="HC1")
            return float(found.params[1]), abs(float(found.tvalues[1]))

        def ask() -> Answer:
            random = np.random.default_rng(1)
            estimate, observed = fitted(treated)
            as_far = sum(fitted(random.permutation(treated))[1] >= observed for _ in range(LOOPED))
            return {"overall": (estimate, (1 + as_far) / (1 + LOOPED))}

        return ask

    return given


def _pair(row: Any) -> tuple[float, float]:
    flat = {name[-1]: value for name, value in row.items()}
    return float(flat["ATT"]), float(flat["std_error"])


ASKED: dict[str, dict[str, Callable[[pd.DataFrame], Ask]]] = {
    "dynamic": {"ours": ours_dynamic, "csdid": csdid, "diff-diff": diff_diff, "differences": differences},
    "two_way": {"ours": ours_two_way, "pyfixest": pyfixest, "linearmodels": linearmodels},
    "national_two_way": {
        "ours": ours_national_two_way,
        "pyfixest": pyfixest_national,
        "linearmodels, low_memory": linearmodels_low_memory,
        "one copy of the columns": copy_columns,
    },
    "national_dynamic": {
        "ours": ours_national_dynamic,
        "diff-diff": diff_diff_national,
        "csdid": csdid_national,
    },
    "redraw": {"ours": _redraw("difference_in_means", []), "statsmodels, a loop": _loop([])},
    "redraw_adjusted": {"ours": _redraw("ancova", ["x"]), "statsmodels, a loop": _loop(["x"])},
    "wild": {"ours": ours_wild, "pyfixest": pyfixest_wild},
}
