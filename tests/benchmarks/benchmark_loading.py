"""Time reading and augmenting pictures against torchvision, in one run.

    python tests/benchmarks/benchmark_loading.py --data-root data/synthreid_mini

All augment as the strong baseline does (resize to 256 x 128, flip, pad and crop,
erase), from pictures of 128 x 64. The rates are pictures per second of one core,
computed from CPU time, so that a busy machine changes them little; the runs alternate,
and medians are printed. mmreid leaves normalising to the model, which does it on the
GPU; the row 'normalised' does it here, as torchvision's rows do unless they say uint8.

``--listing`` times the start instead: reading the 36,036 file names of a data set of
Market-1501's size (empty files), from the disk where the caches of the system can be
dropped, which takes root.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import default_collate
from mmengine.registry import DefaultScope
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as v1
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from torchvision.transforms import v2

from mmreid.datasets import Market1501

CONFIGS = Path(__file__).parents[2] / 'configs' / '_base_' / 'datasets'
SIZE = (256, 128)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LIBRARY = {
    'RandomFlip': 'mmcv.RandomFlip',
    **{
        name: f'mmpretrain.{name}'
        for name in ('RandomCrop', 'RandomErasing', 'PackInputs')
    },
}


class TorchvisionPictures(Dataset):
    """Pictures as users of torchvision read them."""

    def __init__(self, paths: list[str], read: Callable, transform: Callable) -> None:
        self.paths, self.read, self.transform = paths, read, transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(self.read(self.paths[index])), index


class Normalised(Dataset):
    """mmreid's batches of one, normalised where they are read."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.mean = 255 * torch.tensor(MEAN).view(3, 1, 1)
        self.std = 255 * torch.tensor(STD).view(3, 1, 1)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict:
        packed = self.dataset[index]
        image = packed['inputs'][[2, 1, 0]].float()
        packed['inputs'] = image.sub_(self.mean).div_(self.std)
        return packed


def read_with_pil(path: str) -> Image.Image:
    return Image.open(path).convert('RGB')


def read_with_torchvision(path: str) -> torch.Tensor:
    return decode_jpeg(read_file(path), mode=ImageReadMode.RGB)


def make_mmreid(root: Path, cache: str | None = None, library: bool = False) -> Dataset:
    """Build the data set with the pipeline of the strong baseline's config."""
    config = Config.fromfile(CONFIGS / 'market.py')
    names = ('load', 'resize', 'flip', 'crop', 'erase', 'pack')
    steps = [config[f'_{name}'] for name in names]
    if library:
        steps = [{**step, 'type': LIBRARY.get(step.type, step.type)} for step in steps]
    return Market1501(root, check=False, pipeline=steps, cache=cache)


def make_all(root: Path) -> dict[str, Dataset]:
    """Build what is compared, by name."""
    paths = [str(path) for path in sorted((root / 'bounding_box_train').glob('*.jpg'))]
    erase = dict(p=0.5, scale=(0.02, 0.4), ratio=(0.3, 3.33))
    on_pil = v1.Compose(
        [
            v1.Resize(SIZE),
            v1.RandomHorizontalFlip(),
            v1.Pad(10),
            v1.RandomCrop(SIZE),
            v1.ToTensor(),
            v1.Normalize(MEAN, STD),
            v1.RandomErasing(**erase),
        ]
    )
    on_bytes = [
        v2.Resize(SIZE, antialias=True),
        v2.RandomHorizontalFlip(),
        v2.Pad(10),
        v2.RandomCrop(SIZE),
    ]
    normalise = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
    on_tensors = v2.Compose([*on_bytes, *normalise, v2.RandomErasing(**erase)])
    on_bytes = v2.Compose([*on_bytes, v2.RandomErasing(**erase)])
    ours = make_mmreid(root)
    return {
        'torchvision v1, PIL': TorchvisionPictures(paths, read_with_pil, on_pil),
        'torchvision v2, tensors': TorchvisionPictures(
            paths, read_with_torchvision, on_tensors
        ),
        'torchvision v2, uint8': TorchvisionPictures(
            paths, read_with_torchvision, on_bytes
        ),
        'mmcv and mmpretrain': make_mmreid(root, library=True),
        'mmreid': ours,
        'mmreid, normalised': Normalised(ours),
        "mmreid, cache='ram'": make_mmreid(root, 'ram'),
        "mmreid, cache='ram-decoded'": make_mmreid(root, 'ram-decoded'),
    }


def cpu_seconds() -> float:
    """Return the CPU time of this process and of those that have ended."""
    usages = (
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def read_all(dataset: Dataset, workers: int) -> float:
    """Read two epochs in random order; return pictures per second of one core."""
    order = [i for _ in range(2) for i in np.random.permutation(len(dataset)).tolist()]
    start = cpu_seconds()
    if workers:
        packed = isinstance(dataset[0], dict)
        loader = DataLoader(
            dataset,
            batch_size=64,
            sampler=order,
            num_workers=workers,
            collate_fn=default_collate if packed else None,
        )
        start = cpu_seconds()
        for _ in loader:
            pass
        del loader
    else:
        for index in order:
            dataset[index]
    return len(order) / (cpu_seconds() - start)


def make_pictures(root: Path, number: int) -> Path:
    """Write smooth random pictures, compressed to about the size of Market-1501's."""
    folder = root / 'bounding_box_train'
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for index in range(number):
        coarse = rng.integers(256, size=(32, 16, 3)).astype(np.uint8)
        picture = cv2.resize(coarse, (64, 128), interpolation=cv2.INTER_CUBIC)
        name = f'{index // 16 + 1:04d}_c{index % 6 + 1}s1_{index:06d}_00.jpg'
        cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return root


def benchmark_reading(root: Path, workers: int, repeat: int) -> None:
    datasets = make_all(root)
    rates: dict[str, list[list[float]]] = {name: [[], []] for name in datasets}
    for dataset in datasets.values():
        read_all(dataset, 0)
    for _ in range(repeat):
        for name, dataset in datasets.items():
            for column, number in enumerate((0, workers)):
                rates[name][column].append(read_all(dataset, number))
    sizes = [p.stat().st_size for p in (root / 'bounding_box_train').glob('*.jpg')]
    print(f'{len(sizes)} pictures of {statistics.mean(sizes):,.0f} bytes')
    print(f'pictures per second of one core, {repeat} runs, medians (ratio to v2)')
    print(f'{"":30}{"this process":>18}{f"{workers} workers":>18}')
    reference = rates['torchvision v2, tensors']
    for name, columns in rates.items():
        print(f'{name:30}' + ''.join(map(describe, columns, reference)))


def describe(rates: list[float], reference: list[float]) -> str:
    ratio = statistics.median(a / b for a, b in zip(rates, reference, strict=True))
    return f'{statistics.median(rates):10,.0f} ({ratio:.2f})'.rjust(18)


def make_market(root: Path) -> None:
    """Write empty files with the names and counts of Market-1501."""
    parts: dict[str, Any] = dict(
        bounding_box_train=(12936, range(2, 753)),
        query=(3368, range(753, 1503)),
        bounding_box_test=(19732, range(-1, 1503)),
    )
    for folder, (number, people) in parts.items():
        (root / folder).mkdir()
        people = [p for p in people if p < 1 or p > 752 or folder.endswith('train')]
        for index in range(number):
            person = people[index % len(people)]
            text = str(person) if person < 0 else f'{person:04d}'
            name = f'{text}_c{index // 7 % 6 + 1}s{index % 6 + 1}_{index:06d}_00.jpg'
            (root / folder / name).touch()


def benchmark_listing(root: Path, repeat: int) -> None:
    make_market(root)
    seconds, cold = [], True
    for _ in range(repeat):
        try:
            Path('/proc/sys/vm/drop_caches').write_text('3')
        except OSError:
            cold = False
        start = time.perf_counter()
        sizes = [len(Market1501(root, split=split)) for split in ('train', 'test')]
        seconds.append(time.perf_counter() - start)
    state = 'from the disk' if cold else "from the system's caches"
    print(
        f'{sum(sizes):,} names read {state}, {repeat} times: median '
        f'{statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--data-root', type=Path, help='in the layout of Market-1501 (default: made up)'
    )
    parser.add_argument('--number', type=int, default=2000, help='of made-up pictures')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--repeat', type=int, default=5)
    parser.add_argument('--listing', action='store_true', help='time the start instead')
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    with (
        tempfile.TemporaryDirectory() as folder,
        DefaultScope.overwrite_default_scope('mmreid'),
    ):
        if args.listing:
            benchmark_listing(Path(folder), args.repeat)
            return
        root = args.data_root or make_pictures(Path(folder) / 'made-up', args.number)
        benchmark_reading(root, args.workers, args.repeat)


if __name__ == '__main__':
    main()
