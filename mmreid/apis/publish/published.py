"""A published file, and what is said of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

# What a published file should tell of itself.
_PARTS = dict(
    cfg='the config of the training (cfg), which the checkpoint does not hold',
    results='results of a test; --results FILE.json adds them',
)


class Published(NamedTuple):
    """A published file.

    Attributes:
        path (Path): Where it is.
        num_values (int): Numbers in its tensors.
        meta (dict[str, Any]): What it tells of them.
        left_out (tuple[str, ...]): Parts of the checkpoint that it has not.
    """

    path: Path
    num_values: int
    meta: dict[str, Any]
    left_out: tuple[str, ...]

    def explain(self) -> str:
        """Tell what is in the file, in a few lines."""
        size = self.path.stat().st_size / 1e6
        kind = 'moving averages' if self.meta.get('averaged') else 'weights'
        lines = [
            f'{self.path}: {self.num_values / 1e6:.1f} million {kind}, {size:.1f} MB'
        ]
        if self.left_out:
            lines.append(f'left out: {", ".join(self.left_out)}')
        if 'reduced' in self.meta:
            lines.append(_explain_small(self.meta['reduced']))
        lacking = [key for key in _PARTS if key not in self.meta]
        lines += [f'without {_PARTS[key]}' for key in lacking]
        if 'operating_point' in self.meta and not tells_config(self.meta):
            lines.append(
                'without proof that the threshold is of these weights, since only a '
                'config tells which model they make'
            )
        return '\n'.join(lines)


def _explain_small(reduced: Mapping[str, Any]) -> str:
    """Tell what has become of a checkpoint in a small file."""
    # The results in the file may since be those of another test.
    score = reduced['checkpoint']['mAP'] + reduced['difference']
    low, high = reduced['interval']
    return (
        f'{reduced["dtype"]}, without {reduced["left_out"]:,} numbers that training '
        f'alone uses: mAP {score:.2f} on {reduced["data"]}, '
        f'{reduced["difference"]:+.3f} ({low:+.3f} to {high:+.3f}) points beside the '
        f'checkpoint, lowest cosine {reduced["lowest_cosine"]:.6f}'
    )


def tells_config(meta: Mapping[str, Any]) -> bool:
    """Whether a file tells the config, and so which model its weights make.

    Args:
        meta (Mapping[str, Any]): What it tells of itself.
    """
    return not {'cfg', 'config_file'}.isdisjoint(meta)
