"""``.pt2`` files of ``torch.export``, run by torch: no code of mmreid's is needed."""

import contextlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from mmreid.deploy.facts import ExportedFacts, ExportedFileError
from mmreid.deploy.runtimes.exported_model import ExportedModel
from mmreid.deploy.runtimes.torch_archive import read_safely
from mmreid.optional import import_optional

_MOST_CHARACTERS = 300
_LIMIT = RLock()
if hasattr(os, 'register_at_fork'):  # a thread that had it would not be in the child
    os.register_at_fork(
        before=_LIMIT.acquire,
        after_in_parent=_LIMIT.release,
        after_in_child=_LIMIT.release,
    )


class TorchModel(ExportedModel):
    """A ``.pt2`` file.

    Args:
        path (Path): The file.
        threads (int, optional): How many of the process's threads compute. Defaults to
            None: as many as torch has.

    Raises:
        ExportedFileError: It is damaged, none of mmreid's, or holds what could be run.
        ImportError: torch is not installed.
    """

    runtime = 'torch'

    def __init__(self, path: Path, threads: int | None = None) -> None:
        torch = import_optional('torch', f'Running {path.name}', install='torch')
        self._torch, self._process = torch, os.getpid()
        content, text = read_safely(path)
        facts = ExportedFacts.from_json(text, str(path))
        try:
            self._module = _load(content)
        except Exception as error:  # of its graph or its tensors
            reason = str(error)[:_MOST_CHARACTERS].rstrip('.')
            raise ExportedFileError(
                f'{path} cannot be read by torch {torch.__version__}: {reason}. Either '
                'it is damaged, then export it again, or it was made by a later '
                'version, then update torch.'
            ) from error
        super().__init__(path, facts, threads)

    def _run(self, pictures: np.ndarray) -> Any:
        torch = self._torch
        if not pictures.flags.writeable:  # of which torch warns
            pictures = pictures.copy()
        with torch.no_grad(), self._limited():
            return self._module(torch.from_numpy(pictures)).numpy()

    @contextlib.contextmanager
    def _limited(self) -> Iterator[None]:
        """Compute with as many threads as were asked for."""
        # The threads of OpenMP stay behind where a process is forked off, which would
        # wait for them for ever: it computes alone.
        threads = self.threads if os.getpid() == self._process else 1
        torch = self._torch
        if threads is None:
            yield
            return
        # The number is the process's: of two at once the second would restore that of
        # the first.
        with _LIMIT:
            before = torch.get_num_threads()
            torch.set_num_threads(threads)
            try:
                yield
            finally:
                if os.getpid() == self._process:
                    torch.set_num_threads(before)


def _load(content: bytes) -> Any:
    """Have torch make a program of an archive in which nothing can be run."""
    # torch.export.load would take errors of this for a file of an older form.
    package = import_optional(
        'torch.export.pt2_archive._package', 'Running .pt2 files', install='torch'
    )
    with warnings.catch_warnings():
        # Its tensors share the memory of the archive, which is not written to.
        warnings.filterwarnings('ignore', 'The given buffer is not writable')
        loaded = package.load_pt2(io.BytesIO(content))
    return loaded.exported_programs['model'].module(check_guards=False)
