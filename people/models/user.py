"""People: they sign in with their e-mail address."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from people import roles
from people.models.preferences import NoticeKind, Preferences, Timing
from people.models.provisioned import Provisioned
from phrases.address_limits import within_limits
from phrases.names import one_line

SAME_ADDRESS = "Somebody with this address is here already."


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **values: Any) -> "User":
        """Create a person; without a password they cannot sign in until they set one."""
        user = self.model(email=email.strip().lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> "User":
        """Create a platform owner."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **values)

    def platform_owners(self) -> models.QuerySet["User"]:
        """Return the platform owners who may sign in."""
        return self.filter(roles.PLATFORM_OWNERS)

    def told_of(self, kind: NoticeKind) -> models.QuerySet["User"]:
        """Return who may sign in and wants e-mails about `kind`, at once or in the digest."""
        return self.filter(is_active=True).exclude(**{kind.value: Timing.NEVER})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(Provisioned, Preferences, AbstractUser):
    """Somebody of the platform or of a white-label, or the owner of an application; for their rights see `roles`."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=100, blank=True, validators=[one_line])
    email = models.EmailField("e-mail address", unique=True, validators=[within_limits])
    invited_at = models.DateTimeField("invited", null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="person_one_account_per_address", violation_error_message=SAME_ADDRESS
            )
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Write the address as it is compared; who may sign in is not archived, and who may not has no invitation."""
        typed = self.email
        super().clean()
        self.email = self.email.strip().lower()
        if self.email != typed:  # composing characters (NFKC) can make another address of it, and a longer one
            self.clean_fields(exclude={field.name for field in self._meta.fields if field.name != "email"})
        if self.is_active:
            self.archived_at = None
        else:
            self.invited_at = None

    def archive(self) -> None:
        """Let the person not sign in any more: their sessions end, and what they own takes the platform's route.

        Raises `ValidationError` for somebody of the platform.
        """
        self._not_of_the_platform()
        if self.is_active:
            self.is_active, self.archived_at, self.invited_at = False, timezone.now(), None
            self.save(update_fields=["is_active", "archived_at", "invited_at"])

    def restore(self) -> None:
        """Let the person sign in again; stores nothing. Raises `ValidationError` for somebody of the platform."""
        self._not_of_the_platform()
        self.is_active, self.archived_at = True, None

    def _not_of_the_platform(self) -> None:
        for role in roles.roles_of(self):
            raise ValidationError(f"This is somebody of the platform ({role}), who is changed in the console alone.")

    @property
    def platform_role(self) -> roles.Role | None:
        return next(iter(roles.roles_of(self)), None)

    @platform_role.setter
    def platform_role(self, role: roles.Role | None) -> None:
        """Set the columns that say so; stores nothing."""
        self.is_superuser = role == roles.Role.PLATFORM_OWNER
        self.is_staff = role is not None

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email

    def timing_of(self, kind: NoticeKind) -> Timing:
        """Return when e-mails tell the person about `kind`."""
        return Timing(getattr(self, kind.value))

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the password and to the second factor: when either changes, every session ends."""
        return f"{super().get_session_auth_hash()} {self._factors()}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (f"{older} {self._factors()}" for older in super().get_session_auth_fallback_hash())

    def _factors(self) -> str:
        from allauth.mfa.models import Authenticator

        factors = Authenticator.objects.filter(user=self.pk).order_by("pk")
        return ",".join(map(str, factors.values_list("pk", flat=True)))
