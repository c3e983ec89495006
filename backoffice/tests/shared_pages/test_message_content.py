"""The message on a delivery's page: who may read it, and what it may do there."""

import pytest
from django.test import Client

from delivery.api import send
from delivery.models import Attempt, Delivery, Email
from people.models import User
from testing.factories import make_application, make_person, make_support
from whitelabel.models import Application, WhiteLabel
from whitelabel.route_steps import Step, deciding_step

pytestmark = pytest.mark.django_db
HTML = "<h1>Hello Dana</h1><script>alert(1)</script>"


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def order(shop: Application) -> Delivery:
    return send(shop, to="dana@users.test", subject="Order", text="Your order.", html=HTML).deliveries.get()


def address(delivery: Delivery, part: str = "", console: str = "backoffice") -> str:
    return f"/{console}/deliveries/{delivery.pk}/message/{part}"


def test_the_message_is_shown_with_headers_text_and_a_frame_for_its_html(
    client: Client, owner: User, order: Delivery
) -> None:
    client.force_login(owner)
    html = client.get(address(order)).content.decode()
    assert "Your order." in html
    assert f'src="{address(order, "html/")}"' in html
    assert 'sandbox=""' in html
    assert "<dt>From</dt>" in html
    assert "alert(1)" not in html


def test_the_html_may_neither_run_nor_load_nor_be_framed_elsewhere(
    client: Client, owner: User, order: Delivery
) -> None:
    client.force_login(owner)
    response = client.get(address(order, "html/"))
    assert response.content.decode().strip() == HTML
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert response["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["iframe", "IFrame", "frameset", "frame", "object", "embed", "link", "base"])
def test_nothing_is_left_in_it_to_which_a_browser_connects_ahead(
    name: str, client: Client, owner: User, shop: Application
) -> None:
    html = f'<p>Hello</p><{name} src="https://evil.test/" href="https://evil.test/" rel=preconnect></{name}>'
    order = send(shop, to="dana@users.test", subject="Order", text="x", html=html).deliveries.get()
    client.force_login(owner)
    shown = client.get(address(order, "html/")).content.decode().lower()
    assert "<p>hello</p>" in shown
    assert f"<{name.lower()} " not in shown


def test_the_file_is_the_message_with_its_sender(client: Client, owner: User, order: Delivery) -> None:
    client.force_login(owner)
    response = client.get(address(order, "file/"))
    assert response["Content-Type"] == "message/rfc822"
    assert response["Content-Disposition"] == f'attachment; filename="message-{order.pk}.eml"'
    assert response.content.startswith(b"From: ")
    assert b"Subject: Order\r\n" in response.content


def test_it_names_the_sender_of_the_last_try(client: Client, owner: User, order: Delivery) -> None:
    Attempt.objects.create(
        delivery=order, rule=2, server_name="x:25", sender="Shop <shop@acme.test>", outcome="SENT", phase="DONE"
    )
    client.force_login(owner)
    assert client.get(address(order, "file/")).content.startswith(b"From: Shop <shop@acme.test>\r\n")


@pytest.mark.parametrize("part", ["", "html/", "file/"])
def test_a_viewer_and_charlie_do_not_read_it_and_bob_does(
    part: str, client: Client, order: Delivery, bob: User, charlie: User, globex: WhiteLabel, acme: WhiteLabel
) -> None:
    vera = make_person("vera@acme.test")
    acme.viewers.add(vera)
    answers = {bob: 200, vera: 403, charlie: 404}
    for person, status in answers.items():
        client.force_login(person)
        assert client.get(address(order, part, "whitelabel")).status_code == status, person


def test_a_viewer_is_not_offered_it(client: Client, order: Delivery, acme: WhiteLabel) -> None:
    vera = make_person("vera@acme.test")
    acme.viewers.add(vera)
    client.force_login(vera)
    assert "The message" not in client.get(f"/whitelabel/deliveries/{order.pk}/change/").content.decode()


@pytest.mark.parametrize("part", ["html/", "file/"])
@pytest.mark.parametrize("whose", ["platform", "urgent"])
def test_nobody_is_shown_mail_that_lets_people_in(
    whose: str, part: str, client: Client, owner: User, shop: Application
) -> None:
    priority = Delivery.Priority.URGENT if whose == "urgent" else Delivery.Priority.NORMAL
    of = None if whose == "platform" else shop
    secret = send(of, to="x@users.test", subject="Sign in", text="https://x.test/secret", html="y", priority=priority)
    delivery = secret.deliveries.get()
    for person in (owner, make_support()):
        client.force_login(person)
        assert client.get(address(delivery, part)).status_code == 404
        html = client.get(address(delivery)).content.decode()
        assert "Its content is hidden." in html
        assert "secret" not in html


def test_content_that_is_gone_is_said_to_be(client: Client, owner: User, order: Delivery) -> None:
    Email.objects.update(content=None)
    client.force_login(owner)
    assert "It is not kept any more." in client.get(address(order)).content.decode()
    assert client.get(address(order, "file/")).status_code == 404


def test_the_page_shows_the_way_and_what_decided(
    client: Client, owner: User, order: Delivery, acme: WhiteLabel
) -> None:
    client.force_login(owner)
    response = client.get(f"/backoffice/deliveries/{order.pk}/change/")
    nodes = response.context["nodes"]
    assert [node.what for node in nodes] == ["Application", "Owner", "White-label", "Server"]
    assert [node.what for node in nodes if node.decides] == ["Server"]
    assert all(node.link for node in nodes)


def test_an_admin_sees_no_host_of_the_platform_and_no_link_to_its_pages(
    client: Client, bob: User, order: Delivery
) -> None:
    client.force_login(bob)
    nodes = client.get(f"/whitelabel/deliveries/{order.pk}/change/").context["nodes"]
    assert nodes[-1].name == "The platform's SMTP server"
    assert {node.link for node in nodes} == {f"/whitelabel/applications/{order.email.application_id}/change/", ""}


@pytest.mark.parametrize(
    ("rule", "reasons", "has_white_label", "step"),
    [
        (1, [], True, Step.WHITE_LABEL),
        (2, [], True, Step.WHITE_LABEL),
        (3, [], True, Step.WHITE_LABEL),
        (3, [], False, Step.APPLICATION),
        (3, ["This application belongs to Carol, who is not an admin of Acme."], True, Step.OWNER),
        (4, [], True, Step.SERVER),
    ],
)
def test_what_decided_is_read_from_a_route(rule: int, reasons: list[str], has_white_label: bool, step: Step) -> None:
    assert deciding_step(rule, reasons, has_white_label=has_white_label) == step
