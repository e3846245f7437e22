"""The other four simulated tactics."""

from decimal import Decimal

from experiments.management.sample.tactics import CONTACT
from tactics.details import TacticDetails

VIDEO = TacticDetails(
    name="Video response to domestic abuse calls (simulated)",
    summary="Where nobody is in danger, the victim who asks for it speaks to a trained officer by video in minutes.",
    problems=("domestic-abuse", "calls-and-response"),
    main_outcome="victim-satisfaction",
    problem_text=(
        "Victims who call without immediate danger can wait a day for an officer. Some no longer want to speak by "
        "then, and evidence is lost."
    ),
    mechanism="A trained officer is free at once because no travel is needed; the victim is heard while it matters.",
    moderators="Only by consent, only without danger, and only where a room and a telephone are safe to use.",
    implementation=(
        "The call handler screens for danger, offers the choice, and passes the call to a desk of trained officers. "
        "A patrol is sent whenever the officer or the victim asks for one."
    ),
    first_30_days=(
        "Week 1: agree screening questions with local support services.\n\n"
        "Week 2: train eight officers and test the line.\n\n"
        "Week 3: offer it from 10:00 to 18:00 and listen to every call.\n\n"
        "Week 4: telephone twenty victims; change what they did not like."
    ),
    economics="Saves travel: about 80 officer hours for every 100 calls, against the cost of a desk of eight.",
    cost_band=2,
    cost_basis="Simulated duty records at an invented hourly cost",
    hours_per_100_incidents=Decimal("80.0"),
    hours_basis="estimate",
    focus="Response",
    population="Victims of domestic abuse who are not in danger",
    setting="Control room",
    setting_kind="control-room",
    population_kind="victims",
    stage="piloting",
    contact=CONTACT,
)

FAIR_TREATMENT = TacticDetails(
    name="Fair-treatment training for officers (simulated)",
    summary="A day of practice in listening, explaining and being even-handed, given team by team over two years.",
    problems=("trust",),
    main_outcome="complaints",
    problem_text="Complaints often concern how a stop or a search was done, not that it was done.",
    mechanism="People who are heard and are told why accept a decision more often, so fewer encounters turn sour.",
    moderators="Fades without supervisors who ask about it; strongest in teams that stop many people.",
    implementation=(
        "Teams are trained in the order that rosters allow. Supervisors watch two recorded encounters a month with "
        "each officer afterwards."
    ),
    first_30_days=(
        "Week 1: choose trainers and recorded encounters.\n\n"
        "Week 2: train the supervisors first.\n\n"
        "Week 3: train the first two teams.\n\n"
        "Week 4: ask supervisors which encounters they have watched."
    ),
    economics="Eight hours for each officer, once.",
    cost_band=2,
    cost_basis="Simulated training records",
    hours_per_100_incidents=Decimal("-60.0"),
    hours_basis="measured",
    focus="Officers",
    population="Officers who meet the public",
    setting="Whole force",
    setting_kind="police-force",
    population_kind="officers",
    stage="scaled",
    contact=CONTACT,
)

ASB_PLANS = TacticDetails(
    name="Problem-solving plans for repeat anti-social behaviour (simulated)",
    summary="Each address with five calls in a month gets one owner, one plan and a review after six weeks.",
    problems=("anti-social-behaviour", "repeat-victims"),
    main_outcome="anti-social-behaviour",
    problem_text="The same addresses call week after week and each call is answered as if it were the first.",
    mechanism="One owner sees the pattern, deals with its cause, and is asked about it after six weeks.",
    moderators="Needs partners who can act on lighting, tenancy and licensing.",
    implementation="A weekly list of addresses; a one-page plan; a review that closes or renews it.",
    first_30_days=(
        "Week 1: make the list.\n\nWeek 2: give each address an owner.\n\n"
        "Week 3: write the plans.\n\nWeek 4: hold the first review."
    ),
    economics="About six hours for each plan.",
    cost_band=2,
    cost_basis="Simulated time sheets",
    hours_per_100_incidents=Decimal("-30.0"),
    hours_basis="estimate",
    focus="Places",
    population="Residents",
    setting="Neighbourhoods",
    setting_kind="public-places",
    population_kind="residents",
    stage="in_use",
    contact=CONTACT,
)

RETAIL = TacticDetails(
    name="One-minute digital statements for shop theft (simulated)",
    summary="Shops send the statement and the video by a form that takes one minute; an officer reads it the same day.",
    problems=("shop-theft", "officer-time"),
    main_outcome="crimes-solved",
    problem_text="Shops stop reporting because it takes an hour, and officers spend another hour collecting video.",
    mechanism="Less effort on both sides means more reports with evidence, so more cases can be charged.",
    moderators="Needs shops with video and one person who may sign.",
    implementation="A form with the statement's wording, an upload, and a desk that reads each within a day.",
    first_30_days=(
        "Week 1: agree the wording with prosecutors.\n\nWeek 2: set up the form.\n\n"
        "Week 3: begin with ten shops.\n\nWeek 4: count statements that needed a second contact."
    ),
    economics="Saves about 90 officer hours for every 100 reports.",
    cost_band=1,
    cost_basis="Simulated duty records",
    hours_per_100_incidents=Decimal("90.0"),
    hours_basis="estimate",
    focus="Investigation",
    population="Shops",
    setting="Town centres",
    setting_kind="shops",
    population_kind="businesses",
    stage="idea",
    contact=CONTACT,
)
