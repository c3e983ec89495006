"""The people of a white-label, whom its own admins invite, suspend, let back and remove."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.accounts.adapter import urgent_connection
from backoffice.audit.memberships import record_role
from backoffice.console.csv_download import CsvView
from backoffice.console.scope import current_person, current_white_label
from backoffice.console.views import INVALID
from backoffice.shared_pages.people import Line, people_context, people_lines
from backoffice.whitelabel_console.site import whitelabel_console
from delivery.message import validation
from gateway.keys.doors import doors
from gateway.keys.left_behind import made_by, tell_those_who_stay
from people.models import User
from people.roles import Right, Role
from people.throttling import exceeded
from phrases.names import one_line
from whitelabel import members
from whitelabel.models import Application, Invitation, WhiteLabel
from whitelabel.models.invitation import ROLES

INVITATIONS_A_DAY, DAY_SECONDS = 20, 86_400
TOO_MANY = f"{INVITATIONS_A_DAY} invitations were sent from here within a day. Try again tomorrow."
REQUIRED = "From now on, everybody here sets up a second step before any page opens."
NOT_REQUIRED = "Nobody is asked for a second step here any more."
ON_ITS_WAY = "An invitation is on its way to {}. It lasts 7 days."


class InviteForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        validators=[one_line],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type their name."},
    )
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type their e-mail address."},
    )
    role = forms.ChoiceField(
        choices=ROLES,
        initial=Role.VIEWER.name,
        widget=UnfoldAdminSelectWidget,
        help_text="An admin can change everything here. A viewer only looks.",
    )

    def clean_email(self) -> str:
        typed = User.normalize_username(str(self.cleaned_data["email"])).strip().lower()
        try:
            return validation.address(typed, "email").address
        except ValidationError as error:
            raise ValidationError(error.messages) from error


class SecondFactorForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = WhiteLabel
        fields = ["second_factor_required"]
        labels = {"second_factor_required": "Require two-step sign-in of everybody here"}
        widgets = {"second_factor_required": UnfoldBooleanSwitchWidget}

    def save(self, commit: bool = True) -> Any:
        """Store the one column: whatever else is done to the white-label meanwhile stays."""
        self.instance.save(update_fields=["second_factor_required"])
        return self.instance


@dataclass(frozen=True)
class Act:
    """What an admin does about a colleague. `warning` stands on the page that asks first; without, nothing asks."""

    code: str
    do: Callable[..., object]
    done: str
    title: str = ""
    button: str = ""
    warning: str = ""


def _let_back(white_label: WhiteLabel, person: User, *, by: User) -> None:
    members.let_back(get_object_or_404(white_label.suspensions, person=person), by=by)


ACTS = {
    "make-admin": Act(
        "member.make_admin", partial(members.change_role, role=Role.ADMIN), "{person} is an admin from now on."
    ),
    "let-back": Act("member.let_back", _let_back, "{person} is back."),
    "make-viewer": Act(
        "member.make_viewer",
        partial(members.change_role, role=Role.VIEWER),
        "{person} is a viewer from now on.",
        "Make {person} a viewer",
        "Make a viewer",
        "They go on seeing everything here, and change nothing any more.",
    ),
    "suspend": Act(
        "member.suspend",
        members.suspend,
        "{person} is suspended.",
        "Suspend {person}",
        "Suspend",
        "They are out at their next click, until one of you lets them back. Their account and its other roles stay.",
    ),
    "remove": Act(
        "member.remove",
        members.remove,
        "{person} was removed.",
        "Remove {person}",
        "Remove",
        "They are out at their next click, and come back only if invited. Their account and its other roles stay.",
    ),
}


@whitelabel_console.page("people/", name="people", get=Right.MANAGE_PEOPLE, post=Right.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """List everybody; what is posted is an invitation."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _invite(request, form):
        return _back()
    white_label = current_white_label(request)
    context = {"title": "People", "white_label": white_label, "form": form, **people_context(white_label)}
    context["second_factor_form"] = SecondFactorForm(instance=white_label)
    status = INVALID if form.is_bound else 200
    return whitelabel_console.render(request, "whitelabel_console/people/page.html", context, status=status)


@whitelabel_console.page("people/csv/", name="people_csv", post=Right.MANAGE_PEOPLE)
class PeopleFile(CsvView):
    """Download who has a role here, is suspended or invited."""

    console = whitelabel_console
    called = "people"
    columns: Mapping[str, str] = {
        "Name": "name",
        "E-mail address": "email",
        "Role": "role",
        "Status": "status",
        "Last sign-in": "last_sign_in",
        "Two-step sign-in": "has_second_factor",
        "Keys": "keys",
    }

    def chunks(self) -> Iterator[list[Line]]:
        yield list(people_lines(current_white_label(self.request)))


@whitelabel_console.page("people/invitations/<int:pk>/again/", name="invitation_again", post=Right.MANAGE_PEOPLE)
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    if _too_many(request):
        flash.error(request, TOO_MANY)
        return _back()
    try:
        with transaction.atomic():
            members.invite_again(invitation, by=current_person(request), connection=urgent_connection())
            _record_invitation(request, "member.invite_again", invitation, after=invitation.get_role_display())
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, ON_ITS_WAY.format(invitation.email))
    return _back()


@whitelabel_console.page("people/invitations/<int:pk>/withdraw/", name="invitation_withdraw", post=Right.MANAGE_PEOPLE)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    with transaction.atomic():
        members.withdraw(invitation, by=current_person(request))
        _record_invitation(request, "member.withdraw", invitation, before=invitation.get_role_display())
    flash.success(request, f"The invitation of {invitation.email} was withdrawn. Its link opens nothing here any more.")
    return _back()


@whitelabel_console.page("people/second-factor/", name="people_second_factor", post=Right.MANAGE_PEOPLE)
def require_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for a second step of everybody here, or no more."""
    form = SecondFactorForm(request.POST, instance=current_white_label(request))
    if form.is_valid():
        required = form.save().second_factor_required
        flash.success(request, REQUIRED if required else NOT_REQUIRED)
    return _back()


def act_page(request: HttpRequest, person_id: int, act: Act) -> HttpResponse:
    """Ask first where there is something to know, then do it."""
    person = _colleague(request, person_id)
    if request.method == "POST":
        _do(request, person, act)
        return _back()
    white_label = current_white_label(request)
    context = {
        "title": act.title.format(person=person),
        "person": person,
        "act": act,
        "white_label": white_label,
        "applications": _applications_of(person, white_label),
        "keys": list(made_by(person, white_label)) if doors() else [],
    }
    return whitelabel_console.render(request, "whitelabel_console/people/act.html", context)


for _name, _act in ACTS.items():
    _page = whitelabel_console.page(
        f"people/<int:person_id>/{_name}/",
        name=_act.code.replace(".", "_"),
        get=Right.MANAGE_PEOPLE if _act.warning else None,
        post=Right.MANAGE_PEOPLE,
    )
    _page(partial(act_page, act=_act))


def _invite(request: HttpRequest, form: InviteForm) -> bool:
    """Send the invitation; where it is refused, the form says why."""
    white_label, typed = current_white_label(request), form.cleaned_data
    if _too_many(request):
        form.add_error(None, TOO_MANY)
        return False
    try:
        with transaction.atomic():
            invitation = members.invite(
                white_label,
                by=current_person(request),
                name=typed["name"],
                email=typed["email"],
                role=Role[typed["role"]],
                connection=urgent_connection(),
            )
            _record_invitation(request, "member.invite", invitation, after=invitation.get_role_display())
    except ValidationError as error:
        form.add_error("email", error.messages)
        return False
    flash.success(request, ON_ITS_WAY.format(invitation.email))
    return True


def _do(request: HttpRequest, person: User, act: Act) -> None:
    white_label = current_white_label(request)
    before = members.standing(white_label, person)
    try:
        with transaction.atomic():
            act.do(white_label, person, by=current_person(request))
            after = members.standing(white_label, person)
            if before == Role.ADMIN:
                tell_those_who_stay(person, white_label)
            record_role(request, act.code, white_label, person.email, before=before, after=after)
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, act.done.format(person=person))


def _too_many(request: HttpRequest) -> bool:
    name = f"invitations:{current_white_label(request).pk}"
    return exceeded(name, most=INVITATIONS_A_DAY, seconds=DAY_SECONDS)


def _colleague(request: HttpRequest, person_id: int) -> User:
    """Return somebody who has a role here or is suspended; 404 for everybody else."""
    return get_object_or_404(members.of(current_white_label(request)), pk=person_id)


def _invitation(request: HttpRequest, pk: int) -> Invitation:
    return get_object_or_404(current_white_label(request).invitations.waiting(), pk=pk)


def _applications_of(person: User, white_label: WhiteLabel) -> list[Application]:
    """Return what takes another route once the person is no admin: their applications here, if they are one."""
    if not white_label.is_admin(person):
        return []
    return list(Application.objects.filter(owner=person, white_label=white_label, archived_at=None))


def _record_invitation(request: HttpRequest, act: str, invitation: Invitation, **roles: Any) -> None:
    record_role(request, act, invitation.white_label, invitation.email, **roles)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("whitelabel:people"))
