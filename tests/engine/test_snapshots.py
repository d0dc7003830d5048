import pytest

from mobile_app.engine.snapshots import PER_DOUBLING, kept


@pytest.mark.parametrize("newest", [1, 10, 1000, 100_000])
def test_few_are_kept_however_many_there_were(newest):
    versions = kept(range(newest + 1), newest)
    assert newest in versions
    assert len(versions) <= 2 * PER_DOUBLING * max(newest.bit_length(), 1)


def test_what_is_kept_after_each_step_is_close_to_every_age():
    versions = set()
    for newest in range(1, 3000):
        versions = kept(versions | {newest}, newest)
        if newest > 8:
            for age in (1, 2, 4, newest // 2):
                nearest = max((version for version in versions if version <= newest - age), default=0)
                assert newest - age - nearest <= max(1, age)
