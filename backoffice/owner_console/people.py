"""People: who may sign in, and who owns the platform. Nothing here shows or sets a password."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib import messages as flash
from django.contrib.admin.filters import BooleanFieldListFilter
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.accounts import second_factor
from backoffice.accounts.adapter import urgent_connection
from backoffice.console.admin import ListAdmin
from backoffice.console.filters import ChooserParameter, Titled
from backoffice.console.ids import may_be_id
from backoffice.console.scope import current_person
from backoffice.console.site import note_change
from backoffice.owner_console.site import owner_console
from notifications.notification import Link
from notifications.sending import send
from people import former_address
from people.account_mail import about_account
from people.invitations import invite
from people.models import User
from people.models.user import SAME_ADDRESS
from people.roles import Right, Role, roles_of
from whitelabel.models import Application, Invitation, Suspension

RIGHTS = ["role", "is_active"]
APPLICATIONS_SHOWN = 20
NO_ROLE = ("", "None")
NONE, SUSPENDED, INVITED = "NONE", "SUSPENDED", "INVITED"
ROLES = [NO_ROLE, *((role.name, role.value) for role in (Role.SUPPORT, Role.PLATFORM_OWNER))]

FILTERED_ROLES = (
    *((role.name, role.value) for role in Role),
    (SUSPENDED, "Suspended in a white-label"),
    (INVITED, "Invited to a white-label"),
    (NONE, "None"),
)


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """`is_own` where it is about the person who fills it in: nobody changes their own rights."""

    is_own = False
    role = forms.ChoiceField(
        label="Role on the platform",
        choices=ROLES,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="A platform owner may do everything in this console. "
        "Support sees mail, applications and white-labels, answers messages and sends mail again.",
    )

    class Meta:
        model = User
        fields = ["name", "email", "is_active", "ref"]
        labels = {"is_active": "Active"}
        help_texts = {
            "email": "They sign in with it.",
            "is_active": "Off: they are signed out, and applications they own send through the platform.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.instance.platform_role
        self.initial["role"] = role.name if role else ""
        for right in self.fields.keys() & set(RIGHTS):
            self.fields[right].disabled = self.is_own

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(SAME_ADDRESS)
        return email

    def clean(self) -> dict[str, Any]:
        """Keep one platform owner who can sign in."""
        values = super().clean() or {}
        stays = {"role": values.get("role") == Role.PLATFORM_OWNER.name, "is_active": values.get("is_active")}
        revoked = [right for right in RIGHTS if right in self.changed_data and not stays[right]]
        if revoked and self.instance.pk and not _another_owner_stays(self.instance):
            self.add_error(revoked[0], "This is the last platform owner who can sign in.")
        return values

    def _post_clean(self) -> None:
        if "role" in self.cleaned_data:
            self.instance.platform_role = Role[name] if (name := self.cleaned_data["role"]) else None
        super()._post_clean()  # type: ignore[misc]


class RoleFilter(DropdownFilter):
    """What somebody is, on the platform or in any white-label."""

    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(FILTERED_ROLES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        held = {
            Role.PLATFORM_OWNER.name: Q(is_superuser=True),
            Role.SUPPORT.name: Q(is_superuser=False, is_staff=True),
            Role.ADMIN.name: Q(white_labels__isnull=False),
            Role.VIEWER.name: Q(viewed_white_labels__isnull=False),
            SUSPENDED: Q(suspensions__isnull=False),
            INVITED: Q(invitations__isnull=False),
            NONE: Q(is_staff=False, is_superuser=False, white_labels=None, viewed_white_labels=None),
        }
        chosen = held.get(self.value() or "")
        return queryset.filter(chosen).distinct() if chosen else queryset


class WhiteLabelFilter(ChooserParameter):
    """Who has a role in a white-label, is suspended there or invited."""

    title = "white-label"
    parameter_name = "white_label"
    chosen_from = Suspension._meta.get_field("white_label")

    def of(self, queryset: QuerySet[User], chosen: str) -> QuerySet[User]:
        waiting = Q(suspensions__white_label=chosen) | Q(invitations__white_label=chosen)
        return queryset.filter(Q(white_labels=chosen) | Q(viewed_white_labels=chosen) | waiting).distinct()


class SignInFilter(Titled, BooleanFieldListFilter):
    own_title = "whether they may sign in"


@admin.register(User, site=owner_console)
class PersonAdmin(ListAdmin):
    rights = dict.fromkeys(("view", "add", "change"), Right.MANAGE_PEOPLE)
    form = PersonForm
    list_display = ["email", "name", "part", "may_sign_in", "last_sign_in"]
    list_filter = [RoleFilter, WhiteLabelFilter, ("is_active", SignInFilter)]
    list_filter_submit = True
    search_fields = ["email", "name"]
    search_help_text = "Name or e-mail address"
    csv_columns = {
        "Id": "pk",
        "Ref": "ref",
        "Name": "name",
        "E-mail address": "email",
        "Role": "part",
        "Active": "is_active",
        "Invited": "invited_at",
        "Last sign-in": "last_login",
    }
    fields = ["name", "email", *RIGHTS, "ref"]
    change_form_outer_before_template = "owner_console/archived.html"
    change_form_outer_after_template = "owner_console/person_panel.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                "white_labels",
                "viewed_white_labels",
                Prefetch("suspensions", Suspension.objects.select_related("white_label")),
                Prefetch("invitations", Invitation.objects.select_related("white_label")),
            )
        )

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return ["name", "email", *RIGHTS, "ref"] if obj else ["name", "email", "role", "ref"]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"is_own": obj == request.user})

    def offered_as(self, row: User) -> str:
        called = f"{row.name}, {row.email}" if row.name else row.email
        return called if row.is_active else f"{called} (cannot sign in)"

    @display(description="Role")
    def part(self, person: User) -> str:
        return "; ".join([*roles_of(person), *in_white_labels(person)]) or "–"

    @display(description="Active", boolean=True, ordering="is_active")
    def may_sign_in(self, person: User) -> bool:
        return person.is_active

    @display(description="Last sign-in", ordering="last_login")
    def last_sign_in(self, person: User) -> datetime | str:
        return person.last_login or "Never"

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            _invite(request, obj)
        elif "email" in form.changed_data:
            former_address.leave(obj, form.initial["email"])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        known = may_be_id(User, object_id)
        owned = Application.objects.filter(owner=int(object_id)).select_related("white_label") if known else None
        factors = Authenticator.objects.filter(user=object_id, type__in=second_factor.FACTORS) if known else []
        return super().change_view(
            request,
            object_id,
            form_url,
            {
                "has_second_factor": bool(factors),
                "applications": owned[:APPLICATIONS_SHOWN] if owned is not None else [],
                "application_count": owned.count() if owned is not None else 0,
                "invitations": Invitation.objects.waiting().filter(person=int(object_id)) if known else [],
                **(extra_context or {}),
            },
        )


def in_white_labels(person: User) -> Iterator[str]:
    """Yield what somebody is where, each with all white-labels in which they are that."""
    where = {
        "Admin of": person.white_labels.all(),
        "Viewer of": person.viewed_white_labels.all(),
        "Suspended in": [each.white_label for each in person.suspensions.all()],
        "Invited to": [each.white_label for each in person.invitations.all()],
    }
    return (f"{what} {', '.join(map(str, named))}" for what, named in where.items() if named)


@owner_console.page("people/<int:person_id>/invite/", name="person_invite", post=Right.MANAGE_PEOPLE)
def invite_again(request: HttpRequest, person_id: int) -> HttpResponse:
    """Send the invitation once more, to somebody who has not chosen a password yet."""
    person = get_object_or_404(User, pk=person_id, is_active=True)
    if person.has_usable_password():
        flash.error(request, f"{person} has chosen a password already.")
    else:
        _invite(request, person)
    return redirect("owner:people_user_change", person_id)


@owner_console.page("people/<int:person_id>/second-factor/", name="person_second_factor", post=Right.MANAGE_PEOPLE)
def remove_second_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    """Help somebody who lost their phone and their recovery codes; it ends their sessions and they are told."""
    person = get_object_or_404(User, pk=person_id)
    if person == request.user:
        raise Http404
    Authenticator.objects.filter(user=person).delete()
    note_change(request, person, "Second factor removed.")
    notification = about_account(
        person,
        subject="Two-step sign-in was switched off",
        text=f"{request.user} switched off two-step sign-in for your account. You sign in with your password alone "
        "now.\n\nIf you did not ask for this, tell an owner of the platform at once.",
        button=Link("Set it up again", settings.SITE_URL + reverse("mfa_index")),
    )
    send(notification, person.email)
    flash.success(request, f"{person} signs in with the password alone until they set up two-step sign-in again.")
    return redirect("owner:people_user_change", person_id)


def _invite(request: HttpRequest, person: User) -> None:
    invite(person, inviter=current_person(request), connection=urgent_connection())
    note_change(request, person, "Invitation sent.")
    flash.info(request, f"An invitation is on its way to {person}.")


def _another_owner_stays(person: User) -> bool:
    """Return whether somebody else owns the platform; locks all owners, lest two demote each other at once."""
    owners = User.objects.platform_owners().select_for_update().order_by("pk")
    return any(owner != person for owner in list(owners))
