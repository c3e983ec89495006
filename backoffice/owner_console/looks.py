"""Look at a white-label's console as its admins see it, and end that."""

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from backoffice.audit.looks import begin_look, end_look
from backoffice.owner_console.site import owner_console
from people.roles import Right
from whitelabel.models import WhiteLabel


@owner_console.page("white-labels/<int:pk>/look/", name="whitelabel_whitelabel_look", post=Right.LOOK_AS)
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    begin_look(request, get_object_or_404(WhiteLabel, pk=pk, archived_at=None))
    return redirect("whitelabel:index")


@owner_console.page("look/end/", name="look_end", post=Right.SEE)
def end(request: HttpRequest) -> HttpResponse:
    """End it; there may be none any more."""
    white_label = end_look(request)
    if white_label is None:
        return redirect("owner:index")
    flash.success(request, f"Your look at {white_label} has ended.")
    return redirect("owner:whitelabel_whitelabel_change", white_label.pk)
