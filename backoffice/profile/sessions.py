"""End sessions: one, or all but the one that asks for it."""

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from backoffice.accounts.session_store import StoredSession, present_row
from backoffice.audit.middleware import record
from backoffice.console.scope import current_person
from backoffice.profile.devices import device
from backoffice.profile.page import back_to
from people.audit import Change, name_of

PART = "sessions"


@require_POST
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    """End a session of the person's own; one of somebody else's is not there."""
    session = get_object_or_404(UserSession, pk=session_id, user=request.user)
    record(request, "session.end", person=current_person(request), changes=[_change(session)])
    if session.session_key == present_row(request):
        session.delete()
        get_adapter(request).logout(request)
        return redirect("home")
    _end(session)
    return back_to(request, PART, f"Ended: {device(session.user_agent)} is signed out.")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    others = UserSession.objects.filter(user=request.user).exclude(session_key=present_row(request))
    ended = list(others)
    for session in ended:
        _end(session)
    if ended:
        record(request, "session.end_others", person=current_person(request), changes=map(_change, ended))
    return back_to(request, PART, "All other sessions have ended.")


def _end(session: UserSession) -> None:
    StoredSession(session.session_key).delete()
    session.delete()


def _change(session: UserSession) -> Change:
    words = f"{device(session.user_agent)}, {session.ip}"
    return {"thing": name_of(session.user), "field": "session", "before": words, "after": ""}
