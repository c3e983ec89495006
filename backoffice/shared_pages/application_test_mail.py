"""A test e-mail as an application: it takes the way of every mail of the application, to the person who asks for it."""

from django.contrib import messages as flash
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.views import ChangeList

from backoffice.console.admin import ListAdmin
from backoffice.console.scope import current_person
from delivery.api import send
from delivery.models import Delivery
from people.models import User
from people.roles import Right
from smtp_settings.checks import request as checks
from whitelabel.models import Application
from whitelabel.models.application import ARCHIVED
from whitelabel.routing import Route, route_for, routes_of

TEXT = """\
This is a test e-mail of {application}.

{person} asked for it on {at:%d %B %Y at %H:%M %Z}, to see which way the mail of {application}
takes. The delivery log shows the route, the reasons and what the server said.
"""


class SendsTestMail(ListAdmin):
    """Adds the act to the pages of applications: whoever may handle mail sends a test as what they see.

    Their list knows each one's route.
    """

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        listed = changelist.result_list = list(changelist.result_list)
        for application, route in zip(listed, routes_of(listed), strict=True):
            application.listed_route = route
        return changelist

    def route_in_list(self, application: Application) -> Route:
        route: Route = vars(application)["listed_route"]
        return route

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.guarded(self.test_view, post=Right.HANDLE_MAIL)
        return [path("<int:object_id>/test/", view, name="whitelabel_application_test"), *super().get_urls()]

    def test_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.get_object(request, str(object_id))
        if application is None:
            raise Http404
        console = self.admin_site.name
        if application.is_archived:
            flash.error(request, ARCHIVED)
            return redirect(f"{console}:whitelabel_application_change", object_id)
        try:
            delivery = send_test(application, current_person(request))
        except checks.TooMany as error:
            flash.error(request, str(error))
            return redirect(f"{console}:whitelabel_application_change", object_id)
        flash.success(request, f"A test e-mail of {application} to {request.user} is in the outbox.")
        return redirect(f"{console}:delivery_delivery_change", delivery.pk)


def send_test(application: Application, person: User) -> Delivery:
    """Accept a mail of `application` to `person`; raises `TooMany`."""
    with transaction.atomic():
        server = str(route_for(application).server)
        checks.count_test(person, about=f"application:{application.pk}", destination=server)
        email = send(
            application,
            to=person.email,
            subject=f"Test e-mail of {application}",
            text=TEXT.format(application=application, person=person, at=timezone.localtime()),
            headers={"Auto-Submitted": "auto-generated"},
        )
    return Delivery.objects.get(email=email)
