"""Results that tell what their model was trained on."""

from collections.abc import Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from mmreid.engine.model_wrappers import unwrap_model
from mmreid.registry import HOOKS

#: Key of the metainfo of training data: what the weights at its start came from.
START = 'started_from'


def describe_training(meta: Mapping[str, Any] | None) -> str | None:
    """Name training data as results do: ``'MSMT17 V1 train+val'``.

    Args:
        meta (Mapping | None): The metainfo of the training data set.

    Returns:
        str | None: Data set, version, boxes, split and, of a data set that is divided
        in several ways, which of them; None where nothing is known. Of a union, these
        of each data set, joined by ``' + '``; of a training that started from the
        weights of another one, both: ``'unknown, then MSMT17 V1 train'``.
    """
    if not meta:
        return None
    if START in meta:
        own = {key: value for key, value in meta.items() if key != START}
        texts = [describe_training(part) or 'unknown' for part in (meta[START], own)]
        return ', then '.join(dict.fromkeys(texts))
    if parts := meta.get('parts'):
        return ' + '.join(str(describe_training(part)) for part in parts)
    words = (meta.get(key) for key in ('dataset', 'version', 'boxes', 'split'))
    text = ' '.join(str(word) for word in words if word)
    index = meta.get('split_index')
    return (text if index is None else f'{text} (split {index})') or None


@HOOKS.register_module()
class TrainedOnHook(Hook):
    """Tells the metrics what the model was trained on, for their protocol stamp.

    A number on MSMT17 means another thing after training on ``train+val``. While a
    model trains, its training data is asked; a model that is tested is known by the
    checkpoint (:func:`mmreid.engine.load_weights` keeps the metainfo that mmengine
    saves in it). A training that starts from a checkpoint (``load_from``) was trained
    on the data of that, too: it is saved with the metainfo, as ``started_from``, and
    empty where the checkpoint does not tell. ``dataset_meta['trained_on']`` of every
    metric is None where nothing tells.
    """

    def __init__(self) -> None:
        #: What the weights at the start were trained on; None for none loaded.
        self.start: Mapping[str, Any] | None = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Note what the loaded weights were trained on."""
        meta = checkpoint.get('meta') or {}
        data = meta.get('dataset_meta') or {}
        unwrap_model(runner.model).trained_on = data
        if not runner._resume:
            self.start = data
        elif START in data:
            self.start = data[START]
            # For the comparison with the training data of now.
            meta['dataset_meta'] = {k: v for k, v in data.items() if k != START}

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Save what the weights at the start were trained on."""
        if self.start is not None:
            data = checkpoint['meta'].get('dataset_meta') or {}
            checkpoint['meta']['dataset_meta'] = {**data, START: self.start}

    def before_val(self, runner: Runner) -> None:
        """Tell the metrics what the model is being trained on."""
        loop = runner._train_loop  # the property would build it, for validation alone
        if not isinstance(loop, BaseLoop):
            self._tell(
                runner.val_loop, getattr(unwrap_model(runner.model), 'trained_on', None)
            )
            return
        meta = getattr(loop.dataloader.dataset, 'metainfo', None)
        if self.start is not None:
            meta = {**(meta or {}), START: self.start}
        self._tell(runner.val_loop, meta)

    def before_test(self, runner: Runner) -> None:
        """Tell the metrics what the checkpoint's model was trained on."""
        self._tell(
            runner.test_loop, getattr(unwrap_model(runner.model), 'trained_on', None)
        )

    @staticmethod
    def _tell(loop: Any, meta: Mapping[str, Any] | None) -> None:
        # A loop over several data sets has a loop, and with it an evaluator, for each.
        for single in getattr(loop, 'sets', {'': loop}).values():
            evaluator = single.evaluator
            evaluator.dataset_meta = {
                **(evaluator.dataset_meta or {}),
                'trained_on': describe_training(meta),
            }
