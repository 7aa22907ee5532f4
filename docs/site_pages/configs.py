"""The page of configs: every one that a command takes, method by method."""

from itertools import groupby
from pathlib import Path

from site_pages.leaf_configs import LeafConfig, leaf_configs
from site_pages.markdown import code, escape, table

_HEAD = (
    'config',
    'trunk',
    'picture',
    'trained on',
    'tested on',
    'epochs:',
    'batch',
    'inherits',
)
# From docs/reference/, where the page lies.
_UP = '../../'


def format_configs() -> str:
    """List the configs.

    Returns:
        str: Markdown with a table for each method.
    """
    parts = []
    for method, group in groupby(leaf_configs(), lambda config: config.method):
        configs = list(group)
        folder = Path(configs[0].path).parent.as_posix()
        intro = f'[README]({_UP}{folder}/README.md)'
        rows = [_row(config) for config in configs]
        parts.append(f'## {escape(method)}\n\n{intro}\n\n{table(_HEAD, rows)}')
    return '\n\n'.join(parts)


def _row(config: LeafConfig) -> tuple[str, ...]:
    size, persons = config.batch
    batch = f'{persons} x {size // persons}' if persons else str(size or '')
    folders = ', '.join(code(word) for word in config.train_root.split(', ') if word)
    return (
        f'[`{config.name}`]({_UP}{config.path})',
        escape(config.trunk),
        config.picture.replace(' ', '&nbsp;'),
        f'{escape(config.trained_on)} {folders}'.strip(),
        escape(', '.join(config.tested_on)),
        str(config.epochs or ''),
        batch,
        ', '.join(_link(base) for base in config.bases),
    )


def _link(base: str) -> str:
    shown = base.removeprefix('configs/').removeprefix('_base_/')
    return f'[{escape(Path(shown).stem)}]({_UP}{base})'
