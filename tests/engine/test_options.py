"""KEY=VALUE of the command line, in lists too."""

import pytest
from mmengine.config import Config

from mmreid.engine.options import apply_options


@pytest.fixture
def cfg() -> Config:
    def loader() -> dict:
        return dict(batch_size=1, dataset=dict(type='A', pipeline=[dict(type='T')]))

    united = dict(type='ReIDUnion', datasets=[dict(type='A'), dict(type='B')])
    return Config(
        dict(
            train_dataloader=dict(batch_size=1, dataset=united),
            test_dataloader=[loader(), loader()],
            val_dataloader=loader(),
            param_scheduler=[dict(end=1), dict(end=2)],
        )
    )


def test_a_key_without_index_is_that_of_each_data_set(cfg):
    options = ['test_dataloader.batch_size=3', 'test_dataloader.dataset.check=False']
    options += ['test_dataloader.1.dataset.type=C', 'val_dataloader.batch_size=4']
    options += ['train_dataloader.dataset.datasets.cache=ram']
    options += ['train_dataloader.dataset.datasets.0.type=D', 'new.key=1']
    apply_options(cfg, options)
    assert [loader.batch_size for loader in cfg.test_dataloader] == [3, 3]
    assert [loader.dataset.check for loader in cfg.test_dataloader] == [False, False]
    assert [loader.dataset.type for loader in cfg.test_dataloader] == ['A', 'C']
    assert cfg.val_dataloader.batch_size == 4
    assert [d.cache for d in cfg.train_dataloader.dataset.datasets] == ['ram', 'ram']
    assert [d.type for d in cfg.train_dataloader.dataset.datasets] == ['D', 'B']
    assert cfg.new.key == 1


def test_lists_of_other_things_need_an_index(cfg):
    apply_options(cfg, ['param_scheduler.1.end=7'])
    assert [scheduler.end for scheduler in cfg.param_scheduler] == [1, 7]
    for option in (
        'param_scheduler.end=7',
        'param_scheduler.2.end=7',
        'test_dataloader.dataset.pipeline.type=U',
        'test_dataloader.2.batch_size=7',
    ):
        with pytest.raises(ValueError, match=r'named by its index'):
            apply_options(cfg, [option])
    assert 'type' in cfg.test_dataloader[0].dataset.pipeline[0]


def test_a_whole_list_can_be_replaced(cfg):
    apply_options(cfg, ['test_dataloader=None', 'param_scheduler=[]'])
    assert cfg.test_dataloader is None
    assert cfg.param_scheduler == []
