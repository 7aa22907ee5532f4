"""Clusters before an epoch, on real pictures; and why there may be none."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.hooks import Hook
from shared_training import (
    PERSONS,
    assert_same_ends,
    embed_each,
    make_own_config,
)
from tiny_market import make_market

from mmreid.engine import (
    ClusteringError,
    InconsistentConfigError,
    NoClustersError,
    NonFiniteError,
    OneCameraError,
    SingleClusterError,
    TooFewPicturesError,
    TrainingStoppedError,
    build_runner,
    cluster_training,
)
from mmreid.evaluation.functional import cluster_vectors, describe_clusters
from mmreid.registry import HOOKS

MEMORY = 'head.embedding_loss.memory'
SCALARS = (
    'clusters',
    'cluster_noise',
    'cluster_adjusted_rand',
    'cluster_several_cameras',
)
CLUSTERING = dict(eps=0.5, min_samples=2, k1=6, k2=2)


@HOOKS.register_module()
class KeepClustersHook(Hook):
    """Keeps labels and memory at the beginning of each epoch."""

    priority = 'LOWEST'

    def __init__(self) -> None:
        self.labels: list[np.ndarray] = []
        self.memories: list[torch.Tensor] = []

    def before_train_iter(self, runner, batch_idx, data_batch, *args, **kwargs):
        if batch_idx == 0 or not self.labels:
            self.labels.append(runner.train_dataloader.dataset.labels)
            self.memories.append(runner.model.head.embedding_loss.memory.clone())
        labels = self.labels[-1]
        for sample in data_batch['data_samples']:
            assert int(sample.gt_label) == labels[sample.sample_idx] >= 0


@HOOKS.register_module()
class LevelWeightsHook(Hook):
    """Gives all weights one value when the first epoch has been saved."""

    priority = 'LOWEST'

    def __init__(self, value: float) -> None:
        self.value = value

    def after_train_epoch(self, runner):
        for weight in runner.model.parameters():
            weight.data.fill_(self.value)


def config(data: Path, work_dir: Path, stop: int = -1, **clustering) -> Config:
    cfg = make_own_config(data, work_dir)
    pipeline = cfg.train_dataloader.dataset.pipeline
    sizes = dict(num_ids=4, num_instances=2, num_batches=6, epochs=2)
    options = {**sizes, **CLUSTERING, **clustering}
    cluster_training(cfg, pipeline=pipeline, num_workers=0, **options)
    cfg.custom_hooks.append(dict(type='KeepClustersHook'))
    cfg.custom_hooks.append(dict(type='StopHook', step=stop))
    return cfg


def train(cfg: Config) -> KeepClustersHook:
    runner = build_runner(cfg)
    runner.train()
    return next(hook for hook in runner.hooks if isinstance(hook, KeepClustersHook))


def told_in_log(folder: Path) -> list[int]:
    """Numbers of clusters."""
    log = ''.join(path.read_text() for path in folder.glob('*/*.log'))
    return [*map(int, re.findall(r'epoch \d+, clusters: \D*(\d+)', log))]


@pytest.mark.parametrize('normalize_cameras', [False, True])
def test_labels_and_rows_are_those_of_the_pictures(data, tmp_path, normalize_cameras):
    cfg = config(data, tmp_path, normalize_cameras=normalize_cameras)
    runner = build_runner(cfg)
    dataset = build_runner(cfg).build_dataloader(cfg.train_dataloader).dataset
    vectors = embed_each(runner.model, dataset)
    cameras = [dataset.get_data_info(i)['cam_id'] for i in range(len(dataset))]
    options = dict(CLUSTERING, camera=np.array(cameras) if normalize_cameras else None)
    labels = cluster_vectors(vectors, **options)
    assert labels.max() > 1
    unit = F.normalize(vectors.double())
    rows = [unit[labels == label].mean(0) for label in range(labels.max() + 1)]
    runner.train()
    kept = next(hook for hook in runner.hooks if isinstance(hook, KeepClustersHook))
    np.testing.assert_array_equal(kept.labels[0], labels)
    torch.testing.assert_close(
        kept.memories[0].double(), F.normalize(torch.stack(rows)), rtol=0, atol=1e-5
    )
    end = torch.load(tmp_path / 'epoch_2.pth', weights_only=True)
    assert end['cluster_labels'].tolist() == kept.labels[1].tolist()
    assert not torch.equal(end['state_dict'][MEMORY], kept.memories[1])
    assert told_in_log(tmp_path) == [labels.max() + 1 for labels in kept.labels]
    scalars = end['message_hub']['log_scalars']
    told = {name: scalars[f'train/{name}']['values'].tolist() for name in SCALARS}
    assert told['clusters'] == [labels.max() + 1 for labels in kept.labels]
    assert told['cluster_noise'] == [(labels < 0).mean() for labels in kept.labels]
    persons = [dataset.get_data_info(i)['person_id'] for i in range(len(dataset))]
    described = describe_clusters(labels, np.array(persons), np.array(cameras))
    for name in ('adjusted_rand', 'several_cameras'):
        assert told[f'cluster_{name}'][0] == described[name]


@pytest.mark.parametrize(
    ('stop', 'interval'),
    [(9, 1), *(pytest.param(stop, 2, marks=pytest.mark.slow) for stop in (6, 9))],
)
def test_resumed_equals_uninterrupted(data, tmp_path, stop, interval):
    """In mid epoch, and before one that takes the labels of the epoch before."""
    whole = train(config(data, tmp_path / 'whole', interval=interval))
    with pytest.raises(TrainingStoppedError):
        train(config(data, tmp_path / 'parts', stop=stop, interval=interval))
    cfg = config(data, tmp_path / 'parts', interval=interval)
    # Workers that stay see the labels of the second epoch.
    cfg.train_dataloader.update(num_workers=1, persistent_workers=True)
    cfg.update(resume=True, load_from=str(tmp_path / 'parts/resume_point.pth'))
    parts = train(cfg)
    np.testing.assert_array_equal(parts.labels[-1], whole.labels[-1])
    assert len(told_in_log(tmp_path / 'whole')) == 2 // interval
    assert_same_ends(tmp_path, 'state_dict', 'optimizer', 'cluster_labels')


def test_all_noise(data, tmp_path):
    cfg = config(data, tmp_path, eps=1e-6, min_samples=30)
    with pytest.raises(NoClustersError, match=r'all 32 pictures are noise with eps='):
        train(cfg)
    assert not [*tmp_path.glob('*.pth')]


def test_a_single_cluster(data, tmp_path):
    cfg = config(data, tmp_path, eps=0.999, min_samples=1, k1=32)
    with pytest.raises(SingleClusterError, match=r'of the 32 pictures: set a smaller'):
        train(cfg)


def test_the_model_from_before_stays(data, tmp_path):
    """And the training goes on from it with another setting."""
    train(config(data, tmp_path))
    cfg = config(data, tmp_path, epochs=3, eps=1e-6, min_samples=30)
    cfg.update(resume=True, load_from=str(tmp_path / 'epoch_2.pth'))
    with pytest.raises(NoClustersError, match=r'resume_point\.pth: --resume goes on'):
        train(cfg)
    point = torch.load(tmp_path / 'resume_point.pth', weights_only=True)
    end = torch.load(tmp_path / 'epoch_2.pth', weights_only=True)
    torch.testing.assert_close(point['state_dict'], end['state_dict'], rtol=0, atol=0)
    assert point['meta']['epoch'] == 2
    cfg = config(data, tmp_path, epochs=3)
    cfg.update(resume=True, load_from=str(tmp_path / 'resume_point.pth'))
    train(cfg)
    assert (tmp_path / 'epoch_3.pth').is_file()


@pytest.mark.parametrize(
    ('value', 'error', 'told', 'is_saved'),
    [
        (0.0, ClusteringError, r'length zero.*resume_point\.pth: --resume', True),
        (float('nan'), NonFiniteError, 'the checkpoints from before stay', False),
    ],
)
def test_vectors_of_a_spoilt_model(data, tmp_path, value, error, told, is_saved):
    cfg = config(data, tmp_path)
    cfg.custom_hooks.append(dict(type='LevelWeightsHook', value=value))
    with pytest.raises(error, match=told):
        train(cfg)
    assert (tmp_path / 'epoch_1.pth').is_file()
    assert (tmp_path / 'resume_point.pth').is_file() == is_saved


def test_fewer_pictures_than_a_batch(data, tmp_path):
    cfg = config(data, tmp_path, num_ids=33, num_instances=1)
    with pytest.raises(TooFewPicturesError, match=r'a batch, 33, got 32; take more'):
        train(cfg)


def test_one_camera(tmp_path):
    make_market(tmp_path / 'data', PERSONS, np.random.default_rng(0))
    for path in (tmp_path / 'data/bounding_box_train').glob('*_c2*'):
        path.unlink()
    cfg = config(tmp_path / 'data', tmp_path / 'work')
    with pytest.raises(OneCameraError, match=r'all 16 are of camera 1; set .*any'):
        train(cfg)
    assert issubclass(OneCameraError, ClusteringError)
    cfg = config(tmp_path / 'data', tmp_path / 'any', instances='any')
    train(cfg)


def test_configs_that_do_not_fit(data, tmp_path):
    cfg = config(data, tmp_path)
    cfg.train_dataloader.dataset = cfg.train_dataloader.dataset.dataset
    cfg.train_dataloader.sampler = dict(
        type='IdentitySampler', num_ids=4, num_instances=2
    )
    with pytest.raises(InconsistentConfigError, match='Market1501 does not take; wrap'):
        train(cfg)
    cfg = config(data, tmp_path)
    cfg.train_dataloader.sampler = dict(type='DefaultSampler', shuffle=True)
    with pytest.raises(InconsistentConfigError, match=r'ClusterSampler .*not by Def'):
        train(cfg)
    cfg = config(data, tmp_path)
    cfg.model.head.num_classes = 8
    with pytest.raises(InconsistentConfigError, match='num_classes must be None where'):
        train(cfg)
    with pytest.raises(ValueError, match='eps must be'):
        train(config(data, tmp_path, eps=2))
    with pytest.raises(ValueError, match='interval must be'):
        train(config(data, tmp_path, interval=0))
    with pytest.raises(ValueError, match='links=True needs tracklet_id'):
        train(config(data, tmp_path, links=True))
    cfg = config(data, tmp_path, normalize_cameras=True)
    cfg.train_dataloader.sampler.instances = 'any'
    cfg.train_dataloader.dataset.dataset.metainfo = dict(cameras=False)
    with pytest.raises(ValueError, match='normalize_cameras=True needs the camera'):
        train(cfg)


def test_averages_get_the_rows_too(data, tmp_path):
    """EMAHook holds a second memory, whose size must change with that of the first."""

    def averaged(folder: str, stop: int = -1) -> Config:
        cfg = config(data, tmp_path / folder, stop=stop)
        cfg.custom_hooks.insert(0, dict(type='EMAHook', momentum=0.1))
        return cfg

    train(averaged('whole'))
    with pytest.raises(TrainingStoppedError):
        train(averaged('parts', stop=9))
    cfg = averaged('parts')
    cfg.update(resume=True, load_from=str(tmp_path / 'parts/resume_point.pth'))
    train(cfg)
    assert_same_ends(tmp_path, 'state_dict', 'ema_state_dict')


def test_iterations_have_no_epochs(data, tmp_path):
    cfg = config(data, tmp_path)
    cfg.train_cfg = dict(by_epoch=False, max_iters=12, val_interval=100)
    cfg.param_scheduler = None
    with pytest.raises(InconsistentConfigError, match='a training by iterations has'):
        train(cfg)


def test_pictures_are_not_there_several_times(data, tmp_path):
    """Which would make clusters of copies, and balance persons whom nobody knows."""
    cfg = config(data, tmp_path)
    own = cfg.train_dataloader.dataset
    own.dataset = dict(type='RepeatDataset', times=2, dataset=own.dataset)
    told = r'ClusterSampler would take.*sampler\.num_batches'
    with pytest.raises(InconsistentConfigError, match=told):
        train(cfg)


def test_a_concatenation_of_data_sets(data, tmp_path):
    cfg = config(data, tmp_path)
    own = cfg.train_dataloader.dataset
    own.dataset = dict(type='ConcatDataset', datasets=[own.dataset])
    kept = train(cfg)
    assert len(kept.labels[0]) == 4 * PERSONS


def test_links_of_records(data, tmp_path):
    """Tracklets numbered for each person apart, and two that a camera has at once."""
    cfg = config(data, tmp_path, links=True, eps=0.9, k1=20)
    cfg.train_dataloader.dataset.dataset = dict(
        type='ReIDDataset',
        data_root=str(data),
        folders=dict(train='bounding_box_train'),
        pattern=r'(?P<person>\d+)_c(?P<camera>\d)s(?P<tracklet>\d)_(?P<frame>\d+)_00',
        pipeline=cfg.train_dataloader.dataset.dataset.pipeline,
    )
    runner = build_runner(cfg)
    runner.train()
    dataset = runner.train_dataloader.dataset
    records = [dataset.get_data_info(index) for index in range(len(dataset))]
    assert {record['tracklet_id'] for record in records} == {1}
    assert {record['time'] for record in records} == {1, 2}
    kept = next(hook for hook in runner.hooks if isinstance(hook, KeepClustersHook))
    for labels in kept.labels:
        of_tracklet: dict[tuple[int, int], set[int]] = {}
        for record, label in zip(records, labels, strict=True):
            tracklet = record['cam_id'], record['person_id']
            of_tracklet.setdefault(tracklet, set()).add(int(label))
        assert all(len(own) == 1 for own in of_tracklet.values())
        for camera in {record['cam_id'] for record in records}:
            own = [
                next(iter(labels))
                for (cam, _), labels in of_tracklet.items()
                if cam == camera and labels != {-1}
            ]
            assert len(own) == len(set(own)) > 1
