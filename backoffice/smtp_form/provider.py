"""The provider's part of the SMTP form: find it from the sender's address or by name, and fill in what nobody typed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from people.throttling import exceeded
from smtp_settings.choices import Auth, Security
from smtp_settings.forms import SmtpServerForm
from smtp_settings.providers import autofill, discovery
from smtp_settings.providers import lookup as providers
from smtp_settings.providers.autofill import LABELS, Autofill
from smtp_settings.providers.discovery import Suggestion
from smtp_settings.providers.provider import Provider, Region, security_of

REPLACE = "replace"
LOOK_UPS_PER_MINUTE = 20
IN_WORDS: Mapping[str, str] = {
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
        help_text="Only if we can't detect it. Start typing a name.",
        widget=UnfoldAdminTextInputWidget(attrs={"list": "smtp-providers", "autocomplete": "off"}),
    )


class RegionForm(forms.Form):
    """Which of a provider's regions; `region_shown` is the one that the page shows by itself."""

    region = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    region_shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, provider: Provider, region: Region) -> None:
        key = f"{provider.key}/{region.key}"
        super().__init__(initial={"region": key, "region_shown": key}, use_required_attribute=False)
        choices = [(f"{provider.key}/{one.key}", one.name) for one in provider.regions]
        self.fields["region"].choices = choices  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Lookup:
    """What is suggested and what of it changes the form; `sentence` says how it was found, or why it was not."""

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
        return [f"{port} ({IN_WORDS[security_of(port)]})" for port in others]

    @property
    def changes(self) -> Mapping[str, str]:
        """Return the fields to change, with their new values."""
        return self.autofill.changes if self.autofill else {}

    @property
    def changed_labels(self) -> list[str]:
        with_tokens = self.changes.get("auth", self.auth) == Auth.XOAUTH2
        return [LABELS[name] for name in self.changes if with_tokens or name != "token_source"]

    @property
    def alternatives(self) -> list[str]:
        """Return what is suggested instead of what somebody typed, as "host smtp.example.com"."""
        if not self.autofill or not self.suggestion:
            return []
        wanted = {
            name: str(getattr(self.suggestion, name)) for name in self.autofill.conflicts if name != "token_source"
        }
        return [f"{LABELS[name]} {IN_WORDS.get(value, value)}" for name, value in wanted.items()]

    @property
    def changes_as_json(self) -> str:
        """Return {field: [value now, value then]}: a page changes only what is still as it was."""
        typed = self.typed or {}
        return json.dumps({name: [typed.get(name, ""), value] for name, value in self.changes.items()})

    @property
    def suggested_as_json(self) -> str:
        return json.dumps(self.suggested)


def find(request: HttpRequest, policy: str) -> Lookup:
    """Look for a provider by the name that was typed, else by the sender's address."""
    suggestion, sentence = _suggest(request, policy)
    typed = {name: request.POST.get(name, "").strip() for name in LABELS}
    before, auth = _suggested_before(request.POST), request.POST.get("auth", "")
    if suggestion is None:
        return Lookup(sentence, suggested=before)
    result = autofill.fill(suggestion, typed, before, replace=request.POST.get("action") == REPLACE)
    auth = result.changes.get("auth", auth)
    return Lookup(sentence, suggestion, result, typed, result.suggested, policy, auth)


def of_form(form: SmtpServerForm, suggested: tuple[str, ...]) -> Lookup:
    """Say whose server the one in the form is; asks nobody."""
    host, port, address, auth = (str(form[name].value() or "") for name in ("host", "port", "sender_address", "auth"))
    known, stored, policy = providers.by_host(host, address), form.scope.server, form.scope.policy
    if known is None:
        return Lookup(suggested=suggested)
    usual_port = discovery.of_provider(*known, address, policy).port
    suggestion = Suggestion(host, int(port) if port.isdecimal() else usual_port, "", "", "", *known)
    if stored and stored.host == host:
        auth = ""  # what is to be known of the stored server stands beside it
    return Lookup(f"{host} is a server of {known[0].name}.", suggestion, None, None, suggested, policy, auth)


def context(form: SmtpServerForm, lookup: Lookup | None, data: QueryDict | None) -> dict[str, Any]:
    """Return what the form shows of the provider; without a `lookup`, whose server is in the form."""
    return {
        "lookup": lookup or of_form(form, _suggested_before(data or {})),
        "provider_form": ProviderForm(data),
        "providers": providers.all_providers(),
    }


def render_alone(request: HttpRequest, lookup: Lookup, page_url: str) -> HttpResponse:
    """Render only the provider's part, for a page that is open."""
    return render(request, "console/smtp/provider.html", {"lookup": lookup, "page_url": page_url})


def _suggest(request: HttpRequest, policy: str) -> tuple[Suggestion | None, str]:
    """Return what is suggested, and how it was found or why it was not."""
    address, name = request.POST.get("sender_address", "").strip(), request.POST.get("provider", "").strip()
    if not name:
        return _suggest_by_address(request, address, policy)
    provider = providers.by_name(name)
    if provider is None:
        return None, NO_NAME
    region = provider.region(_chosen_region(request.POST, provider))
    return discovery.of_provider(provider, region, address, policy), f"You chose {provider.name}."


def _suggest_by_address(request: HttpRequest, address: str, policy: str) -> tuple[Suggestion | None, str]:
    domain = discovery.domain_of(address)
    if not domain:
        return None, "Type the sender's address, such as mail@example.com." if address else ""
    if not providers.by_domain(domain) and exceeded(f"provider-look-ups:{request.user.pk}", most=LOOK_UPS_PER_MINUTE):
        return None, TOO_MANY
    suggestion = discovery.find(address, policy)
    if suggestion is None:
        return None, NOTHING.format(domain=domain)
    provider = suggestion.provider
    if provider and (region := _chosen_region(request.POST, provider)):
        return discovery.of_provider(provider, provider.region(region), address, policy), suggestion.found_by
    return suggestion, suggestion.found_by


def _chosen_region(data: Mapping[str, str], provider: Provider) -> str:
    """Return the region that a person chose for this provider, "" where the one shown was left as it was."""
    region = data.get("region", "")
    key, _, chosen = region.partition("/")
    return chosen if key == provider.key and region != data.get("region_shown", "") else ""


def _suggested_before(data: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the last suggestion filled in, as the form carries it."""
    try:
        values = json.loads(data.get("suggested", "[]"))
    except (RecursionError, ValueError):
        return ()
    return tuple(map(str, values)) if isinstance(values, list) and len(values) == len(LABELS) else ()
