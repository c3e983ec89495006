"""The keys of applications and of the platform in both consoles: listed, made, shown, revoked and confirmed."""

from datetime import datetime
from typing import Any

from django.contrib import messages as flash
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from backoffice.audit.concern import concerned
from backoffice.audit.middleware import record_instead
from backoffice.console.admin import ReadOnlyAdmin, TolerantSelect
from backoffice.console.ids import is_one_of, may_be_id
from backoffice.console.middleware import note_refused_choice
from backoffice.console.scope import current_person
from backoffice.console.site import Console
from backoffice.console.views import INVALID
from gateway.choices import Maker, Scope, State
from gateway.forms import KeyForm
from gateway.keys.doors import doors
from gateway.keys.snippets import Example, snippets
from gateway.models import Key
from gateway.secret import MARK, prefix_of
from people.audit import differences, snapshot
from people.models import User
from people.roles import Right
from whitelabel.models import Application
from whitelabel.routing import route_for

LABELS = {State.IN_USE: "success", State.STOPPED: "warning", State.ENDED: "danger", State.REVOKED: "danger"}
RIGHTS = {Scope.SEND: "Send", Scope.DOMAINS: "Domains", Scope.PROVISION: "Provision"}
RECORDED = frozenset("application ends_on maker name networks prefix scopes test".split())  # of a new key
OMITTED = "…"


class StateFilter(DropdownFilter):
    title = "status"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return State.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Key]) -> QuerySet[Key]:
        chosen = self.value()
        if chosen not in State.values:
            return queryset
        return queryset.filter(pk__in=Key.objects.in_state(str(chosen)).values("pk"))


class Keys(ReadOnlyAdmin):
    """A console says for whom keys are made in it (`maker`), for which applications, and what it calls people."""

    maker: Maker
    for_platform = False
    add_title = "Make a key"
    nothing_yet = "No keys yet. With a key, an application written in any language sends its messages."
    list_display: Any = ("key", "application_name", "allowed", "state_label", "last_used", "last_day")
    list_display_links = ("key",)
    list_filter_submit = True
    list_per_page = 50
    list_before_template = "console/keys/closed.html"
    csv_columns = {
        "Key": "shown",
        "Name": "name",
        "Application": "application_name",
        "May": "allowed",
        "Status": "state.label",
        "Test": "test",
        "Made": "made_at",
        "Last used": "used_at",
        "Expires after": "ends_on",
    }
    search_fields = ("name", "prefix", "application__name")
    search_help_text = "Name, application, or the beginning of a key"

    def get_applications(self, request: HttpRequest) -> QuerySet[Application]:
        """Return the applications that keys are made for here."""
        raise NotImplementedError

    def name_of(self, request: HttpRequest, person: User | None) -> str:
        """Return what the reader may know a person as."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Key]:
        visible = Key.objects.visible_to(request.user)
        return visible.select_related("application__owner", "application__white_label")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.guarded(self.act_view, post=Right.MANAGE_KEYS)
        acts = [
            path(f"<int:object_id>/{act}/", view, {"act": act}, name=f"gateway_key_{act}")
            for act in ("revoke", "confirm")
        ]
        return [*acts, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Key], search_term: str
    ) -> tuple[QuerySet[Key], bool]:
        """Find a key by what somebody found somewhere: its beginning."""
        words = (word.removeprefix(MARK) for word in search_term.split())
        return super().get_search_results(request, queryset, " ".join(words))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List them; of a whole secret that somebody looks for only its prefix stays in the address."""
        asked = request.GET.copy()
        words = asked.get(SEARCH_VAR, "").split()
        if any(map(prefix_of, words)):
            asked[SEARCH_VAR] = " ".join(prefix_of(word) or word for word in words)
            return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")
        return super().changelist_view(request, {"doors": doors(), **(extra_context or {})})

    @display(description="Name", header=True, ordering="name")
    def key(self, key: Key) -> list[str]:
        return [f"{key} (test)" if key.test else str(key), f"{key.shown}{OMITTED}"]

    @display(description="Application", ordering="application__name")
    def application_name(self, key: Key) -> str:
        return str(key.application or "The platform")

    @display(description="May")
    def allowed(self, key: Key) -> str:
        return rights_of(key)

    @display(description="Status", label=LABELS)
    def state_label(self, key: Key) -> tuple[str, str]:
        return key.state, key.state.label

    @display(description="Last used", ordering="used_at")
    def last_used(self, key: Key) -> datetime | str:
        return key.used_at or "Never"

    @display(description="Expires after", ordering="ends_on")
    def last_day(self, key: Key) -> Any:
        return key.ends_on or "–"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask what the key is for, then show its secret, this once."""
        posted = request.method == "POST"
        form = self._form(request, request.POST if posted else None)
        if posted and form.is_valid():
            try:
                return self._made(
                    request, form.instance, form.instance.issue(by=current_person(request), maker=self.maker)
                )
            except ValidationError as error:
                form.add_error(None, error.messages)
        if posted and self.admin_site.has_foreign_rows:
            note_refused_choice(request, form)
        context = {"title": "New key", "form": form, "doors": doors(), "back": self._list_address()}
        return self.admin_site.render(request, "console/keys/new.html", context, status=INVALID if posted else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one key, and how it is used, without its secret."""
        key, may_manage = self._visible(request, object_id), self.permits(request, "add")
        context = {
            "title": f"Key {key}",
            "label": LABELS[key.state],
            "made_by": self.name_of(request, key.made_by),
            "revoked_by": self.name_of(request, key.revoked_by),
            "manageable": may_manage and key.may_be_managed_by(current_person(request)),
            "not_ours": may_manage and key.maker != self.maker,
            "for_platform": self.for_platform,
            "application_address": self._application_address(key),
            **self._context(request, key, f"{key.shown}{OMITTED}"),
        }
        return self.admin_site.render(request, "console/keys/key.html", context)

    def act_view(self, request: HttpRequest, object_id: int, act: str) -> HttpResponse:
        """Do what a button of the page of a key asks for."""
        key = self._visible(request, object_id)
        {"revoke": self.revoke, "confirm": self.confirm}[act](request, key)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:gateway_key_change", args=[key.pk]))

    def revoke(self, request: HttpRequest, key: Key) -> None:
        if key.revoke(by=current_person(request)):
            flash.success(request, f"{key} was revoked. Whatever still uses it is refused from now on.")
        else:
            flash.warning(request, f"Nothing was changed: {key} was revoked already.")

    def confirm(self, request: HttpRequest, key: Key) -> None:
        if key.confirm(by=current_person(request)):
            flash.success(request, f"{key} was confirmed. It works again.")
        else:
            flash.warning(request, f"Nothing was changed: {key} needs no confirmation.")

    def _form(self, request: HttpRequest, data: Any) -> KeyForm:
        chosen = request.GET.get("application", "")
        applications = self.get_applications(request)
        return KeyForm(
            data,
            initial={"application": chosen} if is_one_of(applications, chosen) else {},
            applications=applications,
            chooser=TolerantSelect(Key._meta.get_field("application"), self.admin_site),
            for_platform=self.for_platform,
        )

    def _made(self, request: HttpRequest, key: Key, secret: str) -> HttpResponse:
        changes = [change for change in differences({}, snapshot(key)) if change["field"] in RECORDED]
        concerns = concerned(key)
        record_instead(request, "key.make", person=current_person(request), changes=changes, concerns=concerns)
        address = reverse(f"{self.admin_site.name}:gateway_key_change", args=[key.pk])
        context = {"title": f"Key {key}", "secret": secret, "address": address, **self._context(request, key, secret)}
        return self.admin_site.render(request, "console/keys/made.html", context)

    def _context(self, request: HttpRequest, key: Key, secret: str) -> dict[str, Any]:
        example = Example(route_for(key.application).sender.address, current_person(request).email)
        return {
            "key": key,
            "rights": rights_of(key),
            "doors": doors(),
            "snippets": snippets(key, secret, doors(), example),
            "back": self._list_address(),
        }

    def _application_address(self, key: Key) -> str:
        name = f"{self.admin_site.name}:whitelabel_application_change"
        return reverse(name, args=[key.application_id]) if key.application_id else ""

    def _list_address(self) -> str:
        return reverse(f"{self.admin_site.name}:gateway_key_changelist")

    def _visible(self, request: HttpRequest, object_id: str | int) -> Key:
        """Return the key; 404 where it is absent or somebody else's."""
        if not may_be_id(Key, object_id):
            raise Http404
        return get_object_or_404(self.get_queryset(request), pk=object_id)


def rights_of(key: Key) -> str:
    return ", ".join(label for scope, label in RIGHTS.items() if scope in key.scopes.split())


def application_context(request: HttpRequest, application: Application, console: Console) -> dict[str, Any]:
    """Return what the page of an application says of its keys, to those who may see keys."""
    keys = console.get_model_admin(Key)
    count = Key.objects.alive().filter(application=application).count()
    return {
        "show_keys": doors() and keys.permits(request, "view") and (count or not application.is_archived),
        "key_count": count,
        "console_name": console.name,
        "application_key": str(application.pk),
    }
