"""The test set that rankings are compared on: the config's, the user's, or rendered."""

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import init_default_scope

from mmreid.apis.test_pipeline import first_test_set
from mmreid.apis.weights.fetching import folder as cache_folder
from mmreid.datasets.synthetic import render_synthreid
from mmreid.registry import DATASETS

#: The word for the rendered data set.
RENDERED = 'synthreid-mini'


def find_dataset(
    cfg: Config, data: str | os.PathLike | None
) -> tuple[dict[str, Any], Any]:
    """Build the test set that is meant.

    Args:
        cfg (Config): The config, whose test pipeline is taken.
        data (str | PathLike | None): A folder in the layout of the config's test set
            or of Market-1501 (``query/`` and ``bounding_box_test/``), a table (columns
            ``path``, ``person``, ``camera``, ``split``), or ``'synthreid-mini'``, which
            is rendered once and kept. None: the config's own test set where its files
            are there, otherwise SynthReID-mini, which is logged.

    Returns:
        tuple: Its config, and the data set.

    Raises:
        FileNotFoundError: There is nothing at ``data``, or a folder of another layout.
        ValueError: The table is none, or the config has no test set.
    """
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    own = first_test_set(cfg).to_dict()
    if data is None:
        try:
            return own, DATASETS.build(own)
        except FileNotFoundError as error:
            print_log(
                f"The config's own test set is not here ({error}); the ranking is "
                'compared on SynthReID-mini. Name your own pictures with data '
                '(--data).',
                'current',
                logging.WARNING,
            )
            data = RENDERED
    settings = _settings(own, data)
    try:
        return settings, DATASETS.build(settings)
    except FileNotFoundError as error:
        if not Path(data).expanduser().is_dir():
            raise
        raise FileNotFoundError(
            f'data must be a folder in the layout of {own["type"]} or of Market-1501 '
            '(query/ and bounding_box_test/), or a table (path, person, camera, '
            f'split), got {str(data)!r}: {error}'
        ) from error


def _settings(own: dict[str, Any], data: str | os.PathLike) -> dict[str, Any]:
    """Name the data set of a folder, a table or a word."""
    shared = dict(pipeline=own['pipeline'], split='test')
    if str(data) == RENDERED:
        return dict(type='Market1501', data_root=str(_rendered()), **shared)
    path = Path(data).expanduser()
    if not path.exists():
        raise FileNotFoundError(
            f'data must be a folder, a table or {RENDERED!r}, got {str(data)!r}, where '
            'there is nothing.'
        )
    if path.is_file():
        return dict(type='ReIDDataset', table=str(path), **shared)
    if (path / 'query').is_dir() and (path / 'bounding_box_test').is_dir():
        return dict(type='Market1501', data_root=str(path), check=False, **shared)
    return {**own, 'data_root': str(path)}


def _rendered() -> Path:
    """Render SynthReID-mini once; it is kept beside converted weights."""
    kept = cache_folder() / RENDERED
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    print_log(f'SynthReID-mini is rendered into {kept}, some 15 seconds.', 'current')
    # Two processes may do so at once: the first one's stays.
    with tempfile.TemporaryDirectory(dir=kept.parent) as place:
        made = Path(place, RENDERED)
        render_synthreid(made, 'mini')
        with suppress(OSError):
            made.rename(kept)
    return kept
