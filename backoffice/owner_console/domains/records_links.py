"""The owner's pages of links to a domain's records."""

from django.urls import reverse

from backoffice.owner_console.domains.page import find_domain
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.records_links import RecordsLinksMixin, RecordsLinksView, RevokeRecordsLinkView
from people.roles import Right
from whitelabel.models import SendingDomain


class OwnersRecordsLinks(RecordsLinksMixin):
    console = owner_console

    def get_domain(self, pk: int) -> SendingDomain:
        return find_domain(self.request, pk)

    def get_domain_address(self) -> str:
        return reverse("owner:whitelabel_sendingdomain_change", args=[self.domain.pk])


@owner_console.page("domains/<int:pk>/links/", name="domain_links", get=Right.DECIDE_DOMAINS, post=Right.DECIDE_DOMAINS)
class RecordsLinks(OwnersRecordsLinks, RecordsLinksView):
    """List, make and mail links."""


@owner_console.page(
    "domains/<int:pk>/links/<int:link_pk>/revoke/", name="revoke_domain_link", post=Right.DECIDE_DOMAINS
)
class RevokeRecordsLink(OwnersRecordsLinks, RevokeRecordsLinkView):
    """Revoke a link."""
