"""Eight simulated tactics, written as a force would find them in the library."""

from decimal import Decimal

from tactics.details import TacticDetails

CONTACT = "The sample programme (invented: there is nobody to call)"

COCOON = TacticDetails(
    name="Cocoon visits after a burglary (simulated)",
    summary="Officers warn the homes around a burgled home within 48 hours and help close the same weak points.",
    problems=("burglary", "repeat-victims"),
    main_outcome="repeat-burglary",
    problem_text=(
        "A burgled home, and the homes beside it, are at their highest risk in the four weeks after the burglary. "
        "Offenders come back to a layout that they know, and to goods that have been replaced.\n\n"
        "Most forces reach the victim. Few reach the neighbours before the risk has passed."
    ),
    mechanism=(
        "A visit within 48 hours does three things: residents close the weak point that was used, they watch for "
        "strangers while the risk is high, and offenders who return find people alert.\n\n"
        "The warning must come before the second visit. A letter after a week is too late."
    ),
    moderators=(
        "Expected to work best in streets of like houses with people at home in the evening, and least in blocks of "
        "flats with one entrance, where the neighbours' risk is smaller."
    ),
    implementation=(
        "Each morning the list of burglaries of the last day goes to the neighbourhood team. Two officers or PCSOs "
        "visit the victim, the ten homes on either side and those behind, with a one-page guide and a timer switch.\n\n"
        "Visits are logged by address. Homes that were out are tried again the next evening."
    ),
    first_30_days=(
        "Week 1: name a lead in each neighbourhood team and agree the daily list with the analyst.\n\n"
        "Week 2: print the guide, buy timer switches, brief every shift for 15 minutes.\n\n"
        "Week 3: start in two beats; the lead goes along on five visits.\n\n"
        "Week 4: count visits made within 48 hours. Below 8 in 10, fix the list before adding beats."
    ),
    economics=(
        "About 40 officer hours for every 100 burglaries, and £6 for each home visited. No new staff: the visits take "
        "the place of patrol without a task."
    ),
    cost_band=2,
    cost_basis="Simulated time sheets at an invented hourly cost",
    hours_per_100_incidents=Decimal("-40.0"),
    hours_basis="time_and_motion",
    focus="Near-repeat victimisation",
    population="Residents near a burgled home",
    setting="Residential streets",
    setting_kind="homes",
    population_kind="residents",
    stage="piloting",
    contact=CONTACT,
)

HARDENING = TacticDetails(
    name="Target-hardening packs for burgled homes (simulated)",
    summary="Every burgled home is offered better locks, a door bar and a light within a week, fitted at no charge.",
    problems=("burglary", "repeat-victims"),
    main_outcome="repeat-burglary",
    problem_text=(
        "The same home is often burgled again through the same door or window. Victims mean to improve their locks "
        "and many never do, most of all those who rent."
    ),
    mechanism=(
        "A fitted lock takes longer to defeat than the offender is willing to stay. The offer removes the cost and "
        "the errand, which are what stop people acting."
    ),
    moderators=(
        "Depends on consent of the landlord where homes are rented. Less is gained where locks were already good."
    ),
    implementation=(
        "The attending officer books the visit before leaving. A contractor fits a graded pack and records what was "
        "fitted. The team telephones homes that did not answer."
    ),
    first_30_days=(
        "Week 1: agree a contractor and three grades of pack.\n\n"
        "Week 2: put the booking into the attending officer's checklist.\n\n"
        "Week 3: fit the first 20 homes and look at every form.\n\n"
        "Week 4: measure days from burglary to fitting; aim for seven."
    ),
    economics="About £180 for each home fitted, and 15 officer hours for every 100 burglaries to book and follow up.",
    cost_band=4,
    cost_basis="Simulated contractor prices",
    hours_per_100_incidents=Decimal("-15.0"),
    hours_basis="estimate",
    focus="Repeat victimisation",
    population="Victims of burglary",
    setting="Homes",
    setting_kind="homes",
    population_kind="victims",
    stage="in_use",
    contact=CONTACT,
)

NEAR_REPEAT = TacticDetails(
    name="Patrols of near-repeat burglary areas (simulated)",
    summary="Short visible patrols, for two weeks, of the 400 metres around each burglary, at the hour it happened.",
    problems=("burglary", "hot-spots"),
    main_outcome="repeat-burglary",
    problem_text=(
        "After one burglary the streets around it carry a raised risk for about two weeks. Patrol is rarely where "
        "that risk is, because it is planned by the month."
    ),
    mechanism="Offenders who return see officers at the hour they chose before, and leave.",
    moderators="Needs enough burglaries that cluster, and a map that is drawn anew each day.",
    implementation=(
        "An analyst draws the areas at 13:00. Each shift walks two areas for 15 minutes, logged by GPS. An area drops "
        "off the list after 14 days without a further burglary."
    ),
    first_30_days=(
        "Week 1: test on last year's burglaries how many would have been inside an area.\n\n"
        "Week 2: brief shifts and set up the daily map.\n\n"
        "Week 3: patrol; look at GPS minutes each morning.\n\n"
        "Week 4: compare planned with delivered minutes; drop areas that nobody reaches."
    ),
    economics="About 120 officer hours for every 100 burglaries.",
    cost_band=3,
    cost_basis="Simulated rosters at an invented hourly cost",
    hours_per_100_incidents=Decimal("-120.0"),
    hours_basis="estimate",
    focus="Near-repeat victimisation",
    population="Residents near a burgled home",
    setting="Residential streets",
    setting_kind="homes",
    population_kind="residents",
    stage="piloting",
    contact=CONTACT,
)

PATROL = TacticDetails(
    name="Fifteen-minute foot patrols at violence hot spots (simulated)",
    summary="Two officers on foot for 15 minutes, three times a day, at the few places where violence concentrates.",
    problems=("serious-violence", "hot-spots"),
    main_outcome="violence-with-injury",
    problem_text="A small number of places hold a large part of all violence in public, at the same hours each week.",
    mechanism=(
        "A visible officer raises the risk of being caught for some minutes after leaving. Short and often does more "
        "than long and seldom."
    ),
    moderators="Works where violence is in public space and the hours are regular; not for violence behind doors.",
    implementation=(
        "An analyst lists the places once a quarter. Each visit is started and ended on the officer's device, so that "
        "the minutes delivered can be seen by place and day."
    ),
    first_30_days=(
        "Week 1: list the places from three years of violence with injury.\n\n"
        "Week 2: set up the log of minutes and brief the shifts.\n\n"
        "Week 3: patrol; publish a table of delivered minutes each day.\n\n"
        "Week 4: move officers from places over plan to places under plan."
    ),
    economics="About 270 officer hours a year for each place.",
    cost_band=3,
    cost_basis="Simulated rosters at an invented hourly cost",
    hours_per_100_incidents=Decimal("-210.0"),
    hours_basis="time_and_motion",
    focus="Places",
    population="People in public space",
    setting="Town centres",
    setting_kind="town-centre",
    population_kind="residents",
    stage="in_use",
    contact=CONTACT,
)
