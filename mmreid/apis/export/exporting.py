"""A model exported, compared with itself, and given its name if it ranks the same."""

import errno
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.export.carried_facts import collect_facts
from mmreid.apis.export.compared_pictures import turn
from mmreid.apis.export.judging import Bench, Titled
from mmreid.apis.export.options import ExportOptions
from mmreid.apis.export.outcome import Exported
from mmreid.apis.export.placing import check_folder, check_free, choose_target, place
from mmreid.apis.export.reducing import reduce_to_int8
from mmreid.apis.export.source import load_source
from mmreid.apis.export.timing import measure_speed
from mmreid.apis.inference.network import LEAST_COSINE
from mmreid.deploy import ExportedFacts, open_exported
from mmreid.deploy.export import capture, parts_of, stamp, write
from mmreid.deploy.export.triton import find_triton_place, write_triton
from mmreid.deploy.gate import Judgement, report_path, write_report
from mmreid.deploy.precision import HALVES, PrecisionReport
from mmreid.evaluation.functional.distances.pairs import least_cosine

# What is written has no room: a disk, a quota, a limit of the process.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# So many pictures tell whether a file is still the one that was judged.
_AGAIN = 32


def export_model(
    model: Any,
    options: ExportOptions | None = None,
    *,
    checkpoint: str | Path | None = None,
    weights_file: str | Path | None = None,
    accept_licence: bool = False,
    cfg_options: Sequence[str] = (),
    progress: Titled | None = None,
) -> Exported:
    """Write a model as a file for another runtime, if that ranks as the model does.

    The file is made in a folder of its own, run by its own runtime on the pictures of a
    test set, and judged, see :func:`mmreid.deploy.gate.judge`. It is given its name
    only if it passes; the judgement is written in either case.

    Args:
        model (Any): What :func:`mmreid.apis.init_model` takes, or a network of it.
        options (ExportOptions, optional): How. Defaults to None: to ONNX, in float32.
        checkpoint (str | Path, optional): Weights for a config. Defaults to None.
        weights_file (str | Path, optional): As of ``init_model``. Defaults to None.
        accept_licence (bool): As of ``init_model``. Defaults to False.
        cfg_options (Sequence[str]): ``KEY=VALUE`` that change a config. Defaults to ().
        progress (Callable, optional): Called with the name of a piece of work, gives
            what is called with its work done, and in all. Defaults to None.

    Returns:
        Exported: The file, or why it was refused.

    Raises:
        ValueError: An option is out of range, the model cannot be exported, or int8
            loses more than the tolerance whatever is left in float.
        FileExistsError: The file is there already.
        CheckpointError: The weights cannot be had.
        ImportError: A package is not installed.
    """
    options = options or ExportOptions()
    source = load_source(model, checkpoint, weights_file, accept_licence, cfg_options)
    with tempfile.TemporaryDirectory() as folder, _naming_folder(folder):
        job = _Export(source.network, source.name, options, Path(folder), progress)
        return job.run()


@contextmanager
def _naming_folder(folder: str) -> Iterator[None]:
    """Say of a full disk which one it is, where the error does not."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        reason = f'{error.strerror}; TMPDIR names a folder with more room'
        raise OSError(error.errno, reason, folder) from error


class _Export:
    """One export, step by step.

    Args:
        network (Any): Of ``init_model``.
        name (str): What it is called.
        options (ExportOptions): How.
        folder (Path): For files that are not finished.
        progress (Callable, optional): As of :func:`export_model`.
    """

    def __init__(
        self,
        network: Any,
        name: str,
        options: ExportOptions,
        folder: Path,
        progress: Titled | None,
    ) -> None:
        self.network, self.options, self._progress = network, options, progress
        suffix = '' if options.precision == 'float32' else f'-{options.precision}'
        self.target = choose_target(options.out, options.to, f'{name}{suffix}')
        check_free(parts_of(self.target), options.overwrite)
        if options.triton is not None:
            check_folder(find_triton_place(options.triton, name, options.overwrite))
        check_folder(self.target)
        self.made = folder / self.target.name
        self.whole = self.made.with_stem('float32')
        # What is wrong with them should be said before minutes of work.
        self.facts = collect_facts(
            network,
            name,
            options.channels,
            options.precision,
            options.results,
            options.threshold,
        )

    def run(self) -> Exported:
        """Make the file, judge it, and give it its name."""
        options = self.options
        bench = Bench(self.network, options.data, options.most_pictures, self._progress)
        reduction = self._make(bench)
        given = bench.run(self.made)
        judgement = bench.judge(given, options.precision, options.tolerance)
        # Not the name of a file that may be there, of which it would seem to be.
        refused = self.target.with_name(f'{self.target.name}.refused')
        if not judgement.passed:
            report = write_report(judgement, refused)
            return Exported(None, report, judgement, self.facts, reduction)
        speed = None
        if options.precision != 'float32':
            speed = measure_speed(self.whole, self.made, bench.pictures)
        facts = self._finish(judgement)
        self._check_stamped(bench, given)
        place(self.made, self.target, options.overwrite)
        report = write_report(judgement, self.target)
        report_path(refused).unlink(missing_ok=True)
        triton = None
        if options.triton is not None:
            triton = write_triton(
                self.target, options.triton, facts, overwrite=options.overwrite
            )
        return Exported(self.target, report, judgement, facts, reduction, speed, triton)

    def _make(self, bench: Bench) -> PrecisionReport | None:
        """Write the file where nobody looks for it."""
        options, facts = self.options, self.facts
        program = capture(self.network, facts.height, facts.width, options.channels)
        if options.precision == 'float32':
            write(program, options.to, self.made, facts)
            return None
        write(program, options.to, self.whole, facts)
        if options.precision == 'bfloat16':
            HALVES[options.to](self.whole, self.made)
            return None
        return reduce_to_int8(self.whole, self.made, bench, options, self._progress)

    def _finish(self, judgement: Judgement) -> ExportedFacts:
        """Stamp into the file what was found, and whose its vectors are."""
        cosine = judgement.lowest_cosine
        facts = replace(self.facts, gate=judgement.to_dict())
        if cosine is None or cosine < LEAST_COSINE:
            # Others' distances would differ: neither keys nor thresholds are shared.
            key = hashlib.sha256(facts.source_key.encode())
            for part in parts_of(self.made):
                key.update(part.read_bytes())
            facts = replace(facts, model_key=key.hexdigest(), threshold=None)
        stamp(self.made, facts)
        return facts

    def _check_stamped(self, bench: Bench, given: np.ndarray) -> None:
        """See that the file that is given away is the one that was judged."""
        batch = next(bench.pictures.batches(_AGAIN))
        again = open_exported(self.made)(turn(batch, self.facts.channels))
        if (cosine := least_cosine(again, given[: len(batch)])) < LEAST_COSINE:
            raise RuntimeError(
                f'{self.target.name} computes something else since the judgement was '
                f'written into it: vectors have a cosine of {cosine:.6f} to the former.'
            )
