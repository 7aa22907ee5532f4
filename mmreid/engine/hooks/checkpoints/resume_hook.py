"""What a checkpoint decides in the training that goes on from it, and what not."""

from collections.abc import Mapping

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmreid.engine.checkpoints import check_whole, weights_of
from mmreid.engine.hooks.checkpoints.own_files import keep_own_files
from mmreid.engine.hooks.checkpoints.plain_checkpoint_hook import to_plain
from mmreid.engine.hooks.checkpoints.resumed_settings import apply_settings
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.registry import HOOKS


@HOOKS.register_module()
class ResumeHook(Hook):
    """Checks a checkpoint before a training goes on from it.

    - Its weights are those of the model: mmengine warns of weights that are missing
      and goes on with random ones.
    - The files that it names are the training's own (:func:`keep_own_files`).
    - Learning rates, weight decay and schedules are the config's
      (:func:`apply_settings`).

    One of the guards of every training (:mod:`mmreid.engine.hooks.guards`).
    """

    # After the hooks that add to a checkpoint or arrange its weights, before the last,
    # which makes it plain.
    priority = 'VERY_LOW'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Note the kind of the optimizer, which its state does not tell."""
        optimizer = getattr(runner.optim_wrapper, 'optimizer', None)
        if optimizer is not None:
            checkpoint['meta']['optimizer'] = type(optimizer).__name__

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check a checkpoint that is resumed, and change it in place.

        Raises:
            MismatchedCheckpointError: It is that of another model, or of a training
                with other settings that cannot be applied.
        """
        if not runner._resume:
            return
        _without_averages(runner, checkpoint)
        model = unwrap_model(runner.model)
        check_whole(model, weights_of(checkpoint), runner._load_from)
        info = checkpoint['message_hub']['runtime_info']
        keep_own_files(runner, info)
        info.pop('cfg', None)  # the text of the config of then
        apply_settings(runner, checkpoint)
        _compare_data(runner, checkpoint['meta'])


def _without_averages(runner: Runner, checkpoint: dict) -> None:
    """Find the weights that were trained, where averages have taken their place.

    A training with ``EMAHook`` saves its moving averages as the weights, and the
    trained ones beside them; that hook turns them back.
    """
    averaging = any(hasattr(hook, 'ema_model') for hook in runner.hooks)
    if averaging or 'ema_state_dict' not in checkpoint:
        return
    trained = checkpoint.pop('ema_state_dict')
    own = {key: value for key, value in trained.items() if key.startswith('module.')}
    checkpoint['state_dict'] = {**checkpoint['state_dict'], **weights_of(own)}
    runner.logger.warning(
        f'{runner._load_from} holds moving averages, and the config has no EMAHook: '
        'the training goes on from the weights that were trained, and averages no more.'
    )


def _compare_data(runner: Runner, meta: dict) -> None:
    """Tell what differs in the training data; mmengine says only that it does.

    It also compares what was made plain with what was not, and warns where nothing
    differs.
    """
    own = getattr(runner.train_dataloader.dataset, 'metainfo', None)
    plain = to_plain(own)
    saved = meta.get('dataset_meta')
    if not isinstance(saved, Mapping) or not isinstance(plain, Mapping):
        return
    differing = [
        f'{key} was {saved.get(key)!r:.60}, is {plain.get(key)!r:.60}'
        for key in dict.fromkeys([*saved, *plain])
        if repr(saved.get(key)) != repr(plain.get(key))
    ]
    if differing:
        runner.logger.warning(
            f'the training data is not that of the checkpoint: {"; ".join(differing)}.'
        )
    else:
        meta['dataset_meta'] = own
