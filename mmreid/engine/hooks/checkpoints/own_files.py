"""Which files a resumed training may take for its own."""

import os
import re
from pathlib import PureWindowsPath
from typing import Any

from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner


def keep_own_files(runner: Runner, info: dict[str, Any]) -> None:
    """Let a checkpoint name nothing but checkpoints of the running training's folder.

    ``CheckpointHook`` removes the file that a checkpoint calls the best so far, and the
    oldest of those that it counts. The checkpoint of a copied work folder has the
    original's paths, and a stranger's may have any. Of a path only its last part
    remains, in the hook's own folder, if it is a name that the hook gives.

    Args:
        runner (Runner): Holds the hooks.
        info (dict): ``runtime_info`` of the loaded checkpoint, changed in place.
    """
    for hook in runner.hooks:
        if isinstance(hook, CheckpointHook):
            folder = checkpoint_folder(hook.out_dir, runner.work_dir)
            pattern = re.escape(hook.filename_tmpl).replace(r'\{\}', r'\d+')
            _keep(info, 'last_ckpt', folder, [pattern])
            best = [f'best_{_metric(name)}_{pattern}' for name in hook.save_best or ()]
            for key in [key for key in info if key.startswith('best_ckpt')]:
                if not _keep(info, key, folder, best):
                    # The score of another metric, or of a file that is not here.
                    info.pop(key.replace('ckpt', 'score', 1), None)
    for key in [key for key in info if key.startswith('best_score')]:
        if not isinstance(info[key], int | float):
            del info[key]
    kept = info.get('keep_ckpt_ids')
    kept = kept if isinstance(kept, list) else []
    info['keep_ckpt_ids'] = [step for step in kept if type(step) is int and step >= 0]


def checkpoint_folder(out_dir: str | None, work_dir: str) -> str:
    """Return the folder to which ``CheckpointHook`` writes.

    Args:
        out_dir (str | None): The hook's argument.
        work_dir (str): The folder of the training.

    Returns:
        str: ``work_dir``, or the folder of its name in ``out_dir``.
    """
    if out_dir is None or out_dir == work_dir:
        return work_dir
    return os.path.join(out_dir, os.path.basename(work_dir.rstrip(os.sep)))


def _keep(info: dict[str, Any], key: str, folder: str, patterns: list[str]) -> bool:
    """Move what an entry names into a folder, or forget the entry."""
    # This knows both kinds of slashes.
    name = PureWindowsPath(str(info.pop(key, ''))).name
    fits = any(re.fullmatch(pattern, name) for pattern in patterns)
    if fits:
        info[key] = os.path.join(folder, name)
    return fits


def _metric(name: str) -> str:
    """Return a metric's part of a file name as a pattern."""
    return '.+' if name == 'auto' else re.escape(name.replace('/', '_'))
