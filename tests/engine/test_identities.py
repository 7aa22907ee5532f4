"""The number of persons that a config leaves out."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import RepeatDataset
from mmengine.runner import Runner
from tiny_market import make_market

from mmreid.apis import init_model
from mmreid.engine import (
    CheckpointError,
    InconsistentConfigError,
    build_runner,
    fill_num_classes,
)
from mmreid.registry import DATASETS

CONFIGS = Path(__file__).parents[2] / 'configs'
MARKET = dict(type='Market1501', data_root='no/such')
DUKE = dict(type='DukeMTMCReID', data_root='no/such')
OWN = dict(type='ReIDDataset', data_root='no/such', pattern=r'(?P<person>\d+)_.*')


@pytest.fixture(scope='module')
def tiny(tmp_path_factory) -> dict:
    """A data set of eight persons."""
    root = tmp_path_factory.mktemp('tiny')
    make_market(root, 8, np.random.default_rng(0))
    return dict(type='Market1501', data_root=str(root), check=False)


@pytest.fixture
def weights(tmp_path):
    """Write a checkpoint with classifiers of these sizes."""

    def write(*sizes: int) -> Path:
        heads = {
            f'head.branches.b{i}.classifier.weight': torch.zeros(2, size, 3)
            for i, size in enumerate(sizes)
        }
        trunk = {'backbone.conv1.weight': torch.zeros(4, 9, 2)}
        torch.save(dict(state_dict=heads | trunk), tmp_path / 'weights.pth')
        return tmp_path / 'weights.pth'

    return write


def config(dataset: object = None, **head: object) -> Config:
    return Config(
        dict(
            model=dict(head=dict(type='MultiBranchHead', **head)),
            train_dataloader=None if dataset is None else dict(dataset=dataset),
        )
    )


@pytest.mark.parametrize('said', [5, None])
@pytest.mark.parametrize('read_data', [False, True])
def test_what_the_config_says_stays(tiny, weights, said, read_data):
    cfg = config(tiny, num_classes=said)
    assert fill_num_classes(cfg, weights(7), read_data) == said
    assert cfg.model.head.num_classes == said


def test_the_training_data_is_counted_and_no_picture_read(tiny, weights, monkeypatch):
    monkeypatch.setattr('cv2.imdecode', None)
    twice = dict(tiny, metainfo=dict(dataset='Another'))
    for dataset, number in (
        (tiny, 8),
        (dict(tiny, cache='ram-decoded', pipeline=[dict(type='LoadImage')]), 8),
        (dict(type='RepeatDataset', times=2, dataset=tiny), 8),
        (dict(type='ClassBalancedDataset', oversample_thr=0.1, dataset=tiny), 8),
        (dict(type='ReIDUnion', datasets=[tiny]), 8),
        (DATASETS.build(dict(twice)), 8),
    ):
        cfg = config(dataset)
        assert fill_num_classes(cfg, weights(7), read_data=True) == number
        assert cfg.model.head.num_classes == number


def test_a_union_has_the_persons_of_all(tiny, tmp_path):
    make_market(tmp_path / 'other', 3, np.random.default_rng(1))
    other = dict(tiny, data_root=str(tmp_path / 'other'))
    parts = [{key: d[key] for key in ('type', 'data_root')} for d in (tiny, other)]
    union = dict(type='ReIDUnion', datasets=parts, check=False)
    assert fill_num_classes(config(union), read_data=True) == 11
    # Where it is not to be read, as published.
    assert fill_num_classes(config(union)) == 751 + 751


@pytest.mark.parametrize(
    ('dataset', 'number'),
    [
        (MARKET, 751),
        (dict(type='MSMT17', data_root='no/such', split='train+val'), 1041),
        (dict(type='CUHK03', data_root='no/such', protocol='classic'), 1367),
        (dict(MARKET, metainfo=dict(num_ids=100)), 100),
        (dict(type='ReIDUnion', datasets=[MARKET, DUKE]), 751 + 702),
        (dict(type='RepeatDataset', times=2, dataset=MARKET), 751),
        (RepeatDataset(DATASETS.build(dict(DUKE, lazy_init=True)), 2, True), 702),
        (OWN, None),
        (dict(type='ReIDUnion', datasets=[MARKET, OWN]), None),
        (dict(MARKET, split='test'), None),
        (dict(MARKET, split='wrong'), None),
        (dict(type='NoSuchSet'), None),
        (None, None),
    ],
)
def test_data_that_is_not_there(dataset, number):
    """A published number serves, and is no promise: training reads the data."""
    for read_data in (False, True):
        cfg = config(dataset)
        assert fill_num_classes(cfg, read_data=read_data) == number
        # What is left out may be asked for again, when the data is there.
        left_out = number is None and read_data
        assert ('num_classes' in cfg.model.head) != left_out


def test_a_checkpoint_tells_it_before_the_published_number(weights):
    assert fill_num_classes(config(MARKET), weights(7)) == 7
    assert fill_num_classes(config(MARKET), weights(7, 7)) == 7
    assert fill_num_classes(config(OWN), weights(7)) == 7
    # Without classifiers, as published models are, or with several numbers.
    assert fill_num_classes(config(MARKET), weights()) == 751
    assert fill_num_classes(config(MARKET), weights(7, 8)) == 751
    assert fill_num_classes(config(OWN), weights()) is None


def test_checkpoints_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError):
        fill_num_classes(config(MARKET), tmp_path / 'none.pth')
    (tmp_path / 'text.pth').write_text('no weights')
    with pytest.raises(CheckpointError):
        fill_num_classes(config(MARKET), tmp_path / 'text.pth')


def test_other_models_are_left_alone():
    for model in (None, dict(type='ToyModel'), dict(head=dict(type='NoSuchHead'))):
        cfg = Config(dict(model=model, train_dataloader=dict(dataset=MARKET)))
        before = copy.deepcopy(cfg.to_dict())
        assert fill_num_classes(cfg) is None
        assert cfg.to_dict() == before


@pytest.fixture
def training(tiny, tmp_path) -> Config:
    """A leaf as it is, on small pictures of eight persons."""
    cfg = Config.fromfile(CONFIGS / 'bot/bot_r18_synthmini.py')
    cfg.model.backbone.update(base_channels=8, stem_channels=8)
    cfg.model.head.in_channels = 64
    steps = [cfg._load, dict(type='Resize', scale=(32, 64)), cfg._pack]
    cfg.train_dataloader.update(batch_size=8, num_workers=0, persistent_workers=False)
    cfg.train_dataloader.sampler.update(num_ids=4, num_instances=2)
    cfg.train_dataloader.dataset = dict(tiny, split='train', pipeline=steps)
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.train_cfg = dict(by_epoch=True, max_epochs=1)
    cfg.optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))
    cfg.param_scheduler = []
    cfg.default_hooks.checkpoint.update(interval=1, save_best=None)
    cfg.work_dir, cfg.experiment_name = str(tmp_path / 'work'), tmp_path.name
    return cfg


def test_a_training_says_what_it_used_and_goes_on(training, tmp_path):
    again = copy.deepcopy(training)
    runner = build_runner(training)
    assert runner.model.head.num_classes == 8
    runner.train()
    saved = Config.fromfile(next((tmp_path / 'work').glob('*.py')))
    assert saved.model.head.num_classes == 8
    checkpoint = tmp_path / 'work/epoch_1.pth'
    text = torch.load(checkpoint, weights_only=True)['meta']['cfg']
    assert 'num_classes=8' in text.replace(' ', '')
    again.resume, again.train_cfg.max_epochs = True, 2
    again.experiment_name += '_again'
    build_runner(again).train()
    assert (tmp_path / 'work/epoch_2.pth').is_file()
    # Whoever embeds has its classifiers, whatever the config is published for.
    for name in ('bot/bot_r50_market.py', 'bot/bot_r18_synthmini.py'):
        cfg = Config.fromfile(CONFIGS / name)
        cfg.model = {**training.model, 'head': {**training.model.head}}
        del cfg.model.head['num_classes']
        model = init_model(cfg, checkpoint)
        assert model.head.branches.whole.classifier.weight.shape[1] == 8
        assert 'num_classes' not in cfg.model.head


def test_a_wrong_number_is_refused(training):
    training.model.head.num_classes = 7
    with pytest.raises(InconsistentConfigError, match='num_classes=8'):
        build_runner(training).train()


def test_nothing_is_trained_without_classifiers(training):
    """mmengine's own way to a runner does not ask the data."""
    with pytest.raises(InconsistentConfigError, match='set it to 8, or leave it out'):
        Runner.from_cfg(training).train()


def test_own_pictures_embed_without_classifiers(training):
    training.train_dataloader.dataset = OWN
    model = init_model(training)
    assert model.head.num_classes is None
    assert model.head.branches.whole.classifier is None
    assert model(torch.rand(2, 3, 64, 32)).shape == (2, 64)
