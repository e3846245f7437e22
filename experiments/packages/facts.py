"""What a package is made from: a published release, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LICENCE = ("OGL-UK-3.0", "Open Government Licence v3.0")
LICENCE_URL = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
CODE_LICENCE = ("MIT", "MIT License")
CODE_LICENCE_URL = "https://opensource.org/license/mit"
PUBLISHER = "Tactic Registry"


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a package."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A release and what it rests on. Times are ISO 8601 in UTC; people appear by their role alone.

    Attributes
    ----------
    address : where the registry is, without a slash at the end.
    creators : the organisations that answer for the trial.
    tactic : the address of the tactic in the library; empty without one.
    subjects : what each outcome column is about (person, place, …), by which counts were rounded.
    note : what was published beside the files, with any exception to the small-cell rule.
    document : the result document as released.
    tidy : its rows in the registry's table of all estimates.
    has_draw : whether the analysis was told of the draw, which a test by draws makes again.
    checked_at : when each output checker cleared it.
    files : the files that the checkers cleared.
    """

    address: str
    release_id: str
    trial_number: str
    title: str
    creators: tuple[str, ...]
    tactic: str
    protocol_version: str
    registration_sha256: str
    registered_at: str
    analysis_id: str
    is_registered: bool
    is_simulated: bool
    plan: Mapping[str, Any]
    subjects: Mapping[str, str]
    note: str
    document: Mapping[str, Any]
    tidy: tuple[Mapping[str, Any], ...]
    has_draw: bool
    data_sha256: str
    code_version: str
    analysis_requested_at: str
    analysis_finished_at: str
    prepared_at: str
    checked_at: tuple[str, ...]
    published_at: str
    files: tuple[PackedFile, ...]

    @property
    def name(self) -> str:
        """Return the package's name: that of its folder and of its zip file."""
        return f"{self.trial_number}-{self.release_id[:8]}".lower()

    @property
    def trial_url(self) -> str:
        return f"{self.address}/trials/{self.trial_number}/"

    @property
    def protocol_url(self) -> str:
        return f"{self.trial_url}versions/{self.protocol_version}/"

    @property
    def release_url(self) -> str:
        return f"{self.trial_url}releases/{self.release_id}/"

    def file_url(self, name: str) -> str:
        """Return where a file of the release is served."""
        return f"{self.release_url}files/{name}"

    @property
    def heading(self) -> str:
        """Return the title of the results."""
        kind = "results" if self.is_registered else "post hoc results"
        return f"{self.title}: {kind} of trial {self.trial_number}"

    @property
    def abstract(self) -> str:
        """Return what the results are, in a few sentences."""
        said = [
            f"Estimates of trial {self.trial_number}, with the plan, the code and all that computing them again takes.",
            "The analysis is the one that was registered before the data were seen."
            if self.is_registered
            else "POST HOC: this analysis was not in the registered plan.",
            "Counts of people are rounded, and small ones left out. The rows behind the estimates are not included.",
        ]
        return " ".join([INVENTED, *said] if self.is_simulated else said)

    @property
    def citation(self) -> str:
        """Return how to cite the results, in one line."""
        year = self.published_at[:4]
        invented = " [invented data]" if self.is_simulated else ""
        return (
            f"{'; '.join(self.creators)} ({year}). {self.heading}{invented}. Version of "
            f"{self.published_at[:10]}. {PUBLISHER}. {self.release_url}"
        )


INVENTED = "The data are INVENTED to show how the registry works: this is no evidence about any tactic."
