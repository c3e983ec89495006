"""What an open page of a white-label's console asks for by itself."""

from django.http import HttpRequest, HttpResponse

from backoffice.console import navigation
from backoffice.console.scope import current_white_label
from backoffice.shared_pages import live
from backoffice.whitelabel_console.site import whitelabel_console
from people.roles import Right


@whitelabel_console.page("live/", name="live", get=Right.SEE)
def look_again(request: HttpRequest) -> HttpResponse:
    white_label = current_white_label(request)
    counts = {"whitelabel:messages": navigation.unread_threads(request, white_label.mailbox)}
    return live.answer(request, counts, live.newest_of(white_label.pk))
