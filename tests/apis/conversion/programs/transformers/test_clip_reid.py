"""CLIP-ReID's and PCL-CLIP's networks give the same vectors; CLIP becomes a trunk."""

import copy

import pytest
import torch
from clip_resnet_tower import ResNetTower
from clip_tower import hugging_face, make_tower
from converting import follow
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmreid.apis import convert_checkpoint
from mmreid.apis.conversion import UnknownLayoutError
from mmreid.registry import MODELS

ARCH = dict(embed_dims=16, num_layers=3, num_heads=4, feedforward_channels=64)
SMALL = [
    f'model.backbone.arch={dict(ARCH, _delete_=True)}',
    'model.backbone.projection=6',
]


SMALL_RESNET = ['model.backbone.base_channels=4', 'model.backbone.projection=6']


class Network(nn.Module):
    """build_transformer of Syliz517/CLIP-ReID (4c0eb20, model/make_model.py and
    make_model_clipreid.py), and TransReID of RikoLi/PCL-CLIP (daa03f9,
    pcl/model.py), in evaluation."""

    def __init__(
        self, classes=5, cameras=0, stride=16, text=False, pcl=False, grid=None
    ) -> None:
        super().__init__()
        grid = grid or (240 // stride + 1, 112 // stride + 1)
        self.image_encoder = make_tower(grid=grid, patch=16, stride=stride)
        self.bottleneck = nn.BatchNorm1d(16)
        self.bottleneck_proj = nn.BatchNorm1d(6)
        self.classifier = nn.Linear(22 if pcl else 16, classes, bias=False)
        if not pcl:
            self.classifier_proj = nn.Linear(6, classes, bias=False)
        if cameras:
            self.cv_embed = nn.Parameter(torch.randn(cameras, 16))
        if text:
            self.prompt_learner = nn.ParameterDict(dict(cls_ctx=torch.randn(5, 4, 8)))
            self.text_encoder = nn.ModuleDict(dict(ln_final=nn.LayerNorm(8)))
        self.pcl = pcl
        for norm in (self.bottleneck, self.bottleneck_proj):
            nn.init.normal_(norm.weight), nn.init.normal_(norm.running_mean)
            nn.init.uniform_(norm.running_var, 0.5, 2)
        self.double().eval()

    def forward(self, x: Tensor, cameras: Tensor | None = None) -> Tensor:
        side = None if cameras is None else self.cv_embed[cameras]
        _, last, _, projected = self.image_encoder(x, side)
        if self.pcl:
            last, projected = self.bottleneck(last), self.bottleneck_proj(projected)
        return torch.cat([last, projected], 1)


class ResNetwork(Network):
    """The same with cfg.MODEL.NAME 'RN50'."""

    def __init__(self, text: bool = False) -> None:
        super().__init__(text=text)
        self.image_encoder = ResNetTower()
        self.bottleneck = nn.BatchNorm1d(128)
        self.classifier = nn.Linear(128, 5, bias=False)
        self.double().eval()

    def forward(self, x: Tensor, cameras: None = None) -> Tensor:
        last, _, projected = self.image_encoder(x)
        return torch.cat([last.mean((2, 3)), projected], 1)


def convert(content, tmp_path, layout=None, small=SMALL):
    """Convert; return the network that the printed command would use, and the text."""
    source, target = tmp_path / 'theirs.pth', tmp_path / 'ours.pth'
    torch.save(content, source)
    report = convert_checkpoint(layout, source, target, small)
    return follow(report, target), report


FORMS = {
    'state dict': lambda network: network.state_dict(),
    'module': lambda n: {f'module.{k}': v for k, v in n.state_dict().items()},
    'in state_dict': lambda n: dict(state_dict=n.state_dict(), epoch=60),
    'in model': lambda network: dict(model=network.state_dict()),
    'half': lambda network: copy.deepcopy(network).half().state_dict(),
    'pickle': lambda network: network,
}


@pytest.mark.parametrize('form', FORMS)
def test_forms(form, tmp_path):
    theirs = Network(text=True)
    if form == 'half':
        theirs.half().double()
    ours, report = convert(FORMS[form](theirs), tmp_path)
    pictures = torch.randn(2, 3, 256, 128, dtype=torch.float64)
    with torch.no_grad():
        assert (ours(pictures) - theirs(pictures)).abs().max() < 1e-9
    assert 'configs/clip_reid/clip-reid_vit-b_market.py' in report
    assert 'Left out: prompt_learner.cls_ctx, text_encoder.ln_final.weight' in report


@pytest.mark.parametrize(
    ('options', 'config'),
    [
        (dict(classes=1041), 'clip_reid/clip-reid-baseline_vit-b_msmt17.py'),
        (dict(pcl=True), 'pcl_clip/pcl-clip_vit-b_market.py'),
        (dict(pcl=True, classes=1041), 'pcl_clip/pcl-clip_vit-b_msmt17.py'),
        (
            dict(text=True, cameras=6, stride=12),
            'clip_reid/clip-reid-sie-olp_vit-b_market.py',
        ),
        (dict(cameras=8), 'clip_reid/clip-reid-baseline_vit-b_market.py'),
        (dict(stride=12, text=True), 'clip_reid/clip-reid_vit-b_market.py'),
    ],
)
def test_networks(options, config, tmp_path):
    theirs = Network(**options).float().double()
    ours, report = convert(theirs.state_dict(), tmp_path)
    assert f' configs/{config} ' in report
    pictures = torch.randn(2, 3, 256, 128, dtype=torch.float64)
    cameras = torch.tensor([3, 0]) if options.get('cameras') else None
    samples = [DataSample(), DataSample()]
    for sample, camera in zip(samples, [4, 1], strict=True):
        sample.set_metainfo(dict(cam_id=camera))  # counted from 1 here
    with torch.no_grad():
        expected = theirs(pictures, cameras)
        found = torch.stack([s.embedding for s in ours.predict(pictures, samples)])
    assert (found - expected).abs().max() < 1e-9


@pytest.mark.parametrize('text', [True, False])
def test_resnets(text, tmp_path):
    theirs = ResNetwork(text).float().double()
    ours, report = convert(theirs.state_dict(), tmp_path, small=SMALL_RESNET)
    method = 'clip-reid' if text else 'clip-reid-baseline'
    assert f'configs/clip_reid/{method}_r50_market.py' in report
    pictures = torch.randn(2, 3, 256, 128, dtype=torch.float64)
    with torch.no_grad():
        assert (ours(pictures) - theirs(pictures)).abs().max() < 1e-9


@pytest.mark.parametrize('prefix', ['visual.', ''])
def test_clips_resnet_is_a_trunk(prefix, tmp_path):
    tower = ResNetTower(grid=(7, 7)).half()
    weights = {f'{prefix}{k}': v for k, v in tower.state_dict().items()}
    weights |= {'logit_scale': torch.ones(())} if prefix else {}
    trunk, report = convert(weights, tmp_path, small=SMALL_RESNET)
    assert 'configs/clip_reid/clip-reid_r50_market.py' in report
    assert ('Left out: logit_scale' in report) == bool(prefix)
    assert torch.equal(trunk.conv2.weight.half(), tower.conv2.weight)
    assert trunk.attnpool.positional_embedding.shape == (129, 128)


@pytest.mark.parametrize('form', ['openai', 'tower alone', 'hugging face'])
def test_clip_itself_is_a_trunk(form, tmp_path):
    tower = make_tower(grid=(14, 14), patch=16, stride=16).float().double()
    weights = dict(tower.half().state_dict())
    tower.float().double()
    if form == 'openai':
        weights = {f'visual.{name}': value for name, value in weights.items()}
        weights |= {'positional_embedding': torch.zeros(77, 8)}
    if form == 'hugging face':
        weights = hugging_face(weights)
    trunk, report = convert(weights, tmp_path)
    assert 'tools/train.py' in report
    assert (form == 'tower alone') == ('Left out' not in report)
    # With the file's own grid it is the tower.
    assert trunk.pos_embed.shape == (1, 129, 16)
    saved = torch.load(tmp_path / 'ours.pth', weights_only=True)['state_dict']
    assert saved['pos_embed'].shape == (1, 197, 16)
    assert {value.dtype for value in saved.values()} == {torch.float32}
    square = MODELS.build(
        dict(
            type='CLIPVisionTransformer',
            arch=ARCH,
            projection=6,
            img_size=224,
        )
    ).double()
    square.load_state_dict(saved)
    pictures = torch.randn(1, 3, 224, 224, dtype=torch.float64)
    with torch.no_grad():
        expected = tower(pictures)[3]
        assert (square(pictures)[3].flatten(1) - expected).abs().max() < 1e-9


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda w: w.pop('bottleneck.running_var'), 'no bottleneck.running_var'),
        (lambda w: w.update({'arcface.weight': torch.ones(1)}), 'arcface.weight'),
        (lambda w: w.pop('classifier_proj.weight'), 'reads 16 numbers, not the 22'),
        (
            lambda w: w.update({'image_encoder.adapter.weight': torch.ones(1)}),
            'no place for image_encoder.adapter.weight',
        ),
        (
            lambda w: w.update(
                {'image_encoder.conv1.weight': torch.ones(16, 3, 32, 32)}
            ),
            'patches have 32 x 32 pixels',
        ),
    ],
)
def test_other_networks_are_refused(change, message, tmp_path):
    weights = Network().state_dict()
    change(weights)
    with pytest.raises(UnknownLayoutError, match=message):
        convert(weights, tmp_path)


@pytest.mark.parametrize(
    ('grid', 'message'), [((16, 16), 'vehicles'), ((12, 4), 'positions for 48 patches')]
)
def test_other_pictures_are_refused(grid, message, tmp_path):
    with pytest.raises(UnknownLayoutError, match=message):
        convert(Network(grid=grid).state_dict(), tmp_path)


def test_a_tower_without_projection_is_refused(tmp_path):
    weights = hugging_face(dict(make_tower(patch=16, stride=16).state_dict()))
    del weights['visual_projection.weight']
    with pytest.raises(UnknownLayoutError, match='without projection'):
        convert(weights, tmp_path)


def test_clips_larger_resnets_are_refused(tmp_path):
    weights = ResNetTower().state_dict()
    weights = {k: v for k, v in weights.items() if not k.startswith('layer3.5.')}
    with pytest.raises(UnknownLayoutError, match='5 blocks in stage 3'):
        convert(weights, tmp_path)
