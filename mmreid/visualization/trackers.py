"""Experiment trackers beside the JSON log, none of which can stop a run."""

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.visualization import (
    LocalVisBackend,
    MLflowVisBackend,
    TensorboardVisBackend,
    Visualizer,
    WandbVisBackend,
)
from mmengine.visualization.vis_backend import BaseVisBackend

from mmreid.registry import VISUALIZERS

# In a row; a tracker may try for minutes to reach its server.
_MAX_FAILURES = 3


class WandbBackend(WandbVisBackend):
    """mmengine's backend of Weights & Biases, without a copy of the code.

    mmengine uploads every Python file below the current folder, which in a clone with
    its environment are tens of thousands and take a minute.
    """

    def add_config(self, config: Config, **kwargs: Any) -> None:
        """Record the config, and nothing else."""
        self.experiment.config.update(config.to_dict())


def _wandb(name: str) -> dict[str, Any]:
    project = os.environ.get('WANDB_PROJECT', 'mmreid')
    return dict(
        type=WandbBackend,
        init_kwargs=dict(project=project, name=os.environ.get('WANDB_NAME', name)),
        # W&B would count what is logged; validations and steps are thus in one order.
        define_metric_cfg=[dict(name='*', step_metric='iter')],
    )


def _mlflow(name: str) -> dict[str, Any]:
    return dict(
        type=MLflowVisBackend,
        run_name=name,
        exp_name=os.environ.get('MLFLOW_EXPERIMENT_NAME', 'mmreid'),
        # MLflow's own default; it no longer takes the folder that mmengine names.
        tracking_uri=os.environ.get('MLFLOW_TRACKING_URI', 'sqlite:///mlflow.db'),
    )


_TRACKERS: dict[str, Callable[[str], dict[str, Any]]] = dict(
    tensorboard=lambda name: dict(type=TensorboardVisBackend),
    wandb=_wandb,
    mlflow=_mlflow,
)


def _guarded(method: str) -> Callable[..., None]:
    """Make a method that calls a backend's method and logs its errors."""

    def record(self: 'GuardedVisBackend', *args: Any, **kwargs: Any) -> None:
        self._try(method, *args, **kwargs)

    record.__doc__ = f"""As ``{method}`` of the backend, whose errors are logged."""
    return record


class GuardedVisBackend(BaseVisBackend):
    """Keeps a tracker's errors from the run that it tracks.

    A tracker that cannot begin, because its package is missing or its server cannot be
    reached, is named in the log and left out. One that fails later is tried again with
    the next numbers; after three failures in a row it is left out too.

    Args:
        backend (BaseVisBackend): What records; mmengine's backends import their
            package at the first record.
    """

    def __init__(self, backend: BaseVisBackend) -> None:
        super().__init__(backend._save_dir)
        self.backend = backend
        self._failures = 0

    @property
    def experiment(self) -> Any:
        """The tracker's own object; its errors are the caller's."""
        return self.backend.experiment

    def _init_env(self) -> None:
        """Leave it to the backend."""

    add_config = _guarded('add_config')
    add_graph = _guarded('add_graph')
    add_image = _guarded('add_image')
    add_scalar = _guarded('add_scalar')
    add_scalars = _guarded('add_scalars')
    close = _guarded('close')

    def _try(self, method: str, *args: Any, **kwargs: Any) -> None:
        if self._failures >= _MAX_FAILURES:
            return
        try:
            getattr(self.backend, method)(*args, **kwargs)
        except ImportError as error:
            self._failures = _MAX_FAILURES
            # mmengine puts its advice in the place of what python said.
            self._warn(error.__context__ or error, _remedy(self.backend))
        except Exception as error:  # of whatever kind the tracker's package raises
            begun = getattr(self.backend, '_env_initialized', True)
            self._failures = self._failures + 1 if begun else _MAX_FAILURES
            self._warn(error)
        else:
            self._failures = 0

    def _warn(self, error: BaseException, remedy: str = '') -> None:
        verb = 'is left out' if self._failures >= _MAX_FAILURES else 'failed'
        what = f'{type(self.backend).__name__} {verb}: {type(error).__name__}'
        why = ' '.join(str(error).split()).rstrip('.')
        print_log(
            f'{what}: {why}.{remedy} The run goes on, and its JSON log is complete.',
            'current',
            logging.WARNING,
        )


def _remedy(backend: BaseVisBackend) -> str:
    """Say how to get the package of one of the trackers known by name."""
    name = type(backend).__name__.lower()
    packages = [package for package in _TRACKERS if name.startswith(package)]
    return f" pip install {packages[0]}, or 'mmreid[trackers]'." if packages else ''


@VISUALIZERS.register_module()
class TrackingVisualizer(Visualizer):
    """mmengine's visualizer, with trackers by name that cannot stop a run.

    On the command line: ``--cfg-options visualizer.trackers=tensorboard``. The usual
    environment variables hold: ``WANDB_PROJECT``, ``WANDB_MODE``,
    ``MLFLOW_TRACKING_URI``, ``MLFLOW_EXPERIMENT_NAME``, ...; where they do not say,
    project and experiment are called ``mmreid``, runs like their config, and MLflow
    writes to ``mlflow.db`` in the current folder. Backends of ``vis_backends`` other
    than ``LocalVisBackend`` cannot stop a run either.

    Args:
        name (str): Name of the run. Defaults to ``'visualizer'``.
        image (np.ndarray | None): As of the parent. Defaults to None.
        vis_backends (list | None): As of the parent. Defaults to None.
        save_dir (str | None): As of the parent. Defaults to None.
        trackers (str | Sequence[str]): Of ``'tensorboard'``, ``'wandb'`` and
            ``'mlflow'``. Defaults to none.
        **kwargs (Any): Further arguments of the parent.

    Raises:
        ValueError: There is no tracker of such a name.
    """

    def __init__(
        self,
        name: str = 'visualizer',
        image: np.ndarray | None = None,
        vis_backends: list | None = None,
        save_dir: str | None = None,
        trackers: str | Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        trackers = [trackers] if isinstance(trackers, str) else list(trackers)
        if unknown := [word for word in trackers if word not in _TRACKERS]:
            raise ValueError(f'trackers may be {[*_TRACKERS]}, got {unknown}.')
        backends = [*(vis_backends or ()), *(_TRACKERS[t](name) for t in trackers)]
        super().__init__(name, image, backends, save_dir, **kwargs)
        for key, backend in self._vis_backends.items():
            if not isinstance(backend, LocalVisBackend):
                self._vis_backends[key] = GuardedVisBackend(backend)
