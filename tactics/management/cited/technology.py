"""Real tactics that use AI or other new technology, of which there are published claims. Descriptions only.

The possible harms are what anybody should ask about such a tool; they say of none that it does harm.
"""

from tactics.details import TacticDetails
from tactics.management.cited.tactics import described

TECHNOLOGY: dict[str, TacticDetails] = {
    "text-redaction": described(
        "Redaction of case files by software",
        "Software marks personal data in case files, and an officer confirms each mark before the file is sent.",
        problem="Officers spend much time blacking out personal data by hand before files go to prosecutors.",
        mechanism="Software proposes the marks at once, so that the officer checks instead of searching.",
        how="Agree what must be hidden, keep the officer's check of every page, and count what the software misses.",
        problems=("officer-time", "digital-evidence"),
        outcome="officer-hours",
        place="control-room",
        people="officers",
        harms=(
            "Personal data that is missed reaches people who must not have it. Officers who come to trust the software "
            "may check less. What is hidden without need may weaken a case."
        ),
        equality="Names and addresses of some communities may be recognised less often; nothing is published on this.",
        uses_ai=True,
    ),
    "video-redaction": described(
        "Redaction of video and sound by software",
        "Software blurs faces and number plates in footage before it is shared.",
        problem="Blurring an hour of footage by hand takes many hours.",
        mechanism="Software follows each face through the footage, and people correct it.",
        how="Have a person look at the whole of what is shared, and count what the software missed.",
        problems=("officer-time", "digital-evidence"),
        outcome="officer-hours",
        place="control-room",
        people="officers",
        harms="A face that is missed in one frame may identify a victim or a witness.",
        equality="Whether faces of all groups are found equally well must be measured; nothing is published on this.",
        stage="piloting",
        uses_ai=True,
    ),
    "evidential-review": described(
        "Search through the evidence of complex cases by software",
        "Software searches video, finance, social media and e-mail of a case together, for an investigator.",
        problem="Complex cases hold more material than people can read.",
        mechanism="Links between kinds of material are found that nobody had time to look for.",
        how="Let investigators confirm what is found, and test on closed cases what is overlooked.",
        problems=("digital-evidence", "investigations"),
        outcome="crimes-solved",
        place="control-room",
        people="officers",
        harms=(
            "What the search overlooks may be what clears a suspect. Material of people who are not "
            "suspects is read too."
        ),
        equality="Nothing is published on whom it reads most, or how well it reads other languages.",
        stage="piloting",
        uses_ai=True,
    ),
    "live-facial-recognition": described(
        "Live facial recognition",
        "Cameras compare the faces of passers-by with a watchlist, and officers decide whether to stop somebody.",
        problem="People who are wanted pass officers who cannot know them.",
        mechanism="Software points an officer to a face that is like one on the list; the officer decides.",
        how="Publish where and why it is used, who is on the list, the threshold, and what came of every alert.",
        problems=("serious-violence", "investigations", "trust"),
        outcome="crimes-solved",
        harms=(
            "A false alert may have somebody stopped who is not wanted. Everybody who passes is "
            "scanned, wanted or not. "
            "People may keep away from places where it is used."
        ),
        equality=(
            "How often it is wrong may differ by ethnicity, sex and age, and depends on the "
            "threshold that is set. Where it "
            "is used decides whose faces are scanned. Published counts of false alerts say nothing by group here."
        ),
        uses_ai=True,
    ),
    "contact-triage": described(
        "Automated triage of calls to 101 and 999",
        "Software classifies and routes what the public reports.",
        problem="Callers wait while others are asked questions that need no person.",
        mechanism="Simple contacts are sent on without waiting, so that people answer the others sooner.",
        how="Keep a way to a person at any time, and follow up what was ranked low.",
        problems=("calls-and-response",),
        outcome="response-time",
        place="control-room",
        harms="A call that is ranked too low may leave somebody in danger.",
        equality="Accents, languages, and speech that illness or fear has changed may be understood less well.",
        stage="piloting",
        uses_ai=True,
    ),
    "robotic-process-automation": described(
        "Automation of repeated entries in records",
        "Software copies and links records that staff would otherwise type again.",
        problem="The same facts are typed into several systems.",
        mechanism="Fixed rules do the typing, so that staff have time for what needs thought.",
        how="Automate one form at a time, and compare a sample with what staff would have entered.",
        problems=("officer-time",),
        outcome="officer-hours",
        place="control-room",
        people="officers",
        harms="A wrong rule makes the same mistake in every record.",
        stage="piloting",
    ),
    "knife-detection": described(
        "Scanning for knives",
        "A sensor that people walk past shows where somebody may carry a knife.",
        problem="Searches by hand find few knives for the number of people who are stopped.",
        mechanism="A passive scan may point to the few who carry something.",
        how="Say where it is used, count alerts that were wrong, and who was stopped because of them.",
        problems=("serious-violence",),
        outcome="knife-crime",
        harms="People who carry nothing may be stopped and searched; people may go around the sensor.",
        equality="Where it is placed decides who is scanned.",
        stage="piloting",
    ),
    "drone-responder": described(
        "Drones as first responder",
        "A drone flies to an incident and shows it before officers arrive.",
        problem="Officers set out without knowing what they will meet, or whether they are needed.",
        mechanism="A picture from above comes sooner than a car, so that the right people are sent.",
        how="Agree where it may fly and what is recorded, and log each flight with what it changed.",
        problems=("calls-and-response",),
        outcome="response-time",
        harms="People who have nothing to do with the incident are filmed; drones may fall or disturb.",
        stage="piloting",
    ),
    "translation": described(
        "Translation by software in interviews and contact",
        "Software translates what is said when no interpreter is there yet.",
        problem="Victims, witnesses and suspects wait for interpreters.",
        mechanism="People understand each other at once, where little hangs on each word.",
        how="Keep interpreters for what counts as evidence, and have samples checked by one.",
        problems=("calls-and-response", "investigations"),
        outcome="victim-satisfaction",
        people="victims",
        harms="A wrong word may change an account, or what somebody consents to.",
        equality="How well it translates differs by language and dialect.",
        stage="piloting",
        uses_ai=True,
    ),
}
