import pytest

from backoffice.tests.accessibility.long_names import NUMBER, WORD, LongNames
from delivery.figures.recount import recount


@pytest.fixture
def tenant(db: None) -> LongNames:
    """The white-label of long names, whose mail is counted, so that its pages have pictures."""
    tenant = LongNames.furnish(WORD, NUMBER)
    recount()
    return tenant
