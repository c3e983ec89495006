"""The words of providers' pages in six languages: what labels announce, what buttons and states say, what is prose.

A label is understood by the words that it is made of, not as a whole: every one of them must be known, and those that
name a part of a record decide. All words are kept in lower case without accents.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from whitelabel.dns.record import Type

SUPPORTED = frozenset(Type.values)
UNSUPPORTED = {
    "NS": "it hands names over to other name servers, which is not needed to send mail",
    "A": "it is the address of a server, which is not needed to send mail",
    "AAAA": "it is the address of a server, which is not needed to send mail",
    "SPF": "records of this type are no longer read (RFC 7208, 3.1); publish the same text as TXT",
    "SOA": "the DNS host writes it by itself",
    "PTR": "whoever owns the address of the server publishes it",
}
KNOWN = (
    SUPPORTED
    | UNSUPPORTED.keys()
    | {*"SRV CAA DS DNSKEY NAPTR TLSA SSHFP LOC HINFO HTTPS SVCB ALIAS ANAME URI".split()}
)
LABEL_MAX_CHARS = 60
LABEL_MAX_WORDS = 8

_FIELDS = {
    "type": "type typ tipo tipologia recordtype rrtype recordtyp eintragstyp datensatztyp rdatatype",
    "priority": """priority preference prio pref distance mxlevel prioritat praferenz rang priorite prioridad
        preferencia prioridade priorita preferenza prioriteit mxpriority mxprioritat""",
    "other": """ttl lifetime lebensdauer gultigkeit gultigkeitsdauer duree tiempo tempo seconds sekunden secondes
        segundos secondi second minutes minuten hour hours status state statut etat estado stato zustand verified valid
        purpose zweck usage uso class klasse classe clase comment comments kommentar commentaire comentario commento note
        notes notiz nota notas remarque hinweis action actions aktion aktionen accion acciones acao acoes azione azioni
        proxy description beschreibung descripcion descrizione descricao id date datum fecha data-stato ursache
        category kategorie categorie categoria service dienst servicio servizio servico service routing policy weight
        time verification uberprufung verificacion verifica verificacao required erforderlich requis obligatoire
        requerido obligatorio obrigatorio richiesto obbligatorio flags port protocol""",
    "name": """name names host hosts hostname hostnames subdomain subdomains fqdn label owner prefix alias recordname
        hostrecord rechnername subdomane subdomanen nom nombre nome hote sousdomaine subdominio sottodominio anfitriao
        anfitrion prafix prefixe prefijo prefixo prefisso dnsname dnsnames selector hostnamen identifier selektor
        selecteur""",
    "domain": "domain domains domane domaine dominio zone zona zonename domainname",
    "value": """value values data content contents points point target targets destination answer answers text result
        server servers exchange exchanger canonical rdata address resolves directs goes redirects mailserver nameserver
        valeur valeurs contenu contenus cible donnees donnee texte pointe redirige reponse serveur adresse
        wert werte inhalt inhalte ziel ziele daten zeigt verweist zieladresse zielhost zielhostname antwort
        valor valores contenido destino datos dato texto apunta objetivo respuesta servidor direccion
        conteudo dados dado aponta alvo resposta endereco valore valori contenuto destinazione dati testo punta
        risposta obiettivo indirizzo recordvalue rrdata rrdatas hostwert textwert zielwert zielserver token key schlussel
        cle clave chave chiave descriptivetext mailexchange hostnamealias string""",
}
_OLD = "current currently actual existing found old aktuell aktueller aktuelle gefunden bisher bisheriger alt alter "
_OLD += (
    "actuel actuelle existant existante trouve trouvee ancien ancienne encontrado existente antiguo anterior attuale "
)
_OLD += "trovato vecchio esistente atual antigo detected published veroffentlicht observed"
_FILLERS = """
    record records dns the a an of for your this that these enter type-in or and in on field fields entry entries
    rr resource eintrag eintrage eintrags eintrages enregistrement enregistrements ressource registro registros
    registrazione voce inserimento entrada entree campo champ feld del de du des der die das den dem d l la le les el
    il lo do da dal di dei dello della dell para pour fur per to au aux vers auf zu zum verso com con em en a o as os
    mail email e-mail electronico elettronica eletronico electronique electronic correo correio courrier courriel posta
    messagerie return path full complete voll vollstandig vollstandiger complet completo completa new neu neuer
    nouveau nouvelle nuevo novo nuova nuovo copy set paste use is as ist est sera s si by with dieser diese
    dieses cette ce esto este esta questo questa expected hashed relative fully qualified spf dkim dmarc bimi
    verification tracking bounce txt cname mx default optional und oder ou et y ed e o od your ihr ihre ihres
    votre vos tu tus su sus tuo tua suo seu sua dein deine deines kopieren einfugen copiez collez copiar pegar colar
    inserir incolla copia saisir saisissez eingeben introducir introduzca inserisci insira digite ingrese must should
    be here below following folgender folgende suivant suivante siguiente seguente seguinte left empty blank
    canonical-name ptr ip not required please provide
"""
_NOISE = """
    copy copied clipboard pending verified unverified valid invalid active inactive auto automatic automatically failed
    success successful optional required edit delete remove default none show more less learn details view hide verify
    check recheck refresh save cancel missing ok yes no not started found propagated configured unknown waiting
    proxied dns only now enabled disabled authenticated validated done new add added ready processing error
    content_copy content copy edit_note more_vert expand_more check_circle open_in_new delete_outline add_circle
    copier copie copiee copies coller modifier supprimer editer afficher masquer verifier verifie verifiee valide
    invalide attente actif active inactif automatique plus savoir enregistrer annuler oui non requis obligatoire
    kopieren kopiert kopierte bearbeiten loschen anzeigen verbergen uberprufen prufen gepruft verifiziert verifizieren
    bestatigt ausstehend gultig ungultig aktiv inaktiv automatisch mehr erfahren speichern abbrechen ja nein
    erforderlich entfernen fehlt fehlgeschlagen zwischenablage unbestatigt
    copiar copiado copiada pegar editar eliminar borrar mostrar ocultar verificar verificado verificada pendiente valido
    invalido activo inactivo automatico guardar cancelar si mas informacion comprobar
    copia copiato incolla modifica elimina mostra nascondi verificato attesa sospeso valido attivo inattivo salva
    annulla automatica
    excluir apagar exibir pendente ativo inativo salvar remover ver
    in en to be of the your en-attente di em da zum zur le la les a e
    n/a na ttl 1h
"""
_NOISE_ALONE_NOT = "a e in en of the to be your di em da la le les zum zur ver no ja si new ok content dns only now"
_STOP = """
    about above add added after all also an and any are as at be because been before below but by can check choose click
    copy create created do does each enter existing finally find first following for from get given go has have here how
    if in instead into is it its just leave like make must need needs new next no not now of on one only open or our out
    please publish publishes published record records remove replace returned returns set should so some step such that
    the their then there these they this those through to under until up update use used using value values via wait we
    what when where which will with within you your
    ajouter ajoutez avec aussi aux avoir ce ces cette creez creer dans des deux doit du elle en est et etre il ils la le
    les leur mais ne nous on ou par pas pour que qui sa sans ses soit son sont sous sur un une vers vos votre vous
    aber als am an auf aus bei bitte dann das dass dem den der des die dies diese diesen dieser du ein eine einem einen
    einer erstellen fur fugen hat hinzu ihr ihre im ist kann mit mussen muss nach nicht noch oder sie sind so und vom von
    werden wie wird zu zum zur
    agregar ahora al anadir anada con crear cree como cuando debe del desde donde el ella entre es esta este estos ha hay
    las lo los mas muy o para pero por porque que se ser sin sobre su sus tambien tiene un una y
    adicionar adicione ao aos as ate com como criar crie da das de dele dela do dos e ela ele em entre era essa esse este
    foi for ha isso isto mais mas na nao nas no nos num o os ou para pela pelo por quando que se sem ser seu sua um uma
    aggiungere aggiungi al alla alle anche che chi ci coi col come con cosa creare crea dal dalla dei del della delle di
    dove e ed gli ha i il in la le lo ma ne nei nel nella non o per piu quando quello questo se sei si sono su sul tra
    tu un una uno
"""
_REMOVES = """
    remove delete removed deleted old obsolete instead replace replaces replaced existing currently supprimer supprimez
    supprime remplacer remplacez ancien anciens actuellement existant loschen entfernen ersetzen ersetze loschen losche
    alte alten bisherige aktuell eliminar elimine elimina borrar borre reemplazar reemplace sustituir antiguo antiguos
    actualmente existente rimuovere rimuovi eliminare sostituire sostituisci vecchio vecchi attualmente esistente
    remover remova excluir exclua substituir substitua antigo antigos atualmente not never don't nicht pas jamais niemals
    nunca mai returns returned found entfernt geloscht
"""
_APEX = """
    leave blank empty or root apex domain none the your itself naked nothing this field as is use if required name
    host leer lassen oder feld bleibt stamm hauptdomain ihre wurzel keine laisser vide laissez ou racine aucun champ
    votre domaine dejar vacio deje en blanco o raiz dominio ninguno campo lasciare vuoto lascia vuota radice nessuno
    deixe deixar vazio em branco nenhum seu su di tuo main principal primary self zone same parent folder
"""
_APEX_CORE = frozenset(
    "blank empty root apex none naked nothing leer wurzel hauptdomain keine vide racine aucun vacio blanco raiz ninguno "
    "vuoto vuota radice nessuno vazio branco nenhum same itself".split()
)

_WORD = re.compile(r"[\w'’-]+")
_NO_LABEL = re.compile(r"[=@]|(?:^|\s)_")  # a value, the domain itself, a name
_NUMBER = re.compile(r"\d{1,3}")


def plain(text: str) -> str:
    """Return it in lower case and without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _set(words: str) -> frozenset[str]:
    return frozenset(plain(words).split())


FIELD_OF = {word: field for field, words in _FIELDS.items() for word in plain(words).split()}
OLD, FILLERS, NOISE, REMOVES, APEX = map(_set, (_OLD, _FILLERS, _NOISE, _REMOVES, _APEX))
GLUE = _set(_NOISE_ALONE_NOT)
HOSTS = _set("mail email bounce tracking spf dkim dmarc bimi em return")  # words that are names of hosts as well
STOP = _set(_STOP) | (FILLERS - HOSTS)
RECORD_NOUNS = _set(
    "record records eintrag eintrage eintrags enregistrement enregistrements registro registros entry entrada entree voce"
)
OF = _set("of de du des del della dell di do da des der for pour fur per para d zu zum")
_RANKS = ("type", "priority", "other", "value", "name", "domain")


@dataclass(frozen=True)
class Label:
    """Which part of a record a label announces ("type", "name", "domain", "value", "priority", "other")."""

    field: str
    type: str = ""


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case and without accents."""
    return [part for word in _WORD.findall(plain(text).replace("’", "'")) for part in _apart(word)]


def _apart(word: str) -> Iterable[str]:
    """Return a word as the lists have it: "l'hote" in two, "sous-domaine" in one, "record-type" in two."""
    bare = word.strip("-'_")
    joined = re.sub(r"[-'_]", "", bare)
    if joined in FIELD_OF or bare in FILLERS or bare in NOISE:
        return [joined if joined in FIELD_OF else bare]
    return [part for part in re.split(r"[-'_]", bare) if part]


@lru_cache(maxsize=4096)
def label_of(text: str) -> Label | None:
    """Return what a label announces, None where a text is no label."""
    if not 1 < len(text) <= LABEL_MAX_CHARS or _NO_LABEL.search(text):
        return None
    words = words_of(text)
    if not words or len(words) > LABEL_MAX_WORDS or "." in text.strip(" .:()").replace("e.g.", ""):
        return None
    known = [word for word in words if not _NUMBER.fullmatch(word)]
    if not all(word in FIELD_OF or word in FILLERS or word in OLD for word in known):
        return None
    fields = [FIELD_OF[word] for word in known if word in FIELD_OF]
    field = _field(known, fields)
    if not field:
        return None
    types = [word.upper() for word in known if word.upper() in SUPPORTED]
    old = any(word in OLD for word in known)
    return Label("other" if old else field, types[0] if len(set(types)) == 1 else "")


def _field(words: list[str], fields: list[str]) -> str:
    """Return the part that the words of one label name together, "" where they name several."""
    kinds = set(fields)
    if "domain" in kinds and kinds & {"name", "value"}:
        kinds.discard("domain")
    if {"name", "value"} <= kinds:
        last_value = len(fields) - 1 - fields[::-1].index("value")
        joined = any(word in OF for word in words)
        if fields[0] != "value" and not (joined and last_value > fields.index("name")):
            return ""
        kinds.discard("name")
    if "other" in kinds and len(kinds) > 1 and fields[0] != "other":
        kinds.discard("other")
    if {"type", "value"} <= kinds or {"type", "name"} <= kinds:
        return ""
    return next((rank for rank in _RANKS if rank in kinds), "")


_TYPE = re.compile(r"(?:record\s+)?([a-z]{1,7})(?:\s*\([^()]{0,40}\))?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def type_of(text: str) -> str:
    """Return the record type that a text names ("txt", "CNAME record", "Enregistrement TXT", "TXT (SPF)"), else ""."""
    if len(text) > LABEL_MAX_CHARS:
        return ""
    bare = text.strip(" \t:*\"'`•-[].")
    match = _TYPE.fullmatch(bare)
    if match and match[1].upper() in KNOWN:
        return match[1].upper()
    words = words_of(bare)
    types = {word.upper() for word in words if word.upper() in SUPPORTED}
    others = [word for word in words if word.upper() not in SUPPORTED and not _NUMBER.fullmatch(word)]
    is_type = len(types) == 1 and 0 < len(others) < 4 and any(word in RECORD_NOUNS for word in others)
    return types.pop() if is_type and all(word in FILLERS for word in others) else ""


def is_noise(text: str) -> bool:
    """Return whether a text is a button or a state, in words or as a sign."""
    if len(text) > LABEL_MAX_CHARS:
        return False
    words = re.findall(r"[\w/']+", plain(text))
    if not words:
        return text.strip() not in {"", "@", "*"}
    return all(word in NOISE for word in words) and not all(word in GLUE for word in words)


def is_page_word(text: str) -> bool:
    """Return whether a text belongs to the page and to no record: a label, a button, a type, a word of a sentence."""
    bare = text.strip(" \t.,:;()\"'*")
    if len(bare) == 1:
        return False
    if type_of(bare) in SUPPORTED or is_noise(bare):
        return True
    words = words_of(bare) if len(bare) <= LABEL_MAX_CHARS and "." not in bare else []
    return bool(words) and all(word in STOP or word in FIELD_OF or word in NOISE for word in words)


def is_record_noun(text: str) -> bool:
    """Return whether a text says no more than "record" or "entry"."""
    words = [word for word in words_of(text[:LABEL_MAX_CHARS]) if not _NUMBER.fullmatch(word)]
    return bool(words) and all(word in RECORD_NOUNS or word == "dns" for word in words)


def is_apex_phrase(text: str) -> bool:
    """Return whether a text says in words that a record stands at the domain itself ("@ or leave blank")."""
    if not 1 < len(text) <= LABEL_MAX_CHARS:
        return False
    words = words_of(text)
    core = "@" in text or any(word in _APEX_CORE for word in words)
    return core and "." not in text and all(word in APEX for word in words)


def speaks_of_removing(text: str) -> bool:
    return any(word in REMOVES for word in words_of(text[:400]))
