"""A white-label's pages of links to the records of its domains."""

from django.urls import reverse

from backoffice.shared_pages.records_links import RecordsLinksMixin, RecordsLinksView, RevokeRecordsLinkView
from backoffice.whitelabel_console.domains import find_domain
from backoffice.whitelabel_console.site import whitelabel_console
from people.roles import Right
from whitelabel.models import SendingDomain


class WhiteLabelsRecordsLinks(RecordsLinksMixin):
    console = whitelabel_console

    def get_domain(self, pk: int) -> SendingDomain:
        return find_domain(self.request, pk)

    def get_domain_address(self) -> str:
        return reverse("whitelabel:domain", args=[self.domain.pk])


@whitelabel_console.page(
    "email/domains/<int:pk>/links/", name="domain_links", get=Right.REQUEST_DOMAINS, post=Right.REQUEST_DOMAINS
)
class RecordsLinks(WhiteLabelsRecordsLinks, RecordsLinksView):
    """List, make and mail links."""


@whitelabel_console.page(
    "email/domains/<int:pk>/links/<int:link_pk>/revoke/", name="revoke_domain_link", post=Right.REQUEST_DOMAINS
)
class RevokeRecordsLink(WhiteLabelsRecordsLinks, RevokeRecordsLinkView):
    """Revoke a link."""
