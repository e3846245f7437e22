"""What every file that the vault keeps for us is known by."""

from django.db import models

from centre.frozen import FrozenModel


class KeptFile(FrozenModel):
    """A named file in the vault, found there by its hash."""

    vault_fields = ("sha256",)

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=60)

    class Meta:
        abstract = True
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
