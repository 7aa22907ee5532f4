"""Buffers that differ between the processes of a distributed training."""

from mmengine.dist import all_gather_object, get_rank, get_world_size
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmreid.engine.checkpoints import UnreadableCheckpointError

_KEY = 'rank_buffers'


def gather_buffers(runner: Runner) -> None:
    """Put every process's buffers into the message hub, for the next checkpoint.

    In mid epoch each process has batch norm's statistics of its own, of which a
    checkpoint holds the first one's only.

    Args:
        runner (Runner): Holds model and message hub.
    """
    if get_world_size() > 1:
        own = {name: buffer.cpu() for name, buffer in _buffers(runner).items()}
        runner.message_hub.update_info(_KEY, all_gather_object(own))


def restore_buffers(runner: Runner) -> None:
    """Give this process the buffers that it had when the checkpoint was written.

    A checkpoint of another number of processes leaves all with the first one's.

    Args:
        runner (Runner): Holds model and message hub, which forgets the buffers.

    Raises:
        UnreadableCheckpointError: They are not the model's.
    """
    gathered = runner.message_hub.runtime_info.pop(_KEY, [])
    if not isinstance(gathered, list) or len(gathered) != get_world_size():
        return
    own, found = _buffers(runner), dict(gathered[get_rank()])
    shapes = {name: getattr(found.get(name), 'shape', None) for name in own}
    if shapes != {name: buffer.shape for name, buffer in own.items()}:
        raise UnreadableCheckpointError(
            f'{runner._load_from} has buffers of its processes (batch norm) that are '
            "not the model's: resume from another checkpoint."
        )
    for name, buffer in own.items():
        buffer.copy_(found[name])


def _buffers(runner: Runner) -> dict:
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    kept = model.state_dict().keys()
    return {name: item for name, item in model.named_buffers() if name in kept}
