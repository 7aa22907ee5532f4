import math

import pytest

from mmreid.apis.adaptation import AdaptOptions, Clustering
from mmreid.apis.adaptation.plan import make_plan


@pytest.mark.parametrize(
    ('pictures', 'numbers'),
    [
        (10, (2, 4, 20)),
        (300, (16, 4, 20)),
        (4000, (16, 4, 63)),
        (20_000, (16, 16, 79)),
        (500_000, (16, 16, 400)),
    ],
)
def test_numbers_fit_the_folder(pictures, numbers):
    plan = make_plan(pictures, AdaptOptions())
    assert (plan.persons, plan.instances, plan.batches) == numbers
    assert plan.batch <= pictures


@pytest.mark.parametrize(
    ('pictures', 'numbers'), [(48, (8, 2)), (1000, (16, 3)), (32_621, (30, 6))]
)
def test_lists_are_short_where_pictures_are_few(pictures, numbers):
    chosen = Clustering().fitting(pictures)
    assert (chosen.k1, chosen.k2) == numbers
    assert Clustering(k1=12, k2=5).fitting(pictures) == Clustering(k1=12, k2=5)


def test_what_is_asked_for_is_taken():
    options = AdaptOptions(epochs=3, persons=4, instances=2, batches=7)
    plan = make_plan(100, options)
    assert (plan.embedded, plan.trained) == (400, 3 * 7 * 8)
    assert '3 epochs' in plan.describe()
    assert '168 trained on' in plan.describe()


def test_the_cost_is_told_in_a_fitting_unit():
    plan = make_plan(1000, AdaptOptions(epochs=1, batches=10))
    # 2,000 pictures are embedded, and 640 trained on at 3.5 times the cost.
    assert plan.estimate(0.001).endswith('about 5 seconds')
    assert plan.estimate(0.1).endswith('about 8 minutes')
    assert plan.estimate(10).endswith('about 12 hours')
    assert plan.estimate(math.nan) == ''


def test_more_pictures_than_there_are_is_refused():
    with pytest.raises(ValueError, match=r'32 clusters with 4 pictures .* 100;'):
        make_plan(100, AdaptOptions(persons=32))
