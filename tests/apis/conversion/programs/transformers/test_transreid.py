"""TransReID, TransReID-SSL, PersonViT and PASS give the same vectors."""

import logging

import pytest
import torch
from converting import follow
from foreign_transreid import PICTURES, Base, Local, Pass, Plain, random, unit
from mmengine.logging import MMLogger
from mmpretrain.structures import DataSample
from torchvision.models import VisionTransformer

from mmreid.apis import convert_checkpoint
from mmreid.apis.conversion import UnknownLayoutError
from mmreid.registry import MODELS

pytestmark = pytest.mark.usefixtures('_quiet')
TALL = torch.nn.functional.interpolate(PICTURES, (384, 128))


@pytest.fixture
def _quiet():
    """Hold back mmengine's line for every parameter."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(level)


def convert(content, tmp_path, layout=None, source='theirs.pth', **facts):
    """Convert; return the network that the printed command would use, and the text."""
    source, target = tmp_path / source, tmp_path / 'ours.pth'
    torch.save(content, source)
    report = convert_checkpoint(layout, source, target, (), facts)
    return follow(report, target), report


def check(ours, theirs, pictures=PICTURES):
    """Compare the vectors of two networks."""
    with torch.no_grad():
        expected, found = unit(theirs(pictures)), ours(pictures)
    assert (expected[0] - expected[1]).abs().max() > 1e-3
    assert (found - expected).abs().max() < 1e-9


@pytest.mark.parametrize(
    ('options', 'pictures'),
    [
        (dict(), PICTURES),
        (dict(stride=12), PICTURES),
        pytest.param(dict(stride=11), PICTURES, marks=pytest.mark.slow),
        (dict(size=(384, 128)), TALL),
        (dict(stem=True), PICTURES),
        pytest.param(dict(stem=True, size=(384, 128)), TALL, marks=pytest.mark.slow),
    ],
)
def test_plain(tmp_path, options, pictures):
    torch.manual_seed(0)
    theirs = random(Plain(**options))
    ours, report = convert(theirs.state_dict(), tmp_path)
    check(ours, theirs, pictures)
    assert 'Left out: base.fc.weight' in report
    assert ('transreid_ssl' in report) == ('stem' in options)


@pytest.mark.parametrize(
    'options', [dict(), dict(stride=12), dict(stride=11, shift=8), dict(after=True)]
)
def test_jigsaw(tmp_path, options):
    torch.manual_seed(1)
    theirs = random(Local(**options))
    facts = {}
    if options.get('shift') == 8:
        facts['shift'] = '8'
    if options.get('after'):
        facts['neck'] = 'after'
    ours, report = convert({'state_dict': theirs.state_dict()}, tmp_path, **facts)
    check(ours, theirs)
    assert ('--shift 8' in report) == ('shift' not in facts)


@pytest.mark.parametrize('network', [Plain, Local])
def test_side_information(tmp_path, network):
    torch.manual_seed(2)
    theirs = random(network(cameras=6))
    ours, report = convert(theirs.state_dict(), tmp_path)
    assert 'side information is multiplied by 3.0' in report
    cameras = torch.tensor([4, 0])
    samples = [DataSample(metainfo=dict(cam_id=int(c) + 1)) for c in cameras]
    with torch.no_grad():
        expected = unit(theirs(PICTURES, cameras))
        found = ours(PICTURES, samples, mode='predict')
    found = torch.stack([sample.embedding for sample in found])
    assert (found - expected).abs().max() < 1e-9
    check(ours, theirs)  # where no camera is told


@pytest.mark.slow
def test_cameras_and_views_of_veri(tmp_path):
    torch.manual_seed(2)
    theirs = random(Local(cameras=160, size=(256, 256), shift=8))
    ours, report = convert(theirs.state_dict(), tmp_path)
    assert (ours.backbone.side_information.num_cameras, report.count('--shift')) == (
        20,
        1,
    )
    assert ours.backbone.side_information.num_views == 8
    check(ours, theirs, torch.nn.functional.interpolate(PICTURES, (256, 256)))


@pytest.mark.parametrize('several', [False, True])
def test_pass(tmp_path, several):
    torch.manual_seed(3)
    theirs = random(Pass(several=several))
    ours, report = convert(theirs.state_dict(), tmp_path)
    check(ours, theirs)
    assert ('bottleneck_1' in report) == several


def test_pass_of_another_fusion_is_refused(tmp_path):
    with pytest.raises(UnknownLayoutError, match='averages class token'):
        convert(Pass(fusion='mean').state_dict(), tmp_path)


@pytest.mark.parametrize(
    'wrap',
    [
        lambda n: {f'module.{k}': v for k, v in n.state_dict().items()},
        lambda n: {'model': n.state_dict(), 'epoch': 120},
        lambda n: n,
    ],
    ids=['module', 'model', 'whole'],
)
def test_forms(tmp_path, wrap):
    torch.manual_seed(4)
    theirs = random(Plain(classes=1041))
    ours, report = convert(wrap(theirs), tmp_path)
    check(ours, theirs)
    assert 'baseline_vit-b_msmt17.py' in report


@pytest.mark.parametrize(
    ('prefix', 'options'),
    [
        ('', dict()),
        ('backbone.', dict()),
        ('module.backbone.', dict(stem=True)),
        ('module.backbone.', dict(parts=True)),
    ],
)
def test_trunks(tmp_path, prefix, options):
    torch.manual_seed(5)
    theirs = random(Base(**options))
    weights = {f'{prefix}{k}': v for k, v in theirs.state_dict().items()}
    head = prefix.replace('backbone.', '') + 'head.mlp.0.weight'
    content = {'student': {}, 'teacher': {**weights, head: torch.ones(3, 3)}}
    ours, _ = convert(content if prefix else weights, tmp_path)
    with torch.no_grad():
        expected, maps = theirs(PICTURES), ours(PICTURES)
    if options.get('parts'):
        expected, parts = expected[0], torch.stack(expected[1:], 2)
        assert (maps[2][..., 0] - parts).abs().max() < 1e-9
    assert (maps[1][:, :, 0, 0] - expected).abs().max() < 1e-9


def test_torchvisions_trunk(tmp_path):
    torch.manual_seed(7)
    theirs = random(VisionTransformer(256, 16, 12, 3, 192, 768, num_classes=5))
    square = torch.nn.functional.interpolate(PICTURES, (256, 256))
    content = {'model': theirs.state_dict(), 'epoch': 3}
    _, report = convert(content, tmp_path)
    assert 'head.head.weight' in report
    with torch.no_grad():
        tokens = theirs._process_input(square)
        tokens = torch.cat([theirs.class_token.expand(2, -1, -1), tokens], 1)
        expected = theirs.encoder(tokens)[:, 0]
        whole = MODELS.build(
            dict(type='VisionTransformer', arch='deit-tiny', img_size=(256, 256))
        ).double()
        load = torch.load(tmp_path / 'ours.pth')['state_dict']
        whole.load_state_dict(load)
        found = whole.eval()(square)[1][:, :, 0, 0]
    assert (found - expected).abs().max() < 1e-9


class OldBlock(torch.nn.Module):
    """A layer of timm's first ViT-S: vit_small_patch16_224_TransReID.

    damo-cv/TransReID 1075dd5e, model/backbones/vit_pytorch.py: no bias of queries, keys
    and values, qk_scale = 768 ** -0.5, mlp_ratio = 3.
    """

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = (torch.nn.LayerNorm(768, eps=1e-6) for _ in range(2))
        self.attn, self.mlp = torch.nn.Module(), torch.nn.Module()
        self.attn.qkv = torch.nn.Linear(768, 3 * 768, bias=False)
        self.attn.proj = torch.nn.Linear(768, 768)
        self.mlp.fc1 = torch.nn.Linear(768, 3 * 768)
        self.mlp.fc2 = torch.nn.Linear(3 * 768, 768)

    def forward(self, x):
        rows = self.attn.qkv(self.norm1(x)).view(*x.shape[:2], 3, 8, 96)
        q, k, v = rows.permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(2, 3) * 768**-0.5).softmax(3)
        x = x + self.attn.proj((weights @ v).transpose(1, 2).flatten(2))
        hidden = torch.nn.functional.gelu(self.mlp.fc1(self.norm2(x)))
        return x + self.mlp.fc2(hidden)


@pytest.mark.slow
def test_the_first_small_network(tmp_path):
    torch.manual_seed(8)
    theirs = Plain(width=768, layers=1, heads=8)
    theirs.base.blocks = torch.nn.ModuleList(OldBlock() for _ in range(8))
    theirs = random(theirs)
    ours, report = convert({'state_dict': theirs.state_dict()}, tmp_path)
    check(ours, theirs)
    assert 'model.backbone.arch=small' in report


def test_a_neck_for_each_part_has_no_vector_behind_it(tmp_path):
    weights = Pass(several=True).state_dict()
    with pytest.raises(UnknownLayoutError, match='leave --neck after out'):
        convert(weights, tmp_path, neck='after')


def test_a_trunk_of_squares_is_resized(tmp_path):
    torch.manual_seed(6)
    theirs = random(Base(size=(224, 224)))
    ours, _ = convert(theirs.state_dict(), tmp_path)
    table = theirs.pos_embed[:, 1:].view(1, 14, 14, -1).permute(0, 3, 1, 2)
    rows = torch.nn.functional.interpolate(table, (16, 8), mode='bilinear')
    assert torch.equal(ours.pos_embed[:, 0], theirs.pos_embed[:, 0])
    found = ours.pos_embed[:, 1:].view(1, 16, 8, -1).permute(0, 3, 1, 2)
    assert (found - rows).abs().max() < 1e-12


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda w: w.pop('base.pos_embed'), r'no base\.pos_embed'),
        (lambda w: w.pop('bottleneck.running_var'), r'no bottleneck\.running_var'),
        (lambda w: w.update({'base.more': torch.ones(1)}), r'no place for base\.more'),
        (lambda w: w.update({'fcneck.weight': torch.ones(1)}), 'fcneck'),
        (
            lambda w: w.update({'base.pos_embed': torch.ones(1, 98, 192)}),
            'positions for 97 patches',
        ),
        (
            lambda w: w.update({'base.cls_token': torch.ones(1, 1, 100)}),
            'ViT-T, ViT-S',
        ),
        (
            lambda w: w.update(
                {'base.patch_embed.proj.weight': torch.ones(192, 3, 32, 32)}
            ),
            '32 x 32 pixels',
        ),
    ],
)
def test_other_networks_are_refused(tmp_path, change, message):
    weights = Plain().state_dict()
    change(weights)
    with pytest.raises(UnknownLayoutError, match=message):
        convert(weights, tmp_path, 'transreid')


def test_their_swin_is_refused_by_name(tmp_path):
    weights = {
        'base.layers.0.blocks.0.attn.qkv.weight': torch.ones(3, 3),
        'bottleneck.weight': torch.ones(3),
    }
    with pytest.raises(UnknownLayoutError, match='Swin transformer'):
        convert(weights, tmp_path)
