"""What the command line tools need around mmengine's Runner."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import torch.distributed
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.runner import Runner

from mmreid.data_loaders import LOADERS, list_loaders
from mmreid.engine.checkpoints import find_resumable
from mmreid.engine.config_files import (
    KNOWN,
    FormattedConfig,
    apply_options,
    check_below,
    load_config,
)
from mmreid.engine.folder_lock import FolderLock
from mmreid.engine.hooks.checkpoints.own_files import checkpoint_folder
from mmreid.engine.hooks.guards import add_guards
from mmreid.engine.identities import fill_num_classes
from mmreid.engine.loops import check_loops
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.engine.runners import ReIDRunner, VerboseRunner
from mmreid.files import expand_home

# Of the trainings of this process.
_locks: list[FolderLock] = []


def read_config(
    path: str | Path | Config,
    options: Sequence[str] | None = None,
    work_dir: str | None = None,
) -> Config:
    """Read a config file and apply what the command line changes.

    Args:
        path (str | Path | Config): The config file, or a config.
        options (Sequence[str] | None): ``KEY=VALUE`` strings. Defaults to None.
        work_dir (str | None): Folder of logs and checkpoints. Defaults to the
            config's own, or ``work_dirs/NAME`` after its file.

    Returns:
        Config: The config, with ``work_dir`` set.

    Raises:
        ValueError: The file or an option cannot be read, something in them is read by
            nothing, or an option does not fit the config.
    """
    cfg = FormattedConfig.of(load_config(path))
    apply_options(cfg, options or (), KNOWN)
    check_below(cfg)
    if work_dir is not None:
        cfg.work_dir = work_dir
    elif cfg.get('work_dir') is None:
        name = path.filename if isinstance(path, Config) else path
        cfg.work_dir = str(Path('work_dirs', Path(str(name)).stem))
    expand_home(cfg._cfg_dict)
    return cfg


def set_up_processes(cfg: Config, launcher: str, local_rank: int = 0) -> None:
    """Prepare a config for a launcher, on machines without accelerators too.

    mmengine asks for a CUDA device in every process. On the CPU the group of processes
    is therefore made here, with gloo; the Runner takes a group that it finds.

    Args:
        cfg (Config): Changed in place: ``launcher``, and for processes on the CPU
            ``model_wrapper_cfg``.
        launcher (str): ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.
        local_rank (int): Rank on this machine, where the launcher passes it as an
            argument instead of in ``LOCAL_RANK``. Defaults to 0.

    Raises:
        ValueError: slurm or mpi on a machine without accelerator.
    """
    cfg.launcher = launcher
    mpi_rank = os.environ.get('OMPI_COMM_WORLD_LOCAL_RANK', str(local_rank))
    os.environ.setdefault('LOCAL_RANK', mpi_rank)
    if launcher == 'none':
        return
    for library in ('OMP', 'MKL'):  # as mmengine does itself, but with a warning
        os.environ.setdefault(f'{library}_NUM_THREADS', '1')
    if get_device() != 'cpu':
        return
    if launcher != 'pytorch':
        raise ValueError(
            f"launcher '{launcher}' needs an accelerator and there is none; several "
            'processes on CPUs are started by mmreid dist-train (torchrun).'
        )
    torch.distributed.init_process_group('gloo')
    wrapper = dict(cfg.get('model_wrapper_cfg') or _default_wrapper(cfg))
    # An explicit None is needed: mmengine's default is the local rank's CUDA device.
    wrapper.setdefault('device_ids', None)
    cfg.model_wrapper_cfg = wrapper


def _default_wrapper(cfg: Config) -> dict:
    """The wrapper that mmengine uses where the config names none."""
    return dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )


def leave_processes() -> None:
    """Leave the group of processes, if there is one."""
    if torch.distributed.is_initialized():
        # Gloo's threads need the interpreter to drop the last gradients, and torch 2.12
        # joins them without giving it up: without a pause, of which they need
        # microseconds, it may wait forever.
        time.sleep(0.5)
        torch.distributed.destroy_process_group()


def take_folder(cfg: Config, launcher: str) -> list[str]:
    """Lock the work folder of a training, until the process ends.

    Args:
        cfg (Config): Has ``work_dir``.
        launcher (str): As of ``set_up_processes``; of several processes the first one
            has the lock.

    Returns:
        list[str]: What the user should know: that it cannot be locked.

    Raises:
        FolderInUseError: Another training has it.
        OSError: It cannot be written.
    """
    ranks = ('RANK', 'SLURM_PROCID', 'OMPI_COMM_WORLD_RANK')
    rank = next((os.environ[name] for name in ranks if name in os.environ), '0')
    if launcher != 'none' and int(rank) > 0:
        return []
    _locks.append(FolderLock(cfg.work_dir))
    return _locks[-1].notes


def use_autocast(cfg: Config) -> None:
    """Let a config train in mixed precision (``AutocastOptimWrapper``).

    Args:
        cfg (Config): Changed in place.

    Raises:
        ValueError: Its optimizer wrapper is one of another kind.
    """
    kind = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if kind not in ('OptimWrapper', 'AutocastOptimWrapper'):
        raise ValueError(
            f"--amp replaces 'OptimWrapper', but the config has {kind!r}; "
            'set its precision in the config.'
        )
    cfg.optim_wrapper.type = 'AutocastOptimWrapper'


def use_checkpoint(cfg: Config, checkpoint: str) -> list[str]:
    """Let a config continue a training.

    Args:
        cfg (Config): Changed in place, unless there is nothing to resume: then its
            ``resume`` becomes False.
        checkpoint (str): Where to continue, or ``'auto'``: the checkpoint of
            ``work_dir`` that is the furthest and can be read, if there is one.

    Returns:
        list[str]: What the user should know: newer files that cannot be read, or that
        there is nothing to resume.

    Raises:
        UnsafeCheckpointError: A file in ``work_dir`` carries code.
        OSError: A file cannot be read, though it is there.
    """
    cfg.resume = True
    if checkpoint != 'auto':
        cfg.load_from = checkpoint
        return []
    hook = (cfg.get('default_hooks') or {}).get('checkpoint') or {}
    out_dir = checkpoint_folder(hook.get('out_dir'), cfg.work_dir)
    furthest, passed_over = find_resumable(cfg.work_dir, out_dir)
    notes = [f'passed over: {reason}' for reason in passed_over.values()]
    if furthest is None:
        cfg.resume = False
        nothing = f'there is no checkpoint in {cfg.work_dir} to resume from'
        return [*notes, f'{nothing}: training starts anew.']
    cfg.load_from = str(furthest)
    return [*notes, f'resuming from {furthest}.'] if notes else []


def was_restarted() -> bool:
    """Tell whether a launcher has started this training again, after it had ended.

    Returns:
        bool: For torchrun with ``--max-restarts`` and jobs that Slurm has requeued.
    """
    counts = ('TORCHELASTIC_RESTART_COUNT', 'SLURM_RESTART_COUNT')
    return any(int(os.environ.get(name, 0)) > 0 for name in counts)


def build_runner(cfg: Config, verbose: bool = False) -> Runner:
    """Build a config's runner, with a log of what matters.

    Args:
        cfg (Config): The whole config, changed in place. A training by epochs gets the
            loop that can be resumed at any step. With ``resume=True`` and no
            ``load_from`` it goes on from ``work_dir``, see :func:`use_checkpoint`.
            Where it leaves ``model.head.num_classes`` out, the persons of the training
            data are counted.
        verbose (bool): Show the whole log on the screen, and not only in the log file.
            Defaults to False.

    Returns:
        Runner: mmengine's runner, with the hooks of :func:`add_guards`.

    Raises:
        ValueError: A list of data loaders for a loop that takes one.
    """
    check_loops(cfg)
    if cfg.get('train_cfg') and cfg.train_cfg.get('by_epoch'):
        del cfg.train_cfg['by_epoch']
        cfg.train_cfg.type = 'ResumableTrainLoop'
    _settle_workers(cfg)
    fill_num_classes(cfg, read_data=True)
    off = add_guards(cfg)
    # mmengine would follow the path in last_checkpoint wherever it leads.
    goes_on = cfg.get('resume') and not cfg.get('load_from')
    notes = use_checkpoint(cfg, 'auto') if goes_on else []
    runner = (VerboseRunner if verbose else ReIDRunner).from_cfg(cfg)
    for note in notes:
        runner.logger.warning(note)
    if off:
        runner.logger.warning(f'switched off by the config: {", ".join(off)}.')
    return runner


def _settle_workers(cfg: Config) -> None:
    """Leave out what torch refuses of a loader without worker processes."""
    for name in LOADERS:
        for loader in list_loaders(cfg, name):
            if isinstance(loader, dict) and loader.get('num_workers') == 0:
                loader['persistent_workers'] = False
                loader.pop('prefetch_factor', None)


def initialize_model(runner: Runner) -> None:
    """Initialise a model that is tested without checkpoint, as training would.

    Args:
        runner (Runner): Holds the model.
    """
    runner.logger.warning(
        'no checkpoint was given: the network is evaluated as initialised.'
    )
    unwrap_model(runner.model).init_weights()
