"""What a force does all day: files sent to one trial through the API, each of which a worker checks."""

from types import SimpleNamespace

from centre import tokens
from centre.models import Run
from experiments.models import Dataset
from tests.faults.service import Answer, Service
from tests.integration.experiments_pages import stages


class Uploads:
    """One trial under delivery, and the force's program that sends to it."""

    def __init__(self, service: Service, cast: SimpleNamespace) -> None:
        self.service = service
        self.trial = stages.delivering(cast)
        self.key = tokens.make(name="faults", scope="write", days=1, by=cast.force_user)[1]
        self.sent = 0

    def content(self, number: int) -> bytes:
        """Return a file that differs from every other."""
        return stages.outcomes(self.trial, extra=number)

    def send(self, content: bytes | None = None, **headers: str) -> Answer:
        """Send a file that was not sent before, or the one given."""
        self.sent += content is None
        return self.service.ask(
            f"/api/v1/trials/{self.trial.ref}/datasets/?kind=outcome&reason=Corrected",
            method="POST",
            body=self.content(self.sent) if content is None else content,
            headers={
                "Authorization": f"Token {self.key}",
                "Content-Type": "text/csv",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )

    def versions(self, run: Run) -> int:
        """Return how many versions hold the file that a run was to check."""
        return Dataset.objects.filter(trial=self.trial, file_sha256=run.params["sha256"]).count()
