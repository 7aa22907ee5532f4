"""The training loop of ``tools/train.py``, run against the clock and a bare loop."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import torch
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmreid.apis.cost.bare_loop import BareLoop
from mmreid.engine import ResumableTrainLoop
from mmreid.registry import LOOPS


class Block(NamedTuple):
    """Some steps in a row.

    Attributes:
        seconds (float): What passed on the clock.
        waiting (float): Seconds of it that went into getting batches.
        work (float): On the CPU the seconds that its cores worked for this process,
            which other processes disturb little; elsewhere ``seconds``.
    """

    seconds: float
    waiting: float
    work: float


class TrainingSpeed(NamedTuple):
    """What was measured.

    Attributes:
        images (int): Pictures of a block.
        steps (int): Steps of a block.
        loading (list[Block]): Training on what the data loader gives.
        kept (list[Block]): Training on batches that are in memory.
        bare (list[Block]): A plain torch loop on the same batches.
    """

    images: int
    steps: int
    loading: list[Block]
    kept: list[Block]
    bare: list[Block]

    @property
    def overheads(self) -> list[float]:
        """What ``kept`` takes longer than ``bare``, in shares of the latter."""
        pairs = zip(self.kept, self.bare, strict=True)
        return [kept.work / bare.work - 1 for kept, bare in pairs]


@LOOPS.register_module()
class SpeedLoop(ResumableTrainLoop):
    """The training loop of ``tools/train.py``, which stops to look at the clock.

    It runs, in turns, blocks of steps of three kinds, see :class:`TrainingSpeed`. The
    first round warms up and is not counted.

    Args:
        runner (Runner): The runner.
        dataloader (DataLoader | dict): Training data, or its config.
        max_epochs (int): Of the config, for its schedulers.
        steps (int): Steps of a block. Defaults to 10.
        repeat (int): Blocks of each kind. Defaults to 10.

    Raises:
        ValueError: A number is below 1.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        max_epochs: int,
        steps: int = 10,
        repeat: int = 10,
    ) -> None:
        if min(steps, repeat) < 1:
            raise ValueError(
                f'steps and repeat must be at least 1, got {steps} and {repeat}.'
            )
        super().__init__(runner, dataloader, max_epochs, resume_point_minutes=None)
        self.steps, self.repeat = steps, repeat
        self.measured: TrainingSpeed | None = None

    def run(self) -> torch.nn.Module:
        """Measure."""
        self.runner.call_hook('before_train')
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        bare = BareLoop(self.runner)
        stream = self._stream()
        batches = [_with_labels(next(stream)) for _ in range(self.steps)]
        measured: dict[str, list[Block]] = dict(loading=[], kept=[], bare=[])
        for _ in range(self.repeat + 1):
            measured['loading'].append(self._time(stream, self._train))
            measured['kept'].append(self._time(iter(batches), self._train))
            measured['bare'].append(self._time(iter(batches), bare.step))
        images = sum(len(batch['inputs']) for batch in batches)
        counted = {kind: blocks[1:] for kind, blocks in measured.items()}
        self.measured = TrainingSpeed(images, self.steps, **counted)
        self.runner.call_hook('after_train')
        return self.runner.model

    def _stream(self) -> Iterator[dict]:
        """Load batches for ever."""
        while True:
            yield from self.dataloader

    def _train(self, batch: Any) -> None:
        """Make a step of the framework."""
        self.run_iter(self._iter % len(self.dataloader), batch)

    def _time(self, source: Iterator, step: Callable[[Any], None]) -> Block:
        """Time a block."""
        waiting = 0.0
        _finish()
        start, work = time.perf_counter(), _worked()
        for _ in range(self.steps):
            asked = time.perf_counter()
            batch = next(source)
            waiting += time.perf_counter() - asked
            step(batch)
        _finish()
        return Block(time.perf_counter() - start, waiting, _worked() - work)


def _finish() -> None:
    """Wait until the device has done all that it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _worked() -> float:
    """The clock by which loops are compared."""
    return time.perf_counter() if torch.cuda.is_available() else time.process_time()


def _with_labels(batch: Mapping[str, Any]) -> dict[str, Any]:
    """Add the labels of a batch as a tensor, as a plain loop would load them."""
    labels = torch.cat([sample.gt_label for sample in batch['data_samples']])
    return dict(batch, labels=labels)
