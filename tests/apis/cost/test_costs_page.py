"""The numbers of our networks on the documentation's page of costs are counted ones."""

import re
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmreid.apis import config_path
from mmreid.apis.cost.complexity import count_parts
from mmreid.registry import MODELS

PAGE = Path(__file__).parents[3] / 'docs' / 'reference' / 'costs.md'
# A network of each kind that is built in a moment; the others are slow together.
QUICK = {'osnet_x0_25_market', 'lightmbn_osnet_market', 'agw_r50_market'}


def rows():
    """Yield config, height, width, and the two numbers as they are written."""
    told = []
    for line in PAGE.read_text('utf-8').splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        size = re.fullmatch(r'(\d+) x (\d+)', cells[1]) if len(cells) > 3 else None
        if size:
            own = (cells[2], cells[4 if len(cells) == 7 else 3])
            mark = () if cells[0] in QUICK else pytest.mark.slow
            values = (cells[0], tuple(map(int, size.groups())), *own)
            told.append(pytest.param(*values, marks=mark, id=f'{cells[0]}-{cells[1]}'))
    return told


@pytest.mark.parametrize(('name', 'size', 'millions', 'billions'), rows())
def test_a_row(name, size, millions, billions):
    config = Config.fromfile(config_path(name))
    init_default_scope(config.default_scope)
    if 'img_size' in config.model.backbone:
        config.model.backbone.img_size = size
    # Without classifiers, since nothing says how many persons there are.
    model = MODELS.build(config.model).to('meta')
    total = count_parts(model, size)['total']
    assert f'{total.params / 1e6:.2f}' == millions
    assert f'{total.macs / 1e9:.3f}' == billions


def test_every_row_is_read():
    assert len(rows()) == 38
