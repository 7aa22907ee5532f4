"""What is wrong with a checkpoint: one kind of error for each answer to it."""

import errno
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike


class CheckpointError(Exception):
    """A checkpoint cannot be used; the message says why and what to do."""


class UnsafeCheckpointError(CheckpointError, pickle.UnpicklingError):
    """The checkpoint asks for something that could run code; it was not loaded."""


class UnreadableCheckpointError(CheckpointError, ValueError):
    """The file is no checkpoint, or a damaged one."""


class RefusedContentError(Exception):
    """A file asks for more than data: ``str(error)`` names what."""


# What seeking to a place that a damaged file names leads to.
_BY_DAMAGE = (errno.EINVAL, errno.EOVERFLOW)


@contextmanager
def damage_of(path: str | PathLike) -> Iterator[None]:
    """Turn whatever a damaged file leads to into one error that names the file.

    Errors of the disk are none of the file's content, and pass.

    Args:
        path (str | PathLike): The file that is read inside.

    Yields:
        None: Inside, the file is read.

    Raises:
        UnreadableCheckpointError: The content cannot be read.
        UnsafeCheckpointError: The content asks for more than data.
        OSError: The disk does not give the file.
    """
    try:
        yield
    except (CheckpointError, MemoryError):
        raise
    except RefusedContentError as error:
        raise UnsafeCheckpointError(
            f'{path} was refused, and nothing of it was run: it is not only weights, '
            f'it asks for {str(error)[:200]}. Ask its author for a file of tensors, '
            "written by torch.save({'state_dict': model.state_dict()}, FILE)."
        ) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in _BY_DAMAGE:
            raise
        reason = str(error).strip().partition('\n')[0].rstrip('.')
        raise UnreadableCheckpointError(
            f'{path} cannot be read as a checkpoint: '
            f'{reason[:200] or type(error).__name__}. Where the file is damaged, '
            'incomplete or was not written by torch.save, fetch or write it again.'
        ) from error
