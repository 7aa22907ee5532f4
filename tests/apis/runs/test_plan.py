"""Which runs there are, and what each changes in the config."""

import pytest
from mmengine.config import Config

from mmreid.apis import plan_runs
from mmreid.datasets import ReIDDataset
from mmreid.registry import DATASETS


@pytest.fixture(autouse=True)
def divided_data(monkeypatch: pytest.MonkeyPatch) -> None:
    class Divided(ReIDDataset):
        NUM_SPLITS = 12

    class Halved(ReIDDataset):
        NUM_SPLITS = 2

    for kind in (Divided, Halved):
        monkeypatch.setitem(DATASETS.module_dict, kind.__name__, kind)


def config(train: object = 'Divided', test: object = 'Divided') -> Config:
    return Config(
        dict(
            train_dataloader=dict(dataset=dict(type=train)),
            val_dataloader=None,
            test_dataloader=dict(dataset=dict(type=test)),
        )
    )


def test_all_splits_with_all_seeds() -> None:
    runs = plan_runs(config(), 'all', [1, 5])
    assert len(runs) == 24
    assert runs[3].name == 'split_01_seed_05'
    assert runs[3].varied == dict(split=1, seed=5)
    assert runs[3].options == (
        'randomness.seed=5',
        'train_dataloader.dataset.split_index=1',
        'test_dataloader.dataset.split_index=1',
    )


@pytest.mark.parametrize(
    ('text', 'numbers'),
    [('0-2,7', [0, 1, 2, 7]), ('11', [11]), ('3,1', [3, 1])],
)
def test_some_splits(text: str, numbers: list[int]) -> None:
    runs = plan_runs(config(test='ReIDDataset'), text)
    assert [run.varied['split'] for run in runs] == numbers
    assert runs[0].options == (f'train_dataloader.dataset.split_index={numbers[0]}',)


def test_options_reach_lists_and_unions() -> None:
    cfg = config()
    cfg.train_dataloader.dataset = dict(
        type='ReIDUnion', datasets=[dict(type='Market1501'), dict(type='Divided')]
    )
    cfg.test_dataloader = [dict(dataset=dict(type='Divided'))]
    options = plan_runs(cfg, '4')[0].options
    assert options == (
        'train_dataloader.dataset.datasets.1.split_index=4',
        'test_dataloader.0.dataset.split_index=4',
    )
    cfg.merge_from_dict(dict(option.split('=') for option in options))
    assert cfg.train_dataloader.dataset.datasets[1].split_index == '4'
    assert cfg.test_dataloader[0].dataset.split_index == '4'


def test_the_protocol_decides() -> None:
    cfg = config('CUHK03', 'CUHK03')
    with pytest.raises(ValueError, match=r'divided in \[1\] ways'):
        plan_runs(cfg, 'all')
    for loader in ('train_dataloader', 'test_dataloader'):
        cfg[loader].dataset.protocol = 'classic'
    assert len(plan_runs(cfg, 'all')) == 20


@pytest.mark.parametrize(
    ('cfg', 'splits', 'message'),
    [
        (config(), None, 'Nothing varies'),
        (config(), '12', 'from 0 to 11'),
        (config(), '3-1', 'from 0 to 11'),
        (config(), 'two', "like '0-4,7', got 'two'"),
        (config('ReIDDataset', 'Market1501'), 'all', r'divided in \[1\] ways'),
        (config('Halved'), 'all', r'divided in \[2, 12\] ways'),
    ],
)
def test_what_cannot_be(cfg: Config, splits: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_runs(cfg, splits)
