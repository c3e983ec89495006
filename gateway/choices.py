"""The closed lists of keys and of provisioning; needs no app registry."""

from django.db.models.enums import TextChoices


class Scope(TextChoices):
    """What a key may do; several are stored as OAuth writes them (RFC 6749 3.3)."""

    SEND = "send", "Send, and see, cancel or reschedule what the application sent"
    DOMAINS = "domains", "Request sending domains and follow their state"
    PROVISION = "provision", "Provision white-labels, people and applications"


class Kind(TextChoices):
    """What is provisioned, in the order in which it is made: each may name those before it."""

    PEOPLE = "people", "People"
    WHITE_LABELS = "white_labels", "White-labels"
    APPLICATIONS = "applications", "Applications"


class FileState(TextChoices):
    """Where a list stands that was uploaded."""

    READ = "READ", "Preview"
    WAITING = "WAITING", "Being applied"
    DONE = "DONE", "Applied"


class Maker(TextChoices):
    """Whose console a key was made in."""

    PLATFORM = "PLATFORM", "The platform"
    WHITE_LABEL = "WHITE_LABEL", "The white-label"


class State(TextChoices):
    IN_USE = "IN_USE", "Active"
    STOPPED = "STOPPED", "Stopped"
    ENDED = "ENDED", "Expired"
    REVOKED = "REVOKED", "Revoked"


class Fault(TextChoices):
    """Why a key was refused; for the page of the key, never for whoever came with it."""

    SECRET = "SECRET", "The secret was wrong: mistyped, cut short, or of another key."
    REVOKED = "REVOKED", "The key was revoked."
    ENDED = "ENDED", "The key had expired."
    STOPPED = "STOPPED", "The key was stopped: the application had changed hands."
    ARCHIVED = "ARCHIVED", "The application was archived."
    NETWORK = "NETWORK", "The address is in none of the key's networks."
    SCOPE = "SCOPE", "The key may not do what it was used for."


FAULTS = {State.REVOKED: Fault.REVOKED, State.ENDED: Fault.ENDED}  # a stopped key knows by what
