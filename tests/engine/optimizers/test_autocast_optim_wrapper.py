"""Mixed precision on the CPU: what runs in which dtype, and how steps are made."""

import copy

import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import nn
from torch.optim import SGD
from toy_training import losses, toy_config, train

from mmreid.engine import AutocastOptimWrapper

KNOWS = 'mmreid.engine.optimizers.autocast_optim_wrapper.has_fast_bfloat16'


@pytest.fixture(autouse=True)
def any_cpu(monkeypatch):
    """Compute in bfloat16 on CPUs that have to emulate it, too."""
    monkeypatch.setattr(KNOWS, lambda device_type: True)


def test_a_cpu_without_bfloat16_trains_in_float32(monkeypatch):
    monkeypatch.setattr(KNOWS, lambda device_type: device_type != 'cpu')
    model = nn.Linear(6, 4)
    inputs = torch.randn(8, 6)
    assert step(model, make_wrapper(model), inputs).dtype == torch.float32
    half = make_wrapper(model, dtype='float16')
    assert step(model, half, inputs).dtype == torch.float16


def make_wrapper(model, kind=AutocastOptimWrapper, **kwargs):
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    wrapper = kind(optimizer=optimizer, **kwargs)
    wrapper.initialize_count_status(model, 0, 100)
    return wrapper


def step(model, wrapper, inputs, scale=1.0):
    with wrapper.optim_context(model):
        scores = model(inputs)
        loss = scores.float().square().mean() * scale
    wrapper.update_params(loss)
    return scores


@pytest.mark.parametrize('dtype', ['bfloat16', 'float16'])
def test_forward_runs_in_the_dtype_and_weights_stay_float32(dtype):
    model = nn.Linear(6, 4)
    scores = step(model, make_wrapper(model, dtype=dtype), torch.randn(8, 6))
    assert scores.dtype == getattr(torch, dtype)
    assert model.weight.dtype == torch.float32


def test_bfloat16_is_not_scaled():
    model = nn.Linear(6, 4)
    wrapper = make_wrapper(model)
    loss = torch.tensor(3.0, requires_grad=True)
    wrapper.backward(loss)
    assert loss.grad == 1
    assert 'loss_scaler' not in wrapper.state_dict()


@pytest.mark.parametrize('dtype', ['bfloat16', 'float16'])
@pytest.mark.parametrize('accumulate', [1, 3])
@pytest.mark.parametrize('clip', [None, dict(max_norm=0.05)])
def test_steps_are_those_of_float32_up_to_rounding(dtype, accumulate, clip):
    expected = nn.Linear(6, 4)
    model = copy.deepcopy(expected)
    start = expected.weight.detach().clone()
    options = dict(accumulative_counts=accumulate)
    slow = make_wrapper(expected, OptimWrapper, clip_grad=copy.copy(clip), **options)
    fast = make_wrapper(model, clip_grad=copy.copy(clip), dtype=dtype, **options)
    for inputs in torch.randn(6, 8, 6):
        step(expected, slow, inputs)
        step(model, fast, inputs)
    moved = (expected.weight - start).norm()
    assert moved > 1e-3
    assert (model.weight - expected.weight).norm() < 0.03 * moved


def test_accumulation_waits_for_its_last_batch():
    model = nn.Linear(6, 4)
    wrapper = make_wrapper(model, accumulative_counts=2)
    start = model.weight.detach().clone()
    step(model, wrapper, torch.randn(8, 6))
    assert torch.equal(model.weight, start)
    step(model, wrapper, torch.randn(8, 6))
    assert not torch.equal(model.weight, start)


def test_float16_overflow_skips_the_step_and_lowers_the_scale():
    model = nn.Linear(6, 4)
    wrapper = make_wrapper(model, dtype='float16', init_scale=64.0)
    start = model.weight.detach().clone()
    step(model, wrapper, torch.randn(8, 6), scale=float('inf'))
    assert torch.equal(model.weight, start)
    assert wrapper.scaler.get_scale() == 32
    restored = make_wrapper(nn.Linear(6, 4), dtype='float16')
    state = wrapper.state_dict()
    restored.load_state_dict(state)
    assert restored.scaler.get_scale() == 32
    assert 'loss_scaler' in state, 'the caller keeps its dict'


def test_states_pass_between_precisions():
    model = nn.Linear(6, 4)
    source = make_wrapper(model, dtype='float16')
    step(model, source, torch.randn(8, 6))
    for kind, options in [
        (AutocastOptimWrapper, {}),
        (OptimWrapper, {}),
        (AutocastOptimWrapper, dict(dtype='float16')),
    ]:
        target = make_wrapper(nn.Linear(6, 4), kind, **options)
        target.load_state_dict(source.state_dict())
        momentum = [
            wrapper.optimizer.state_dict()['state'][0]['momentum_buffer']
            for wrapper in (source, target)
        ]
        assert torch.equal(*momentum)


def test_an_unknown_dtype_is_refused():
    with pytest.raises(ValueError, match='float8'):
        make_wrapper(nn.Linear(1, 1), dtype='float8')


@pytest.mark.parametrize('dtype', ['bfloat16', 'float16'])
def test_runner_trains_and_resumes(tmp_path, dtype):
    wrapper = dict(
        type='AutocastOptimWrapper',
        dtype=dtype,
        accumulative_counts=2,
        clip_grad=dict(max_norm=1.0),
        optimizer=dict(type='SGD', lr=0.01, momentum=0.9),
    )
    hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    options = dict(max_epochs=4, custom_hooks=hooks, optim_wrapper=wrapper)
    whole = train(toy_config(tmp_path, **options))
    # Six iterations, so no step is cut in two by the accumulation.
    cfg = toy_config(tmp_path, resume=True, **options)
    cfg.load_from = str(tmp_path / 'epoch_2.pth')
    assert losses(train(cfg)) == losses(whole)
