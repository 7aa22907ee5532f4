"""The README's ablations of AANet, read from it and built."""

import argparse
import re
import shlex
from pathlib import Path

import pytest
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope

from mmreid.models.heads import MultiBranchHead
from mmreid.models.necks import OFA
from mmreid.registry import MODELS

FOLDER = Path(__file__).parents[2] / 'configs' / 'aanet'
WORDS = {'$plugins': 'model.backbone.plugins', '$whole': 'model.head.branches.whole'}


def read_rows():
    """Yield (table, row, config, options) of every row with options."""
    table = config = ''
    for line in (FOLDER / 'README.md').read_text('utf-8').splitlines():
        table = line.split('**')[1] if line.startswith('**') else table
        if found := re.search(r'`(aanet_r50_market\w*\.py)`', line):
            config = found[1]
        if match := re.fullmatch(r'\| (.+?) \| (`(.+)`|as it is) \|', line):
            yield table, match[1], config, match[3] or ''


ROWS = list(read_rows())


def build(config_name, options):
    for word, path in WORDS.items():
        options = options.replace(word, path)
    parser = argparse.ArgumentParser()
    parser.add_argument('--options', nargs='*', action=DictAction, default={})
    parsed = parser.parse_args(['--options', *shlex.split(options)]).options
    config = Config.fromfile(FOLDER / config_name)
    init_default_scope(config.default_scope)
    config.merge_from_dict(parsed)
    # Only the structure matters here: a quarter of the width is built sooner.
    thin = dict(base_channels=16, stem_channels=16, init_cfg=None)
    config.model.backbone.update(thin)
    model = MODELS.build(config.model)
    return model.backbone, model.head


def test_all_tables_are_read():
    tables = ' '.join(table for table, *_ in ROWS)
    for name in ('Table 3', 'Table 4', 'Table 5', 'Table 7', 'Table 10'):
        assert name in tables
    assert len(ROWS) > 35


@pytest.mark.parametrize(('table', 'row', 'config', 'options'), ROWS)
def test_row(table, row, config, options):
    backbone, head = build(config, options)
    modules = [m for m in backbone.modules() if isinstance(m, OFA)]
    assert isinstance(head, MultiBranchHead)
    if table.startswith('Table 5'):
        assert len(modules) == int(row)
    if row == 'AANet':
        assert len(modules) == 6
    if row.startswith('BL'):
        whole = dict(head.branches).get('whole')
        trained = whole is not None
        assert trained == ('AAM' in row or 'TriHard' in row)
        if trained:
            assert (whole.metric_loss is not None) == ('TriHard' in row)
            assert (whole.alignment_loss is not None) == ('AAM' in row)
        assert bool(modules) == any(part in row for part in ('OFA', 'FCA', 'MSA'))
        assert all((m.fca is None) == ('MSA' in row) for m in modules)
        assert all((m.msa is None) == ('FCA' in row) for m in modules)
    if row == 'original TriHard':
        assert head.branches['whole'].metric_loss.intra_weight == 0
    if row.startswith('Conv.B'):
        stage = f'layer{row[-1]}'
        named = backbone.named_modules()
        names = [n for n, m in named if isinstance(m, OFA)]
        assert names
        assert all(name.startswith(stage) for name in names)
    if 'Freeze' in row:
        learning = {n for n, p in backbone.named_parameters() if p.requires_grad}
        assert learning
        assert all('.parallel.' in name for name in learning)
    if 'series' in row:
        assert backbone.layer4[2].parallel is None
        assert isinstance(backbone.layer4[2].after, OFA)
