"""The addresses of the page of one's own white-labels."""

from django.urls import path

from backoffice.memberships import page

urlpatterns = [
    path("", page.MembershipsView.as_view(), name="memberships"),
    path("<int:pk>/leave/", page.LeaveView.as_view(), name="membership_leave"),
    path("invitations/<int:pk>/accept/", page.accept, name="invitation_accept"),
    path("invitations/<int:pk>/decline/", page.decline, name="invitation_decline"),
]
