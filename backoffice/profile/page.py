"""The page on which people look after their own account, inside the layout of their console, or outside of any."""

from collections import Counter, defaultdict
from functools import cached_property
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages as flash
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from django.views.generic.base import ContextMixin

from backoffice.accounts.session_store import present_row
from backoffice.audit.middleware import record
from backoffice.console.scope import current_person
from backoffice.console.site import Console
from backoffice.console.views import INVALID
from backoffice.owner_console.site import owner_console
from backoffice.profile.devices import device
from backoffice.profile.forms import ZONE_LIST, LocaleForm, NameForm, NoticesForm
from backoffice.profile.last_seen import open_sessions
from backoffice.whitelabel_console.site import whitelabel_console
from people import audit, time_zones
from people.models import EmailChange, User
from people.roles import Role, roles_of
from smtp_settings.models import Communication
from whitelabel.correspondence import is_notified

SESSIONS_SHOWN = 50
IN_CONSOLE, OUTSIDE = "console/page.html", "profile/outside.html"


class ProfileMixin(ContextMixin):
    """A page of a person about themselves."""

    title = "Profile"
    request: HttpRequest

    @property
    def person(self) -> User:
        return current_person(self.request)

    @cached_property
    def console(self) -> Console | None:
        """The console in whose layout the person reads the page."""
        return next((each for each in (owner_console, whitelabel_console) if each.has_permission(self.request)), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"title": self.title, "layout": OUTSIDE, **super().get_context_data(**kwargs)}
        if self.console is None:
            return context
        self.request.console, self.request.current_app = self.console, self.console.name  # type: ignore[attr-defined]
        return {**self.console.each_context(self.request), **context, "layout": IN_CONSOLE}


@method_decorator(never_cache, name="dispatch")
class ProfileView(ProfileMixin, TemplateView):
    template_name = "profile/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = _by_part(self.request)
        context = {
            "messages": parts.pop("", []),
            "parts": parts,
            "name_form": NameForm(instance=self.person),
            "locale_form": LocaleForm(instance=self.person),
            "notices_form": NoticesForm(instance=self.person) if is_notified(self.person) else None,
            "support_address": self._support_address(),
            "zones": time_zones.names(),
            "zone_list": ZONE_LIST,
            "change": EmailChange.objects.pending().filter(person=self.person).first(),
            "second_steps": _second_steps(self.person),
            **sessions_of(self.request),
        }
        return super().get_context_data(**{**context, **kwargs})

    def _support_address(self) -> str:
        """Return where the platform's notices go instead of to its owners, "" where they go to them."""
        is_owner = Role.PLATFORM_OWNER in roles_of(self.person)
        return Communication.current().support_address if is_owner else ""


class PartView(ProfileView):
    """A form of the page: stored, it leads back to its part; with mistakes, the page shows them there."""

    http_method_names = ["post"]
    part: str
    form_class: type[NameForm | LocaleForm | NoticesForm]
    saved: str

    def post(self, request: HttpRequest) -> HttpResponse:
        stored = User.objects.get(pk=self.person.pk)  # a form with mistakes must not change who reads the page
        before = audit.snapshot(stored)
        form = self.form_class(request.POST, instance=stored)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(**{f"{self.part}_form": form}), status=INVALID)
        form.instance.save(update_fields=list(form.fields))
        changes = list(audit.differences(before, audit.snapshot(stored)))
        if changes:
            record(request, "profile.change", person=self.person, changes=changes)
        return back_to(request, self.part, self.saved)


class NameView(PartView):
    part, form_class, saved = "name", NameForm, "Your name is saved."


class LocaleView(PartView):
    part, form_class, saved = "locale", LocaleForm, "Saved."


class NoticesView(PartView):
    part, form_class, saved = "notices", NoticesForm, "Saved. E-mails follow your choice from now on."


def back_to(request: HttpRequest, part: str, said: str, level: int = flash.SUCCESS) -> HttpResponse:
    """Lead back to a part of the page, at whose top the answer stands."""
    flash.add_message(request, level, said, extra_tags=part)
    return HttpResponseRedirect(f"{reverse('profile')}#{part}")


def sessions_of(request: HttpRequest) -> dict[str, Any]:
    """Return the person's sessions, the latest seen first, this one before all others."""
    sessions, here = open_sessions(current_person(request)), present_row(request)
    sessions.sort(key=lambda session: (session.session_key == here, session.last_seen_at), reverse=True)
    for session in sessions:
        session.is_here, session.device = session.session_key == here, device(session.user_agent)
    return {"sessions": sessions[:SESSIONS_SHOWN], "more_sessions": max(0, len(sessions) - SESSIONS_SHOWN)}


def _by_part(request: HttpRequest) -> dict[str, list[Message]]:
    """Return the answers to what was done, by the part of the page that they are about; "" of none."""
    parts = defaultdict[str, list[Message]](list)
    for message in flash.get_messages(request):
        parts[message.extra_tags or ""].append(message)
    return parts


def _second_steps(person: User) -> list[str]:
    """Return in words what signs the person in beside the password; recovery codes come along with either."""
    count = Counter(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    passkeys, apps = count[Authenticator.Type.WEBAUTHN], count[Authenticator.Type.TOTP]
    words = ["a passkey" if passkeys == 1 else f"{passkeys} passkeys"] if passkeys else []
    return [*words, "an authenticator app"] if apps else words
