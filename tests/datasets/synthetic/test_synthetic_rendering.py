"""Settings that make a data set easier or harder, and who is told of them."""

from collections import Counter
from dataclasses import asdict, replace

import cv2
import numpy as np
import pytest

from mmreid.datasets import Market1501
from mmreid.datasets.synthetic import (
    DatasetSize,
    Rendering,
    contact_sheet,
    render_synthreid,
)
from mmreid.datasets.synthetic.persons.family import family_sizes
from mmreid.datasets.synthetic.plan import SIZES, draw_people, make_plan
from mmreid.datasets.synthetic.shot import Shot, draw_shot

TINY = DatasetSize('tiny', 4, 3, 20, 8, 12, 3, 3)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(np.random.randint(1 << 30))


def look_alikes(sizes: list[int]) -> float:
    return sum(size for size in sizes if size > 1) / sum(sizes)


@pytest.mark.parametrize('share', [0.0, 0.1, 0.5, 0.9, 1.0])
def test_the_share_of_look_alikes(rng: np.random.Generator, share: float) -> None:
    sizes = family_sizes(rng, 20_000, share)
    assert sum(sizes) == 20_000
    assert look_alikes(sizes) == pytest.approx(share, abs=0.02)
    # Of groups, each size is as often as ever, compared with the others.
    count = Counter(size for size in sizes if size > 1)
    if share == 0.5:
        assert count[3] / count[4] == pytest.approx(0.36 / 0.26, rel=0.15)


def test_the_usual_share(rng: np.random.Generator) -> None:
    assert look_alikes(family_sizes(rng, 20_000)) == pytest.approx(
        Rendering().look_alikes, abs=0.005
    )


def test_people_of_one_plan_have_their_share(rng: np.random.Generator) -> None:
    people, _ = draw_people(3, SIZES['market'], 0.3)
    count = Counter(person.family for person in people.values())
    assert look_alikes(list(count.values())) == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize(('size', 'cameras'), [('mini', 4), ('mini', 5), ('market', 5)])
def test_fewer_cameras(size: str, cameras: int) -> None:
    plan = make_plan(0, SIZES[size], Rendering(cameras=cameras))
    assert {shot.camera for shot in plan.shots} == set(range(1, cameras + 1))
    usual = make_plan(0, SIZES[size])
    assert len(plan.shots) == len(usual.shots)
    assert plan.people == usual.people


@pytest.mark.parametrize(
    ('size', 'cameras', 'seen'),
    [('mini', 3, '60 test identities pass 230'), ('market', 4, '750 .* pass 3368')],
)
def test_too_few_cameras_for_the_queries(size: str, cameras: int, seen: str) -> None:
    with pytest.raises(ValueError, match=f'{seen} cameras'):
        make_plan(0, SIZES[size], Rendering(cameras=cameras))


SHOTS = [Shot('', 1, 1, camera, index) for camera in (1, 4) for index in range(12)]


def changed_pictures(rendering: Rendering) -> int:
    """How many of 24 pictures are not as usual."""
    people, _ = draw_people(0, SIZES['mini'])
    return sum(
        not np.array_equal(
            draw_shot(shot, people, 0), draw_shot(shot, people, 0, rendering)
        )
        for shot in SHOTS
    )


@pytest.mark.parametrize(('name', 'usual'), [('occluded', 0.07), ('crowded', 0.1)])
def test_occluded_and_crowded_pictures(name: str, usual: float) -> None:
    assert changed_pictures(Rendering(**{name: usual})) == 0
    assert changed_pictures(Rendering(**{name: 1.0})) >= 18
    assert changed_pictures(Rendering(**{name: 0.0})) <= 6


@pytest.mark.parametrize('height', [32, 64, 256])
def test_the_height(height: int) -> None:
    people, _ = draw_people(0, SIZES['mini'])
    usual = draw_shot(SHOTS[0], people, 0)
    drawn = draw_shot(SHOTS[0], people, 0, Rendering(height=height))
    assert drawn.shape == (height, height // 2, 3)
    # The same scene: at one size both show about the same.
    small = [
        cv2.resize(p, (16, 32), interpolation=cv2.INTER_AREA) for p in (usual, drawn)
    ]
    assert np.abs(np.subtract(*small, dtype=np.float64)).mean() < 12


@pytest.mark.parametrize(
    ('setting', 'message'),
    [
        (dict(look_alikes=1.1), 'look_alikes must be a share from 0 to 1, got 1.1'),
        (dict(occluded=-0.1), 'occluded must be a share'),
        (dict(crowded=float('nan')), 'crowded must be a share'),
        (dict(cameras=1), 'cameras must be 2 to 6, got 1'),
        (dict(cameras=7), 'cameras must be 2 to 6, got 7'),
        (dict(height=15), 'height must be an even number from 16 to 256'),
        (dict(height=129), 'height must be an even number'),
    ],
)
def test_settings_out_of_range(setting: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rendering(**setting)


def test_results_tell_the_settings(tmp_path) -> None:
    root, rendering = tmp_path / 'data', Rendering(look_alikes=0.25, height=64)
    manifest = render_synthreid(root, TINY, 5, 1, rendering=rendering)
    assert manifest['version'] == '1.0, look_alikes=0.25, height=64'
    assert manifest['rendering'] == asdict(rendering)
    data = Market1501(data_root=str(root), split='test', pipeline=[])
    assert data.metainfo['version'] == manifest['version']
    first = min((root / 'query').iterdir())
    assert cv2.imread(str(first)).shape == (64, 32, 3)
    # The same is not drawn twice, another one is.
    before = first.stat().st_mtime_ns
    render_synthreid(root, TINY, 5, 1, rendering=rendering)
    assert first.stat().st_mtime_ns == before
    other = replace(rendering, occluded=0.5)
    assert render_synthreid(root, TINY, 5, 1, rendering=other) != manifest


def test_the_command_takes_the_settings(tmp_path, monkeypatch, capsys) -> None:
    from mmreid.cli.dataset_converters import make_synthreid

    seen = {}

    def note(out, size, seed, workers, progress, rendering):
        seen.update(rendering=rendering)
        return dict(counts={}, checksum='')

    monkeypatch.setattr('mmreid.datasets.synthetic.render_synthreid', note)
    words = ['--look-alikes', '0.2', '--cameras', '5', '--height', '64']
    monkeypatch.setattr('sys.argv', ['synthreid', str(tmp_path / 'a'), *words])
    make_synthreid.main()
    assert seen['rendering'] == Rendering(look_alikes=0.2, cameras=5, height=64)
    for name, (_, text) in make_synthreid.SETTINGS.items():
        assert f'{getattr(Rendering(), name):g})' in text


def test_a_contact_sheet_shows_what_is_rendered() -> None:
    usual = contact_sheet(rows=2)
    told = Rendering(cameras=3, crowded=1.0, height=64)
    shown = contact_sheet(rows=2, rendering=told)
    assert shown.shape[0] == usual.shape[0]
    assert usual.shape[1] - shown.shape[1] == 2 * 3 * 67
    assert (shown != usual[:, : shown.shape[1]]).any()
    # Nobody looks like another one: a row for each of the first two families.
    alone = contact_sheet(rows=2, rendering=Rendering(look_alikes=0))
    assert usual.shape[0] - alone.shape[0] == 2 * 131
