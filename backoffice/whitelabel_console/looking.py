"""What a look at a white-label's console is answered: nothing but reading, and an end when its time is over."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from backoffice.audit.looks import end_look_in_time
from backoffice.console import look
from backoffice.console.site import Console
from people.access import READING
from people.roles import Right, may

OVER = (
    "Your look at {white_label} is over: it lasts {minutes} minutes, and as long as you may look. Nothing was changed."
)


def look_ends(request: HttpRequest) -> HttpResponse | None:
    """Lead back whose look is over; None to everybody else."""
    if not look.is_over(request):
        return None
    white_label = end_look_in_time(request)
    if white_label and may(request.user, Right.SEE):
        return redirect("owner:whitelabel_whitelabel_change", white_label.pk)
    return redirect("home")


def only_looks(console: Console, request: HttpRequest) -> HttpResponse | None:
    """Refuse whoever looks and would change something; None to everybody else."""
    if request.method in READING or not console.is_looked_at(request):
        return None
    return console.render(request, "console/only_looking.html", {"title": "You are only looking"}, status=403)
