"""Numbers that a config says twice must agree."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmreid.registry import HOOKS


class InconsistentConfigError(ValueError):
    """Two parts of a config contradict each other."""


@HOOKS.register_module()
class TrainingCheckHook(Hook):
    """Compares sampler, data set and model before the first step.

    A data loader cuts what ``IdentitySampler`` draws into batches: with another
    ``batch_size`` than ``num_ids * num_instances`` it would tear identities apart and
    say nothing. A classifier for fewer identities than the data set has would end in
    an index error, on a GPU in an assertion of the device.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        """Check.

        Raises:
            InconsistentConfigError: If the numbers differ; the message says how to
                set them.
        """
        loader = runner.train_dataloader
        sampler = loader.sampler
        if hasattr(sampler, 'num_ids') and hasattr(sampler, 'num_instances'):
            drawn = sampler.num_ids * sampler.num_instances
            if loader.batch_size != drawn:
                raise InconsistentConfigError(
                    f'batch_size must be num_ids * num_instances = {sampler.num_ids} * '
                    f'{sampler.num_instances} = {drawn}, got {loader.batch_size}; set '
                    'train_dataloader.batch_size and train_dataloader.sampler together.'
                )
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        classes = getattr(getattr(model, 'head', None), 'num_classes', None)
        identities = getattr(loader.dataset, 'metainfo', {}).get('num_ids', 0)
        if classes is not None and classes < identities:
            raise InconsistentConfigError(
                f'the training data has {identities} identities, but the head '
                f'classifies {classes}; set model.head.num_classes={identities}.'
            )
