"""No row is made of words of a page, no value keeps a wrapper, no number is put in the wrong place."""

import pytest

from whitelabel.dns.record import Record
from whitelabel.pasting import PastedRow, lint, read

DMARC = "v=DMARC1; p=none"
SPF = "v=spf1 include:a.provider.net ~all"


def rows(text: str) -> list[PastedRow]:
    return list(read(text, "example.com").rows)


@pytest.mark.parametrize(
    "text",
    [
        "TXT record value:",
        "TXT name google._domainkey",
        "CNAME to x.provider.net",
        "CNAME vers x.provider.net",
        "MX server x",
        "TXT and CNAME",
        "TXT und CNAME",
        "TXT\tValue\tName",
        f"returns {DMARC}",
        f"TXT returns {DMARC}",
        f"The TXT record of _dmarc.example.com currently returns {DMARC}",
        f"Der TXT-Eintrag _dmarc.example.com mit {DMARC} wird nicht gebraucht.",
        f"Supprimez l'enregistrement TXT _dmarc.example.com {DMARC}",
        *(f"CNAME\tem1\t{button}" for button in "Copy Copier Kopieren Copiar Copia content_copy Pending".split()),
        "CNAME\tem1\tu8120",
        "MX\t@\t10",
        "TXT\tem1\tEdit Delete",
        "CNAME em1 x.provider.net y.provider.net",
        "CNAME\tem1\tu.s\u0435ndgrid.net",
        "MX\t@\t10 mx.p\u0440ovider.net",
        "CNAME\tem\u0430il\tu.sendgrid.net",
        "CNAME\tem1\tu.\uff53endgrid.net",
        f"# _dmarc IN TXT {DMARC}",
        f"// TXT _dmarc {DMARC}",
        "TXT\t_dmarc\t3600",
    ],
)
def test_words_of_a_page_are_no_record(text: str) -> None:
    assert rows(text) == []
    assert read(text, "example.com").unread


@pytest.mark.parametrize(
    ("wrapped", "said"),
    [
        ("`{}`", "emphasis"),
        ("**{}**", "emphasis"),
        ("'{}'", "Quotes"),
        ('"{}"', "Quotes"),
        ("“{}”", "Quotes"),
        ("„{}“", "Quotes"),
        ("«{}»", "Quotes"),
        ("{} Copy", "Buttons"),
        ("{} Edit Delete", "Buttons"),
        ("{} Copier", "Buttons"),
        ("{} content_copy", "Buttons"),
        ("\u200b{}\ufeff", "Invisible"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "name", "value"), [("TXT", "_dmarc", DMARC), ("TXT", "@", SPF), ("CNAME", "em1", "u.p.net")]
)
def test_what_is_around_a_value_is_taken_off_and_said(
    kind: str, name: str, value: str, wrapped: str, said: str
) -> None:
    (row,) = rows(f"{kind}\t{name}\t{wrapped.format(value)}")
    assert row.record.value == value
    assert said in " ".join(row.repairs)


@pytest.mark.parametrize("code", ["Value: {}", "<code>{}</code>", "<b>{}</b>", "<td><span>{}</span></td>"])
def test_tags_around_a_value_are_taken_off(code: str) -> None:
    (row,) = rows(f"Type: TXT\nName: _dmarc\nValue: {code.format(DMARC)}")
    assert row.record == Record("TXT", "_dmarc.example.com", DMARC)


@pytest.mark.parametrize(
    "link",
    ["a@x.net<mailto:a@x.net>", "a@x.net <mailto:a@x.net>", "[a@x.net](mailto:a@x.net)", "<mailto:a@x.net|a@x.net>"],
)
def test_link_brackets_of_mail_programs_are_taken_off_and_said(link: str) -> None:
    (row,) = rows(f"TXT\t_dmarc\tv=DMARC1; p=none; rua=mailto:{link}")
    assert row.record.value == "v=DMARC1; p=none; rua=mailto:a@x.net"
    assert "Link brackets were taken off." in row.repairs


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("MX @ mx.example.net 3600 10", "10 mx.example.net"),
        ("MX @ mx.example.net 10 3600", "10 mx.example.net"),
        ("MX @ 3600 10 mx.example.net", "10 mx.example.net"),
        ("MX\t@\tmx.example.net\t3600\t0", "0 mx.example.net"),
        ("MX\t@\t0\tmx.example.net", "0 mx.example.net"),
        ("MX\t@\t5\tmx.example.net\t300", "5 mx.example.net"),
        ("@ 60 IN MX 5 mx.example.net.", "5 mx.example.net"),
        ("MX @ mx.example.net TTL 60 priority 5", "5 mx.example.net"),
        ("MX @ mx.example.net (Priorität: 5)", "5 mx.example.net"),
        ("MX\t@\tmx.example.net\t60 min\t5", "5 mx.example.net"),
        ("Type\tHost\tTTL\tPriorité\tValeur\nMX\t@\t60\t0\tmx.example.net", "0 mx.example.net"),
        ("Typ: MX\nName: @\nPriorität: 0\nTTL: 60\nZiel: mx.example.net", "0 mx.example.net"),
    ],
)
def test_the_priority_of_an_mx_record_is_told_from_its_ttl(text: str, value: str) -> None:
    (row,) = rows(text)
    assert row.record == Record("MX", "example.com", value)


@pytest.mark.parametrize(
    "more", ["include:b.provider.net -all", "  include:b.provider.net\n  -all", "> include:b.provider.net -all"]
)
def test_a_value_that_goes_on_in_the_next_line_is_joined_and_said(more: str) -> None:
    (row,) = rows(f"Type: TXT\nName: @\nValue: v=spf1 include:a.provider.net\n{more}")
    assert row.record.value == "v=spf1 include:a.provider.net include:b.provider.net -all"
    assert "The value was written on two lines; they were joined." in row.repairs


def test_a_heading_with_the_type_leaves_the_labels_below_it_their_texts() -> None:
    (row,) = rows("CNAME\nHostname\nem1\nRecord type\nCNAME\nValue\nu.provider.net")
    assert row.record == Record("CNAME", "em1.example.com", "u.provider.net")


@pytest.mark.parametrize(
    ("type_", "name", "value"),
    [
        ("Type", "Host name", "Points to address or value"),
        ("Record type", "Name/Host/Alias", "Value/Answer/Destination"),
        ("Type d'enregistrement", "Nom de l’hôte", "Valeur cible"),
        ("Type", "Sous-domaine", "Pointe vers"),
        ("Typ", "Hostname", "Zeigt auf"),
        ("Record-Typ", "Name des Eintrags", "Inhalt"),
        ("Tipo de registro", "Nombre de host", "Apunta a"),
        ("Tipo", "Nombre", "Contenido"),
        ("Tipo di record", "Nome host", "Punta a"),
        ("Tipo", "Sottodominio", "Destinazione"),
        ("Tipo de registro", "Nome do host", "Aponta para"),
        ("Tipo", "Subdomínio", "Conteúdo"),
    ],
)
@pytest.mark.parametrize(
    "layout", ["{0}: {3}\n{1}: {4}\n{2}: {5}", "{0}\n{3}\n{1}\n{4}\n{2}\n{5}", "{0}\t{1}\t{2}\n{3}\t{4}\t{5}"]
)
def test_labels_are_understood_in_six_languages(type_: str, name: str, value: str, layout: str) -> None:
    (row,) = rows(layout.format(type_, name, value, "CNAME", "em1", "u.provider.net"))
    assert row.record == Record("CNAME", "em1.example.com", "u.provider.net")
    assert row.remarks == ()


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("TXT\t@\tv=spf1 include:a.net", lint.NO_END),
        ("TXT\t@\tv=spf1 a -all v=spf1 mx -all", lint.TWO_IN_ONE),
        ("TXT\t@\tv=spf1 include:a.net ~all (merge)", "is no part of an SPF record"),
        ("TXT\t_dmarc\tv=DMARC1; p=", lint.NO_POLICY),
        ("TXT\t_dmarc\tv=DMARC1; p=none; then save", "is no tag and value"),
        ("TXT\t_dmarc\tv=DMARC1; p=none; rua=mailto:dmarc@", "is no address for reports"),
        ("TXT\tx._domainkey\tv=DKIM1; k=rsa;", lint.NO_KEY),
        ("TXT\tx._do\tk=rsa; p=MIGfMA0GCSqGSIb3", lint.NO_UNDERSCORE),
        ("TXT\tx._do\tk=rsa; p=MIGfMA0GCSqGSIb3", lint.CUT_KEY),
        ("TXT\t@\tv=sp", lint.CUT_TEXT),
        ("TXT\tem1\tu.provider.net", lint.LIKE_HOST),
        ("TXT\t@\tkey=abc def", lint.WITH_BLANKS),
        ("CNAME\tem1\tu.provider.ne7", "which is no top-level domain"),
        ("CNAME\tem1\tem1.example.com", lint.ITSELF),
        ("CNAME\tem1\tem2.example.com", "is itself a name of example.com"),
        ("MX\t_dmarc\t10 mx.provider.net", lint.MX_UNDERSCORE),
        ("TXT\tx._domainkey.kunde.de\tv=x", "ends like one of another domain"),
        ("Value: u.provider.net\nType: CNAME\nName: em1", "in front of the name"),
        ("Name: em0\nType: CNAME\nName: em1\nType: CNAME\nValue: u.provider.net", "without its partner"),
        ("Remove this record:\nTXT\t@\tv=spf1 -all", "speaks of removing"),
    ],
)
def test_what_looks_wrong_is_remarked_on(text: str, remark: str) -> None:
    (row,) = rows(text)
    assert remark in " ".join(row.remarks)


@pytest.mark.parametrize(
    ("name", "value"),
    [("s1._domainkey", SPF), ("_dmarc", SPF), ("s1._domainkey", "t=s; o=~"), ("_dmarc", "MS=ms123"), ("_dmarc", "abc")],
)
def test_a_text_under_a_name_for_another_kind_is_remarked(name: str, value: str) -> None:
    (row,) = rows(f"TXT\t{name}\t{value}")
    assert any(remark.startswith("Under a name with _d") for remark in row.remarks)


@pytest.mark.parametrize(
    "sentence",
    [
        "Add a CNAME record named {name} that points to {target}.",
        "Erstellen Sie einen CNAME namens {name}, der auf {target} zeigt.",
        "Créez un enregistrement CNAME nommé « {name} » pointant vers « {target} ».",
        "Cree un registro CNAME llamado {name} que apunte a {target}.",
        "Aggiungi un record CNAME con nome {name} che punta a {target}.",
        "Adicione um registo CNAME com o nome {name} e o destino {target}.",
    ],
)
def test_a_sentence_may_announce_a_short_name(sentence: str) -> None:
    (row,) = rows(sentence.format(name="em1", target="u1.provider.net"))
    assert row.record == Record("CNAME", "em1.example.com", "u1.provider.net")
    assert row.remarks


@pytest.mark.parametrize(
    "sentence",
    [
        "Add a CNAME record whose name is em1.example.com.",
        "Add a CNAME record with the name and the value of u1.provider.net.",
        "Your CNAME is called CNAME and points to u1.provider.net.",
        "A CNAME named em1 or named em2 points to u1.provider.net.",
        "The CNAME « em1 » and « em2 » point to « u1.provider.net ».",
    ],
)
def test_a_sentence_that_announces_no_name_or_several_is_no_record(sentence: str) -> None:
    assert rows(sentence) == []


@pytest.mark.parametrize("tag", ["wbr", "wbr/", "mark", "a href='https://x.test'", "samp", "img src=x", "svg", "sup"])
def test_tags_within_a_value_are_no_part_of_it(tag: str) -> None:
    source = f"<table><tr><td>CNAME</td><td>em1</td><td>u1.<{tag}>provider.net</td></tr></table>"
    assert [row.record.value for row in rows(source)] == ["u1.provider.net"]


def test_a_button_in_words_is_shown_with_who_said_it() -> None:
    assert [one.line for one in read("[10:14] Bob: done", "example.com").unread] == ["[10:14] Bob: done"]


@pytest.mark.parametrize("word", ["Remove", "delete", "Löschen", "Supprimer", "Eliminar", "Rimuovere", "Excluir"])
def test_a_row_that_is_to_go_is_remarked(word: str) -> None:
    (row,) = rows(f"Action\tType\tName\tValue\n{word}\tTXT\t_dmarc\t{DMARC}")
    assert row.remarks == (f"Its row says “{word}”: check whether the record is to be published.",)


@pytest.mark.parametrize(
    "values",
    ["Current value\tRequired value", "Ist-Wert\tSoll-Wert", "Valeur actuelle\tValeur requise", "Was\tValue"],
)
def test_of_what_is_and_what_should_be_the_latter_is_read(values: str) -> None:
    (row,) = rows(f"Type\tName\t{values}\nCNAME\tem1\tu0.provider.net\tu1.provider.net")
    assert row.record.value == "u1.provider.net"


@pytest.mark.parametrize("values", ["Value\tShould", "Value\tTarget", "Contenu\tPlus tard"])
def test_a_second_column_that_may_hold_the_value_is_remarked(values: str) -> None:
    (row,) = rows(f"Type\tName\t{values}\nCNAME\tem1\tu0.provider.net\tu1.provider.net")
    assert row.remarks
