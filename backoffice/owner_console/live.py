"""What an open page of the owner's console asks for by itself."""

from django.http import HttpRequest, HttpResponse

from backoffice.console import navigation
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages import live
from messages.models import Mailbox
from people.roles import Right


@owner_console.page("live/", name="live", get=Right.SEE)
def look_again(request: HttpRequest) -> HttpResponse:
    counts = {
        "owner:messages": navigation.unread_threads(request, Mailbox.platform()),
        "owner:whitelabel_sendingdomain_changelist": navigation.open_requests(),
    }
    return live.answer(request, counts, live.newest_everywhere())
