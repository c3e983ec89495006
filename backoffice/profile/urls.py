"""The addresses of the profile."""

from django.urls import path

from backoffice.profile import email, page, sessions

urlpatterns = [
    path("", page.ProfileView.as_view(), name="profile"),
    path("name/", page.NameView.as_view(), name="profile_name"),
    path("locale/", page.LocaleView.as_view(), name="profile_locale"),
    path("notices/", page.NoticesView.as_view(), name="profile_notices"),
    path("email/", email.EmailView.as_view(), name="profile_email"),
    path("email/cancel/", email.cancel, name="profile_email_cancel"),
    path("email/confirm/", email.confirm, name="profile_email_confirm"),
    path("email/link/<str:key>/", email.open_link, name="profile_email_link"),
    path("sessions/end-others/", sessions.end_others, name="profile_sessions_end"),
    path("sessions/<int:session_id>/end/", sessions.end, name="profile_session_end"),
]
