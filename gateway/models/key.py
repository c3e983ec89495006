"""A key: with its secret, an application comes to the doors; one of the platform provisions."""

import time
from datetime import datetime, timedelta
from hmac import compare_digest

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from gateway import networks
from gateway.choices import FAULTS, Fault, Maker, Scope, State
from gateway.models.key_queryset import KeyQuerySet
from gateway.secret import MARK, PREFIX_CHARS, hashed, new_prefix, new_secret
from people.roles import Right, may
from phrases.names import one_line
from smtp_settings import sealing
from tables.fields import ChoiceField
from whitelabel.models import Application, WhiteLabel
from whitelabel.models.application import ARCHIVED

KEYS_AT_ONCE = 50
NOTED_EVERY_SECONDS = 60
RECHECK_SECONDS = 1.0  # a key that was revoked stops within 2 s in every process
SCOPES_OF_APPLICATIONS = ("send", "domains", "domains send")


class Key(models.Model):
    """Found by its `prefix`, which is public. `scopes` and `networks` may be several, with blanks in between.

    Of the secret only the hash is stored, sealed for this row: a copy of the database opens nothing, and neither does
    a row that was edited or made there. Revoking erases it.

    A key that a white-label made works only while the application is its `confirmed_owner`'s and in its
    `confirmed_white_label`, as when the key was made or last confirmed: nobody has to be told for it to stop. No key
    works while its application is archived.
    """

    application = models.ForeignKey(Application, null=True, blank=True, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=100, validators=[one_line])
    prefix = models.CharField(max_length=PREFIX_CHARS, unique=True, editable=False)
    sealed_hash = models.CharField(max_length=200, blank=True, editable=False)
    scopes = models.CharField(max_length=40, default=Scope.SEND.value)
    ends_on = models.DateField("last day", null=True, blank=True)
    networks = models.TextField(blank=True)
    test = models.BooleanField("test key", default=False)
    maker = ChoiceField("made by", max_length=11, choices=Maker.choices, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    made_at = models.DateTimeField("made", default=timezone.now, editable=False)
    confirmed_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    confirmed_white_label = models.ForeignKey(
        WhiteLabel,
        verbose_name="confirmed white-label",
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
    )
    used_at = models.DateTimeField("last used", null=True, editable=False)
    used_from = models.CharField(max_length=64, blank=True, editable=False)
    refused_at = models.DateTimeField("last refused", null=True, editable=False)
    refused_from = models.CharField(max_length=64, blank=True, editable=False)
    refusal = ChoiceField(max_length=10, choices=Fault.choices, blank=True, editable=False)
    end_notified = models.BooleanField(default=False, editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = KeyQuerySet.as_manager()
    _checked_at = 0.0  # when `is_usable` read the row, by this process's steady clock

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="key_scopes_of_its_kind",
                condition=Q(application=None, scopes="provision")
                | Q(application__isnull=False, scopes__in=SCOPES_OF_APPLICATIONS),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Hold the rules that need other rows; which scopes go with what is also a constraint."""
        self._clean_scopes()
        if self.application and self.application.is_archived:
            raise ValidationError({"application": ARCHIVED})
        others = Key.objects.alive().filter(application=self.application_id).exclude(pk=self.pk)
        names = [name.casefold() for name in others.values_list("name", flat=True)]
        if self.name.casefold() in names:
            raise ValidationError({"name": "There is a key of this name already. Choose another name."})
        if len(names) >= KEYS_AT_ONCE:
            raise ValidationError(f"There are {KEYS_AT_ONCE} keys already; revoke one first.")
        if self.ends_on and self.ends_on < timezone.now().date():
            raise ValidationError({"ends_on": "This day is over. Choose today or later."})

    def _clean_scopes(self) -> None:
        scopes = set(self.scopes.split())
        if not scopes <= set(Scope.values) or not scopes:
            raise ValidationError({"scopes": "Choose what the key may do."})
        if self.application is None and scopes != {Scope.PROVISION}:
            raise ValidationError(
                {"application": "Choose an application. Without one, a key is the platform's and can only provision."}
            )
        if self.application and Scope.PROVISION in scopes:
            raise ValidationError({"scopes": "Only a key of the platform, without an application, can provision."})
        if self.application and Scope.DOMAINS in scopes and not self.application.owner_is_admin():
            raise ValidationError(
                {"scopes": "Domains belong to a white-label: the application's owner must be one of its admins."}
            )

    @property
    def shown(self) -> str:
        """Return the beginning of the secret, which is public."""
        return f"{MARK}{self.prefix}"

    @property
    def state(self) -> State:
        if self.revoked_at:
            return State.REVOKED
        if self.ends_on and self.ends_on < timezone.now().date():
            return State.ENDED
        return State.STOPPED if self._stopped_by else State.IN_USE

    @property
    def fault(self) -> Fault | None:
        """Return why the key does not work, None where it does."""
        return self._stopped_by if self.state == State.STOPPED else FAULTS.get(self.state)

    @property
    def _stopped_by(self) -> Fault | None:
        """Return what has stopped the key, None for those of which `NOT_STOPPED` holds."""
        if self.application is None:
            return None
        if self.application.is_archived:
            return Fault.ARCHIVED
        whose = (self.application.owner_id, self.application.white_label_id)
        confirmed = whose == (self.confirmed_owner_id, self.confirmed_white_label_id)
        return None if confirmed or self.maker == Maker.PLATFORM else Fault.STOPPED

    @property
    def needs_confirmation(self) -> bool:
        return self.fault == Fault.STOPPED

    def is_usable(self) -> bool:
        """Return whether the key still works, as the database says now or said at most `RECHECK_SECONDS` ago.

        For whoever holds a key for longer than one answer takes, such as a session.
        """
        if not self.was_checked_lately:
            try:
                self.refresh_from_db(from_queryset=Key.objects.select_related("application"))
            except Key.DoesNotExist:
                return False
            self._checked_at = time.monotonic()
        return self.fault is None

    @property
    def was_checked_lately(self) -> bool:
        """Return whether `is_usable` would ask nobody."""
        return time.monotonic() - self._checked_at < RECHECK_SECONDS

    def was_read(self, at: float) -> None:
        """Note that the row was read at `at`, by the steady clock: `is_usable` need not read it again at once."""
        self._checked_at = at

    def may(self, scope: Scope) -> bool:
        """Return whether the key may do it now: domains only while the owner is an admin of the white-label."""
        if scope not in self.scopes.split():
            return False
        return scope != Scope.DOMAINS or (self.application is not None and self.application.owner_is_admin())

    def admits(self, address: str) -> bool:
        """Return whether the key may be used from `address`."""
        return not self.networks or networks.contain(self.networks.split(), address)

    def matches(self, secret: str) -> bool:
        """Return whether `secret` is the key's, by a comparison that takes the same time for every wrong one."""
        try:
            stored = sealing.open_sealed(self.sealed_hash, binding=self.binding)
        except sealing.CannotOpen:
            stored = ""
        return compare_digest(stored.encode(), hashed(secret).encode())

    @property
    def binding(self) -> str:
        """What the sealed hash belongs to: the row, whose console made it, and all that says what the key may do."""
        rights = (self.maker, self.application_id, self.scopes, self.ends_on, self.test, self.networks)
        return "\x1f".join(map(str, ("gateway.Key", self.prefix, *rights)))

    @transaction.atomic
    def issue(self, *, by: models.Model, maker: Maker) -> str:
        """Store the new key and return its secret, which nothing can show again.

        Raises `ValidationError`, and `PermissionDenied` where `by` does not act for the `maker`.
        """
        if self.application_id:
            self.application = Application.objects.select_for_update().get(pk=self.application_id)
            self.confirmed_owner_id = self.application.owner_id
            self.confirmed_white_label_id = self.application.white_label_id
        self._only(by, maker)
        self.scopes = " ".join(sorted(set(self.scopes.split())))
        self.networks = networks.read(self.networks)
        self.maker, self.made_by_id, self.prefix = maker, by.pk, new_prefix()
        secret = new_secret(self.prefix)
        self.sealed_hash = sealing.seal(hashed(secret), binding=self.binding)
        self.full_clean()
        self.save(force_insert=True)
        return secret

    def revoke(self, *, by: models.Model) -> bool:
        """Let the key open nothing any more; return whether this call did it. Raises `PermissionDenied`.

        A white-label revokes the keys that were made in its console.
        """
        self._only(by, Maker(self.maker))
        done = Key.objects.filter(pk=self.pk, revoked_at=None).update(
            revoked_at=timezone.now(), revoked_by=by.pk, sealed_hash=""
        )
        self.refresh_from_db()
        return done == 1

    @transaction.atomic
    def confirm(self, *, by: models.Model) -> bool:
        """Let a key that was stopped work for whose the application is now; return whether it was stopped.

        Raises `PermissionDenied`.
        """
        key = Key.objects.select_for_update(of=("self",)).select_related("application").get(pk=self.pk)
        key._only(by, Maker.WHITE_LABEL)
        if not key.needs_confirmation or key.application is None:
            return False
        self.confirmed_owner_id = key.application.owner_id
        self.confirmed_white_label_id = key.application.white_label_id
        self.save(update_fields=["confirmed_owner", "confirmed_white_label"])
        return True

    def may_be_managed_by(self, person: models.Model) -> bool:
        """Return whether `person` may revoke the key or confirm it."""
        return self._acts_for(person, Maker(self.maker))

    def _only(self, person: models.Model, maker: Maker) -> None:
        if not self._acts_for(person, maker):
            raise PermissionDenied

    def _acts_for(self, person: models.Model, maker: Maker) -> bool:
        """Return whether `person` decides on what `maker` made: the platform's people do on everything."""
        if may(person, Right.MANAGE_KEYS):
            return True
        white_label = self.application.white_label if self.application else None
        is_theirs = maker == Maker.WHITE_LABEL and white_label is not None
        return is_theirs and may(person, Right.MANAGE_KEYS, at=white_label)

    def note_use(self, address: str) -> bool:
        """Store when and from where the key was used, to the minute; return whether anything was written."""
        now = timezone.now()
        if self.used_at and now - self.used_at < timedelta(seconds=NOTED_EVERY_SECONDS):
            return False
        self.used_at, self.used_from = now, address[:64]
        Key.objects.filter(_before("used_at", now), pk=self.pk).update(used_at=now, used_from=self.used_from)
        return True

    @staticmethod
    def note_refusal(prefix: str, fault: Fault, address: str) -> None:
        """Store why the key with `prefix` was refused, to the minute: one statement, whether there is one or not."""
        now = timezone.now()
        news = _before("refused_at", now) | ~Q(refusal=fault)
        Key.objects.filter(news, prefix=prefix).update(refused_at=now, refused_from=address[:64], refusal=fault)


def _before(column: str, now: datetime) -> Q:
    """Return the condition that nothing was noted in `column` within the last minute."""
    return Q(**{column: None}) | Q(**{f"{column}__lte": now - timedelta(seconds=NOTED_EVERY_SECONDS)})
