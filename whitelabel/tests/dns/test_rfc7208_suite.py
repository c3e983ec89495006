"""SPF agrees with the test suite of RFC 7208, its macros among it; the explanations (6.2) are nobody's verdict."""

from testing import rfc7208_suite
from whitelabel.dns.spf.check import check_host

CASES = 203


def test_mails_are_judged_as_the_suite_of_the_standard_says() -> None:
    cases = list(rfc7208_suite.cases())
    results = {case.name: check_host(case.domain, case.sender, case.zones) for case in cases}
    wrong = {case.name: (results[case.name], case.results) for case in cases if results[case.name] not in case.results}
    assert (wrong, len(cases)) == ({}, CASES)
