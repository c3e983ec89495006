"""People: who may sign in, and who owns the platform. Nothing here shows or sets a password."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib import messages as flash
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from unfold.decorators import display

from backoffice.accounts.adapter import urgent_connection
from backoffice.console.admin import ListAdmin
from backoffice.console.scope import current_person
from backoffice.console.site import note_change
from backoffice.owner_console.site import owner_console
from people import former_address
from people.invitations import invite
from people.models import User
from people.models.user import SAME_ADDRESS
from people.roles import Role, roles_of

RIGHTS = ["is_superuser", "is_active"]


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["name", "email", *RIGHTS, "ref"]
        labels = {"is_superuser": Role.PLATFORM_OWNER.value, "is_active": "May sign in"}
        help_texts = {
            "email": "They sign in with it.",
            "is_superuser": "May do everything in this console.",
            "is_active": "Off: their sessions end, and applications they own take the platform's route.",
        }

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(SAME_ADDRESS)
        return email

    def clean(self) -> dict[str, Any]:
        """Keep one platform owner who can sign in."""
        values = super().clean() or {}
        revoked = [right for right in RIGHTS if right in self.changed_data and not values.get(right)]
        if revoked and self.instance.pk and not _another_owner_stays(self.instance):
            self.add_error(revoked[0], "This is the last platform owner who can sign in.")
        return values


@admin.register(User, site=owner_console)
class PersonAdmin(ListAdmin):
    form = PersonForm
    list_display = ["email", "name", "part", "may_sign_in", "last_sign_in"]
    list_filter = RIGHTS
    search_fields = ["email", "name"]
    search_help_text = "Name or e-mail address"
    fields = ["name", "email", *RIGHTS, "ref"]
    change_form_outer_before_template = "owner_console/archived.html"
    change_form_outer_after_template = "owner_console/person_panel.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("white_labels")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return ["name", "email", *RIGHTS, "ref"] if obj else ["name", "email", "is_superuser", "ref"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Nobody changes their own rights."""
        return RIGHTS if obj == request.user else []

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @display(description="Part")
    def part(self, person: User) -> str:
        admin_of = ", ".join(white_label.name for white_label in person.white_labels.all())
        parts = [*map(str, roles_of(person)), *([f"Admin of {admin_of}"] if admin_of else [])]
        return "; ".join(parts) or "–"

    @display(description="May sign in", boolean=True, ordering="is_active")
    def may_sign_in(self, person: User) -> bool:
        return person.is_active

    @display(description="Last sign-in", ordering="last_login")
    def last_sign_in(self, person: User) -> datetime | str:
        return person.last_login or "Never"

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        obj.is_staff = obj.is_superuser
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
        factors = (
            Authenticator.objects.filter(user=object_id, type=Authenticator.Type.TOTP) if object_id.isdigit() else []
        )
        return super().change_view(
            request, object_id, form_url, {"has_second_factor": bool(factors), **(extra_context or {})}
        )


@owner_console.page("people/<int:person_id>/invite/", name="person_invite")
@require_POST
def invite_again(request: HttpRequest, person_id: int) -> HttpResponse:
    """Send the invitation once more, to somebody who has not chosen a password yet."""
    person = get_object_or_404(User, pk=person_id, is_active=True)
    if person.has_usable_password():
        flash.error(request, f"{person} has chosen a password already.")
    else:
        _invite(request, person)
    return redirect("owner:people_user_change", person_id)


@owner_console.page("people/<int:person_id>/second-factor/", name="person_second_factor")
@require_POST
def remove_second_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    """Help somebody who lost their phone and their recovery codes; it ends their sessions and they are told."""
    person = get_object_or_404(User, pk=person_id)
    if person == request.user:
        raise Http404
    Authenticator.objects.filter(user=person).delete()
    note_change(request, person, "Second factor removed.")
    send_mail(
        "Your second factor was removed",
        f"{request.user} removed the second factor of your account. If you did not ask for this, answer at once.",
        None,
        [person.email],
    )
    flash.success(request, f"{person} signs in with the password alone until they set up a new second factor.")
    return redirect("owner:people_user_change", person_id)


def _invite(request: HttpRequest, person: User) -> None:
    invite(person, inviter=current_person(request), connection=urgent_connection())
    note_change(request, person, "Invitation sent.")
    flash.info(request, f"An invitation is on its way to {person}.")


def _another_owner_stays(person: User) -> bool:
    """Return whether somebody else owns the platform; locks all owners, lest two demote each other at once."""
    owners = User.objects.platform_owners().select_for_update().order_by("pk")
    return any(owner != person for owner in list(owners))
