"""Families: the same clothes, small differences; sizes that add up."""

import pytest

from mmreid.datasets.synthetic import SIZES, DatasetSize
from mmreid.datasets.synthetic.persons.family import draw_family, draw_stranger
from mmreid.datasets.synthetic.persons.identity import CUES
from mmreid.datasets.synthetic.persons.palette import contrast
from mmreid.datasets.synthetic.plan import GALLERY, QUERY, TRAIN, draw_people, make_plan


@pytest.mark.parametrize('family', range(40))
def test_members_of_a_family_differ_in_one_or_two_cues_only(family: int) -> None:
    members = draw_family(3, family, 5, first_id=10)
    assert [m.person_id for m in members] == [10, 11, 12, 13, 14]
    for index, one in enumerate(members):
        for other in members[:index]:
            assert one.upper == other.upper
            assert one.lower == other.lower
            assert 1 <= len(one.differences(other)) <= 2
            assert set(one.differences(other)) <= set(CUES)


def test_prints_and_bags_stand_out_from_the_clothes() -> None:
    for family in range(60):
        for member in draw_family(0, family, 4, 1):
            for cue in (member.chest_print, member.bag):
                if cue.kind != 'none':
                    assert contrast(cue.colour, member.upper.colour) > 80


def test_people_depend_on_seed_and_family_only() -> None:
    assert draw_family(1, 2, 3, 1) == draw_family(1, 2, 3, 1)
    assert draw_family(1, 2, 3, 1) != draw_family(2, 2, 3, 1)
    assert draw_stranger(0, 1) != draw_stranger(0, 2)


def test_most_people_of_both_splits_have_look_alikes() -> None:
    people, train = draw_people(0, SIZES['mini'])
    for ids in (set(train), set(people) - set(train)):
        families = [people[i].family for i in ids]
        crowded = [f for f in families if families.count(f) >= 3]
        assert len(crowded) > 0.6 * len(ids)


def test_no_family_is_in_both_splits() -> None:
    people, train = draw_people(0, SIZES['mini'])
    trained = {people[i].family for i in train}
    tested = {people[i].family for i in set(people) - set(train)}
    assert not trained & tested


def test_market_has_the_published_counts() -> None:
    size = SIZES['market']
    assert (size.train_ids, size.test_ids) == (751, 750)
    assert (size.train_images, size.queries) == (12936, 3368)
    assert size.matches + size.distractors + size.junk == 19732
    assert (size.distractors, size.junk) == (2798, 3819)


@pytest.mark.parametrize('name', ['mini', 'market'])
def test_plans_have_the_sizes_they_promise(name: str) -> None:
    size = SIZES[name]
    plan = make_plan(0, size)
    folders = [shot.path.split('/')[0] for shot in plan.shots]
    gallery = size.matches + size.distractors + size.junk
    assert folders.count(TRAIN) == size.train_images
    assert folders.count(QUERY) == size.queries
    assert folders.count(GALLERY) == gallery
    assert len({shot.path for shot in plan.shots}) == len(plan.shots)
    assert len(plan.people) == size.train_ids + size.test_ids
    assert len({shot.person_id for shot in plan.shots if TRAIN in shot.path}) == len(
        plan.train_ids
    )


@pytest.mark.parametrize(
    ('numbers', 'remedy'),
    [
        ((2, 2, 20, 3, 9), 'choose 4 to 12'),
        ((2, 2, 20, 13, 20), 'choose 4 to 12'),
        ((2, 2, 20, 6, 5), 'raise matches'),
        ((9, 2, 20, 6, 9), 'lower train_ids'),
    ],
)
def test_impossible_sizes_are_refused(numbers: tuple[int, ...], remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        DatasetSize('odd', *numbers)
