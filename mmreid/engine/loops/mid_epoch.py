"""What a training in mid epoch has beside its weights.

That is its place in the epoch, and buffers that differ between its processes.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from mmengine.dist import all_gather_object, get_rank, get_world_size
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmreid.engine.checkpoints import UnreadableCheckpointError
from mmreid.engine.model_wrappers import unwrap_model

_KEY = 'rank_buffers'


class RestOfEpoch:
    """What a sampler draws in an epoch, without what was trained on before.

    Args:
        sampler (Iterable): Draws indices, the same ones whenever asked.
        skipped (int): Indices to leave out.
    """

    def __init__(self, sampler: Any, skipped: int) -> None:
        self.sampler = sampler
        self.skipped = skipped

    def __iter__(self) -> Iterator[int]:
        return itertools.islice(iter(self.sampler), self.skipped, None)

    def __len__(self) -> int:
        """Number of indices of the whole epoch, by which hooks know its end."""
        return len(self.sampler)


def batches_from(loader: DataLoader, done: int) -> Iterable[Any]:
    """Load an epoch's batches without the first ones.

    Args:
        loader (DataLoader): The data.
        done (int): Batches to leave out.

    Yields:
        Any: The batches.
    """
    batch_sampler: Any = loader.batch_sampler
    sampler = getattr(batch_sampler, 'sampler', None)
    if not done:
        yield from loader
    elif sampler is None:  # of a kind that only loading gets through
        yield from itertools.islice(loader, done, None)
    else:
        batch_sampler.sampler = RestOfEpoch(sampler, done * batch_sampler.batch_size)
        try:
            yield from loader
        finally:
            batch_sampler.sampler = sampler


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
    own, saved = _buffers(runner), dict(gathered[get_rank()])
    shapes = {name: getattr(saved.get(name), 'shape', None) for name in own}
    if shapes != {name: buffer.shape for name, buffer in own.items()}:
        raise UnreadableCheckpointError(
            f'{runner._load_from} has buffers of its processes (batch norm) that are '
            "not the model's: resume from another checkpoint."
        )
    for name, buffer in own.items():
        buffer.copy_(saved[name])


def _buffers(runner: Runner) -> dict:
    model = unwrap_model(runner.model)
    kept = model.state_dict().keys()
    return {name: item for name, item in model.named_buffers() if name in kept}
