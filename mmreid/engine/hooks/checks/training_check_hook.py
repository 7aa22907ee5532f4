"""Numbers that a config says twice must agree."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from mmreid.engine.hooks.checks.consistency import (
    InconsistentConfigError,
    check_batches,
    check_pairs,
    check_persons,
)
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.registry import HOOKS


@HOOKS.register_module()
class TrainingCheckHook(Hook):
    """Compares sampler, data sets and model before the first step.

    - A data loader cuts what ``IdentitySampler`` draws into batches: with another
      ``batch_size`` than ``num_ids * num_instances`` it would tear identities apart and
      say nothing. A last batch of one picture would end batch norm.
    - A loss that compares pictures of a person is 0 where a batch never has two; where
      it seldom has, the log says how seldom.
    - A classifier for fewer identities than the data set has would end in an index
      error, on a GPU in an assertion of the device; one for more is warned about.
      Without a number of identities there would be no classifier.
    - Data sets put together by other means than ``ReIDUnion`` would mix up persons,
      in validation and test too.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        """Check what is trained and validated on.

        Raises:
            InconsistentConfigError: If something differs; the message says how to
                set it.
        """
        loader = runner.train_dataloader
        model = unwrap_model(runner.model)
        check_persons(loader.dataset, loader.sampler)
        self._check_loop(getattr(runner, 'val_loop', None))
        notes = [self._check_classes(loader, model)]
        check_batches(loader, model)
        notes.append(check_pairs(loader, model))
        for note in filter(None, notes):
            runner.logger.warning(note)

    def before_test(self, runner: Runner) -> None:
        """Check what is tested on.

        Raises:
            InconsistentConfigError: It mixes up persons.
        """
        self._check_loop(runner.test_loop)

    @staticmethod
    def _check_classes(loader: DataLoader, model: nn.Module) -> str | None:
        """Compare the classifier with the data; return a warning."""
        head = getattr(model, 'head', None)
        classes = getattr(head, 'num_classes', None)
        identities = getattr(loader.dataset, 'metainfo', {}).get('num_ids', 0)
        if getattr(head, 'lacks_classifiers', False):
            number = identities or 'the number of training identities'
            raise InconsistentConfigError(
                'model.head.num_classes is None, but the losses need classifiers: set '
                f'it to {number}, or leave it out and build the runner with '
                'mmreid.engine.build_runner, which asks the training data '
                "(metainfo['num_ids'])."
            )
        if classes is None or not identities or classes == identities:
            return None
        text = (
            f'the training data has {identities} identities, but the head '
            f'classifies {classes}; set model.head.num_classes={identities}, or leave '
            'it out.'
        )
        if classes < identities:
            raise InconsistentConfigError(text)
        return text

    @staticmethod
    def _check_loop(loop: Any) -> None:
        """Check the data of a loop, or of each that it consists of."""
        if isinstance(loop, BaseLoop):
            for single in getattr(loop, 'sets', {'': loop}).values():
                check_persons(single.dataloader.dataset)
