"""The network is compiled, nothing else is, and checkpoints do not tell."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample
from torch import nn
from torch._dynamo import register_backend, reset
from torch._dynamo.utils import counters
from toy_training import ToyModel, losses, toy_config, train

from mmreid.engine import fill_num_classes
from mmreid.engine.hooks.compile_hook import compile_modules
from mmreid.registry import MODELS

CONFIGS = Path(__file__).resolve().parents[3] / 'configs'
METHODS = ['bot', 'pcb', 'ianet', 'rrid', 'airnet', 'aanet', 'sonanet']
graphs: list[torch.fx.GraphModule] = []


class Part(nn.Module):
    """Dynamo leaves torch's own modules alone unless another one calls them."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x)


@MODELS.register_module()
class TwoParts(ToyModel):
    """The toy with a trunk and a head of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.head = Part(self.backbone), Part(self.head)


@register_backend
def noting(graph, inputs):
    """A backend that notes what it gets and runs it as it is."""
    graphs.append(graph)
    return graph


@pytest.fixture(autouse=True)
def anew():
    reset()
    counters.clear()
    graphs.clear()
    yield
    torch.compiler.set_stance('default')
    reset()


def toy(work_dir, **changes):
    hooks = [
        dict(type='PlainCheckpointHook'),
        dict(type='SeedHook'),
        dict(type='CompileHook', modules=['backbone', 'head']),
    ]
    model = dict(type='TwoParts')
    return toy_config(work_dir, custom_hooks=hooks, model=model, **changes)


def test_a_compiled_run_is_the_same_run_and_resumes_either_way(tmp_path):
    validation = dict(
        val_dataloader=toy_config(tmp_path).test_dataloader,
        val_cfg=dict(),
        val_evaluator=dict(type='ToyMetric'),
        train_cfg=dict(by_epoch=True, max_epochs=2, val_interval=1),
    )
    plain = train(toy(tmp_path / 'plain', **validation))
    assert not graphs
    options = dict(compile=dict(backend='noting'), **validation)
    compiled = train(toy(tmp_path / 'compiled', **options))
    # Once each: not for evaluation, not for another learning rate.
    assert len(graphs) == 2
    assert not counters['graph_break']
    assert losses(compiled) == losses(plain)
    saved = [
        torch.load(tmp_path / name / 'epoch_1.pth', weights_only=True)
        for name in ('plain', 'compiled')
    ]
    assert saved[0]['state_dict'].keys() == saved[1]['state_dict'].keys()
    for first, then in [({}, options), (options, {})]:
        source = tmp_path / ('compiled' if first else 'plain') / 'epoch_1.pth'
        resumed = toy(tmp_path / 'resumed', resume=True, **(then or validation))
        resumed.load_from = str(source)
        assert losses(train(resumed)) == losses(plain)


def test_what_compile_may_be(tmp_path):
    train(toy(tmp_path, compile=False))
    assert not graphs
    with pytest.raises(ValueError, match=r"compile must be .* got 'yes'"):
        train(toy(tmp_path, compile='yes'))
    cfg = toy(tmp_path, compile=dict(backend='noting'))
    cfg.custom_hooks[-1].modules = ['trunk']
    with pytest.raises(ValueError, match=r"'trunk'.*'backbone', 'head'"):
        train(cfg)


def test_modules_are_chosen_once():
    model = nn.ModuleDict(dict(backbone=nn.Sequential(nn.ReLU()), head=nn.Linear(1, 1)))
    assert compile_modules(model, ['backbone', 'backbone.*']) == ['backbone']


@pytest.mark.slow
@pytest.mark.parametrize('method', METHODS)
def test_each_part_is_compiled_in_one_piece(method):
    kind = '-ibn' if method == 'airnet' else ''
    cfg = Config.fromfile(CONFIGS / method / f'{method}_r18{kind}_synthmini.py')
    init_default_scope(cfg.default_scope)
    fill_num_classes(cfg)
    model = MODELS.build(cfg.model).train()
    chosen = compile_modules(model, backend='noting')
    samples = [DataSample().set_gt_label(index // 2) for index in range(8)]
    model(torch.randn(8, 3, 192, 96), samples, mode='loss')
    for _ in range(2):
        before = len(graphs)
        model(torch.randn(8, 3, 192, 96), samples, mode='loss')
    assert len(graphs) == before
    assert len(graphs) == len(chosen)
