"""Domain requests: the owner's queue; each request opens its page."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import DateFieldListFilter
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import Case, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from backoffice.console.admin import ListAdmin
from backoffice.console.filters import ChooserFilter, Titled
from backoffice.owner_console.domains import page
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.domain_display import LABELS
from people.roles import Right
from whitelabel.domain_names import FREE_MAIL, platform_domains
from whitelabel.lookalikes import remarks
from whitelabel.models import SendingDomain
from whitelabel.models.transitions import Actor

TURNS = {Actor.OWNER: "You", Actor.WHITE_LABEL: "The white-label", "": "Nobody"}
UNPROVEN = "UNPROVEN"  # of the list alone: mail leaves from it, and DNS does not prove it
STATE_LABELS = {str(state): label for state, label in LABELS.items()} | {UNPROVEN: "warning"}
TURN_LABELS = {Actor.OWNER: "warning", Actor.WHITE_LABEL: "info"}


class TurnFilter(DropdownFilter):
    """Whom a request waits for."""

    title = "whom it waits for"
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(turn or "NOBODY", label) for turn, label in TURNS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SendingDomain]) -> QuerySet[SendingDomain]:
        chosen = self.value()
        return queryset.filter(Q(turn="" if chosen == "NOBODY" else chosen)) if chosen else queryset


class AgeFilter(Titled, DateFieldListFilter):
    own_title = "time"


@admin.register(SendingDomain, site=owner_console)
class SendingDomainAdmin(ListAdmin):
    rights = {"view": Right.SEE}
    nothing_yet = "No white-label has asked for a domain yet. Its admins do so on their E-mail page."
    list_display = ["shown_name", "white_label", "shown_state", "shown_turn", "shown_flags", "age"]
    list_filter = [
        TurnFilter,
        ("state", ChoicesDropdownFilter),
        ("white_label", ChooserFilter),
        ("requested_at", AgeFilter),
    ]
    list_filter_submit = True
    list_per_page = 50
    search_fields = ["domain", "white_label__name", "requested_by__email", "note"]
    search_help_text = "Domain, white-label, person or note"
    actions = None
    csv_columns = {
        "Id": "pk",
        "Domain": "domain",
        "In its own letters": "letters",
        "White-label": "white_label",
        "State": "state_text",
        "Waits for": "turn_in_words",
        "Ownership proven": "ownership_verified",
        "Requested": "requested_at",
        "Last change": "last_transition_at",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[SendingDomain]:
        """Put what waits for the owner first, the longest waiting at the top; then the rest, the newest at the top."""
        others = SendingDomain.objects.filter(domain=OuterRef("domain"), state__in=SendingDomain.IN_USE)
        tree = SendingDomain.objects.filter(state__in=SendingDomain.IN_USE).alias(
            of=ExpressionWrapper(OuterRef("domain"), output_field=CharField())
        )
        below = tree.filter(domain__endswith=Concat(Value("."), OuterRef("domain")))
        above = tree.filter(of__endswith=Concat(Value("."), F("domain")))
        other = ~Q(white_label=OuterRef("white_label"))
        conflict = Exists(others.filter(other)) | Exists(below.filter(other)) | Exists(above.filter(other))
        waits = Case(When(turn=Actor.OWNER, then=F("last_transition_at")), default=Value(None))
        queue = SendingDomain.objects.with_turn().annotate(conflict=conflict, waits_since=waits)
        ordered = queue.order_by(*self.get_ordering(request))
        return ordered.select_related("white_label").prefetch_related("records")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [F("waits_since").asc(nulls_last=True), "-requested_at", "-id"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Look once for all rows which names the platform's and the mail providers' domains could be taken for."""
        changelist = super().get_changelist_instance(request)
        known = platform_domains() | FREE_MAIL
        for domain in changelist.result_list:
            domain.look_alike = bool(remarks(domain.domain, known))
        return changelist

    @display(description="Domain", ordering="domain", header=True)
    def shown_name(self, domain: SendingDomain) -> list[str]:
        return [domain.letters, "" if domain.letters == domain.domain else domain.domain]

    @display(description="State", ordering="state", label=STATE_LABELS)
    def shown_state(self, domain: SendingDomain) -> tuple[str, str]:
        return UNPROVEN if domain.is_unproven else domain.state, domain.state_text

    @display(description="Waits for", ordering="waits_since", label=TURN_LABELS)
    def shown_turn(self, domain: SendingDomain) -> tuple[str, str] | None:
        turn = vars(domain)["turn"]
        return (turn, TURNS[turn]) if turn else None

    def csv_rows(self, request: HttpRequest) -> QuerySet[SendingDomain]:
        """Return them without a look for conflicts, which compares each with every other."""
        return SendingDomain.objects.with_turn().select_related("white_label").prefetch_related("records")

    def turn_in_words(self, domain: SendingDomain) -> str:
        return TURNS[vars(domain)["turn"]]

    @display(description="Facts")
    def shown_flags(self, domain: SendingDomain) -> str:
        flags = {
            "Ownership proven": domain.ownership_verified,
            "Not all records in DNS": domain.is_unproven,
            "Conflict": vars(domain)["conflict"] and not domain.is_over,
            "Special characters": domain.letters != domain.domain,
            "Looks like another name": vars(domain)["look_alike"],
        }
        return ", ".join(flag for flag, holds in flags.items() if holds) or "–"

    @display(description="Age", ordering="requested_at")
    def age(self, domain: SendingDomain) -> str:
        return naturaltime(domain.requested_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return page.show(request, object_id)
