"""How many examples a property test tries: some hundreds, the same at each run, or thousands of new ones.

pytest -m properties --hypothesis-profile=thorough
"""

from hypothesis import HealthCheck, settings

THOROUGH, THOROUGH_EXAMPLES = "thorough", 5_000


def register_profile() -> None:
    settings.register_profile(THOROUGH, max_examples=THOROUGH_EXAMPLES, print_blob=True)


def examples(number: int) -> settings:
    """Return the settings of a test that ordinarily tries `number` examples."""
    thorough = settings.get_current_profile_name() == THOROUGH
    return settings(
        max_examples=THOROUGH_EXAMPLES if thorough else number,
        derandomize=not thorough,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
