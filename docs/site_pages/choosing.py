"""The page that chooses a command: all choices with the lines they lead to.

The lines are made here and lie in the page as JSON; ``docs/assets/choose.js`` shows the
one that is chosen and makes none of its own.
"""

import html
import json
from pathlib import Path
from typing import NamedTuple

from site_pages.leaf_configs import WITHOUT_LABELS, LeafConfig, leaf_configs

#: How many GPUs may be chosen.
GPUS = (1, 2, 4, 8)
# Their data lies with their owners: the configs read Market-1501 in its place.
_WITHOUT_DATA = ('animals',)
# They go on from weights of another data set, which nobody can choose here.
_FROM_ANOTHER = 'uda-'
_RENDER = {
    'SynthReID': 'mmreid synthreid data/synthreid',
    'SynthReID-mini': 'mmreid synthreid data/synthreid_mini --size mini',
}


class Choice(NamedTuple):
    """A config with what leads to it and from it.

    Attributes:
        data (str): The data set that it is trained on.
        method (str): Its method.
        size (str): Trunk and picture.
        config (str): Its name.
        folder (str): Where the data is read.
        lines (dict[str, list[str]]): Number of GPUs -> the lines to type.
    """

    data: str
    method: str
    size: str
    config: str
    folder: str
    lines: dict[str, list[str]]


def choices() -> list[Choice]:
    """Everything that can be chosen.

    Returns:
        list[Choice]: By data set, method and size; of one size the shortest name, which
        is the plain method, comes first.
    """
    found = [_choice(config) for config in leaf_configs() if _is_trainable(config)]
    return sorted(found, key=lambda c: (c.data, c.method, c.size, len(c.config)))


def lines_of(config: LeafConfig, gpus: int) -> list[str]:
    """The lines that make data where a program can, train, and test.

    Args:
        config (LeafConfig): The config.
        gpus (int): How many processes train, each with its part of the batch.

    Returns:
        list[str]: Lines; none where the batch cannot be divided.
    """
    size, persons = config.batch
    if (persons or size) % gpus or size % gpus:
        return []
    train = f'mmreid train {config.name}'
    if gpus > 1:
        parts = [f'train_dataloader.batch_size={size // gpus}']
        if persons:
            parts.append(f'train_dataloader.sampler.num_ids={persons // gpus}')
        train = (
            f'mmreid launch --nproc_per_node={gpus} -m {train} --launcher pytorch '
            f'--cfg-options {" ".join(parts)}'
        )
    checkpoint = f'work_dirs/{config.name}/epoch_{config.epochs}.pth'
    rendered = config.trained_on.removesuffix(WITHOUT_LABELS)
    render = [_RENDER[rendered]] if rendered in _RENDER else []
    return [*render, train, f'mmreid test {config.name} {checkpoint}']


def format_page() -> str:
    """Write the form, its data, and the table for browsers without scripts.

    Returns:
        str: HTML for the place of the comment.
    """
    rows = choices()
    data = json.dumps([row._asdict() for row in rows], separators=(',', ':'))
    # A script's text would end at the first "</", wherever it is.
    data = data.replace('</', r'<\/')
    form = '\n'.join(
        f'<p><label for="choose-{key}">{title}</label> <select id="choose-{key}">'
        '</select></p>'
        for key, title in _SELECTS.items()
    )
    return (
        f'<form id="choose" hidden>\n{form}\n</form>\n'
        '<div id="choose-answer" role="status" aria-live="polite" hidden>\n'
        '<p id="choose-folder"></p>\n<pre><code id="choose-lines"></code></pre>\n'
        '</div>\n<script type="application/json" id="choose-json">'
        f'{data}</script>\n<noscript>\n{_table(rows)}\n</noscript>'
    )


_SELECTS = {
    'data': 'Data set',
    'method': 'Method',
    'size': 'Trunk and picture',
    'config': 'Config',
    'gpus': 'GPUs',
}


def _is_trainable(config: LeafConfig) -> bool:
    folder = Path(config.path).parent.name
    if folder in _WITHOUT_DATA or config.name.startswith(_FROM_ANOTHER):
        return False
    return bool(config.trained_on)


def _choice(config: LeafConfig) -> Choice:
    lines = {str(gpus): lines_of(config, gpus) for gpus in GPUS}
    return Choice(
        data=config.trained_on,
        method=config.method,
        size=f'{config.trunk}, {config.picture}',
        config=config.name,
        folder=config.train_root,
        lines={gpus: found for gpus, found in lines.items() if found},
    )


def _table(rows: list[Choice]) -> str:
    """The choices for one GPU, as HTML: Markdown is not read inside of noscript."""
    cells = (
        f'<tr><td>{html.escape(row.data)}</td><td>{html.escape(row.method)}</td>'
        f'<td>{html.escape(row.size)}</td>'
        f'<td><code>{html.escape(row.lines["1"][-2])}</code></td></tr>'
        for row in rows
    )
    head = '<tr><th>data set</th><th>method</th><th>size</th><th>line</th></tr>'
    return f'<table><thead>{head}</thead><tbody>{"".join(cells)}</tbody></table>'
