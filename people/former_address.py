"""Tell somebody at the former address that their account has another one now, lest it was taken from them."""

from django.conf import settings
from django.core.mail import send_mail

from people.models import User

BODY = """Hello {name},

You sign in to {site} with another e-mail address from now on: {address}.

If that is not yours, answer this message at once: whoever reads mail at that address can choose a new password.
"""


def tell(person: User, former: str) -> None:
    """Write to `former`; not to somebody who never chose a password, and so has nothing to lose."""
    if person.has_usable_password():
        body = BODY.format(name=person.name or former, site=settings.SITE_URL, address=person.email)
        send_mail("Your e-mail address was changed", body, None, [former], fail_silently=True)
