"""What the platform's own tables have too: known by their id, and archived instead of deleted."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

REF_CHARS = 100


def reference(value: str) -> None:
    """Refuse what cannot be read, and what no address can carry as one part of its path (RFC 3986 3.3)."""
    if not value.isprintable() or value != value.strip() or "/" in value or value in ("", ".", ".."):
        raise ValidationError(
            f"A reference has 1 to {REF_CHARS} printable characters, without slashes or blanks around it."
        )


class Provisioned(models.Model):
    """`ref` is None where nobody has said what the platform calls it."""

    ref = models.CharField(
        "reference",
        max_length=REF_CHARS,
        unique=True,
        null=True,
        blank=True,
        validators=[reference],
        help_text="Optional: its id in your own system. Imports and the provisioning API find it by that.",
    )
    archived_at = models.DateTimeField("archived", null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def archive(self) -> None:
        """Take it out of use; whatever was logged about it stays."""
        self.archived_at = timezone.now()
        self.save(update_fields=["archived_at"])

    def restore(self) -> None:
        """Take it into use again; stores nothing."""
        self.archived_at = None
