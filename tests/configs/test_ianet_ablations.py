"""The README's ablations and sizes of IANet, read from it, built and counted."""

import re
import shlex
from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from mmreid.apis import count_config
from mmreid.engine import read_config
from mmreid.models.necks import IABlock
from mmreid.registry import MODELS

FOLDER = Path(__file__).parents[2] / 'configs' / 'ianet'
WORDS = {
    '$stage2': 'model.backbone.plugins.0',
    '$stage3': 'model.backbone.plugins.1',
    '$plugins': 'model.backbone.plugins',
}
# By row: the blocks' places in the trunk and the options that matter.
EXPECTED = {
    'base.': [],
    'MAX': [('layer3', dict(fusion='max', relations='appearance'))],
    'SUM': [('layer3', dict(fusion='sum', relations='appearance'))],
    'PROD': [('layer3', dict(fusion='prod', relations='appearance'))],
    'Location': [('layer3', dict(relations='location', sigma=(5, 10)))],
    'Appearance': [('layer3', dict(relations='appearance', contexts=(1, 2, 3)))],
    'Semantic': [('layer3', dict(relations='both', contexts=(1, 2, 3)))],
    'CIA': [('layer3', dict(parts=('cia',)))],
    'SIA & CIA': [('layer3', dict(arrangement='parallel', parts=('sia', 'cia')))],
    'CIA + SIA': [('layer3', dict(arrangement='sequential', parts=('cia', 'sia')))],
    'SIA + CIA': [('layer3', dict(arrangement='sequential', parts=('sia', 'cia')))],
    'stage_1': [('layer1', dict(sigma=(20, 40)))],
    'stage_2': [('layer2', dict(sigma=(10, 20)))],
    'stage_3': [('layer3', dict(sigma=(5, 10)))],
    'stage_4': [('layer4', dict(sigma=(5, 10)))],
    'stage_23': [('layer2', dict(sigma=(10, 20))), ('layer3', dict(sigma=(5, 10)))],
    'stage_23-c': 4 * [('layer2', dict(sigma=(10, 20)))]
    + 6 * [('layer3', dict(sigma=(5, 10)))],
    'R32': [],
    'R32-IA': [('layer2', {}), ('layer3', {})],
    'R101': [],
    'R101-IA': [('layer2', {}), ('layer3', {})],
    'GN': [],
    'GN-IA': [
        ('inception3b', dict(sigma=(10, 20))),
        ('inception4e', dict(sigma=(5, 10))),
    ],
    'released': [
        ('layer2', dict(contexts=(1,), factor=128**-0.5)),
        ('layer3', dict(contexts=(1,), factor=256**-0.5)),
    ],
}
for k in (1, 2, 3, 5):
    EXPECTED[f'K = {k}'] = [('layer3', dict(contexts=(k,), relations='appearance'))]
for s in (1, 3, 5, 7, 9):
    options = dict(relations='location', sigma=(s, 2 * s), parts=('sia',))
    EXPECTED[f'sigma_1 = {s}'] = [('layer3', options)]


def read_rows():
    """Yield (table, row, config, options) of every row of the ablations."""
    text = (FOLDER / 'README.md').read_text('utf-8')
    _, _, text = text.partition('## Ablations')
    table = ''
    for line in text.splitlines():
        table = line.split('**')[1] if line.startswith('**') else table
        match = re.fullmatch(
            r'\| (.+?) \|(?: `(\S+\.py)` \|)? (`(.+)`|as it is) \|', line
        )
        if match:
            yield table, match[1], match[2] or 'ianet_r50_market.py', match[4] or ''


ROWS = list(read_rows())


def read(config_name, options):
    for word, path in WORDS.items():
        options = options.replace(word, path)
    cfg = read_config(str(FOLDER / config_name), shlex.split(options))
    init_default_scope(cfg.default_scope)
    return cfg


def option_of(block, name):
    owner = block if hasattr(block, name) else block.sia
    return getattr(owner, name)


def test_all_tables_are_read():
    tables = ' '.join(dict.fromkeys(table for table, *_ in ROWS))
    for letter in 'abcdef':
        assert f'Table 4 ({letter})' in tables
    for name in ('Figure 7', 'Table 5', "authors' code"):
        assert name in tables
    assert {row for _, row, *_ in ROWS} == set(EXPECTED)
    assert len(ROWS) == 40


@pytest.mark.parametrize(('table', 'row', 'config', 'options'), ROWS)
def test_row(table, row, config, options):
    cfg = read(config, options)
    backbone = cfg.model.backbone
    backbone.pop('init_cfg')
    if backbone.type == 'PluginResNet':  # a quarter of the width is built sooner
        backbone.update(base_channels=16, stem_channels=16)
    trunk = MODELS.build(backbone)
    blocks = [(n.split('.')[0], m) for n, m in trunk.named_modules() if is_block(m)]
    assert [name for name, _ in blocks] == [name for name, _ in EXPECTED[row]]
    for (_, block), (_, expected) in zip(blocks, EXPECTED[row], strict=True):
        for name, value in expected.items():
            assert option_of(block, name) == value
    if 'Table 4 (a)' in table or 'Table 4 (b)' in table or 'Table 4 (c)' in table:
        assert all(block.parts == ('sia',) for _, block in blocks)


def test_the_same_options_do_on_duke():
    market, duke = (
        read(f'ianet_r50_{data}.py', '').model for data in ('market', 'duke')
    )
    assert duke == market


def is_block(module):
    return isinstance(module, IABlock)


def read_sizes():
    """Yield (G of multiply-adds, parameters added, options) of the table of sizes."""
    text = (FOLDER / 'README.md').read_text('utf-8')
    pattern = r'\| ([\d.]+) G \|[^|]*\| ([\d,]*) ?\| (?:`(.+)`|as it is) \|'
    for giga, added, options in re.findall(pattern, text):
        yield giga, int(added.replace(',', '') or 0), options


def test_sizes():
    sizes = list(read_sizes())
    assert [giga for giga, *_ in sizes] == ['4.055', '4.089', '4.894']
    plain = None
    for giga, added, options in sizes:
        cfg = read('ianet_r50_market.py', options)
        total = count_config(cfg, training=True, pooling=True)['total']
        plain = plain or total
        assert f'{total.macs / 1e9:.3f}' == giga
        assert total.params - plain.params == added


def test_twenty_splits_of_cuhk03_change_nothing_but_the_split():
    for boxes in ('labeled', 'detected'):
        name = f'ianet_r50_cuhk03-classic-{boxes}.py'
        cfg = read(name, '')
        for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
            assert loader.dataset.type == 'CUHK03'
            assert loader.dataset.boxes == boxes
            assert loader.dataset.protocol == 'classic'
        for evaluator in (cfg.val_evaluator, cfg.test_evaluator):
            assert evaluator.protocol == 'single-shot'
            assert evaluator.impostors == 'both'
