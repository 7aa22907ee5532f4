"""Results that tell what their model was trained on."""

from collections.abc import Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner

from mmreid.registry import HOOKS


def describe_training(meta: Mapping[str, Any] | None) -> str | None:
    """Name training data as results do: ``'MSMT17 V1 train+val'``.

    Args:
        meta (Mapping | None): The metainfo of the training data set.

    Returns:
        str | None: Data set, version, boxes, split and, of a data set that is divided
        in several ways, which of them; None where nothing is known. Of a union, these
        of each data set, joined by ``' + '``.
    """
    if not meta:
        return None
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
    saves in it). ``dataset_meta['trained_on']`` of every metric is None where
    neither tells.
    """

    def before_val(self, runner: Runner) -> None:
        """Tell the metrics what the model is being trained on."""
        loop = runner._train_loop  # the property would build it, for validation alone
        dataset = loop.dataloader.dataset if isinstance(loop, BaseLoop) else None
        self._tell(runner.val_loop, getattr(dataset, 'metainfo', None))

    def before_test(self, runner: Runner) -> None:
        """Tell the metrics what the checkpoint's model was trained on."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        self._tell(runner.test_loop, getattr(model, 'trained_on', None))

    @staticmethod
    def _tell(loop: Any, meta: Mapping[str, Any] | None) -> None:
        # A loop over several data sets has a loop, and with it an evaluator, for each.
        for single in getattr(loop, 'sets', {'': loop}).values():
            evaluator = single.evaluator
            evaluator.dataset_meta = {
                **(evaluator.dataset_meta or {}),
                'trained_on': describe_training(meta),
            }
