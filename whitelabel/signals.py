"""What applications let others know."""

from django.dispatch import Signal

# An application has another owner, another white-label, or both; sent within the transaction that stores it, so that a
# receiver that raises takes it back. Every way of changing them leads through `Application.save`.
#   sender       the class Application
#   application  the Application as it is stored now
#   before       the Side that it was on until then
#   after        the Side that it is on now
application_handed_over = Signal()
