"""The config in a checkpoint: read as plain values, without what could do harm."""

import re
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmreid.apis.weights.carried_types import check_types
from mmreid.config_roots import config_roots
from mmreid.engine import load_config
from mmreid.engine.config_files import parse_config_text

# What a network and its test need. The rest, such as hooks, visualizers and imports,
# is of the training, and could write, fetch or run.
_BUILT = ('model', 'data_preprocessor')
_TESTED = ('test_dataloader', 'test_evaluator', 'test_cfg')
_RUNTIME = 'configs/_base_/default_runtime.py'


def read_carried(text: str, source: str, experiment: Any = None) -> Config:
    """Read the config in a checkpoint; nothing of it is run.

    Args:
        text (str): The text that mmengine has written.
        source (str): The checkpoint's path.
        experiment (Any): What the checkpoint says of its training's name.
            Defaults to None.

    Returns:
        Config: Network and test of the config, on mmreid's own runtime; ``work_dir`` is
        ``work_dirs/NAME``, after the config of the training.

    Raises:
        ConfigFileError: The text is more than plain values.
        WrongWeightsError: It names a type or an address that a file may not.
    """
    content = parse_config_text(text, source)
    kept = {key: content[key] for key in _BUILT if content.get(key) is not None}
    # A test needs all of its parts.
    if all(key in content for key in _TESTED):
        kept |= {key: content[key] for key in _TESTED}
    check_types(kept, source, content.get('custom_imports'))
    stem = Path(source).stem
    runtime = next(
        (r / _RUNTIME for r in config_roots() if (r / _RUNTIME).is_file()), None
    )
    base = load_config(runtime).to_dict() if runtime else dict(default_scope='mmreid')
    # Of 'aanet_r50_market_20260101_120000'; any other name might lead elsewhere.
    named = re.fullmatch(r'([\w+-]+)_\d{8}_\d{6}', str(experiment))
    folder = str(Path('work_dirs', named[1] if named else stem))
    content = {**base, **kept, 'work_dir': folder}
    # mmengine would open the file for a text that is empty.
    return Config(content, cfg_text=text or '\n', filename=f'{stem}.py')
