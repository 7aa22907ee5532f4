"""The checkpoint that an adaptation gives: weights that embed, and their config."""

import io
from pathlib import Path

import torch
from mmengine.runner import CheckpointLoader

from mmreid.apis.model import init_model
from mmreid.apis.publish.published_meta import describe_checkpoint
from mmreid.engine import AtomicBackend, weights_of
from mmreid.engine.checkpoints.training_only import training_only_prefixes


def write_adapted(checkpoint: Path, target: Path) -> Path:
    """Write what an embedding needs of a training's checkpoint.

    The optimizer and the memory of clusters are left out. Every command that takes a
    checkpoint takes the file.

    Args:
        checkpoint (Path): Of the training.
        target (Path): The ``.pth`` file.

    Returns:
        Path: ``target``.

    Raises:
        CheckpointError: The checkpoint cannot be read.
    """
    content = CheckpointLoader.load_checkpoint(str(checkpoint), 'cpu', logger='silent')
    unused = tuple(training_only_prefixes(init_model(checkpoint=checkpoint)))
    weights = {
        name: value.detach().clone(memory_format=torch.contiguous_format)
        for name, value in weights_of(content, checkpoint).items()
        if not name.startswith(unused)
    }
    meta = describe_checkpoint(content.get('meta') or {}, 'ema_state_dict' in content)
    file = io.BytesIO()
    torch.save(dict(meta=meta, state_dict=weights), file)
    AtomicBackend().put(file.getvalue(), target)
    return target
