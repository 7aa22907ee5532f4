"""What mmreid takes from mmengine to train, with the torch that is installed."""

from importlib.util import find_spec

import torch
import torch.distributed
from borrowed import contract
from mmengine import dist
from mmengine.config import ConfigDict
from mmengine.device import get_device, is_cuda_available, is_musa_available
from mmengine.logging import HistoryBuffer, MMLogger, print_log
from mmengine.model import (
    BaseModule,
    MMDistributedDataParallel,
    PretrainedInit,
    initialize,
    is_model_wrapper,
    update_init_info,
)
from mmengine.model.weight_init import trunc_normal_
from mmengine.optim import (
    AmpOptimWrapper,
    MultiStepLR,
    OptimWrapper,
    build_optim_wrapper,
)
from mmengine.registry import OPTIMIZERS
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import get_torchvision_models
from mmengine.utils.dl_utils import misc
from torch import nn
from toy_training import ToyModel, losses, toy_config, train


def make_batch() -> dict:
    return dict(inputs=[*torch.ones(4, 3, 4, 4)], target=[0, 1, 2, 0])


@contract('mmengine.runner')
def test_a_training_with_lasting_workers_is_resumed(tmp_path):
    whole = toy_config(tmp_path / 'whole', max_epochs=2)
    whole.train_dataloader.update(num_workers=1, persistent_workers=True)
    whole.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    whole.custom_hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    first = train(whole)
    half = toy_config(tmp_path / 'half', max_epochs=2)
    half.train_dataloader.update(num_workers=1, persistent_workers=True)
    half.custom_hooks = whole.custom_hooks
    half.load_from, half.resume = str(tmp_path / 'whole' / 'epoch_1.pth'), True
    second = train(half)
    assert losses(second) == losses(first)
    assert second.test()['toy/count'] == 12


@contract('mmengine.runner')
def test_batches_without_end(tmp_path):
    cfg = toy_config(tmp_path)
    cfg.train_dataloader.sampler = dict(type='InfiniteSampler', shuffle=True)
    cfg.train_cfg = dict(by_epoch=False, max_iters=5, val_interval=1000)
    assert len(losses(train(cfg))) == 5


@contract('mmengine.runner')
def test_files_are_read_by_loaders_that_can_be_replaced(tmp_path):
    torch.save(dict(state_dict=dict(weight=torch.ones(2))), tmp_path / 'a.pth')
    read = CheckpointLoader.load_checkpoint(str(tmp_path / 'a.pth'), 'cpu')
    assert read['state_dict']['weight'].tolist() == [1, 1]
    assert CheckpointLoader._schemes[''].__module__.startswith('mmreid.')
    assert get_torchvision_models()['resnet50'].endswith('.pth')


@contract('mmengine.hooks')
def test_hooks_are_called_at_their_points(tmp_path):
    cfg = toy_config(tmp_path, max_epochs=1)
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    runner = train(cfg)
    kinds = [type(hook).__name__ for hook in runner.hooks]
    assert {'RuntimeInfoHook', 'LoggerHook', 'CheckpointHook'} <= {*kinds}
    assert (tmp_path / 'last_checkpoint').read_text().endswith('epoch_1.pth')
    assert runner.message_hub.get_info('epoch') == 0


@contract('mmengine.optim')
def test_optimizers_of_torch_are_registered_and_built():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    for kind in ('SGD', 'Adam', 'AdamW'):
        assert OPTIMIZERS.get(kind) is getattr(torch.optim, kind)
    options = dict(norm_decay_mult=0.0)
    cfg = dict(optimizer=dict(type='SGD', lr=0.1, weight_decay=0.5))
    wrapper = build_optim_wrapper(network, ConfigDict(cfg, paramwise_cfg=options))
    decays = [group['weight_decay'] for group in wrapper.optimizer.param_groups]
    assert decays == [0.5, 0.5, 0, 0]


@contract('mmengine.optim')
def test_gradients_are_gathered_and_clipped():
    weight = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    wrapper = OptimWrapper(
        optimizer, accumulative_counts=2, clip_grad=dict(max_norm=0.5)
    )
    for moved in (0.0, -0.5):
        with wrapper.optim_context(nn.Identity()):
            loss = 8 * weight.sum()
        wrapper.update_params(loss)
        torch.testing.assert_close(weight.item(), moved, atol=1e-5, rtol=0)


@contract('mmengine.optim')
def test_what_scales_float16_is_there():
    """mmengine's own wrapper needs a GPU; that of mmreid takes torch's scaler."""
    assert issubclass(AmpOptimWrapper, OptimWrapper)
    assert torch.amp.GradScaler('cpu', enabled=False).is_enabled() is False
    assert issubclass(torch.cuda.amp.GradScaler, torch.amp.GradScaler)


@contract('mmengine.optim')
def test_rates_follow_their_schedule_and_go_on_from_a_state():
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = MultiStepLR(optimizer, milestones=[2, 3], gamma=0.1)
    state = {}
    rates = []
    for epoch in range(4):
        rates.append(round(optimizer.param_groups[0]['lr'], 6))
        optimizer.step()
        schedule.step()
        state = schedule.state_dict() if epoch == 1 else state
    assert rates == [1, 1, 0.1, 0.01]
    schedule.load_state_dict(state)
    assert schedule.last_step == 2


@contract('mmengine.model')
def test_a_network_takes_a_step_and_sums_its_losses():
    model = ToyModel(dropout=0.0)
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    first = model.train_step(make_batch(), wrapper)
    second = model.train_step(make_batch(), wrapper)
    assert second['loss'] < first['loss']
    total, logged = model.parse_losses(dict(a_loss=torch.ones(1), b=torch.ones(1)))
    assert (float(total), *logged) == (1, 'loss', 'a_loss', 'b')


@contract('mmengine.model')
def test_weights_are_initialised_from_a_file_and_by_name(tmp_path):
    class Layer(BaseModule):
        def __init__(self, init_cfg):
            super().__init__(init_cfg)
            self.linear = nn.Linear(2, 2)

    given = nn.ModuleDict(dict(linear=nn.Linear(2, 2))).state_dict()
    torch.save(given, tmp_path / 'a.pth')
    path = str(tmp_path / 'a.pth')
    layer = Layer(dict(type='Pretrained', checkpoint=path))
    layer.init_weights()
    assert torch.equal(layer.linear.weight, given['linear.weight'])
    PretrainedInit(path)(layer)
    initialize(layer, dict(type='Constant', layer='Linear', val=3.0))
    assert (layer.linear.weight == 3).all()
    layer._params_init_info = {
        p: dict(init_info='', tmp_mean_value=3) for p in layer.parameters()
    }
    update_init_info(layer, 'set')
    assert trunc_normal_(torch.empty(99), std=0.5, a=-1.0, b=1.0).abs().max() <= 1


@contract('mmengine.dist')
def test_a_group_of_processes(tmp_path):
    assert dist.get_dist_info() == (0, 1)
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{tmp_path}/meet', rank=0, world_size=1
    )
    try:
        value = torch.ones(2)
        dist.all_reduce(value)
        objects = ['a']
        dist.broadcast_object_list(objects)
        dist.barrier()
        assert (dist.get_rank(), dist.get_world_size()) == (0, 1)
        assert dist.is_main_process()
        assert dist.get_comm_device(torch.distributed.group.WORLD).type == 'cpu'
        assert dist.all_gather_object('a') == dist.gather_object('a') == objects
        assert torch.equal(dist.gather(value)[0], value)
        assert isinstance(dist.sync_random_seed(), int)
        with contract('mmengine.model'):
            wrapped = MMDistributedDataParallel(ToyModel())
            assert is_model_wrapper(wrapped)
            optimizer = torch.optim.SGD(wrapped.parameters(), lr=0.1)
            assert 'loss' in wrapped.train_step(make_batch(), OptimWrapper(optimizer))
    finally:
        torch.distributed.destroy_process_group()


@contract('mmengine.utils')
def test_operators_of_mmcv_are_looked_for():
    """For every optimizer; Python 3.14 has removed what mmengine asks."""
    assert misc.mmcv_full_available() is (find_spec('mmcv._ext') is not None)


@contract('mmengine.device')
def test_the_device_is_that_of_torch():
    device = get_device()
    torch.zeros(1, device=device)
    assert is_cuda_available() == torch.cuda.is_available() == (device == 'cuda')
    assert is_musa_available() is False


@contract('mmengine.logging')
def test_a_log_and_its_history(tmp_path, capsys):
    name = f'borrowed-{tmp_path.name}'
    logger = MMLogger.get_instance(name, log_file=str(tmp_path / 'log.txt'))
    print_log('one line', logger=logger)
    assert 'one line' in (tmp_path / 'log.txt').read_text()
    history = HistoryBuffer([1.0, 2.0, 6.0], [1, 1, 1])
    assert (history.mean(2), history.current(), history.max()) == (4, 6, 6)
    MMLogger._instance_dict.pop(name)
