"""What providers show is read in every way they write it; what is no record comes back with its reason."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from whitelabel.dns.record import Record
from whitelabel.pasting import PASTE_MAX_BYTES, Pasted, read

SAMPLES = Path(__file__).with_name("pasted")
DKIM = "mail._domainkey.example.com"

Short = tuple[str, str, str]


def sample(name: str, domain: str = "example.com") -> Pasted:
    return read((SAMPLES / name).read_text(), domain)


def short(pasted: Pasted) -> list[Short]:
    """Return type, name and the beginning of the value of each row."""
    return [(row.record.type, row.record.name, row.record.value[:24]) for row in pasted.rows]


SENDGRID = (
    ("CNAME", "em123.example.com", "u8.wl.provider.example"),
    (
        "CNAME",
        "s1._domainkey.example.com",
        "s1.domainkey.u8.wl.provi",
    ),
)
MAILGUN_MX = [("MX", "mg.example.com", f"10 {host}.provider.example") for host in ("mxa", "mxb")]
MAILGUN_TXT = [
    ("TXT", "mg.example.com", "v=spf1 include:provider."),
    ("TXT", "pic._domainkey.mg.example.com", "k=rsa; p=MIGfMA0GCSqGSIb"),
]
SES = [
    ("CNAME", f"{token}._domainkey.example.com", f"{token}.dkim.amazon") for token in ("aaaabbbbcccc", "ddddeeeeffff")
]
POSTMARK = [
    ("TXT", "20261124pm._domainkey.example.com", "k=rsa;p=MIGfMA0GCSqGSIb3"),
    ("CNAME", "pm-bounces.example.com", "pm.provider.example"),
]
SES3 = ("CNAME", "gggghhhhiiii._domainkey.example.com", "gggghhhhiiii.dkim.amazon")
SENDGRID3 = ("CNAME", "s2._domainkey.example.com", "s2.domainkey.u8.wl.provi")
SENDGRID_DMARC = ("TXT", "_dmarc.example.com", "v=DMARC1; p=none;")
TRACKING = ("CNAME", "email.mg.example.com", "provider.example")
BREVO = [
    ("TXT", "example.com", "brevo-code:0123456789abc"),
    ("TXT", DKIM, "k=rsa;p=MIGfMA0GCSqGSIb3"),
    ("TXT", "_dmarc.example.com", "v=DMARC1; p=none; rua=ma"),
]
BREVO_BELOW = [
    ("TXT", "mail._domainkey.shop.example.com", "k=rsa;p=MIGfMA0GCSqGSIb3"),
    ("TXT", "shop.example.com", "brevo-code:0123456789abc"),
    ("TXT", "_dmarc.shop.example.com", "v=DMARC1; p=none; rua=ma"),
]
RESEND = [
    ("MX", "send.example.com", "10 feedback-smtp.eu-west"),
    ("TXT", "send.example.com", "v=spf1 include:amazonses"),
    ("TXT", "resend._domainkey.example.com", "p=MIGfMA0GCSqGSIb3DQEBAQ"),
]
MAILJET = [
    ("TXT", "mailjet._01234567.example.com", "0123456789abcdef01234567"),
    ("TXT", "mailjet._domainkey.example.com", "k=rsa; p=MIGfMA0GCSqGSIb"),
    ("TXT", "example.com", "v=spf1 include:spf.provi"),
]
ZONE = [
    ("TXT", DKIM, "v=DKIM1; k=rsa; p=MIGfMA"),
    ("MX", "example.com", "10 mx.provider.example"),
    ("TXT", "example.com", "v=spf1 include:provider."),
    ("CNAME", "bounce.example.com", "return.provider.example"),
]


@pytest.mark.parametrize(
    ("name", "domain", "wanted"),
    [
        ("sendgrid.json", "example.com", [*SENDGRID, SENDGRID3]),
        ("sendgrid.txt", "example.com", [*SENDGRID, SENDGRID_DMARC]),
        ("mailgun.json", "mg.example.com", [*MAILGUN_MX, *MAILGUN_TXT, TRACKING]),
        ("mailgun.txt", "mg.example.com", [*MAILGUN_TXT, *MAILGUN_MX]),
        ("ses.json", "example.com", [*SES, SES3]),
        ("postmark.json", "example.com", [*POSTMARK, ("TXT", "example.com", "v=spf1 a mx include:spf.")]),
        ("postmark.txt", "example.com", POSTMARK),
        ("brevo.json", "shop.example.com", BREVO_BELOW),
        ("brevo.txt", "example.com", BREVO),
        ("resend.json", "example.com", RESEND),
        ("resend.txt", "example.com", RESEND),
        ("mailjet.json", "example.com", MAILJET),
        ("mailjet.txt", "example.com", [MAILJET[0], MAILJET[2], MAILJET[1]]),
        ("zone.txt", "example.com", ZONE),
    ],
)
def test_a_providers_page_gives_its_records(name: str, domain: str, wanted: list[Short]) -> None:
    assert short(sample(name, domain)) == wanted


def test_csv_with_commas_is_read_with_quotes_inside_quotes() -> None:
    spf, mx = sample("ses.csv").rows[3].record, sample("ses.csv").rows[2].record
    assert spf == Record("TXT", "bounce.example.com", "v=spf1 include:amazonses.com ~all")
    assert mx == Record("MX", "bounce.example.com", "10 feedback-smtp.eu-west-1.amazonses.com")


def test_csv_with_semicolons_and_other_words_is_read() -> None:
    bounce, key = sample("semicolons.csv").rows
    assert bounce.record == Record("CNAME", "bounce.example.com", "return.provider.example")
    assert key.record.value.startswith("v=DKIM1; k=rsa; p=MIG")


def test_split_strings_of_a_zone_file_are_joined_and_it_says_so() -> None:
    key = sample("zone.txt").rows[0]
    assert key.repairs == ("The 3 quoted strings were joined into one value.",)
    assert '"' not in key.record.value
    assert key.remarks == ()


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("TXT\tmail\tv=x\tPending\tCopy", Record("TXT", "mail.example.com", "v=x")),
        ("mail\tTXT\t3600\tv=x y", Record("TXT", "mail.example.com", "v=x y")),
        ("SPF   send   MX   10   mx.provider.net", Record("MX", "send.example.com", "10 mx.provider.net")),
        ("| CNAME record | em1 | u.provider.net |", Record("CNAME", "em1.example.com", "u.provider.net")),
        ("TXT @ v=spf1 include:a.net ~all", Record("TXT", "example.com", "v=spf1 include:a.net ~all")),
        ("MX @ mx.provider.net 20", Record("MX", "example.com", "20 mx.provider.net")),
        ("mail 1h IN CNAME u.provider.net.", Record("CNAME", "mail.example.com", "u.provider.net")),
        ("mail.example.com. CNAME u.provider.net.", Record("CNAME", "mail.example.com", "u.provider.net")),
        ('mail TXT "a\\"b" ; comment', Record("TXT", "mail.example.com", 'a"b')),
        ("TXT,mail,v=x", Record("TXT", "mail.example.com", "v=x")),
        ("mail;TXT;v=x", Record("TXT", "mail.example.com", "v=x")),
        ('{"type": "txt", "host": "mail", "data": "v=x"}', Record("TXT", "mail.example.com", "v=x")),
    ],
)
def test_one_line_is_enough(line: str, record: Record) -> None:
    pasted = read(line, "example.com")
    assert [row.record for row in pasted.rows] == [record]
    assert pasted.unread == ()


def test_formats_are_mixed_in_one_paste() -> None:
    text = "\n".join([(SAMPLES / name).read_text() for name in ("sendgrid.json", "zone.txt", "brevo.txt", "ses.csv")])
    pasted = read(text, "example.com")
    assert {row.record.name.split(".")[0] for row in pasted.rows} >= {"em123", "s2", "bounce", "mail", "aaaabbbbcccc"}
    assert len(pasted.rows) == len({row.record for row in pasted.rows}) == 14


def test_a_row_that_does_not_fit_the_header_of_the_last_table_is_read_by_its_look() -> None:
    text = "Type\tPriority\tValue\nMX\t10\tmx.provider.net\nTXT\tmail\tv=x"
    assert short(read(text, "example.com"))[1] == ("TXT", "mail.example.com", "v=x")


def test_labels_above_each_other_may_begin_with_the_host_and_name_more() -> None:
    text = "Host\nType\nTTL\nValue\na\nTXT\n3600\nv=x\nb\nCNAME\n3600\nu.provider.net\n"
    wanted = [("TXT", "a.example.com", "v=x"), ("CNAME", "b.example.com", "u.provider.net")]
    assert short(read(text, "example.com")) == wanted


def test_labels_before_each_text_may_name_more() -> None:
    text = "Name\na\nType\nTXT\nTTL\n3600\nValue\nv=x\nName\nb\nType\nMX\nTTL\n60\nPriority\n5\nValue\nmx.provider.net"
    wanted = [("TXT", "a.example.com", "v=x"), ("MX", "b.example.com", "5 mx.provider.net")]
    assert short(read(text, "example.com")) == wanted


def test_the_origin_of_a_zone_file_counts() -> None:
    pasted = read('$ORIGIN mail.example.com.\ns1._domainkey IN TXT "v=x"\n@ IN TXT v=y\n', "example.com")
    assert [row.record.name for row in pasted.rows] == ["s1._domainkey.mail.example.com", "mail.example.com"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("www.example.com. IN A 192.0.2.1", "A records are not kept"),
        ("@ IN NS ns1.provider.net.", "they hand names over to other name servers"),
        ("SPF\texample.com\tsomething", "no longer read (RFC 7208, 3.1)"),
        ('mail IN TXT ( "v=x"', "type, name and value were not all recognised"),
        ("Please publish the TXT record of our mail.", "no DNS record was recognised"),
        ("; a comment", "it is a comment"),
        ("$INCLUDE /etc/passwd", "this directive is not followed"),
        ("TXT\tbad name!\tv=x", "not a domain name"),
        ("Host: mail", "at least a name and a value"),
        ('{"NameServers": ["ns1.provider.net"]}', "no DNS record was recognised in this JSON"),
        ('{"broken":', "no DNS record was recognised"),
    ],
)
def test_what_is_not_kept_comes_back_with_its_reason(line: str, why: str) -> None:
    pasted = read(line, "example.com")
    assert pasted.rows == ()
    assert pasted.unread[0].line == line
    assert why in pasted.unread[0].why


def test_a_record_of_the_type_spf_is_read_as_txt_and_it_says_so() -> None:
    (row,) = read("SPF\texample.com\tv=spf1 -all", "example.com").rows
    assert row.record == Record("TXT", "example.com", "v=spf1 -all")
    assert "no longer read (RFC 7208, 3.1)" in row.remarks[0]


def test_everything_that_is_no_record_is_shown() -> None:
    lines = {one.line for one in sample("sendgrid.txt").unread} | {one.line for one in sample("postmark.txt").unread}
    assert lines == {"Add the records below to your DNS host.", "DKIM", "Return-Path", "Unverified", "Copy"}
    revoked, others = sample("postmark.json").unread
    assert "was revoked" in revoked.why
    assert "DKIMUpdateStatus" in others.line


def test_a_paste_that_is_too_long_is_refused_with_its_size() -> None:
    with pytest.raises(ValidationError, match="65,537 bytes; at most 65,536"):
        read("x" * (PASTE_MAX_BYTES + 1), "example.com")
