"""Links and forms that belong to one white-label, for people who are admins of several."""

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from backoffice.console.ids import is_one_of
from backoffice.console.middleware import note_refused
from backoffice.console.scope import SESSION_KEY, current_white_label, white_labels_of
from backoffice.shared_pages.notice_links import WHITE_LABEL_PARAMETER
from whitelabel.models import WhiteLabel


def choose_by_link(request: HttpRequest) -> HttpResponse | None:
    """Choose the white-label that a link from an e-mail names, if it is one of the person's; answer with the page."""
    if request.method != "GET" or WHITE_LABEL_PARAMETER not in request.GET:
        return None
    named, rest = request.GET[WHITE_LABEL_PARAMETER], request.GET.copy()
    if is_one_of(white_labels_of(request.user), named):
        request.session[SESSION_KEY] = int(named)
    else:
        note_refused(request)
    del rest[WHITE_LABEL_PARAMETER]
    return HttpResponseRedirect(f"{request.path}?{rest.urlencode()}" if rest else request.path)


def refuse_form_of_another(request: HttpRequest) -> HttpResponse | None:
    """Refuse a form that was opened before the person chose another white-label, perhaps in another tab."""
    opened_for, chosen = request.POST.get("in_white_label"), current_white_label(request)
    if opened_for in (None, str(chosen.pk)):
        return None
    flash.error(request, f"Nothing was changed: you work in {chosen} now. The form was opened in another white-label.")
    return HttpResponseRedirect(request.path)


def go_where_there_is_a_role(request: HttpRequest) -> HttpResponse | None:
    """Tell whoever worked in a white-label in which they have no role any more, before they go on in another one."""
    chosen, here = request.session.get(SESSION_KEY), current_white_label(request)
    if chosen in (None, here.pk):
        return None
    del request.session[SESSION_KEY]
    context = {"left": WhiteLabel.objects.filter(pk=chosen).first(), "here": here}
    return render(request, "console/left.html", context, status=403)
