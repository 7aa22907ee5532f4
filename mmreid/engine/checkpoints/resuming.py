"""Finding the checkpoint from which a training goes on."""

from collections.abc import Iterator
from pathlib import Path

from mmreid.engine.checkpoints.safe_loading import (
    UnreadableCheckpointError,
    load_safely,
)

# What CheckpointHook and ResumableTrainLoop write; not the best ones, which have no
# optimizer.
_NAMES = ('epoch_*.pth', 'iter_*.pth', 'resume_point.pth')
_NEEDED = ('state_dict', 'optimizer', 'message_hub', 'meta')


def find_resumable(work_dir: str | Path) -> tuple[Path | None, dict[Path, str]]:
    """Find the newest checkpoint of a folder that can be read and resumed.

    First the one that ``last_checkpoint`` names, in that folder if it is not where it
    was; then all others, the newest first. Each is read whole.

    Args:
        work_dir (str | Path): The folder of a training.

    Returns:
        tuple[Path | None, dict[Path, str]]: The checkpoint, None if there is none, and
        newer files that were passed over, with the reason.

    Raises:
        UnsafeCheckpointError: A file carries code: somebody else has written it.
    """
    passed_over: dict[Path, str] = {}
    for path in _candidates(Path(work_dir)):
        try:
            checkpoint = load_safely(path, map_location='cpu')
        except (UnreadableCheckpointError, OSError) as error:
            passed_over[path] = str(error)
            continue
        missing = [part for part in _NEEDED if part not in checkpoint]
        if not missing:
            return path, passed_over
        passed_over[path] = f'{path} has no {", ".join(missing)}'
    return None, passed_over


def _candidates(folder: Path) -> Iterator[Path]:
    seen = set()
    pointer = folder / 'last_checkpoint'
    if pointer.is_file() and (noted := pointer.read_text('utf-8').strip()):
        path = Path(noted)
        # Where the folder has been moved, the note still says where it was.
        path = path if path.is_file() else folder / path.name
        if path.is_file():
            seen.add(path.resolve())
            yield path
    found = [path for name in _NAMES for path in folder.glob(name)]
    for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True):
        if path.resolve() not in seen:
            yield path
