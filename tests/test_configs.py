"""Every config parses, builds without weights and trains all that is trainable."""

import copy
import functools
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample

from mmreid.engine import check_loops, cluster_training, fill_num_classes, read_config
from mmreid.engine.config_files import KNOWN
from mmreid.registry import DATASETS, LOOPS, METRICS, MODELS, TRANSFORMS

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(
    path.relative_to(ROOT).as_posix()
    for top in ('configs', 'projects')
    for path in (ROOT / top).rglob('*.py')
    if 'configs' in path.parts and '_base_' not in path.parts
    if not path.name.startswith('_')
)
TESTED_ONLY = ('color_histogram',)
# Of large trunks; they are wide enough where their parameters are counted.
_TOKENS = dict(embed_dims=48, num_layers=3, num_heads=3, feedforward_channels=96)
NARROW = dict(
    VisionTransformer=dict(arch=_TOKENS),
    CLIPVisionTransformer=dict(arch=_TOKENS),
    CLIPResNet=dict(base_channels=8),
    SwinTransformer=dict(
        arch=dict(embed_dims=16, depths=(1, 1, 2, 1), num_heads=(1, 2, 2, 4))
    ),
)
# Of timm's large ones.
STAND_INS = dict(
    swin_large_patch4_window12_384=dict(model_name='test_vit'),
    swin_tiny_patch4_window7_224=dict(model_name='test_vit'),
    efficientnetv2_rw_m=dict(model_name='test_resnet'),
)
TRAINED = [p for p in CONFIGS if not any(word in p for word in TESTED_ONLY)]


@functools.cache
def load(path: str) -> Config:
    config = Config.fromfile(ROOT / path)
    init_default_scope(config.default_scope)
    return config


def different(paths: list[str]) -> list[str]:
    """Leave out what differs from another one in data alone."""
    first: dict[str, str] = {}
    for path in paths:
        config = Config.fromfile(ROOT / path)
        first.setdefault(f'{config.model} {config.get("_resize")}', path)
    return [*first.values()]


def build_model(config: Config):
    """The config's network, from random weights."""
    config = copy.deepcopy(config)
    known = fill_num_classes(config) or 'embedding_loss' in config.model.head
    assert known or config.train_dataloader is None
    cfg = config.model
    cfg.backbone.pop('init_cfg', None)
    cfg.backbone.update(NARROW.get(cfg.backbone.type, {}))
    cfg.backbone.update(STAND_INS.get(cfg.backbone.get('model_name'), {}))
    model = MODELS.build({'data_preprocessor': config.data_preprocessor, **cfg})
    model.init_weights()
    return model


def list_test_sets(config: Config) -> list:
    """The data sets that a config tests on."""
    loaders = config.test_dataloader
    loaders = loaders if isinstance(loaders, list) else [loaders]
    return [loader.dataset for loader in loaders]


@pytest.mark.parametrize('path', CONFIGS)
def test_parses_and_survives_a_round_trip(path, tmp_path):
    config = load(path)
    config.dump(tmp_path / 'dumped.py')
    assert Config.fromfile(tmp_path / 'dumped.py').to_dict() == config.to_dict()


@pytest.mark.parametrize('path', CONFIGS)
def test_variables_begin_with_an_underscore_and_act(path):
    inherited = {'train_pipeline', 'test_pipeline'}  # by users' configs, by these names
    names = load(path).keys() - KNOWN - inherited
    assert not [name for name in names if not name.startswith('_')]
    assert read_config(str(ROOT / path)).keys() <= KNOWN


@pytest.mark.parametrize('path', CONFIGS)
def test_parts_exist(path):
    config = load(path)
    datasets = list_test_sets(config)
    if config.train_dataloader:
        datasets.append(config.train_dataloader.dataset)
    for wrapped in datasets:
        assert DATASETS.get(wrapped.type)
        dataset = without_clusters(wrapped)
        assert DATASETS.get(dataset.type)
        for part in dataset.get('datasets', ()):
            assert DATASETS.get(part.type)
        for transform in dataset.pipeline:
            assert TRANSFORMS.build(transform)
    for mode in ('val', 'test'):
        loop = (config.get(f'{mode}_cfg') or {}).get('type')
        assert loop is None or LOOPS.get(loop)
    check_loops(config)
    assert METRICS.build(config.test_evaluator)


@pytest.mark.parametrize('path', TRAINED)
def test_batch_is_what_the_sampler_gives(path):
    loader = load(path).train_dataloader
    if loader.sampler.type in ('IdentitySampler', 'ClusterSampler'):
        expected = loader.sampler.num_ids * loader.sampler.num_instances
        assert loader.batch_size == expected


def without_clusters(dataset):
    """The data set within one whose labels are clusters."""
    return dataset.dataset if dataset.type == 'ClusteredDataset' else dataset


def picture_size(dataset) -> tuple[int, int]:
    """Height and width of what a data set gives."""
    dataset = without_clusters(dataset)
    width, height = next(t.scale for t in dataset.pipeline if t.type == 'Resize')
    return height, width


def take_step(model, height: int, width: int) -> None:
    """Take a training step: finite losses, a gradient everywhere."""
    for parameter in model.train().parameters():
        if not parameter.any():  # what starts at zero lets no gradient pass
            torch.nn.init.normal_(parameter, std=0.01)
    for name, parameter in model.named_parameters():
        if name.endswith('.gate.fc1.bias'):  # or its few units may be dead
            torch.nn.init.constant_(parameter, 10)
    loss = model.head.embedding_loss
    if loss is not None and len(loss.memory) == 0:  # there are no clusters yet
        loss.set_rows(torch.randn(2, loss.memory.shape[1]))
    # Smaller pictures where the maps still hold all parts and blocks.
    smaller = {(384, 192): 4, (384, 128): 2, (256, 128): 2}.get((height, width), 1)
    if hasattr(model.backbone, 'img_size') or hasattr(model.backbone, 'patch_embed'):
        smaller = 1
    pictures = torch.randn(4, 3, height // smaller, width // smaller)
    samples = [DataSample().set_gt_label(label) for label in (0, 0, 1, 1)]
    for camera, sample in enumerate(samples, start=1):
        sample.set_metainfo(dict(cam_id=camera))
    losses = model(pictures, samples, mode='loss')
    total, log = model.parse_losses(losses)
    assert all(torch.isfinite(value) for value in log.values())
    total.backward()
    silent = [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
        and (parameter.grad is None or not parameter.grad.isfinite().all())
    ]
    assert not silent
    learning = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    still = [name for name, parameter in learning if not parameter.grad.any()]
    # A bias in front of batch normalisation has no effect by construction.
    assert all(name.endswith('.bias') for name in still), still


@pytest.mark.parametrize('path', different([*TRAINED, *CONFIGS]))
def test_embeds_and_every_parameter_learns(path):
    torch.manual_seed(0)
    config = load(path)
    model = build_model(config).eval()
    height, width = picture_size(list_test_sets(config)[0])
    with torch.no_grad():
        embedding = model(255 * torch.rand(1, 3, height, width))
    assert embedding.ndim == 2
    assert embedding.shape[0] == 1
    if path in TRAINED:
        take_step(model, *picture_size(config.train_dataloader.dataset))


# What there must be none of where nobody is known.
LABELLED = ('num_classes', 'id_loss', 'alignment_loss', 'classifier', 'metric_loss')
SUPERVISED = [path for path in TRAINED if 'cluster_contrast' not in path]


@pytest.mark.parametrize('path', SUPERVISED)
def test_can_train_on_clusters(path):
    config = load_clustered(path)
    head = config.model.head
    fields = [head, *filter(None, head.branches.values())]
    assert not [key for field in fields for key in LABELLED if field.get(key)]
    assert head.normalize != 'none'
    loader = config.train_dataloader
    assert loader.dataset.type == 'ClusteredDataset'
    assert without_clusters(loader.dataset) == load(path).train_dataloader.dataset
    assert loader.batch_size == loader.sampler.num_ids * loader.sampler.num_instances
    hooks = [hook.type for hook in config.custom_hooks]
    assert hooks.count('ClusterHook') == 1
    assert 'ClassCentroidsHook' not in hooks


# Also one of each kind that has no small one.
SMALL = [p for p in SUPERVISED if 'synthmini' in p] + [
    'configs/clip_reid/clip-reid_r50_market.py',
    'configs/rrid/rrid-released_r50_market.py',
    'configs/pass/pass_vit-s_market.py',
]


@pytest.mark.slow
@pytest.mark.parametrize('keep', [False, True])
@pytest.mark.parametrize('path', SMALL)
def test_every_parameter_learns_from_clusters(path, keep):
    torch.manual_seed(0)
    config = load_clustered(path, keep_metric_losses=keep)
    take_step(build_model(config), *picture_size(config.train_dataloader.dataset))


def load_clustered(path: str, **options) -> Config:
    """A supervised config, changed to train on clusters."""
    config = copy.deepcopy(load(path))
    cluster_training(config, **options)
    return config
