"""The trials of the sample programme that are left on the way, so that every page has something to show."""

from experiments.management.sample.plans import ARMS, CasePlan, OutcomePlan, TrialPlan
from experiments.management.sample.trials import PATROL

NEAR_REPEAT = TrialPlan(
    key="near_repeat",
    tactic="near_repeat",
    problems=("burglary", "hot-spots"),
    force="southmere",
    title="Do patrols of near-repeat areas prevent burglary? A simulated trial",
    design="rct_place",
    method="complete",
    unit_type="lsoa",
    unit_word="neighbourhood",
    n_units=80,
    columns=ARMS,
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
    delivered=0.65,
    hypothesis="Near-repeat patrols reduce repeat burglary",
    meets=("patrol",),
    stop="delivering",
)

RETAIL = TrialPlan(
    key="retail",
    tactic="retail",
    problems=("shop-theft",),
    force="westholt",
    title="Do one-minute statements solve more shop thefts? A simulated trial of shops",
    design="rct_individual",
    method="complete",
    unit_type="case",
    unit_word="shop",
    n_units=400,
    columns=ARMS,
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
    meets=("video",),
    stop="registered",
)

ASB = TrialPlan(
    key="asb",
    tactic="asb_plans",
    problems=("anti-social-behaviour", "repeat-victims"),
    force="eastvale",
    title="Do problem-solving plans reduce repeat calls? A simulated trial of addresses",
    design="rct_individual",
    method="complete",
    unit_type="case",
    unit_word="address",
    n_units=300,
    columns=ARMS,
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
    meets=("hardening",),
    stop="submitted",
)

EARLY_CALL = TrialPlan(
    key="early_call",
    tactic="retail",
    problems=("shop-theft",),
    force="westholt",
    title="Does a call to the shop in the first hour solve more thefts? A simulated trial of cases one by one",
    design="rct_individual",
    method="permuted_blocks",
    unit_type="case",
    unit_word="shop theft",
    n_units=200,
    columns=ARMS,
    outcomes=(
        OutcomePlan(
            id="solved",
            name="Shop thefts with a charge in 6 months",
            domain="crimes-solved",
            column="charged",
            measure="binary",
            better="higher",
            estimates=(
                {"id": "H1", "role": "primary", "estimator": "difference_in_means", "covariance": "HC2"},
            ),
        ),
    ),
    treatment="A call in the first hour",
    control="A call on the next day",
    dose="Calls made in the first hour",
    hypothesis="An early call raises the number of charges",
    cases=CasePlan(
        block_sizes=(2, 4),
        factors=(("camera footage", ("yes", "no")),),
        include=("The theft was reported today", "A member of staff saw it"),
        exclude=("The case is in another trial",),
        n_enrolled=5,
    ),
    meets=("video", "retail"),
    stop="allocated",
)

FOOT_PATROL_DRAFT = TrialPlan(
    key="patrol_length",
    tactic="patrol",
    problems=("serious-violence", "hot-spots"),
    force="northmoor",
    title="Fifteen minutes or thirty? A simulated trial that is still being written",
    design="rct_place",
    method="complete",
    unit_type="hot_spot",
    unit_word="hot spot",
    n_units=60,
    columns=ARMS,
    outcomes=PATROL.outcomes[:1],
    covariates=PATROL.covariates,
    treatment="Thirty minutes",
    control="Fifteen minutes",
    dose="Minutes of foot patrol a visit",
    hypothesis="Longer visits reduce violence further",
    stop="draft",
)

WAITING: tuple[TrialPlan, ...] = (NEAR_REPEAT, RETAIL, EARLY_CALL, ASB, FOOT_PATROL_DRAFT)
