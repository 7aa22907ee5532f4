"""A forward changes nothing on the module, so that threads and compilers may share it.

A hook that a forward registers, or a map that it keeps, is seen by all threads that
use the model: they get an error or, worse, each other's vectors.
"""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from method_networks import METHODS, build, pictures
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import AveragedModel

every_method = pytest.mark.parametrize('method', METHODS)


def mark(value: Any) -> Any:
    """Describe a value so that another object, or other content, differs."""
    if isinstance(value, torch.Tensor):
        return id(value), value._version, tuple(value.shape)
    if isinstance(value, dict):
        return {key: mark(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [mark(item) for item in value]
    return value if isinstance(value, int | float | str | None) else id(value)


def changes(model: nn.Module, run: Callable[[], Any]) -> set[tuple[str, str]]:
    """Tell which attributes a run changes, for good or while their module runs.

    Attributes are all that a module has: hooks, parameters, buffers and children, too.
    """
    before = {
        module: (f'{name} ({type(module).__name__})', mark(vars(module)))
        for name, module in model.named_modules()
    }
    found = set()

    def compare(module: nn.Module, *_: Any) -> None:
        name, old = before[module]
        new = mark(vars(module))
        found.update(
            (name, key)
            for key in old | new
            if old.get(key, 'none') != new.get(key, 'none')
        )

    hook = nn.modules.module.register_module_forward_hook(compare)
    try:
        run()
    finally:
        hook.remove()
    for module in before:
        compare(module)
    return found


@every_method
def test_a_forward_changes_nothing(method):
    model = build(method)
    with torch.no_grad():
        assert not changes(model, lambda: [model(x) for x in pictures(1)])


@every_method
def test_a_training_forward_changes_batch_statistics_alone(method):
    model = build(method).train()
    large = pictures(4)[0]
    found = changes(model, lambda: model(large).sum().backward())
    assert found
    assert found <= {
        (f'{name} ({type(module).__name__})', '_buffers')
        for name, module in model.named_modules()
        if isinstance(module, _BatchNorm)
    }


@every_method
def test_threads_share_a_model(method):
    model = build(method)
    inputs = pictures()
    start = threading.Barrier(4)

    def embed(x: torch.Tensor) -> torch.Tensor:
        if not started.is_set():
            start.wait(timeout=300)
            started.set()
        with torch.inference_mode():
            return model(x)

    started = threading.Event()
    with torch.inference_mode():
        expected = [model(x) for x in inputs]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(embed, inputs))
    for own, alone in zip(found, expected, strict=True):
        assert torch.allclose(own, alone, rtol=1e-4, atol=1e-5)


# Tracing takes seconds: those that once registered a hook or kept a map, for a start.
QUICK = [('aanet-residual', False), ('airnet', False), ('ianet', True)]


@pytest.mark.parametrize(
    ('method', 'training'),
    [
        pytest.param(*case, marks=() if case in QUICK else pytest.mark.slow)
        for case in itertools.product(METHODS, (False, True))
    ],
)
def test_a_network_is_one_graph(method, training):
    torch._dynamo.reset()
    model = build(method).train(training)
    x = pictures()[0]
    compiled = torch.compile(model, fullgraph=True, backend='eager')
    torch.manual_seed(1)
    found = compiled(x)
    torch.manual_seed(1)
    assert torch.allclose(found, model(x), rtol=1e-4, atol=1e-5)


@every_method
def test_every_buffer_is_saved_and_keeps_its_shape(method):
    """DDP broadcasts buffers, and averaged weights copy them, by their shapes."""
    model = build(method)
    assert {name for name, _ in model.named_buffers() if 'preproc' not in name} <= set(
        model.state_dict()
    )
    averaged = AveragedModel(model, use_buffers=True)
    for x in pictures(1)[:2]:
        with torch.no_grad():
            model(x)
        averaged.update_parameters(model)
