"""What SMTP servers let others know."""

from django.dispatch import Signal

# A server has passed its check and has been stored; sent by the worker, within the transaction that stores it. A
# receiver that raises takes all of it back: the check is then not finished, and is given up with a sentence.
#   sender  the class SmtpServer
#   server  the SmtpServer as it is stored now
#   check   the SmtpCheck that it passed; its `person` asked for it
#   before  what had been typed until then, as `SmtpServer.typed_values` has it; {} where there was no server
#   after   the same of `server`
server_verified = Signal()
