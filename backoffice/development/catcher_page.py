"""The page of the mail catcher in the owner's console; in production, and without a catcher, it does not exist."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from backoffice.development.mail_folder import CaughtMail, MailFolder
from backoffice.owner_console.site import owner_console
from people.roles import Right

SHOWN = 100
READER = Right.MANAGE_PEOPLE  # links to choose somebody's password are among the mail
HTML_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@owner_console.page("catcher/", name="catcher", get=READER)
def catcher(request: HttpRequest) -> HttpResponse:
    context = {"title": "Caught mail", "mails": list(_mails().newest(SHOWN)), "port": settings.CATCHER_PORT}
    return owner_console.render(request, "development/catcher.html", context)


@owner_console.page("catcher/<str:key>/", name="caught_mail", get=READER)
def caught_mail(request: HttpRequest, key: str) -> HttpResponse:
    mail = _mail(key)
    return owner_console.render(request, "development/caught_mail.html", {"title": mail.subject, "mail": mail})


@owner_console.page("catcher/<str:key>/html/", name="caught_html", get=READER)
@xframe_options_sameorigin
def caught_html(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with the HTML as it came, in a document that may neither run nor load anything."""
    return HttpResponse(_mail(key).html, headers={"Content-Security-Policy": HTML_POLICY})


@owner_console.page("catcher/<str:key>/source/", name="caught_source", get=READER)
def caught_source(request: HttpRequest, key: str) -> HttpResponse:
    content = _mail(key).content.decode("utf-8", "replace")
    return HttpResponse(content, content_type="text/plain; charset=utf-8")


def _mails() -> MailFolder:
    if not settings.DEBUG or not settings.CATCHER_MAIL_DIR.is_dir():
        raise Http404
    return MailFolder(settings.CATCHER_MAIL_DIR)


def _mail(key: str) -> CaughtMail:
    mail = _mails().get(key)
    if mail is None:
        raise Http404
    return mail
