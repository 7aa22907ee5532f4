"""Checkpoints of which one is whole at every moment."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from mmreid.engine.atomic_backend import AtomicBackend
from mmreid.engine.loops import RESUME_POINT
from mmreid.registry import HOOKS


class LateRemoval:
    """A file backend that notes what it should remove.

    Args:
        backend (Any): mmengine's file backend, which does everything else.
    """

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.outdated: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.backend, name)

    def remove(self, path: str) -> None:
        """Note a file."""
        self.outdated.append(path)


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """mmengine's ``CheckpointHook``, which removes nothing before the new is written.

    The order of every save: the new file under another name, forced to the disk and
    renamed; ``last_checkpoint``, likewise; then the outdated files. mmengine removes
    first, and a kill or a full disk in between leaves nothing (``max_keep_ckpts=1``) or
    no best checkpoint. After a validation the checkpoint of its epoch is written again,
    so that a resumed run knows the results.

    Args:
        **kwargs (Any): Arguments of :class:`mmengine.hooks.CheckpointHook`.
            ``backend_args`` defaults to the atomic backend.

    Raises:
        TypeError: It has no such argument.
    """

    # The parent's, of mmengine's kind.
    file_backend: Any

    def __init__(self, **kwargs: Any) -> None:
        kwargs['backend_args'] = kwargs.get('backend_args') or dict(backend='atomic')
        super().__init__(**kwargs)
        # mmengine hands these to the first save, an epoch later.
        for name in (
            self.args.keys() - inspect.signature(Runner.save_checkpoint).parameters
        ):
            raise TypeError(
                f'{type(self).__name__}.__init__() got an unexpected keyword argument '
                f"'{name}'"
            )
        self._saves = 0

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Save the best checkpoint and, again, that of the epoch.

        Args:
            runner (Runner): The runner.
            metrics (dict, optional): Results of the validation. Defaults to None.
        """
        is_saved = runner.message_hub.runtime_info.get('saved_iter') == runner.iter
        self._saves = 0
        with self._removing_late():
            super().after_val_epoch(runner, metrics or {})
        if is_saved and not self._saves:
            step = runner.epoch if self.by_epoch else runner.iter
            meta = dict(epoch=runner.epoch, iter=runner.iter)
            self._save_checkpoint_with_step(runner, step, meta)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        self._saves += 1
        outdated = self._outdated_by(runner, step)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        hub = runner.message_hub
        hub.update_info('last_ckpt', self.last_ckpt)
        hub.update_info('saved_iter', runner.iter)
        runner.save_checkpoint(
            self.out_dir,
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            folder = Path(runner.work_dir)
            AtomicBackend().put(self.last_ckpt.encode(), folder / 'last_checkpoint')
            for path in [*outdated, str(folder / RESUME_POINT)]:
                if self.file_backend.isfile(path):
                    self.file_backend.remove(path)
        if self.max_keep_ckpts > 0:
            hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))

    def _outdated_by(self, runner: Runner, step: int) -> list[str]:
        """Count a checkpoint as kept and list the files that it replaces."""
        if self.max_keep_ckpts <= 0:
            return []
        kept = [known for known in self.keep_ckpt_ids if known != step] + [step]
        # The checkpoint names itself and what it replaces: a run that resumes from it
        # removes what a kill has left.
        runner.message_hub.update_info('keep_ckpt_ids', kept)
        self.keep_ckpt_ids.extend(kept)  # the oldest fall out
        outdated = kept[: -self.max_keep_ckpts]
        names = map(self.filename_tmpl.format, outdated)
        return [self.file_backend.join_path(self.out_dir, name) for name in names]

    @contextmanager
    def _removing_late(self) -> Iterator[None]:
        """Remove files after what is inside, and not at all where it fails."""
        if isinstance(self.file_backend, LateRemoval):  # inside one already
            yield
            return
        late = LateRemoval(self.file_backend)
        self.file_backend = late
        try:
            yield
        finally:
            self.file_backend = late.backend
        for path in late.outdated:
            late.backend.remove(path)
