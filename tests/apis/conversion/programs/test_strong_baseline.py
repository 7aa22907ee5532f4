"""The authors' BoT and AGW give the same vectors."""

import pytest
import torch
from converting import check, convert
from foreign_fast_reid import NonLocal
from foreign_models import CHANNELS, shake, trunk
from torch import Tensor, nn

# Stages 2 and 3: 70674ed8 of mangye16/ReID-Survey, modeling/backbones/resnet_nl.py.
COUNTS = (0, 2, 3, 0)


class Authors(nn.Module):
    """BoT or AGW.

    Neither has a ReLU behind the first normalisation: 0df326ab of
    michuanhaohao/reid-strong-baseline, modeling/backbones/resnet.py, and 70674ed8 and
    0a1cb381 of mangye16/ReID-Survey, modeling/backbones/resnet_nl.py and baseline.py.
    With IBN-a there is one: resnet_ibn_a.py.
    """

    def __init__(self, kind: str, ibn: bool = False, classes: int = 5) -> None:
        super().__init__()
        self.base = trunk(ibn=ibn)
        self.has_relu = ibn
        if kind == 'agw':
            for stage, count in enumerate(COUNTS):
                channels = CHANNELS // 8 * 2**stage
                blocks = nn.ModuleList(NonLocal(channels, 1) for _ in range(count))
                self.base.add_module(f'NL_{stage + 1}', blocks)
            self.global_pool = nn.Module()
            self.global_pool.p = nn.Parameter(torch.tensor([2.8]))
        self.kind = kind
        self.bottleneck = nn.BatchNorm1d(CHANNELS)
        self.classifier = nn.Linear(CHANNELS, classes, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.base.bn1(self.base.conv1(x))
        x = self.base.maxpool(x.relu() if self.has_relu else x)
        for stage, count in zip(range(1, 5), COUNTS, strict=True):
            layer = self.base.get_submodule(f'layer{stage}')
            for index, block in enumerate(layer):
                x = block(x)
                number = index - (len(layer) - count)
                if number >= 0 and self.kind == 'agw':
                    x = self.base.get_submodule(f'NL_{stage}.{number}')(x)
        x = x.flatten(2)
        if self.kind == 'agw':
            p = self.global_pool.p
            return self.bottleneck(x.clamp(min=1e-6).pow(p).mean(2).pow(1 / p))
        return self.bottleneck(x.mean(2))


@pytest.mark.parametrize(
    ('kind', 'classes', 'config'),
    [
        ('bot', 751, 'bot/bot-released_r50_market.py'),
        ('agw', 751, 'agw/agw-released_r50_market.py'),
        ('agw', 767, 'agw/agw-released_r50_cuhk03-detected.py'),
        ('agw', 1041, 'agw/agw-released_r50_msmt17.py'),
    ],
)
def test_published_networks(tmp_path, kind, classes, config):
    torch.manual_seed(3)
    theirs = shake(Authors(kind, classes=classes))
    ours, report = convert(None, theirs.state_dict(), tmp_path)
    check(ours, theirs)
    assert f'configs/{config}' in report
    assert 'first normalisation: no (else --stem-relu yes)' in report


def test_ibn(tmp_path):
    theirs = shake(Authors('bot', ibn=True))
    state = dict(theirs.state_dict())
    del state['classifier.weight']
    ours, report = convert('strong-baseline', state, tmp_path, data_set='duke')
    check(ours, theirs)
    assert 'bot-released_r50_duke.py' in report
