from delivery.models.attempt import Attempt
from delivery.models.delivery import Delivery
from delivery.models.email import Email

__all__ = ["Attempt", "Delivery", "Email"]
