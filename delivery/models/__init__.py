from delivery.models.attempt import Attempt
from delivery.models.bulk_act import BulkAct
from delivery.models.daily_count import DailyCount
from delivery.models.delivery import Delivery
from delivery.models.email import Email
from delivery.models.figures import DailyFigure, FoldMark, HourlyFigure, ServerFigure, StatusChange
from delivery.models.pause_notice import PauseNotice
from delivery.models.slot import ConnectionSlot
from delivery.models.suppression import Suppression

__all__ = [
    "Attempt",
    "BulkAct",
    "ConnectionSlot",
    "DailyCount",
    "DailyFigure",
    "Delivery",
    "Email",
    "FoldMark",
    "HourlyFigure",
    "PauseNotice",
    "ServerFigure",
    "StatusChange",
    "Suppression",
]
