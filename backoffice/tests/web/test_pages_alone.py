"""The pages that stand when nothing else may: they bring their looks along, and ask neither session nor database."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_a_page_that_stands_alone_has_a_stylesheet_that_is_there(name: str) -> None:
    (address,) = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)">', render_to_string(name))
    assert finders.find(address)
