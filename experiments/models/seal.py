"""The seal on a dataset of a design over time: what came after the first start cannot be read before the data lock."""

from django.db import models

from centre.frozen import FrozenModel
from experiments.models.dataset import Dataset


class DatasetSeal(FrozenModel):
    """Where the sealed file and its columns are kept, and their key. Read only by the bridge, after the data lock."""

    vault_fields = ("file_sha256", "columns_sha256", "open_sha256")

    dataset = models.OneToOneField(Dataset, on_delete=models.PROTECT, related_name="seal", primary_key=True)
    key = models.CharField(max_length=60)  # never in a list, page or API
    file_sha256 = models.CharField(max_length=64)  # of the sealed upload, as the vault keeps it
    columns_sha256 = models.CharField(max_length=64)  # of the sealed columns
    open_sha256 = models.CharField(
        max_length=64
    )  # of the columns from before the start, which are not sealed
    n_open_rows = models.PositiveIntegerField()
    boundary = models.CharField(max_length=40)  # the first start of anybody, less the periods of anticipation
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "experiments_dataset_seal"

    def __str__(self) -> str:
        return f"Seal of {self.dataset}"

    @property
    def n_sealed_rows(self) -> int:
        """Return how many rows nobody can read before the data lock."""
        return self.dataset.n_rows - self.n_open_rows
