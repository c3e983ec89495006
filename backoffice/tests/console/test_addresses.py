"""Every address of the product and its name: bookmarks, links in sent mail and people's habits hang on them."""

import re
from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

ALLAUTHS = "accounts/"
HTTP_DOOR = "api/"  # which describes its addresses itself
SIGN_IN = ("/accounts/login/", "/backoffice/login/", "/whitelabel/login/")
ADDRESSES = r"""
dns_check dns/<str:token>/check/
dns_records dns/<str:token>/
dns_status dns/<str:token>/status/
healthz healthz
home
invitation_accept accounts/white-labels/invitations/<int:pk>/accept/
invitation_decline accounts/white-labels/invitations/<int:pk>/decline/
membership_leave accounts/white-labels/<int:pk>/leave/
memberships accounts/white-labels/
owner:None backoffice/(?P<url>.*)$
owner:None backoffice/applications/<path:object_id>/
owner:None backoffice/audit/<path:object_id>/
owner:None backoffice/deliveries/<path:object_id>/
owner:None backoffice/domains/<path:object_id>/
owner:None backoffice/keys/<path:object_id>/
owner:None backoffice/people/<path:object_id>/
owner:None backoffice/record-sets/<path:object_id>/
owner:None backoffice/suppressed-addresses/<path:object_id>/
owner:None backoffice/white-labels/<path:object_id>/
owner:app_list backoffice/(?P<app_label>delivery|gateway|people|whitelabel)/$
owner:application_owner backoffice/applications/<int:application_id>/owner/
owner:audit_export backoffice/audit/export/
owner:autocomplete backoffice/autocomplete/
owner:catcher backoffice/catcher/
owner:caught_html backoffice/catcher/<str:key>/html/
owner:caught_mail backoffice/catcher/<str:key>/
owner:caught_source backoffice/catcher/<str:key>/source/
owner:communication backoffice/settings/communication/
owner:communication_signed_in backoffice/settings/communication/signed-in/
owner:delivery_delivery_add backoffice/deliveries/add/
owner:delivery_delivery_bulk backoffice/deliveries/bulk/<int:bulk_id>/
owner:delivery_delivery_bulk_stop backoffice/deliveries/bulk/<int:bulk_id>/stop/
owner:delivery_delivery_cancel backoffice/deliveries/<int:object_id>/cancel/
owner:delivery_delivery_change backoffice/deliveries/<path:object_id>/change/
owner:delivery_delivery_changelist backoffice/deliveries/
owner:delivery_delivery_content backoffice/deliveries/<int:object_id>/message/
owner:delivery_delivery_csv backoffice/deliveries/csv/
owner:delivery_delivery_delete backoffice/deliveries/<path:object_id>/delete/
owner:delivery_delivery_download backoffice/deliveries/<int:object_id>/message/file/
owner:delivery_delivery_history backoffice/deliveries/<path:object_id>/history/
owner:delivery_delivery_html backoffice/deliveries/<int:object_id>/message/html/
owner:delivery_delivery_release backoffice/deliveries/<int:object_id>/release/
owner:delivery_delivery_retry backoffice/deliveries/<int:object_id>/retry/
owner:delivery_suppression_add backoffice/suppressed-addresses/add/
owner:delivery_suppression_change backoffice/suppressed-addresses/<path:object_id>/change/
owner:delivery_suppression_changelist backoffice/suppressed-addresses/
owner:delivery_suppression_csv backoffice/suppressed-addresses/csv/
owner:delivery_suppression_delete backoffice/suppressed-addresses/<path:object_id>/delete/
owner:delivery_suppression_history backoffice/suppressed-addresses/<path:object_id>/history/
owner:delivery_suppression_release backoffice/suppressed-addresses/<int:object_id>/release/
owner:domain_activate backoffice/domains/<int:pk>/activate/
owner:domain_approve backoffice/domains/<int:pk>/approve/
owner:domain_ask backoffice/domains/<int:pk>/ask/
owner:domain_check backoffice/domains/<int:pk>/check/
owner:domain_links backoffice/domains/<int:pk>/links/
owner:domain_paste backoffice/domains/<int:pk>/paste/
owner:domain_records backoffice/domains/<int:pk>/records/
owner:domain_refuse backoffice/domains/<int:pk>/refuse/
owner:domain_reopen backoffice/domains/<int:pk>/reopen/
owner:domain_resume backoffice/domains/<int:pk>/resume/
owner:domain_suspend backoffice/domains/<int:pk>/suspend/
owner:gateway_key_add backoffice/keys/add/
owner:gateway_key_change backoffice/keys/<path:object_id>/change/
owner:gateway_key_changelist backoffice/keys/
owner:gateway_key_confirm backoffice/keys/<int:object_id>/confirm/
owner:gateway_key_csv backoffice/keys/csv/
owner:gateway_key_delete backoffice/keys/<path:object_id>/delete/
owner:gateway_key_history backoffice/keys/<path:object_id>/history/
owner:gateway_key_revoke backoffice/keys/<int:object_id>/revoke/
owner:help backoffice/help/
owner:help_glossary backoffice/help/glossary/
owner:help_server backoffice/help/server/
owner:help_white_label backoffice/help/white-label/
owner:import_apply backoffice/import/<int:pk>/apply/
owner:import_discard backoffice/import/<int:pk>/discard/
owner:import_list backoffice/import/<int:pk>/
owner:import_lists backoffice/import/
owner:import_look backoffice/import/<int:pk>/look/
owner:index backoffice/
owner:jsi18n backoffice/jsi18n/
owner:live backoffice/live/
owner:login backoffice/login/
owner:logout backoffice/logout/
owner:look_end backoffice/look/end/
owner:message_archive backoffice/messages/<int:pk>/archive/
owner:message_new backoffice/messages/new/
owner:message_read backoffice/messages/<int:pk>/read/
owner:message_thread backoffice/messages/<int:pk>/
owner:message_unarchive backoffice/messages/<int:pk>/unarchive/
owner:message_unread backoffice/messages/<int:pk>/unread/
owner:messages backoffice/messages/
owner:messages_csv backoffice/messages/csv/
owner:password_change backoffice/password_change/
owner:password_change_done backoffice/password_change/done/
owner:people_auditentry_add backoffice/audit/add/
owner:people_auditentry_change backoffice/audit/<path:object_id>/change/
owner:people_auditentry_changelist backoffice/audit/
owner:people_auditentry_csv backoffice/audit/csv/
owner:people_auditentry_delete backoffice/audit/<path:object_id>/delete/
owner:people_auditentry_history backoffice/audit/<path:object_id>/history/
owner:people_user_add backoffice/people/add/
owner:people_user_change backoffice/people/<path:object_id>/change/
owner:people_user_changelist backoffice/people/
owner:people_user_csv backoffice/people/csv/
owner:people_user_delete backoffice/people/<path:object_id>/delete/
owner:people_user_history backoffice/people/<path:object_id>/history/
owner:person_invite backoffice/people/<int:person_id>/invite/
owner:person_second_factor backoffice/people/<int:person_id>/second-factor/
owner:record_set_new backoffice/domains/<int:pk>/set/
owner:revoke_domain_link backoffice/domains/<int:pk>/links/<int:link_pk>/revoke/
owner:search backoffice/search/
owner:second_server backoffice/settings/communication/second/
owner:second_server_signed_in backoffice/settings/communication/second/signed-in/
owner:whitelabel_application_add backoffice/applications/add/
owner:whitelabel_application_archive backoffice/applications/<int:object_id>/archive/
owner:whitelabel_application_change backoffice/applications/<path:object_id>/change/
owner:whitelabel_application_changelist backoffice/applications/
owner:whitelabel_application_csv backoffice/applications/csv/
owner:whitelabel_application_delete backoffice/applications/<path:object_id>/delete/
owner:whitelabel_application_history backoffice/applications/<path:object_id>/history/
owner:whitelabel_application_restore backoffice/applications/<int:object_id>/restore/
owner:whitelabel_application_test backoffice/applications/<int:object_id>/test/
owner:whitelabel_recordset_add backoffice/record-sets/add/
owner:whitelabel_recordset_change backoffice/record-sets/<path:object_id>/change/
owner:whitelabel_recordset_changelist backoffice/record-sets/
owner:whitelabel_recordset_csv backoffice/record-sets/csv/
owner:whitelabel_recordset_delete backoffice/record-sets/<path:object_id>/delete/
owner:whitelabel_recordset_history backoffice/record-sets/<path:object_id>/history/
owner:whitelabel_sendingdomain_add backoffice/domains/add/
owner:whitelabel_sendingdomain_change backoffice/domains/<path:object_id>/change/
owner:whitelabel_sendingdomain_changelist backoffice/domains/
owner:whitelabel_sendingdomain_csv backoffice/domains/csv/
owner:whitelabel_sendingdomain_delete backoffice/domains/<path:object_id>/delete/
owner:whitelabel_sendingdomain_history backoffice/domains/<path:object_id>/history/
owner:whitelabel_whitelabel_add backoffice/white-labels/add/
owner:whitelabel_whitelabel_change backoffice/white-labels/<path:object_id>/change/
owner:whitelabel_whitelabel_changelist backoffice/white-labels/
owner:whitelabel_whitelabel_csv backoffice/white-labels/csv/
owner:whitelabel_whitelabel_delete backoffice/white-labels/<path:object_id>/delete/
owner:whitelabel_whitelabel_history backoffice/white-labels/<path:object_id>/history/
owner:whitelabel_whitelabel_look backoffice/white-labels/<int:pk>/look/
palette palette/<slug:brand>.css
profile accounts/profile/
profile_email accounts/profile/email/
profile_email_cancel accounts/profile/email/cancel/
profile_email_confirm accounts/profile/email/confirm/
profile_email_link accounts/profile/email/link/<str:key>/
profile_locale accounts/profile/locale/
profile_name accounts/profile/name/
profile_notices accounts/profile/notices/
profile_session_end accounts/profile/sessions/<int:session_id>/end/
profile_sessions_end accounts/profile/sessions/end-others/
whitelabel:None whitelabel/(?P<url>.*)$
whitelabel:None whitelabel/applications/<path:object_id>/
whitelabel:None whitelabel/deliveries/<path:object_id>/
whitelabel:None whitelabel/keys/<path:object_id>/
whitelabel:None whitelabel/suppressed-addresses/<path:object_id>/
whitelabel:activity whitelabel/activity/
whitelabel:activity_csv whitelabel/activity/csv/
whitelabel:answer_domain whitelabel/email/domains/<int:pk>/answer/
whitelabel:app_list whitelabel/(?P<app_label>delivery|gateway|whitelabel)/$
whitelabel:autocomplete whitelabel/autocomplete/
whitelabel:check_domain whitelabel/email/domains/<int:pk>/check/
whitelabel:choose whitelabel/choose/
whitelabel:delivery_delivery_add whitelabel/deliveries/add/
whitelabel:delivery_delivery_bulk whitelabel/deliveries/bulk/<int:bulk_id>/
whitelabel:delivery_delivery_bulk_stop whitelabel/deliveries/bulk/<int:bulk_id>/stop/
whitelabel:delivery_delivery_cancel whitelabel/deliveries/<int:object_id>/cancel/
whitelabel:delivery_delivery_change whitelabel/deliveries/<path:object_id>/change/
whitelabel:delivery_delivery_changelist whitelabel/deliveries/
whitelabel:delivery_delivery_content whitelabel/deliveries/<int:object_id>/message/
whitelabel:delivery_delivery_csv whitelabel/deliveries/csv/
whitelabel:delivery_delivery_delete whitelabel/deliveries/<path:object_id>/delete/
whitelabel:delivery_delivery_download whitelabel/deliveries/<int:object_id>/message/file/
whitelabel:delivery_delivery_history whitelabel/deliveries/<path:object_id>/history/
whitelabel:delivery_delivery_html whitelabel/deliveries/<int:object_id>/message/html/
whitelabel:delivery_delivery_release whitelabel/deliveries/<int:object_id>/release/
whitelabel:delivery_delivery_retry whitelabel/deliveries/<int:object_id>/retry/
whitelabel:delivery_suppression_add whitelabel/suppressed-addresses/add/
whitelabel:delivery_suppression_change whitelabel/suppressed-addresses/<path:object_id>/change/
whitelabel:delivery_suppression_changelist whitelabel/suppressed-addresses/
whitelabel:delivery_suppression_csv whitelabel/suppressed-addresses/csv/
whitelabel:delivery_suppression_delete whitelabel/suppressed-addresses/<path:object_id>/delete/
whitelabel:delivery_suppression_history whitelabel/suppressed-addresses/<path:object_id>/history/
whitelabel:delivery_suppression_release whitelabel/suppressed-addresses/<int:object_id>/release/
whitelabel:domain whitelabel/email/domains/<int:pk>/
whitelabel:domain_links whitelabel/email/domains/<int:pk>/links/
whitelabel:domain_name whitelabel/email/request/name/
whitelabel:email whitelabel/email/
whitelabel:email_signed_in whitelabel/email/signed-in/
whitelabel:gateway_key_add whitelabel/keys/add/
whitelabel:gateway_key_change whitelabel/keys/<path:object_id>/change/
whitelabel:gateway_key_changelist whitelabel/keys/
whitelabel:gateway_key_confirm whitelabel/keys/<int:object_id>/confirm/
whitelabel:gateway_key_csv whitelabel/keys/csv/
whitelabel:gateway_key_delete whitelabel/keys/<path:object_id>/delete/
whitelabel:gateway_key_history whitelabel/keys/<path:object_id>/history/
whitelabel:gateway_key_revoke whitelabel/keys/<int:object_id>/revoke/
whitelabel:help whitelabel/help/
whitelabel:help_glossary whitelabel/help/glossary/
whitelabel:index whitelabel/
whitelabel:invitation_again whitelabel/people/invitations/<int:pk>/again/
whitelabel:invitation_withdraw whitelabel/people/invitations/<int:pk>/withdraw/
whitelabel:jsi18n whitelabel/jsi18n/
whitelabel:live whitelabel/live/
whitelabel:login whitelabel/login/
whitelabel:logout whitelabel/logout/
whitelabel:member_let_back whitelabel/people/<int:person_id>/let-back/
whitelabel:member_make_admin whitelabel/people/<int:person_id>/make-admin/
whitelabel:member_make_viewer whitelabel/people/<int:person_id>/make-viewer/
whitelabel:member_remove whitelabel/people/<int:person_id>/remove/
whitelabel:member_suspend whitelabel/people/<int:person_id>/suspend/
whitelabel:message_archive whitelabel/messages/<int:pk>/archive/
whitelabel:message_new whitelabel/messages/new/
whitelabel:message_read whitelabel/messages/<int:pk>/read/
whitelabel:message_thread whitelabel/messages/<int:pk>/
whitelabel:message_unarchive whitelabel/messages/<int:pk>/unarchive/
whitelabel:message_unread whitelabel/messages/<int:pk>/unread/
whitelabel:messages whitelabel/messages/
whitelabel:messages_csv whitelabel/messages/csv/
whitelabel:password_change whitelabel/password_change/
whitelabel:password_change_done whitelabel/password_change/done/
whitelabel:people whitelabel/people/
whitelabel:people_csv whitelabel/people/csv/
whitelabel:people_second_factor whitelabel/people/second-factor/
whitelabel:request_domain whitelabel/email/request/
whitelabel:revoke_domain_link whitelabel/email/domains/<int:pk>/links/<int:link_pk>/revoke/
whitelabel:search whitelabel/search/
whitelabel:whitelabel_application_add whitelabel/applications/add/
whitelabel:whitelabel_application_change whitelabel/applications/<path:object_id>/change/
whitelabel:whitelabel_application_changelist whitelabel/applications/
whitelabel:whitelabel_application_csv whitelabel/applications/csv/
whitelabel:whitelabel_application_delete whitelabel/applications/<path:object_id>/delete/
whitelabel:whitelabel_application_history whitelabel/applications/<path:object_id>/history/
whitelabel:whitelabel_application_test whitelabel/applications/<int:object_id>/test/
whitelabel:withdraw_domain whitelabel/email/domains/<int:pk>/withdraw/
"""


def named(patterns: list[URLPattern | URLResolver], before: str = "", namespace: str = "") -> Iterator[str]:
    """Return name and route of every address, but for those of allauth and of the HTTP door."""
    for pattern in patterns:
        route = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name} {route}".strip()
        elif route not in (ALLAUTHS, HTTP_DOOR):
            inside = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from named(pattern.url_patterns, route, inside)


def in_order(address: str) -> str:
    """Sort the app labels that an address is made of: they come in the order in which models are registered."""
    return re.sub(r"(?<=<app_label>)[\w|]+", lambda labels: "|".join(sorted(labels[0].split("|"))), address)


def test_every_page_has_the_address_and_the_name_that_it_always_had() -> None:
    assert sorted(map(in_order, named(get_resolver().url_patterns))) == ADDRESSES.strip().splitlines()


def of_the_consoles() -> list[str]:
    """Return each address of the consoles, with 1 for whatever it names."""
    routes = [line.partition(" ")[2] for line in ADDRESSES.strip().splitlines()]
    return [
        "/" + re.sub(r"<\w+:\w+>", "1", route)
        for route in routes
        if route.startswith(("backoffice/", "whitelabel/")) and not route.endswith(("$", "/logout/"))
    ]


def turned_away(client: Client, address: str) -> bool:
    """Return whether a stranger is sent to the sign-in, whatever they ask for."""
    answers = (client.get(address), client.post(address))
    return all(answer.status_code == 302 and answer["Location"].startswith(SIGN_IN) for answer in answers)


def test_no_page_of_a_console_is_without_its_guard(client: Client, db: None) -> None:
    assert [address for address in of_the_consoles() if not turned_away(client, address)] == []
