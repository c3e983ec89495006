"""What a result says of the server itself: close its breaker, count a failure, slow it down, pause it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from delivery.models import Attempt, ConnectionSlot
from delivery.worker.pause_notices import announce, announce_refused
from delivery.worker.recording import REFUSED
from smtp_settings.choices import Fault, Outcome, Phase, State
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.models.server import DEFAULT_KEY
from smtp_settings.models.throttle import MEASURED_SECONDS, QUOTA_REST_SECONDS, REST_SECONDS
from smtp_settings.transport.refusals import BODY
from smtp_settings.transport.submission import SubmissionResult
from whitelabel.routing import Route

REFUSALS_BEFORE_PAUSE = 2
LATELY_SECONDS = 3600
OF_ONE_RECIPIENT = (Phase.RCPT, *BODY)  # what is said there may be about one recipient alone


def record_result(route: Route, result: SubmissionResult, *, is_news: bool, is_probe: bool) -> bool:
    """Record what `result` says of the server; return whether to leave it alone for now.

    `is_news` of the first result of a run; a probe was sent alone, to see whether the server is well again.
    """
    if result.accepted and not (is_news or is_probe):
        return False
    server, fault = route.server, result.fault
    health = ServerHealth.of(server.key)
    if fault and fault.is_limit:
        _slow_down(server, health, result)
        return True
    if result.kind == "secret":
        _pause(server, result.text)
    if result.kind == "token_refused":
        _pause(server, f"{result.text}. Sign in again, or give a new client secret.")
    if fault and fault.is_configuration and _is_permanent(result.code):
        if _is_of_a_domain(route, fault):
            announce_refused(server, route.sender.address, f"It said: {result.code} {result.text}")
        is_again = _is_refused_again(route, result.phase, fault)
        if is_again and _pause(server, f"It refused {REFUSED[fault]} twice: {result.code} {result.text}"):
            return True
        if not is_again and (result.phase in OF_ONE_RECIPIENT or _is_of_a_domain(route, fault)):
            if is_probe:
                health.note_success(is_probe=True)  # it is up: others need not wait for what one mail was told
            return False
    if result.outcome == Outcome.SERVER_UNAVAILABLE:
        if not (result.code and result.phase in OF_ONE_RECIPIENT and _is_of_one_mail(server)):
            _count_failure(health, result, is_probe=is_probe)
        elif is_probe:
            health.give_probe_back()
        return True
    if result.outcome != Outcome.ABORTED:
        health.note_success(is_probe=is_probe)
    return False


def _slow_down(server: SmtpServer, health: ServerHealth, result: SubmissionResult) -> None:
    """Send less: over fewer connections where there are others, else fewer messages."""
    in_use = ConnectionSlot.objects.in_use(server.key).count()
    if result.fault == Fault.CONNECTION_LIMIT and in_use > 1:
        health.note_crowded(in_use)
    elif result.fault == Fault.RATE_LIMIT:
        taken, seconds = _taken_lately(server, since=health.rate_at)
        health.note_limited(_said(result), taken=taken, seconds=seconds)
    else:
        health.rest(QUOTA_REST_SECONDS if result.fault == Fault.QUOTA else REST_SECONDS, _said(result))


def _taken_lately(server: SmtpServer, *, since: datetime | None) -> tuple[int, float]:
    """Return how many messages the server has taken within the last minute, and since how many seconds.

    What it took before it was known to have a rate is not counted again: many take a number at once, and then few.
    """
    now = timezone.now()
    a_minute_ago = now - timedelta(seconds=MEASURED_SECONDS)
    since = max(since, a_minute_ago) if since else a_minute_ago
    sent = _attempts(server).filter(outcome=Outcome.SENT, at__gt=since)
    figures = sent.aggregate(count=Count("id"), first=Min("at"))
    return figures["count"], (now - (figures["first"] or now)).total_seconds()


def _count_failure(health: ServerHealth, result: SubmissionResult, *, is_probe: bool) -> None:
    """Count a failure; what was under way with others is one event with theirs, a probe was under way alone."""
    began = timezone.now() - timedelta(milliseconds=result.milliseconds)
    health.note_failure(_said(result), since=None if is_probe else began)


def _is_of_one_mail(server: SmtpServer) -> bool:
    """Return whether the latest failure was that of the same mail: then nothing more is known of the mail of others."""
    latest = _attempts(server).order_by("-id").values_list("delivery", "outcome")[:2]
    return len(latest) == 2 and len(set(latest)) == 1


def _said(result: SubmissionResult) -> str:
    return f"{result.phase.label}: {result.code or ''} {result.text}".replace("  ", " ")


def _is_permanent(code: int | None) -> bool:
    return code is not None and code // 100 == 5


def _is_refused_again(route: Route, phase: Phase, fault: Fault) -> bool:
    """Return whether the latest attempts, this one among them, were all refused for our settings.

    What is said of a recipient's mail must be said of two recipients, and of a whole message by a server that has taken
    none for a while: a filter's words may be about what one tenant writes. A sender that is not the server's own is
    that of a white-label's domain: it says nothing of the mail of others.
    """
    if _is_of_a_domain(route, fault):
        return False
    if phase in BODY and _has_taken_lately(route.server):
        return False
    latest = list(_attempts(route.server).select_related("delivery").order_by("-id")[:REFUSALS_BEFORE_PAUSE])
    refused = all(attempt.fault and attempt.fault.is_configuration for attempt in latest)
    recipients = {attempt.delivery.recipient.lower() for attempt in latest}
    is_of_one = any(attempt.phase in OF_ONE_RECIPIENT for attempt in latest) and len(recipients) == 1
    return refused and len(latest) == REFUSALS_BEFORE_PAUSE and not is_of_one


def _has_taken_lately(server: SmtpServer) -> bool:
    since = timezone.now() - timedelta(seconds=LATELY_SECONDS)
    return _attempts(server).filter(outcome=Outcome.SENT, at__gt=since).exists()


def _is_of_a_domain(route: Route, fault: Fault) -> bool:
    return fault == Fault.SENDER and route.sender.address != route.server.sender_address


def _attempts(server: SmtpServer) -> QuerySet[Attempt]:
    return Attempt.objects.filter(server=None if server.key == DEFAULT_KEY else server.pk)


def _pause(server: SmtpServer, reason: str) -> bool:
    """Pause the server and have its people told, once; return whether it is paused now."""
    with transaction.atomic():
        if server.pause(reason):
            announce(server, reason)
    return server.state == State.PAUSED
