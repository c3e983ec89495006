"""The provider's part of the SMTP form: find it from the sender's address or by name, and fill in what nobody typed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.throttling import exceeded
from smtp_settings.choices import Auth, Security
from smtp_settings.forms import SmtpServerForm
from smtp_settings.providers import autofill, discovery
from smtp_settings.providers import lookup as providers
from smtp_settings.providers.autofill import LABELS, Autofill
from smtp_settings.providers.discovery import Suggestion
from smtp_settings.providers.provider import Provider, Region, security_of

if TYPE_CHECKING:
    from backoffice.smtp_form.actions import Page

FIND, REPLACE = "find", "replace"
LOOK_UPS_PER_MINUTE = 20
SPOKEN: Mapping[str, str] = {
    Security.IMPLICIT_TLS: "implicit TLS",
    Security.STARTTLS: "STARTTLS",
    Auth.PASSWORD: "by password",
    Auth.XOAUTH2: "by OAuth 2.0",
}
NO_NAME = "No provider of this name is known, or several are: choose one from the list, or leave it empty."
NOTHING = (
    "Nothing is known about {domain}. Choose the provider by its name, or copy host and port from its instructions."
)
TOO_MANY = "That were many addresses in a short time. Wait a minute, or choose the provider by its name."


class ProviderForm(forms.Form):
    """Which provider, where a person chooses it by name."""

    provider = forms.CharField(
        required=False,
        max_length=100,
        help_text="Only where the address does not tell. Type a part of the name.",
        widget=UnfoldAdminTextInputWidget(attrs={"list": "smtp-providers", "autocomplete": "off"}),
    )


class RegionForm(forms.Form):
    """Which of a provider's regions; `region_shown` is the one that the page shows by itself."""

    region = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    region_shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, provider: Provider, region: Region) -> None:
        shown = f"{provider.key}/{region.key}"
        super().__init__(initial={"region": shown, "region_shown": shown}, use_required_attribute=False)
        choices = [(f"{provider.key}/{one.key}", one.name) for one in provider.regions]
        self.fields["region"].choices = choices  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Lookup:
    """What was found and what it changes in the form; `sentence` says how it was found, or why it was not."""

    sentence: str = ""
    suggestion: Suggestion | None = None
    autofill: Autofill | None = None
    typed: Mapping[str, str] | None = None
    suggested: tuple[str, ...] = ()
    policy: str = ""
    auth: str = ""

    @property
    def provider(self) -> Provider | None:
        return self.suggestion.provider if self.suggestion else None

    @property
    def region_form(self) -> RegionForm | None:
        """Return the choice of a region, where there is one."""
        region = self.suggestion.region if self.suggestion else None
        return RegionForm(self.provider, region) if self.provider and region and region.key else None

    @property
    def warnings(self) -> list[str]:
        return self.provider.warnings_for(self.auth) if self.provider else []

    @property
    def other_ports(self) -> list[str]:
        """Return the other ports that the provider answers at, with their encryption."""
        ports = self.provider.ports_for(self.policy) if self.provider and self.suggestion else []
        others = [port for port in ports if self.suggestion and port != self.suggestion.port]
        return [f"{port} ({SPOKEN[security_of(port)]})" for port in others]

    @property
    def filled(self) -> list[str]:
        changes = self.autofill.changes if self.autofill else {}
        with_tokens = changes.get("auth", self.auth) == Auth.XOAUTH2
        return [LABELS[name] for name in changes if with_tokens or name != "token_source"]

    @property
    def kept(self) -> list[str]:
        """Return what was typed otherwise, as "host smtp.example.com"."""
        if not self.autofill or not self.suggestion:
            return []
        wanted = {
            name: str(getattr(self.suggestion, name)) for name in self.autofill.conflicts if name != "token_source"
        }
        return [f"{LABELS[name]} {SPOKEN.get(value, value)}" for name, value in wanted.items()]

    @property
    def changes_as_json(self) -> str:
        """Return {field: [value now, value then]}: a page changes only what is still as it was."""
        changes, typed = (self.autofill.changes if self.autofill else {}), self.typed or {}
        return json.dumps({name: [typed.get(name, ""), value] for name, value in changes.items()})

    @property
    def suggested_as_json(self) -> str:
        return json.dumps(self.suggested)


def find(page: "Page") -> Lookup:
    """Look for a provider by the name that was typed, else by the sender's address."""
    posted, policy = page.request.POST, page.scope().policy
    suggestion, sentence = _found(page, policy)
    typed = {name: posted.get(name, "").strip() for name in LABELS}
    before, auth = _suggested(page.request), posted.get("auth", "")
    if suggestion is None:
        return Lookup(sentence, suggested=before)
    filled = autofill.fill(suggestion, typed, before, replace=posted.get("action") == REPLACE)
    auth = filled.changes.get("auth", auth)
    return Lookup(sentence, suggestion, filled, typed, filled.suggested, policy, auth)


def of_form(page: "Page", form: SmtpServerForm) -> Lookup:
    """Say whose server the one in the form is; asks nobody."""
    host, port, address, auth = (str(form[name].value() or "") for name in ("host", "port", "sender_address", "auth"))
    found, before, stored = providers.by_host(host, address), _suggested(page.request), form.scope.server
    if found is None:
        return Lookup(suggested=before)
    known = discovery.of_provider(*found, address, form.scope.policy)
    same = Suggestion(host, int(port) if port.isdecimal() else known.port, "", "", "", *found)
    if stored and stored.host == host:
        auth = ""  # what is to be known of the stored server stands beside it
    return Lookup(f"{host} is a server of {found[0].name}.", same, None, None, before, form.scope.policy, auth)


def context(page: "Page", lookup: Lookup) -> dict[str, object]:
    posted = page.request.POST if page.request.method == "POST" else None
    return {"lookup": lookup, "provider_form": ProviderForm(posted), "providers": providers.all_providers()}


def render_alone(page: "Page", lookup: Lookup) -> HttpResponse:
    """Render only what was found, for a page that is open."""
    return render_template(
        page.request, "console/smtp_provider.html", {"lookup": lookup, "page_url": page.request.path}
    )


def _found(page: "Page", policy: str) -> tuple[Suggestion | None, str]:
    """Return what is suggested, and how it was found or why it was not."""
    posted = page.request.POST
    address, name = posted.get("sender_address", "").strip(), posted.get("provider", "").strip()
    if not name:
        return _by_address(page, address, policy)
    provider = providers.by_name(name)
    if provider is None:
        return None, NO_NAME
    region = provider.region(_chosen_region(posted, provider))
    return discovery.of_provider(provider, region, address, policy), f"You chose {provider.name}."


def _by_address(page: "Page", address: str, policy: str) -> tuple[Suggestion | None, str]:
    domain = discovery.domain_of(address)
    if not domain:
        return None, "Type the sender's address, such as mail@example.com." if address else ""
    if not providers.by_domain(domain) and _too_many(page):
        return None, TOO_MANY
    found = discovery.find(address, policy)
    if found is None:
        return None, NOTHING.format(domain=domain)
    chosen = _chosen_region(page.request.POST, found.provider) if found.provider else ""
    if found.provider and chosen:
        return discovery.of_provider(found.provider, found.provider.region(chosen), address, policy), found.found_by
    return found, found.found_by


def _chosen_region(posted: Mapping[str, str], provider: Provider) -> str:
    """Return the region that a person chose for this provider, "" where the one shown was left as it was."""
    region = posted.get("region", "")
    key, _, chosen = region.partition("/")
    return chosen if key == provider.key and region != posted.get("region_shown", "") else ""


def _too_many(page: "Page") -> bool:
    """Count what the person asks of DNS; return whether it is too much."""
    return exceeded(f"provider-look-ups:{page.person.pk}", most=LOOK_UPS_PER_MINUTE)


def _suggested(request: HttpRequest) -> tuple[str, ...]:
    """Return what the last suggestion filled in, as the form carries it."""
    try:
        values = json.loads(request.POST.get("suggested", "[]"))
    except ValueError:
        return ()
    return tuple(map(str, values)) if isinstance(values, list) and len(values) == len(LABELS) else ()
