"""The page of one's own white-labels: the roles that somebody has, invitations to accept, and how to leave."""

from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from backoffice.audit.memberships import record_role
from backoffice.console.scope import SESSION_KEY, current_person, white_labels_of
from backoffice.profile.page import ProfileMixin
from gateway.keys.doors import doors
from gateway.keys.left_behind import made_by, tell_those_who_stay
from people.roles import Role
from whitelabel import members
from whitelabel.models import Application, Invitation, WhiteLabel

NAMELESS = "Your colleagues see you as {email}. Give them your name in your profile, under your address in the menu."


class MembershipsView(ProfileMixin, TemplateView):
    template_name = "memberships/page.html"
    title = "Your white-labels"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = white_labels_of(self.person)
        memberships = [(white_label, members.standing(white_label, self.person)) for white_label in mine]
        return super().get_context_data(
            memberships=memberships,
            invitations=self.person.invitations.open(),
            suspensions=self.person.suspensions.select_related("white_label"),
            **kwargs,
        )


class LeaveView(ProfileMixin, TemplateView):
    """Say what leaving brings, then leave."""

    template_name = "memberships/leave.html"
    title = "Leave a white-label"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        white_label = self._white_label()
        applications = Application.objects.filter(owner=self.person, white_label=white_label, archived_at=None)
        return super().get_context_data(
            white_label=white_label,
            applications=list(applications) if white_label.is_admin(self.person) else [],
            keys=list(made_by(self.person, white_label)) if doors() else [],
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        white_label = self._white_label()
        before = members.standing(white_label, self.person)
        try:
            with transaction.atomic():
                members.leave(white_label, self.person)
                if before == Role.ADMIN:
                    tell_those_who_stay(self.person, white_label)
                record_role(request, "member.leave", white_label, self.person.email, before=before)
        except ValidationError as error:
            flash.error(request, " ".join(error.messages))
        else:
            request.session.pop(SESSION_KEY, None)
            flash.success(request, f"You left {white_label}.")
        return _back()

    def _white_label(self) -> WhiteLabel:
        return get_object_or_404(white_labels_of(self.person), pk=self.kwargs["pk"])


@never_cache
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the role, and go on in that white-label."""
    invitation = _mine(request, pk)
    try:
        with transaction.atomic():
            members.accept(invitation)
            _record(request, "member.accept", invitation, after=invitation.get_role_display())
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
        return _back()
    request.session[SESSION_KEY] = invitation.white_label.pk
    flash.success(request, f"You work in {invitation.white_label} now, as {invitation.get_role_display().lower()}.")
    if not current_person(request).name:
        flash.info(request, NAMELESS.format(email=current_person(request).email))
    return redirect("whitelabel:index")


@never_cache
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _mine(request, pk)
    with transaction.atomic():
        members.decline(invitation)
        _record(request, "member.decline", invitation, before=invitation.get_role_display())
    flash.success(request, f"You declined the invitation to {invitation.white_label}.")
    return _back()


def _mine(request: HttpRequest, pk: int) -> Invitation:
    return get_object_or_404(Invitation.objects.waiting().filter(person=current_person(request)), pk=pk)


def _record(request: HttpRequest, act: str, invitation: Invitation, *, before: str = "", after: str = "") -> None:
    record_role(request, act, invitation.white_label, invitation.email, before=before, after=after)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("memberships"))
