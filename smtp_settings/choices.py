"""The closed lists of what an SMTP server may be; needs no app registry, so that settings can use them."""

from django.db.models.enums import TextChoices


class Security(TextChoices):
    """How the connection is protected (RFC 8314)."""

    STARTTLS = "STARTTLS", "STARTTLS (usually port 587)"
    IMPLICIT_TLS = "IMPLICIT_TLS", "Implicit TLS (usually port 465)"
    NONE = "NONE", "None (only inside your own network)"


class Auth(TextChoices):
    """How the client signs in (RFC 4954)."""

    PASSWORD = "PASSWORD", "Username and password"
    XOAUTH2 = "XOAUTH2", "OAuth 2.0 instead of a password (XOAUTH2)"
    NONE = "NONE", "No sign-in"


class TokenSource(TextChoices):
    """Where the tokens of XOAUTH2 come from, and by which grant (RFC 6749 4.1 and 4.4)."""

    MICROSOFT_APPLICATION = "MICROSOFT_APPLICATION", "Microsoft 365, the application itself (client credentials)"
    MICROSOFT_SIGN_IN = "MICROSOFT_SIGN_IN", "Microsoft, a person signs in"
    GOOGLE_SIGN_IN = "GOOGLE_SIGN_IN", "Google, a person signs in"
    OTHER_APPLICATION = "OTHER_APPLICATION", "Another provider, the application itself (client credentials)"
    OTHER_SIGN_IN = "OTHER_SIGN_IN", "Another provider, a person signs in"


class State(TextChoices):
    """What is known of a server: typed in, checked, or stopped with a reason."""

    DRAFT = "DRAFT", "Draft"
    VERIFIED = "VERIFIED", "Verified"
    PAUSED = "PAUSED", "Paused"


class Policy(TextChoices):
    """Whose server it is, and so which addresses and ports it may have (see `network`)."""

    PLATFORM = "PLATFORM", "The platform's"
    WHITE_LABEL = "WHITE_LABEL", "A white-label's"
    ENVIRONMENT = "ENVIRONMENT", "The built-in default server"


class Phase(TextChoices):
    """How far a session came; a session that ends in a phase got no answer to it, or a bad one."""

    RESOLVE = "RESOLVE", "Finding the server"
    CONNECT = "CONNECT", "Connecting"
    TLS = "TLS", "Securing the connection"
    EHLO = "EHLO", "Greeting"
    AUTH = "AUTH", "Signing in"
    MAIL = "MAIL", "Sender"
    RCPT = "RCPT", "Recipient"
    DATA = "DATA", "Message"
    FINAL_DOT = "FINAL_DOT", "End of message"
    DONE = "DONE", "Accepted"


class Outcome(TextChoices):
    """What a try means for the delivery."""

    SENT = "SENT", "Accepted by the server"
    TRANSIENT = "TRANSIENT", "Transient failure"
    PERMANENT = "PERMANENT", "Permanent failure"
    UNCERTAIN = "UNCERTAIN", "Uncertain"
    SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE", "Server unavailable"
    ABORTED = "ABORTED", "Not sent: the route changed"


class Fault(TextChoices):
    """Whose fault a refusal is (see `transport.refusals`)."""

    NO_SUCH_RECIPIENT = "NO_SUCH_RECIPIENT", "The recipient's address does not exist"
    RECIPIENT = "RECIPIENT", "The recipient"
    CONTENT = "CONTENT", "The message"
    SENDER = "SENDER", "The sender address"
    SIGN_IN = "SIGN_IN", "The sign-in"
    CLIENT = "CLIENT", "This installation's network address, name or right to send"
    BUSY = "BUSY", "The server is busy"
    RATE_LIMIT = "RATE_LIMIT", "Server limit: messages"
    CONNECTION_LIMIT = "CONNECTION_LIMIT", "Server limit: connections"
    QUOTA = "QUOTA", "Server limit: quota used up"
    OUT_OF_STEP = "OUT_OF_STEP", "The connection was out of step"

    @property
    def is_configuration(self) -> bool:
        """Return whether a person must change settings, here or at the provider."""
        return self in (Fault.SENDER, Fault.SIGN_IN, Fault.CLIENT)

    @property
    def is_limit(self) -> bool:
        """Return whether the server takes mail, only less of it."""
        return self in (Fault.RATE_LIMIT, Fault.CONNECTION_LIMIT, Fault.QUOTA)

    @property
    def is_of_the_mail(self) -> bool:
        """Return whether it says nothing of the mail to others."""
        return self in (Fault.NO_SUCH_RECIPIENT, Fault.RECIPIENT, Fault.CONTENT)
