"""Only the layout changes."""

import torch
from layout_training import train_distributed
from mmengine.hooks import Hook
from mmengine.runner import Runner
from preloaded import run_together
from torch import nn
from toy_training import losses, toy_config, train

from mmreid.registry import HOOKS


@HOOKS.register_module()
class LayoutHook(Hook):
    """Notes the layout of the first convolution's maps."""

    priority = 'LOWEST'

    def before_run(self, runner):
        self.seen = set()
        runner.model.backbone[0].register_forward_hook(self.note)

    def note(self, module, inputs, output):
        for tensor in (module.weight, output):
            self.seen.add(tensor.is_contiguous(memory_format=torch.channels_last))


def layouts(runner) -> set[bool]:
    return next(h.seen for h in runner.hooks if isinstance(h, LayoutHook))


def test_training_runs_channels_last_and_checkpoints_load_anywhere(tmp_path):
    hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    watch = [dict(type='LayoutHook')]
    # Dropout draws its mask in the order of memory, so it would be another one.
    model = dict(type='ToyModel', dropout=0.0)
    options = dict(model=model, custom_hooks=hooks + watch)
    plain = train(toy_config(tmp_path / 'plain', **options))
    assert layouts(plain) == {False}
    options['custom_hooks'].append(dict(type='ChannelsLastHook'))
    fast = train(toy_config(tmp_path / 'fast', **options))
    assert layouts(fast) == {True}
    # The layouts add in another order; float32 losses agree to their last digits.
    torch.testing.assert_close(losses(fast), losses(plain), rtol=1e-5, atol=0)
    resumed = toy_config(tmp_path / 'resumed', resume=True, **options)
    resumed.load_from = str(tmp_path / 'plain' / 'epoch_1.pth')
    found = losses(train(resumed))
    torch.testing.assert_close(found, losses(plain), rtol=1e-5, atol=0)


def test_testing_runs_channels_last(tmp_path):
    hooks = [dict(type='LayoutHook'), dict(type='ChannelsLastHook')]
    runner = Runner.from_cfg(toy_config(tmp_path, custom_hooks=hooks))
    runner.test()
    assert layouts(runner) == {True}


def test_what_would_crash_on_a_cpu_stays(tmp_path):
    hooks = [dict(type='LayoutHook'), dict(type='ChannelsLastHook')]
    runner = Runner.from_cfg(toy_config(tmp_path, custom_hooks=hooks))
    runner.model.unused = nn.Conv2d(4, 8, 1, stride=2)
    runner.test()
    assert layouts(runner) == {False}
    assert 'leaves this network as it is' in next(tmp_path.glob('*/*.log')).read_text()


def test_a_model_without_weights_is_tested(tmp_path):
    runner = Runner.from_cfg(
        toy_config(tmp_path, custom_hooks=[dict(type='ChannelsLastHook')])
    )
    runner.model.backbone = nn.Flatten()
    runner.model.forward = lambda inputs, **_: [dict(score=x.mean()) for x in inputs]
    runner.model.head = nn.Identity()
    assert not list(runner.model.parameters())
    assert runner.test()['toy/count'] == 12


def test_distributed_gradients_are_those_of_the_plain_layout(tmp_path):
    run_together(train_distributed, [tmp_path], 2)
    plain, *others = (
        torch.load(tmp_path / f'{name}.pt')
        for name in ('plain_0', 'plain_1', 'fast_0', 'fast_1')
    )
    for other in others:
        for key, value in other.items():
            # Batch normalisation's statistics are each process's own.
            if 'running' not in key:
                torch.testing.assert_close(value, plain[key], rtol=1e-4, atol=1e-6)
