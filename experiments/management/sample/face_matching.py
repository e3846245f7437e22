"""An invented tactic that uses AI, with all that belongs to one: harms, a transparency record and error rates."""

from typing import Any

from centre import sample
from experiments.management.sample.tactics import CONTACT
from tactics.actions import errors, transparency
from tactics.details import TacticDetails
from tactics.models import Tactic, TransparencyDraft

FACE_MATCHING = TacticDetails(
    name="Face matching at event gates (simulated)",
    summary="Facial recognition at the gates of large events points officers to people on a short wanted list.",
    problems=("serious-violence", "investigations"),
    main_outcome="crimes-solved",
    problem_text=(
        "People who are wanted for violence come to large events, where no officer can know their faces.\n\n"
        "Stopping people at random finds few of them and annoys everybody."
    ),
    mechanism=(
        "Software compares each face at a gate with at most 300 faces on a list of that day. When it finds one that is "
        "alike, an officer compares the two pictures and decides whether to speak to the person."
    ),
    moderators="Needs even light at the gates, and officers who have time to look before they act.",
    possible_harms=(
        "A false alert may have somebody stopped in front of others who has done nothing. Everybody who passes is "
        "scanned. Officers may come to trust the software more than their eyes.\n\n"
        "In the invented pilot 6 people were spoken to after a false alert; none was held."
    ),
    equality=(
        "How often it is wrong may differ by ethnicity, sex and age. The invented pilot counted "
        "false alerts by group and "
        "found too few to say: 6 in all. Young men are scanned more than others because they come to these events more."
    ),
    implementation=(
        "A superintendent approves each day, its list and its reason. Signs stand before the gates, "
        "and there is a gate "
        "without cameras. Faces that match nobody are deleted at once."
    ),
    first_30_days=(
        "Week 1: ask the ethics panel and the community advisory group.\n\n"
        "Week 2: write the transparency record and the equality assessment; publish both.\n\n"
        "Week 3: test on volunteers at one gate, and count what is missed.\n\n"
        "Week 4: one event; publish every alert and what came of it."
    ),
    economics="Two officers at each gate for the day, and an invented licence of £40,000 a year.",
    cost_band=4,
    cost_basis="Invented prices",
    focus="Wanted people",
    population="Visitors of large events",
    setting="Gates of stadiums and festivals",
    setting_kind="public-places",
    population_kind="offenders",
    stage="piloting",
    uses_ai=True,
    contact=CONTACT,
)

_FORCE = "Northmoor Police (invented)"
# By the attribute of the standard; everything here is invented.
ANSWERS = {
    "title": "Face matching at event gates",
    "organisation_name": _FORCE,
    "phase": "Public beta",
    "region": "An invented region",
    "one_sentence_description": "Compares faces at event gates with a short list of wanted people.",
    "name": "Face matching at event gates",
    "description": (
        "Cameras at the gates of large events compare faces with at most 300 faces on a list of that day. It is used "
        "because officers cannot know the faces of everybody who is wanted. An officer decides, never the software."
    ),
    "website_url": "https://northmoor.example/face-matching",
    "contact_email": "data-ethics@northmoor.example",
    "organisation_or_department": _FORCE,
    "team": "Digital policing team",
    "senior_responsible_owner": "The assistant chief constable for operations (invented)",
    "third_party_involvement": "Yes",
    "third_party": "Example Vision Ltd (invented)",
    "companies_house_number": "Not applicable because the company is invented",
    "third_party_role": "Made the matching software and keeps it running; has no access to faces or lists.",
    "procurement_procedure_type": "Open procedure",
    "data_access_terms": "None: the software runs on the force's own machines.",
    "detailed_description": (
        "Each face in the picture of a gate is turned into numbers, which are compared with those of "
        "the day's list. Above "
        "a threshold an officer sees both pictures. It is for finding people on the list at events; it is not for "
        "finding out who somebody is, and it is not used at protests."
    ),
    "benefit": "Wanted people are found without stopping others at random. Whether that is so is what a trial asks.",
    "previous_process": "Officers at the gates carried printed pictures.",
    "alternatives_considered": "More officers with pictures; no list at all. Neither was tested against it.",
    "integration_into_broader_operational_process": (
        "The software only proposes. The officer sees both pictures and how alike they are, and "
        "decides whether to speak "
        "to the person; a sergeant decides about an arrest."
    ),
    "human_review": "An officer compares the pictures before every stop. All alerts are looked at again after the day.",
    "frequency_and_scale_of_usage": "Eight invented days in six months; 41,200 faces; 64 alerts.",
    "required_training": "One day for officers at the gates: faces, bias, and how to say sorry.",
    "appeals_and_review": (
        "Anybody may ask the data ethics team in writing whether they were stopped by an alert, and complain."
    ),
    "system_architecture": (
        "Cameras, one server in a locked van, and two telephones for officers. Nothing is in a cloud."
    ),
    "system_level_input": "Pictures of the gate, and the list of the day.",
    "system_level_output": "Pairs of pictures with how alike they are, on an officer's telephone.",
    "maintenance": "The maker updates it twice a year; the force tests each update on volunteers before use.",
    "models": "One model that finds faces, one that turns a face into numbers.",
    "model_name": "Example Faces (invented)",
    "model_version": "4.2",
    "model_task": "Say how alike two faces are.",
    "model_input": "A picture of a face.",
    "model_output": "A number from 0 to 1.",
    "model_architecture": "A convolutional neural network, as its maker says.",
    "model_performance": (
        "In the invented pilot: 6 false alerts of 64 alerts and of 41,200 faces scanned; 9 missed of 60 walks past by "
        "volunteers who were on the list. By group the numbers are too small to say anything."
    ),
    "datasets_and_purposes": "The maker's own pictures, for training and for testing. The force has not seen them.",
    "source_data_name": "The maker's collection (invented)",
    "data_modality": "Images",
    "data_description": "Faces with the number of the person.",
    "data_quantities": "Two million pictures, as the maker says.",
    "sensitive_attributes": "Faces are biometric data; ethnicity and sex can be seen in them.",
    "data_completeness_and_representativeness": "Not published by the maker. The force asked.",
    "source_data_url": "Not applicable because the maker does not publish its pictures",
    "data_collection": "Not published by the maker.",
    "data_cleaning": "Not published by the maker.",
    "data_sharing_agreements": "None: no data leave the force.",
    "data_access_and_storage": "The maker alone has access to the pictures that the model was made from.",
    "operational_data_description": "Faces at the gates, and custody pictures of people on the list.",
    "operational_sensitive_attributes": "Biometric data of everybody who passes.",
    "operational_data_sharing_agreements": "None.",
    "operational_data_access_and_storage": (
        "Faces that match nobody are deleted at once, alerts after 31 days, the list after the day. "
        "Four named posts have "
        "access."
    ),
    "impact_assessment": "Data protection and equality impact assessments (invented), January 2026, both published.",
    "risks_and_mitigations": (
        "False alerts: an officer looks first. Missed people: officers still look. People kept away: a gate without "
        "cameras, and signs. Use for something else: a superintendent signs for each day."
    ),
}
_PILOT: dict[str, Any] = {
    "period": "Eight invented days in 2026",
    "source": "The sample programme (invented)",
    "checked_by": "Nobody: the numbers are invented",
}
RATES: tuple[dict[str, Any], ...] = (
    {
        "kind": "missed",
        "numerator": 9,
        "numerator_counts": "people on the list missed",
        "denominator": 60,
        "denominator_counts": "walks past a gate by volunteers on the list",
        "how_measured": "Volunteers on the list walked past in the crowd",
    },
    {
        "kind": "false_alert",
        "numerator": 6,
        "numerator_counts": "false alerts",
        "denominator": 64,
        "denominator_counts": "alerts",
        "how_measured": "Officers said of each alert whether it was the person",
    },
    {
        "kind": "false_alert",
        "numerator": 6,
        "numerator_counts": "false alerts",
        "denominator": 41_200,
        "denominator_counts": "faces scanned",
        "how_measured": "Officers said of each alert whether it was the person",
    },
)


def record(tactic: Tactic) -> None:
    """Have the record written by the force and published by somebody else, and the error rates recorded; once."""
    if tactic.transparency_records.exists():
        return
    writer = sample.person("northmoor")
    draft: TransparencyDraft = transparency.begin(tactic=tactic, by=writer)
    for section in draft.standard.sections:
        said = {field.key: ANSWERS[field.attribute] for field in section.fields}
        draft = transparency.save(draft=draft, section=section, said=said, edition=draft.edition, by=writer)
    draft = transparency.send(draft=draft, by=writer)
    transparency.publish(draft=draft, edition=draft.edition, by=sample.person("publisher"))
    for rate in RATES:
        errors.record(tactic=tactic, by=writer, **_PILOT, **rate)
