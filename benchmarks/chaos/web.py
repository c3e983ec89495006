"""People who ask the web server for a new password: mail that the web process itself accepts."""

import http.cookiejar
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PATH = "/accounts/password/reset/"
TIMEOUT_SECONDS = 10


class ForgetfulPeople:
    """Each of `addresses` asks once, `pause_seconds` apart; `answered` are those who were told that a mail comes."""

    def __init__(self, site: str, addresses: Sequence[str], pause_seconds: float) -> None:
        self.site, self.addresses, self.pause_seconds = site, addresses, pause_seconds
        self.answered: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forgetful people", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        for address in self.addresses:
            if self._over.wait(self.pause_seconds):
                return
            try:
                if self._ask(address):
                    self.answered.append(address)
            except (OSError, HTTPException, urllib.error.HTTPError):
                continue  # the web server was just killed, or says that too many have asked

    def _ask(self, address: str) -> bool:
        """Fill in the form as a browser would; return whether it was taken."""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(cookies)
        page = browser.open(self.site + PATH, timeout=TIMEOUT_SECONDS).read().decode()
        token = TOKEN.search(page)
        if token is None:
            return False
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "email": address}).encode()
        request = urllib.request.Request(self.site + PATH, form, {"Referer": self.site + PATH})
        with browser.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.url.endswith("/done/")
