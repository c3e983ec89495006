"""The diagnoses, with their sources: one table for everybody. The first row that applies wins."""

from django.conf import settings

from smtp_settings.checks.diagnosis import SPEAKS_CLEAR_TEXT, SPEAKS_TLS, Diagnosis, Failure, Row
from smtp_settings.choices import Auth, Fault, Phase, Policy, Security
from smtp_settings.models import SmtpServer
from smtp_settings.network.address_policy import UNREACHABLE
from smtp_settings.transport.failures import NO_GREETING, OUT_OF_STEP, UNSUPPORTED
from smtp_settings.transport.sign_in import in_words

GMAIL = r"(^|\.)(gmail|google|googlemail)\.com$"
MICROSOFT = r"(^|\.)(office365|outlook|hotmail)\.com$"
YAHOO = r"(^|\.)(yahoo|aol)\.com$"
APPLE = r"\.mail\.(me|icloud)\.com$"
SES = r"\.amazonaws\.com$"
SENDGRID = r"(^|\.)sendgrid\.net$"
FASTMAIL = r"(^|\.)fastmail\.com$"

GOOGLE_SAYS = "https://support.google.com/a/answer/3726730"
MICROSOFT_SAYS = (
    "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission"
)
MICROSOFT_OAUTH = (
    "https://learn.microsoft.com/exchange/client-developer/legacy-protocols/"
    "how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth"
)
AMAZON_SAYS = "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html"
SENDGRID_SAYS = "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting"
YAHOO_SAYS = "https://help.yahoo.com/kb/SLN15241.html"
APPLE_SAYS = "https://support.apple.com/102654"
FASTMAIL_SAYS = "https://www.fastmail.help/hc/en-us/articles/360058752854"
POSTFIX_SAYS = "https://www.postfix.org/postconf.5.html"

AUTH, MAIL, REACH, RCPT = (Phase.AUTH,), (Phase.MAIL,), (Phase.RESOLVE, Phase.CONNECT), (Phase.RCPT,)
BODY = (Phase.DATA, Phase.FINAL_DOT)
REJECTED, REPLY, STEP = ("auth_rejected",), ("reply",), ("reply", OUT_OF_STEP)
TOKEN = ("token", "token_refused")
PORTS = "Compare host and port with your provider's instructions: usually 587 with STARTTLS, or 465 with implicit TLS."
OTHER_SENDER = "Use an address that this account may send from, or let your provider verify it first."
LATER = "This is usually temporary: try again in some minutes."
OUR_NAME = "This installation greets servers as {ehlo}. Whoever runs it can set another name: SMTP_EHLO_NAME."
APP_PASSWORD = "Make an app password in the security settings of the account, and paste it here."  # noqa: S105
EHLO_NAME = r"helo|hostname|host name|fqdn|fully.qualified|domain|invalid name|syntax|argument|address literal"
NOT_TRUSTED = r"self.signed|issuer|unable to get|verify the first"

TABLE = (
    # Where the server is
    Row(name="address", source="RFC 5321 5.1, RFC 6890", sentence="{text}", kinds=("resolve", "forbidden")),
    Row(name="unreachable", source="RFC 5321 5.1", sentence=UNREACHABLE, field="host", phases=(Phase.CONNECT,),
        kinds=("refused", "timeout"), policy=Policy.WHITE_LABEL),
    Row(name="port-closed", source="RFC 9293 3.5.2", field="port", phases=(Phase.CONNECT,), kinds=("refused",),
        sentence="{host} is there, but nothing answers at port {port}.", fix=PORTS),
    Row(name="port-silent", source="RFC 5321 4.5.3.2", field="port", phases=(Phase.CONNECT,), kinds=("timeout",),
        sentence="{host} did not answer at port {port} in time.",
        fix="Perhaps a firewall on the way drops this port; hosting companies often block 25. " + PORTS),
    Row(name="greeting-late", source="RFC 5321 4.5.3.2.1", field="host", phases=(Phase.CONNECT,),
        kinds=(NO_GREETING,), sentence="{host} took the connection at port {port}, but said nothing for a minute.",
        fix="Mail is not sent through a server that is so slow: ask your provider why. " + PORTS),
    # How the connection is secured
    Row(name="tls-at-once", source="RFC 8314 3.3", field="security", kinds=(SPEAKS_TLS,),
        sentence="Port {port} of {host} expects TLS from the first byte on.", fix="Choose implicit TLS."),
    Row(name="certificate-names", source="RFC 8314 4.4, RFC 9525 6", field="host", kinds=("certificate",), named=True,
        text="mismatch|doesn't match|not valid for", sentence="The certificate is for {names}, not for {host}.",
        fix="Type the host name that your provider gives in its instructions: the certificate must name it."),
    Row(name="certificate-expired", source="RFC 5280 4.1.2.5", field="host", kinds=("certificate",), text="expired",
        sentence="The server's certificate has expired.",
        fix="Whoever runs the server must renew it; until then no mail is sent there."),
    Row(name="certificate-early", source="RFC 5280 4.1.2.5", field="host", kinds=("certificate",),
        text="not yet valid", sentence="The server's certificate is not valid yet.",
        fix="Whoever runs the server must look at the dates of its certificate."),
    Row(name="certificate-stranger-platform", source="RFC 5280 6.1", field="host", kinds=("certificate",),
        text=NOT_TRUSTED, policy=Policy.PLATFORM,
        sentence="The server's certificate was issued by nobody who is trusted here.",
        fix="Ask whoever runs the server for a certificate of a public authority and for its full chain. The "
        "installation may trust an authority of its own: SMTP_CA_FILE."),
    Row(name="certificate-stranger", source="RFC 5280 6.1", field="host", kinds=("certificate",), text=NOT_TRUSTED,
        sentence="The server's certificate was issued by nobody who is trusted here.",
        fix="Ask your provider for a certificate of a public authority and for its full chain."),
    Row(name="certificate", source="RFC 5280 6.1", field="host", kinds=("certificate",),
        sentence="The server's certificate cannot be trusted: {reply}"),
    Row(name="tls-old", source="RFC 8996, RFC 9325 3.1.1", field="security", kinds=("tls",),
        text="unsupported.protocol|protocol.version|no.protocols",
        sentence="The server speaks only versions of TLS that are no longer safe.",
        fix="It must offer TLS 1.2 or newer; ask your provider for such a server."),
    Row(name="clear-text-first", source="RFC 8314 3.3", field="security", kinds=(SPEAKS_CLEAR_TEXT,),
        sentence="Port {port} of {host} answered in clear text.", fix="Choose STARTTLS; it is usual at port 587."),
    Row(name="tls-client-certificate", source="RFC 8446 6.2 (116)", field="port", kinds=("tls",),
        text="alert.certificate.required", sentence="The server wants a client certificate, which is not supported.",
        fix="Ask your provider for a host and port that take a username and password."),
    Row(name="tls-handshake", source="RFC 5246 7.2.2 (40)", field="security", kinds=("tls",),
        text="alert.(handshake.failure|insufficient.security)",
        sentence="The server ended the TLS handshake: {reply}",
        fix="It offers no encryption that is safe by today's rules, or wants a client certificate. Ask your provider."),
    Row(name="tls-name", source="RFC 6066 3 (112)", field="host", kinds=("tls",), text="unrecognized.name",
        sentence="The server does not know the name {host}: {reply}",
        fix="Type the host name that your provider gives in its instructions."),
    Row(name="tls-internal", source="RFC 5246 7.2.2 (80)", field="host", kinds=("tls",), text="alert.internal.error",
        sentence="The server could not set up TLS because of an error of its own: {reply}",
        fix="Try again in some minutes; if it stays, tell your provider."),
    Row(name="tls-alert", source="RFC 5246 7.2", field="security", kinds=("tls",), text="alert",
        sentence="The server ended the TLS connection with an alert: {reply}",
        fix="Give your provider this text: it says what its server did not like."),
    Row(name="tls", source="RFC 3207 4", field="security", kinds=("tls",), fix=PORTS,
        sentence="The connection could not be secured: {reply}"),
    Row(name="starttls-missing", source="RFC 3207 2", field="security", kinds=("starttls_missing",),
        sentence="The server does not offer STARTTLS at port {port}.",
        fix="Choose implicit TLS with its port (usually 465), or ask your provider for the right port."),
    Row(name="starttls-later", source="RFC 3207 4", field="security", phases=(Phase.TLS,), kinds=REPLY, fix=LATER,
        codes=("4",), sentence="The server could not start TLS: {reply}"),
    Row(name="starttls-refused", source="RFC 3207 4, RFC 5321 4.2.4", field="security", phases=(Phase.TLS,),
        kinds=REPLY, sentence="The server offers STARTTLS, but refuses it: {reply}",
        fix="Choose implicit TLS with its port (usually 465), or ask your provider to mend STARTTLS."),
    Row(name="clear-password", source="RFC 4954 4, RFC 8314 3", field="security", kinds=("clear_password",),
        sentence="A password is never sent without encryption.",
        fix="Choose STARTTLS or implicit TLS. Without them, only servers in a network that the installation lists in "
        "SMTP_ALLOWED_CIDRS may be signed in to."),
    Row(name="unencrypted", source="RFC 8314 3", field="security", kinds=("unencrypted",),
        sentence="Mail is sent encrypted only.", fix="Choose STARTTLS or implicit TLS."),
    # Whether it speaks SMTP with us
    Row(name="busy", source="RFC 5321 3.1, 4.2.1", field="host", phases=REACH, kinds=REPLY, codes=("4",), fix=LATER,
        sentence="The server takes no connections just now: {reply}"),
    Row(name="no-mail-host", source="RFC 7504 2", field="host", phases=REACH, kinds=REPLY, codes=("521",),
        sentence="{host} says that it takes no mail at all: {reply}",
        fix="Your provider has another host for sending: look for “outgoing server” in its instructions."),
    Row(name="refuses-us", source="RFC 5321 3.1", field="host", phases=REACH, kinds=REPLY,
        sentence="The server refuses to talk to this installation: {reply}",
        fix="Ask your provider to allow the address that this installation connects from."),
    Row(name="not-smtp", source="RFC 5321 4.2", field="port", phases=REACH, kinds=("protocol",), fix=PORTS,
        sentence="What answers at {host}, port {port}, is not an SMTP server."),
    Row(name="no-greeting", source="RFC 5321 3.1", field="port", phases=REACH, kinds=("closed",), fix=PORTS,
        sentence="The server hung up without a greeting."),
    Row(name="greeting-later", source="RFC 5321 4.2.1", field="host", phases=(Phase.EHLO,), kinds=REPLY, codes=("4",),
        fix=LATER, sentence="The server did not accept our greeting just now: {reply}"),
    Row(name="greeting-name", source="RFC 5321 4.1.4; " + POSTFIX_SAYS + "#smtpd_helo_restrictions", field="host",
        phases=(Phase.EHLO,), kinds=REPLY, text=EHLO_NAME, sentence="The server refuses the name {ehlo}: {reply}",
        fix=OUR_NAME),
    Row(name="greeting-refused", source="RFC 5321 4.1.4", field="host", phases=(Phase.EHLO,), kinds=REPLY,
        sentence="The server did not accept our greeting: {reply}",
        fix="Ask your provider whether this installation may use the server."),
    # Signing in
    Row(name="secret", source="NIST SP 800-38D 7.2", sentence="{text}", field="password", kinds=("secret",)),
    Row(name="token-client", source="RFC 6749 5.2", sentence="{text}", field="client_secret", kinds=TOKEN,
        text="invalid_client|unauthorized_client|deleted_client|disabled_client",
        fix="Compare client ID and client secret with the app registration; a client secret expires, and is shown only "
        "when it is made."),
    Row(name="token-refused", source="RFC 6749 5.2", sentence="{text}", field="token_source", kinds=("token_refused",),
        fix="Press “Sign in” once more; where the application signs in by itself, ask its administrator for consent."),
    Row(name="token", source="RFC 6749 5.2", sentence="{text}", field="token_source", kinds=("token",), fix=LATER),
    Row(name="token-not-offered", source="RFC 4954 3", field="auth", kinds=("xoauth2_missing",),
        sentence="The server does not offer sign-in by OAuth 2.0 (XOAUTH2) at port {port}: it offers {sign_ins}.",
        fix="Choose “Username and password”, or the host and port that the provider gives for OAuth 2.0."),
    Row(name="token-microsoft", source=MICROSOFT_OAUTH, field="username", kinds=("token_rejected",), host=MICROSOFT,
        sentence="Microsoft 365 does not accept the token for {username}: {reply}",
        fix="“Authenticated SMTP” must be on for this mailbox. An application of its own also needs the permission "
        "SMTP.SendAsApp, a service principal in Exchange, and rights on the mailbox."),
    Row(name="token-rejected", source="RFC 7628 3.2.2", field="username", kinds=("token_rejected",),
        sentence="The server does not accept the token for {username}: {reply}",
        fix="The username must be the mailbox that was signed in to, and the scope one that allows sending by SMTP."),
    Row(name="sign-in-after-tls", source="RFC 4954 4, RFC 3207 4.2", field="security", kinds=("auth_missing",),
        security=Security.NONE, offers="starttls", sentence="The server does not offer sign-in before TLS.",
        fix="Choose STARTTLS."),
    Row(name="microsoft-no-sign-in", source=MICROSOFT_SAYS, field="auth", kinds=("auth_missing",), host=MICROSOFT,
        sentence="The server offers no sign-in by username and password.",
        fix="Microsoft 365: switch on “Authenticated SMTP” for the mailbox, or use another provider."),
    Row(name="sign-in-by-token", source="RFC 7628, XOAUTH2", field="auth", kinds=("auth_missing",), sign_in="XOAUTH2",
        sentence="The server offers {sign_ins} at port {port}, none by password.",
        fix="Choose “OAuth 2.0 instead of a password (XOAUTH2)” and fill in what your provider gives for it."),
    Row(name="sign-in-cram-md5", source="RFC 2195; RFC 6331", field="auth", kinds=("auth_missing",), sign_in="CRAM-MD5",
        sentence="The server offers {sign_ins} at port {port}. CRAM-MD5 is outdated and not supported.",
        fix="Ask your provider to allow PLAIN or LOGIN over TLS, or for a host and port that do."),
    Row(name="sign-in-unknown", source="RFC 4954 3, RFC 4422 3.1", field="auth", kinds=("auth_missing",), sign_in=".+",
        sentence="The server offers {sign_ins} at port {port}, which is not supported.",
        fix="Ask your provider to allow PLAIN, LOGIN or XOAUTH2 over TLS, or for a host and port that do."),
    Row(name="no-sign-in", source="RFC 4954 3", field="auth", kinds=("auth_missing",),
        sentence="The server offers {sign_ins} at port {port}.",
        fix="Choose “No sign-in” if it knows you by your address; otherwise try port 587 with STARTTLS."),
    Row(name="google-browser", source=GOOGLE_SAYS, field="password", phases=AUTH, kinds=REJECTED, codes=("534",),
        enhanced=("5.7.14",), host=GMAIL, sentence="Google wants the account to be opened in a browser first: {reply}",
        fix="Sign in to the account in a browser, answer what Google asks, and try again."),
    Row(name="google-app-password", source=GOOGLE_SAYS, field="password", phases=AUTH, kinds=REJECTED,
        codes=("534", "535"), host=GMAIL,
        sentence="Google wants an app password, not the password of the account: {reply}",
        fix="Create an app password at myaccount.google.com/apppasswords (two-step verification must be on), and paste "
        "it here."),
    Row(name="microsoft-disabled", source=MICROSOFT_SAYS, field="auth", phases=AUTH, kinds=REJECTED, codes=("535",),
        enhanced=("5.7.139", "5.7.57"),
        sentence="Microsoft 365 has switched off sign-in by password for this mailbox: {reply}",
        fix="An administrator can switch on “Authenticated SMTP” for the mailbox; otherwise use another sign-in."),
    Row(name="microsoft-basic", source=MICROSOFT_SAYS, field="auth", codes=("550",), enhanced=("5.7.30",),
        faults=(Fault.SIGN_IN,),
        sentence="Microsoft 365 takes no passwords for this organisation any more: {reply}",
        fix="Use a sign-in without password (OAuth), or another provider."),
    Row(name="yahoo-app-password", source=YAHOO_SAYS, field="password", phases=AUTH, kinds=REJECTED, codes=("535",),
        host=YAHOO, sentence="Yahoo wants an app password, not the password of the account: {reply}", fix=APP_PASSWORD),
    Row(name="apple-app-password", source=APPLE_SAYS, field="password", phases=AUTH, kinds=REJECTED, codes=("535",),
        host=APPLE, sentence="iCloud wants an app-specific password: {reply}",
        fix="Create one at account.apple.com, under Sign-In and Security, and paste it here."),
    Row(name="fastmail-app-password", source=FASTMAIL_SAYS, field="password", phases=AUTH, kinds=REJECTED,
        codes=("535",), host=FASTMAIL, sentence="Fastmail wants an app password: {reply}", fix=APP_PASSWORD),
    Row(name="ses-credentials", source=AMAZON_SAYS, field="password", phases=AUTH, kinds=REJECTED, codes=("535",),
        host=SES, sentence="Amazon SES did not accept this username and password: {reply}",
        fix="SES has SMTP credentials of its own (“Create SMTP credentials”), for one region each; the access key of "
        "an AWS account does not work."),
    Row(name="sendgrid-credits", source=SENDGRID_SAYS, field="auth", codes=("451",), text="credits exceeded",
        sentence="The SendGrid account has used up what it may send: {reply}",
        fix="Look at the account's plan and limits at SendGrid."),
    Row(name="sendgrid-credentials", source=SENDGRID_SAYS, field="password", phases=AUTH, kinds=REJECTED,
        codes=("535",), host=SENDGRID, sentence="SendGrid did not accept this username and password: {reply}",
        fix="The username is the word apikey; the password is an API key that may send mail."),
    Row(name="sign-in-needs-tls", source="RFC 4954 6", field="security", phases=AUTH, codes=("538",),
        sentence="The server takes a password over an encrypted connection only: {reply}",
        fix="Choose STARTTLS or implicit TLS."),
    Row(name="stronger-sign-in", source="RFC 4954 6", field="auth", phases=AUTH, codes=("534",),
        sentence="The server wants a stronger sign-in than a password: {reply}",
        fix="Ask your provider for an app password or SMTP credentials."),
    Row(name="too-many-sign-ins", source=GOOGLE_SAYS, field="password", phases=AUTH, text="too many",
        sentence="The server has seen too many sign-ins and wants a pause: {reply}",
        fix="Wait an hour before the next try; each try with a wrong password makes the pause longer."),
    Row(name="sign-in-later", source="RFC 4954 6", field="password", phases=AUTH, kinds=("auth_rejected", "reply"),
        codes=("4",), sentence="Signing in is not possible just now: {reply}", fix=LATER),
    Row(name="sign-in-refused", source="RFC 3207 4, RFC 4954 4", field="security", phases=AUTH, codes=("530", "50"),
        sentence="The server refuses to talk about sign-in: {reply}", fix=PORTS),
    Row(name="credentials", source="RFC 4954 6", field="password", phases=AUTH, kinds=REJECTED,
        sentence="The server does not accept this username and password: {reply}",
        fix="Type both again. Many providers have a separate SMTP password or key."),
    # What the server says of the mail: whose fault that is, the table of refusals knows.
    Row(name="out-of-step", source="RFC 5321 4.1.4", phases=(*MAIL, *RCPT, *BODY), kinds=STEP,
        faults=(Fault.OUT_OF_STEP,), sentence="The server says that this was not the moment for the command: {reply}",
        fix="Some servers say so to those who have not signed in. If you have, try again in some minutes."),
    Row(name="tls-first", source="RFC 3207 4", field="security", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY,
        faults=(Fault.SIGN_IN,), text="starttls|tls first|encrypt", security=Security.NONE,
        sentence="The server wants an encrypted connection first: {reply}", fix="Choose STARTTLS."),
    Row(name="sign-in-first", source="RFC 4954 6", field="auth", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY,
        faults=(Fault.SIGN_IN,), auth=Auth.NONE,
        sentence="The server takes mail only from those who sign in: {reply}", fix="Choose “Username and password”."),
    Row(name="sign-in-taken-back", source="RFC 4954 6, RFC 6409 4.3", field="username",
        phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.SIGN_IN,),
        sentence="The server accepted the sign-in, but takes no mail from this account: {reply}",
        fix="Ask your provider whether the account may send mail by SMTP."),
    Row(name="daily-limit", source=GOOGLE_SAYS, phases=(*AUTH, *MAIL, *RCPT, *BODY), faults=(Fault.QUOTA,),
        sentence="The account has sent as much as it may for now: {reply}",
        fix="Wait until tomorrow, or ask your provider for a higher limit."),
    Row(name="too-many-connections", source=POSTFIX_SAYS + "#smtpd_client_connection_count_limit",
        field="max_connections", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.CONNECTION_LIMIT,),
        sentence="The server has too many connections from here: {reply}",
        fix="Try again in some minutes, and allow fewer connections at once."),
    Row(name="too-much-mail", source=POSTFIX_SAYS + "#smtpd_client_message_rate_limit", field="messages_per_minute",
        phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.RATE_LIMIT,),
        sentence="The server takes only so much in a time: {reply}",
        fix="Try again in some minutes, and set “Messages a minute” to what your provider allows."),
    Row(name="relaying", source="RFC 3463 3.8 (X.7.1); " + POSTFIX_SAYS + "#relay_domains", field="auth",
        phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.CLIENT,), text="relay|rcpthosts|remote domains",
        sentence="The server does not forward mail for this sign-in: {reply}",
        fix="Sign in by username and password; if you do, ask your provider whether the account may send."),
    Row(name="client-name", source=POSTFIX_SAYS + "#smtpd_helo_restrictions", field="host",
        phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.CLIENT,), text=r"\b(helo|ehlo)\b",
        sentence="The server refuses the name {ehlo}: {reply}", fix=OUR_NAME),
    Row(name="client", source=POSTFIX_SAYS + "#smtpd_client_restrictions", field="host",
        phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.CLIENT,),
        sentence="The server takes no mail from this installation: {reply}",
        fix="Ask your provider to allow the address that this installation connects from."),
    Row(name="send-as", source=MICROSOFT_SAYS, field="sender_address", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY,
        faults=(Fault.SENDER,), enhanced=("5.7.60", "5.2.252"),
        sentence="This account may not send as {sender}: {reply}",
        fix="Give the account the right “Send as” for this mailbox, or use the account's own address as the sender."),
    Row(name="ses-unverified", source=AMAZON_SAYS, field="sender_address", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY,
        faults=(Fault.SENDER,), codes=("554",), text="address is not verified",
        sentence="Amazon SES has not verified an address of this message: {reply}",
        fix="Verify the sender in this region of SES. In the sandbox the recipient must be verified as well."),
    Row(name="sendgrid-sender", source=SENDGRID_SAYS, field="sender_address", phases=(*MAIL, *RCPT, *BODY),
        kinds=REPLY, faults=(Fault.SENDER,), text="verified sender identity",
        sentence="SendGrid has not verified the sender: {reply}",
        fix="Verify the sender at SendGrid, under Sender Authentication."),
    Row(name="sender-domain", source="RFC 3463 3.2 (X.1.8)", field="sender_address", phases=(*MAIL, *RCPT, *BODY),
        kinds=REPLY, faults=(Fault.SENDER,), enhanced=("5.1.8", "4.1.8"),
        sentence="The server does not know the domain of {sender}: {reply}",
        fix="The domain needs an MX or address record in DNS; use a domain that receives mail."),
    Row(name="sender-not-owned", source="RFC 5321 4.2.3; " + POSTFIX_SAYS + "#reject_sender_login_mismatch",
        field="sender_address", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.SENDER,), codes=("553",),
        fix=OTHER_SENDER, sentence="The sender {sender} is not allowed for this account: {reply}"),
    Row(name="sender-spelling", source="RFC 3463 3.2 (X.1.7)", field="sender_address", phases=MAIL, kinds=REPLY,
        faults=(Fault.SENDER,), codes=("501",),
        sentence="The server does not understand the sender address {sender}: {reply}",
        fix="Type a plain address, such as mail@example.com."),
    Row(name="sender", source="RFC 5321 3.3", field="sender_address", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY,
        faults=(Fault.SENDER,), fix=OTHER_SENDER, sentence="The server takes no mail from {sender}: {reply}"),
    Row(name="busy-with-mail", source="RFC 5321 4.2.1", field="host", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY,
        faults=(Fault.BUSY,), fix=LATER, sentence="The server takes no mail just now: {reply}"),
    Row(name="greylisted", source="RFC 6647 2", phases=(*MAIL, *RCPT), kinds=REPLY, codes=("4",), fix=LATER,
        faults=(Fault.RECIPIENT,), sentence="The server wants the recipient to be tried again later: {reply}"),
    Row(name="recipient", source="RFC 5321 3.3", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY,
        faults=(Fault.RECIPIENT, Fault.NO_SUCH_RECIPIENT),
        sentence="The server refused the recipient, your own address: {reply}",
        fix="Perhaps the account may only write to verified addresses yet: ask your provider."),
    Row(name="message", source="RFC 5321 4.2.1", phases=(*MAIL, *RCPT, *BODY), kinds=REPLY, faults=(Fault.CONTENT,),
        sentence="The server refused the message: {reply}",
        fix="Often the reason is the sender address: it must be one that this account may send from."),
    Row(name="message-not-possible", source="RFC 1870 6, RFC 6531 3.2", phases=MAIL, kinds=(UNSUPPORTED,),
        sentence="{text}", fix="Use a shorter message or an address without special characters."),
    Row(name="hung-up-after", source="RFC 5321 4.1.1.10, RFC 1047", phases=(Phase.FINAL_DOT,),
        kinds=("closed", "timeout", "protocol"), sentence="{text} It may arrive all the same."),
    # Whatever else
    Row(name="silent", source="RFC 5321 4.5.3.2", field="host", kinds=("timeout",), fix=LATER,
        sentence="The server stopped answering."),
    Row(name="hung-up", source="RFC 5321 3.8", field="host", kinds=("closed", "refused"), fix=LATER,
        sentence="The server hung up in the middle of the conversation."),
    Row(name="nonsense", source="RFC 5321 4.2", field="port", kinds=("protocol",), fix=PORTS,
        sentence="The server answered something that is not SMTP."),
)  # fmt: skip
UNKNOWN = Row(name="unknown", source="RFC 5321 4.2.1", field="host", sentence="The server could not be used: {reply}")


def diagnose(failure: Failure, server: SmtpServer) -> Diagnosis:
    """Return the sentence, the field and the advice for `failure`."""
    row = next((row for row in TABLE if row.applies(failure, server)), UNKNOWN)
    sentence = row.sentence.format(
        host=server.host,
        port=server.port,
        username=server.username,
        sender=server.sender_address,
        names=failure.names,
        sign_ins=in_words(failure.sign_ins),
        ehlo=settings.SMTP_EHLO_NAME,
        reply=failure.reply,
        text=failure.text,
    )
    fix = row.fix.format(ehlo=settings.SMTP_EHLO_NAME)
    return Diagnosis(sentence, row.field or failure.field, fix, row.name, row.source)
