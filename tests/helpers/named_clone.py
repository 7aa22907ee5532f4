"""A clone with one small model of torchreid's, its file, and a server that has it."""

import io
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
import yaml
from local_server import Answer, Server, serve

import mmreid
from mmreid import config_roots
from mmreid.apis.model_names import index

ROOT = Path(__file__).parents[2]
NAME = 'tiny_r18_market'
CONFIG = f"""
_base_ = '{ROOT}/configs/bot/bot_r50_market.py'
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=64, width=32)
data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
model = dict(
    backbone=dict(depth=18, base_channels=WIDTH, stem_channels=WIDTH),
    head=dict(bn_neck=False, test='feat'),
)
"""


class Clone(NamedTuple):
    """The folder, the server, and the file's weights by their own names."""

    root: Path
    server: Server
    weights: dict

    def write_metafile(self, **source) -> None:
        """Write the metafile; None leaves an entry out."""
        entry = dict(
            Weights=f'{self.server.address}/files/model.pth.tar',
            Code='https://github.com/KaiyangZhou/deep-person-reid',
            License='MIT',
            Layout='torchreid',
            Options={'last_stride': '1', 'pool': 'max'},
        )
        entry = {k: v for k, v in {**entry, **source}.items() if v is not None}
        own = dict(
            {'In Collection': 'Tiny', 'Config': 'configs/tiny/tiny.py'},
            Metadata={'Training Data': 'Market-1501'},
        )
        models = [dict(own, Name=NAME), dict(own, Name='tiny_r18_none')]
        models[0]['Converted From'] = entry
        text = yaml.safe_dump(dict(Collections=[], Models=models))
        (self.root / 'configs' / 'tiny' / 'metafile.yml').write_text(text)
        index._read_index.cache_clear()


def file_of(content: object) -> bytes:
    """What torch.save writes."""
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def torchreid_weights(width: int = 4, depth: str = '2222') -> dict:
    """Weights by the names of torchreid's ResNets with basic blocks."""
    from torchvision.models.resnet import BasicBlock, ResNet

    net = ResNet(BasicBlock, [*map(int, depth)], num_classes=5)
    shrunk = {}
    for name, value in net.state_dict().items():
        for axis in range(min(value.ndim, 2)):
            size = value.shape[axis]
            if size % 64 == 0:
                value = value.narrow(axis, 0, size * width // 64)
        shrunk[name.replace('fc.', 'classifier.')] = value.clone()
    return shrunk


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """The clone, with the cache of downloads in a folder of its own."""
    root = tmp_path / 'clone'
    for folder in ('mmreid', 'configs/tiny'):
        (root / folder).mkdir(parents=True)
    (root / 'configs/tiny/tiny.py').write_text(CONFIG.replace('WIDTH', '4'))
    (root / 'model-index.yml').write_text('Import: [configs/tiny/metafile.yml]\n')
    for module in (mmreid, config_roots):
        name = Path(module.__file__).name
        monkeypatch.setattr(module, '__file__', str(root / 'mmreid' / name))
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    monkeypatch.setenv('no_proxy', '*')
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    with serve() as server:
        made = Clone(root, server, torchreid_weights())
        content = file_of({'state_dict': made.weights, 'epoch': 3})
        server.answers['/files/model.pth.tar'] = Answer(content)
        made.write_metafile()
        yield made
    index._read_index.cache_clear()
