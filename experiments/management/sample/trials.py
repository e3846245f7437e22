"""The simulated trials: what each asks, how it is designed, and how far it is taken."""

from dataclasses import dataclass
from typing import Any, Literal

Stop = Literal["draft", "submitted", "registered", "allocated", "published"]


@dataclass(frozen=True, slots=True)
class OutcomePlan:
    """One outcome and the estimates that the plan makes of it."""

    id: str
    name: str
    domain: str
    column: str
    measure: str
    estimates: tuple[dict[str, Any], ...]
    role: str = "primary"
    better: str = "lower"
    subject: str = "person"
    unit: str = "incidents"
    source: str = "Recorded crime system"
    recorded_by: str = "official_records"
    proxy: bool = False


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """One simulated trial."""

    key: str
    tactic: str
    force: str
    title: str
    design: str
    method: str
    unit_type: str
    unit_word: str
    n_units: int
    outcomes: tuple[OutcomePlan, ...]
    columns: dict[str, str]
    treatment: str
    control: str
    dose: str
    hypothesis: str
    covariates: tuple[tuple[str, str, str], ...] = ()
    strata: tuple[str, ...] = ()
    n_clusters: int | None = None
    checks: tuple[str, ...] = ()
    buffer_metres: float | None = None
    stop: Stop = "published"


_ARMS = {"unit": "unit", "arm": "arm"}

COCOON = TrialPlan(
    key="cocoon",
    tactic="cocoon",
    force="northmoor",
    title="Do cocoon visits prevent repeat burglary? A simulated cluster trial",
    design="rct_cluster",
    method="cluster",
    unit_type="beat",
    unit_word="street segment",
    n_units=360,
    n_clusters=60,
    columns={**_ARMS, "cluster": "beat"},
    outcomes=(
        OutcomePlan(
            id="repeat",
            name="Repeat burglaries in 12 months",
            domain="repeat-burglary",
            column="repeat_burglaries",
            measure="count",
            unit="repeat burglaries of homes",
            estimates=(
                {
                    "id": "H1",
                    "role": "primary",
                    "estimator": "poisson",
                    "covariance": "CR2",
                    "covariates": ["prior_rate"],
                    "options": {"exposure": "homes"},
                },
                {
                    "id": "H1-clusters",
                    "role": "sensitivity",
                    "estimator": "cluster_means",
                    "options": {"scale": "log_rate", "exposure": "homes"},
                },
            ),
        ),
        OutcomePlan(
            id="all",
            name="All burglaries of homes in 12 months",
            domain="burglary",
            column="burglaries",
            measure="count",
            role="secondary",
            unit="burglaries of homes",
            estimates=(
                {
                    "id": "H2",
                    "role": "secondary",
                    "estimator": "poisson",
                    "covariance": "CR2",
                    "options": {"exposure": "homes"},
                },
            ),
        ),
    ),
    covariates=(("prior_rate", "Burglaries for every 100 homes, the year before", "continuous"),),
    treatment="Cocoon visits",
    control="Usual visits to the victim alone",
    dose="Homes visited within 48 hours, for every burglary",
    hypothesis="Visits within 48 hours reduce repeat burglary",
    checks=("balance",),
    buffer_metres=50.0,
)

HARDENING = TrialPlan(
    key="hardening",
    tactic="hardening",
    force="eastvale",
    title="Do fitted locks stop the second burglary? A simulated trial of homes",
    design="rct_individual",
    method="complete",
    unit_type="household",
    unit_word="burgled home",
    n_units=1_600,
    columns=_ARMS,
    outcomes=(
        OutcomePlan(
            id="repeat",
            name="Repeat burglaries in 12 months",
            domain="repeat-burglary",
            column="repeat_burglaries",
            measure="count",
            unit="repeat burglaries of the home",
            estimates=({"id": "H1", "role": "primary", "estimator": "poisson", "covariance": "HC2"},),
        ),
    ),
    treatment="Fitted pack",
    control="Advice leaflet",
    dose="Packs fitted within seven days, for every burglary",
    hypothesis="Fitted locks reduce repeat burglary of the same home",
)

PATROL = TrialPlan(
    key="patrol",
    tactic="patrol",
    force="southmere",
    title="Do short foot patrols cut violence? A simulated hot-spot trial",
    design="rct_place",
    method="complete",
    unit_type="hot_spot",
    unit_word="hot spot",
    n_units=120,
    columns=_ARMS,
    outcomes=(
        OutcomePlan(
            id="violence",
            name="Violence with injury in 12 months",
            domain="violence-with-injury",
            column="violence",
            measure="count",
            unit="violent crimes with injury",
            estimates=(
                {
                    "id": "H1",
                    "role": "primary",
                    "estimator": "poisson",
                    "covariance": "HC3",
                    "covariates": ["log_prior"],
                    "options": {"exposure": "days"},
                },
            ),
        ),
        OutcomePlan(
            id="calls",
            name="Calls for service in 12 months",
            domain="calls-for-service",
            column="calls",
            measure="count",
            role="secondary",
            unit="calls",
            proxy=True,
            estimates=({"id": "H2", "role": "secondary", "estimator": "poisson", "covariance": "HC3"},),
        ),
    ),
    covariates=(("log_prior", "Logarithm of violence in the year before", "continuous"),),
    treatment="Foot patrol",
    control="Usual patrol",
    dose="Minutes of foot patrol a day",
    hypothesis="Fifteen-minute foot patrols reduce violence with injury",
    checks=("balance",),
    buffer_metres=150.0,
)

VIDEO = TrialPlan(
    key="video",
    tactic="video",
    force="westholt",
    title="Does a video call serve victims better? A simulated stratified trial",
    design="rct_individual",
    method="stratified",
    unit_type="victim",
    unit_word="victim",
    n_units=520,
    columns={**_ARMS, "stratum": "district"},
    strata=("district",),
    outcomes=(
        OutcomePlan(
            id="satisfaction",
            name="Satisfaction with the response, 0 to 100",
            domain="victim-satisfaction",
            column="satisfaction",
            measure="continuous",
            better="higher",
            unit="points",
            source="Telephone survey after 14 days",
            recorded_by="self_report",
            estimates=(
                {"id": "H1", "role": "primary", "estimator": "difference_in_means", "covariance": "HC2"},
                {
                    "id": "H1-adjusted",
                    "role": "sensitivity",
                    "estimator": "ancova",
                    "covariates": ["age_band"],
                    "covariance": "HC2",
                },
            ),
        ),
        OutcomePlan(
            id="again",
            name="Further incidents in 90 days",
            domain="repeat-domestic-abuse",
            column="further_incidents",
            measure="count",
            role="harm",
            estimates=({"id": "S1", "role": "harm", "estimator": "poisson", "covariance": "HC2"},),
        ),
    ),
    covariates=(("age_band", "Age band", "category"),),
    treatment="Video response",
    control="Officer attends",
    dose="Minutes from call to an officer",
    hypothesis="Video response raises satisfaction",
    checks=("balance",),
)

FAIR_TREATMENT = TrialPlan(
    key="fair_treatment",
    tactic="fair_treatment",
    force="northmoor",
    title="Does fair-treatment training reduce complaints? A simulated roll-out",
    design="did_staggered",
    method="none",
    unit_type="officer",
    unit_word="officer",
    n_units=1_500,
    columns={"unit": "uid", "period": "period", "first_treated": "first_trained"},
    outcomes=(
        OutcomePlan(
            id="complaints",
            name="Complaints for each officer and month",
            domain="complaints",
            column="complaints",
            measure="count",
            unit="complaints",
            source="Complaints register",
            estimates=(
                {
                    "id": "H1",
                    "role": "primary",
                    "estimator": "callaway_santanna",
                    "covariance": "analytic",
                    "options": {"control_group": "not_yet_treated", "aggregation": "dynamic"},
                },
                {"id": "H1-twfe", "role": "sensitivity", "estimator": "twfe", "covariance": "CR1"},
            ),
        ),
        OutcomePlan(
            id="force",
            name="Uses of force for each officer and month",
            domain="use-of-force",
            column="force",
            measure="count",
            role="secondary",
            unit="uses of force",
            source="Use-of-force forms",
            estimates=(
                {
                    "id": "H2",
                    "role": "secondary",
                    "estimator": "callaway_santanna",
                    "covariance": "analytic",
                    "options": {"control_group": "not_yet_treated", "aggregation": "simple"},
                },
            ),
        ),
    ),
    treatment="Trained",
    control="Not yet trained",
    dose="Training days attended",
    hypothesis="Training reduces complaints",
    checks=("pre_trends",),
)

NEAR_REPEAT = TrialPlan(
    key="near_repeat",
    tactic="near_repeat",
    force="southmere",
    title="Do patrols of near-repeat areas prevent burglary? A simulated trial",
    design="rct_place",
    method="complete",
    unit_type="lsoa",
    unit_word="neighbourhood",
    n_units=80,
    columns=_ARMS,
    outcomes=(
        OutcomePlan(
            id="repeat",
            name="Repeat burglaries in 6 months",
            domain="repeat-burglary",
            column="repeat_burglaries",
            measure="count",
            estimates=({"id": "H1", "role": "primary", "estimator": "poisson", "covariance": "HC3"},),
        ),
    ),
    treatment="Near-repeat patrol",
    control="Usual patrol",
    dose="Patrol minutes within the area a day",
    hypothesis="Near-repeat patrols reduce repeat burglary",
    stop="allocated",
)

COCOON_AGAIN = TrialPlan(
    key="cocoon_again",
    tactic="cocoon",
    force="eastvale",
    title="Cocoon visits in a second force: a simulated replication",
    design=COCOON.design,
    method=COCOON.method,
    unit_type=COCOON.unit_type,
    unit_word=COCOON.unit_word,
    n_units=COCOON.n_units,
    n_clusters=COCOON.n_clusters,
    columns=COCOON.columns,
    outcomes=COCOON.outcomes,
    covariates=COCOON.covariates,
    treatment=COCOON.treatment,
    control=COCOON.control,
    dose=COCOON.dose,
    hypothesis=COCOON.hypothesis,
    checks=COCOON.checks,
    buffer_metres=50.0,
)

RETAIL = TrialPlan(
    key="retail",
    tactic="retail",
    force="westholt",
    title="Do one-minute statements solve more shop thefts? A simulated trial of shops",
    design="rct_individual",
    method="complete",
    unit_type="case",
    unit_word="shop",
    n_units=400,
    columns=_ARMS,
    outcomes=(
        OutcomePlan(
            id="solved",
            name="Shop thefts with a charge in 6 months",
            domain="crimes-solved",
            column="charged",
            measure="count",
            better="higher",
            estimates=({"id": "H1", "role": "primary", "estimator": "poisson", "covariance": "HC2"},),
        ),
    ),
    treatment="One-minute statement",
    control="Usual statement",
    dose="Statements sent by the form",
    hypothesis="One-minute statements raise the number of charges",
    stop="registered",
)

ASB = TrialPlan(
    key="asb",
    tactic="asb_plans",
    force="eastvale",
    title="Do problem-solving plans reduce repeat calls? A simulated trial of addresses",
    design="rct_individual",
    method="complete",
    unit_type="case",
    unit_word="address",
    n_units=300,
    columns=_ARMS,
    outcomes=(
        OutcomePlan(
            id="calls",
            name="Anti-social behaviour calls in 6 months",
            domain="anti-social-behaviour",
            column="calls",
            measure="count",
            estimates=({"id": "H1", "role": "primary", "estimator": "poisson", "covariance": "HC2"},),
        ),
    ),
    treatment="Problem-solving plan",
    control="Usual response",
    dose="Plans reviewed after six weeks",
    hypothesis="Plans reduce repeat calls",
    stop="submitted",
)

FOOT_PATROL_DRAFT = TrialPlan(
    key="patrol_length",
    tactic="patrol",
    force="northmoor",
    title="Fifteen minutes or thirty? A simulated trial that is still being written",
    design="rct_place",
    method="complete",
    unit_type="hot_spot",
    unit_word="hot spot",
    n_units=60,
    columns=_ARMS,
    outcomes=PATROL.outcomes[:1],
    covariates=PATROL.covariates,
    treatment="Thirty minutes",
    control="Fifteen minutes",
    dose="Minutes of foot patrol a visit",
    hypothesis="Longer visits reduce violence further",
    stop="draft",
)

TRIALS: tuple[TrialPlan, ...] = (
    COCOON,
    COCOON_AGAIN,
    HARDENING,
    PATROL,
    VIDEO,
    FAIR_TREATMENT,
    NEAR_REPEAT,
    RETAIL,
    ASB,
    FOOT_PATROL_DRAFT,
)
