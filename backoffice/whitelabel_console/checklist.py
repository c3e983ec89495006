"""What a white-label that has chosen how its mail leaves has still to do, step by step, until all is done."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from delivery.models import Delivery
from smtp_settings.choices import State
from smtp_settings.models import SmtpCheck
from whitelabel.models import Application, SendingDomain, WhiteLabel

STATES = SendingDomain.State
CHOSEN_OWN, CHOSEN_PLATFORM = "Your own SMTP server.", "The platform's SMTP server, from a domain of your own."
SWITCH_ON = "It passed its check. Switch it on in the form below."
TYPE_IT = "Fill in the form below. Saving tests the connection; it is stored once it passes."
PUBLISH_PROOF = "Add the TXT record of {domain} that proves it is yours."
WAIT = "The platform has to approve {domain} first; its answer comes as a message and by e-mail."
PUBLISH = "Add them where {domain} is managed. We keep checking, and it becomes active once all are found."
PUBLISH_ACTIVE = "Add them where {domain} is managed, so that your messages don't look forged. We keep checking."
TEST_LATER = "Once the steps above are done."
TEST_NOW = "Open one of your applications and press “Send a test e-mail as this application”."
TEST_OWN = "Press “Send test e-mail” below the form."
NO_APPLICATION = "You have no application yet that could send one. The platform creates them: write it a message."


@dataclass(frozen=True)
class Step:
    """`link` leads to where it is done, "" where that is this page or nothing can be done yet."""

    title: str
    is_done: bool
    how: str = ""
    link: str = ""


def checklist(white_label: WhiteLabel) -> list[Step]:
    """Return the steps of the option that was chosen; none where none was, or where all are done."""
    in_use = SendingDomain.objects.filter(white_label=white_label, state__in=SendingDomain.IN_USE)
    domains = list(in_use.prefetch_related("records"))
    if white_label.server and (white_label.own_smtp_on or not domains):
        steps = list(_of_own_server(white_label))
    elif domains:
        steps = list(_of_domain(white_label, _nearest(domains)))
    else:
        return []
    return [] if all(step.is_done for step in steps) else steps


def _nearest(domains: list[SendingDomain]) -> SendingDomain:
    """Return the domain with the least left to do."""
    return max(domains, key=lambda one: (one.is_live and one.verified, one.is_live, one.verified, one.pk))


def _of_domain(white_label: WhiteLabel, domain: SendingDomain) -> Iterator[Step]:
    page, name = reverse("whitelabel:domain", args=[domain.pk]), domain.letters
    count = len(domain.records.all()) - 1  # beside the one that proves ownership
    published = domain.is_live and domain.verified
    yield Step("Choose how your messages are sent", is_done=True, how=CHOSEN_PLATFORM)
    proof = PUBLISH_PROOF.format(domain=name)
    yield Step("Prove your domain", is_done=domain.ownership_verified, how=proof, link=page)
    many = f"{count} DNS record{'' if count == 1 else 's'}" if count > 0 else "its DNS records"
    how = WAIT if domain.state == STATES.REQUESTED else PUBLISH_ACTIVE if domain.is_live else PUBLISH
    how = how.format(domain=name)
    yield Step(f"Add {many}", is_done=published, how=how, link=page)
    yield _test(white_label, is_ready=published)


def _of_own_server(white_label: WhiteLabel) -> Iterator[Step]:
    server = white_label.server
    assert server is not None
    is_checked = server.state == State.VERIFIED
    yield Step("Choose how your messages are sent", is_done=True, how=CHOSEN_OWN)
    yield Step("Have your server pass its check", is_done=is_checked, how=TYPE_IT, link="#own-title")
    yield Step("Switch it on", is_done=white_label.own_smtp_on, how=SWITCH_ON if is_checked else TEST_LATER)
    tests = SmtpCheck.objects.filter(scope_key=white_label.scope_key, kind=SmtpCheck.Kind.TEST)
    tested = tests.filter(status=SmtpCheck.Status.PASSED).exists() or _has_sent(white_label)
    yield Step("Send yourself a test", is_done=tested, how=TEST_OWN, link="#own-title")


def _test(white_label: WhiteLabel, *, is_ready: bool) -> Step:
    application = Application.objects.filter(white_label=white_label, archived_at=None).first()
    done = is_ready and _has_sent(white_label)
    how = TEST_LATER if not is_ready else TEST_NOW if application else NO_APPLICATION
    page = reverse("whitelabel:whitelabel_application_change", args=[application.pk]) if application else ""
    return Step("Send yourself a test", is_done=done, how=how, link=page if is_ready else "")


def _has_sent(white_label: WhiteLabel) -> bool:
    return Delivery.objects.filter(tenant=white_label.pk, status=Delivery.Status.SENT).exists()
