"""Each process of a test run is alone with its database, its broker and its folder."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from testing.environment import FOLDER


def test_whatever_a_process_keeps_is_in_its_own_folder(db: None) -> None:
    assert Path(settings.VAR_DIR) == FOLDER
    assert Path(urlsplit(settings.REDIS_URL).path).parent == FOLDER
    if connection.vendor == "sqlite":
        assert Path(str(connection.settings_dict["NAME"])).parent == FOLDER
