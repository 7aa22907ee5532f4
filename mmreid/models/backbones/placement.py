"""Reading of a backbone's ``plugins``: which plugin goes beside which block."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mmreid.arguments import check_choice

POSITIONS = ('parallel', 'after')


class Placement(NamedTuple):
    """A plugin at one block: ``layer{stage + 1}.{block}.{position}``."""

    stage: int
    block: int
    position: str
    cfg: Mapping[str, Any]


def placements(
    plugins: Sequence[Mapping[str, Any]], stage_blocks: Sequence[int]
) -> Iterator[Placement]:
    """Spell out the plugins' places, one block at a time.

    Args:
        plugins (Sequence[dict]): Dicts of ``cfg``, ``stages``, ``blocks``
            (``'last'`` if left out) and ``position`` (``'after'`` if left out). An
            empty tuple of blocks switches a plugin off.
        stage_blocks (Sequence[int]): Number of blocks of every stage.

    Yields:
        Placement: The places in the order of the plugins.

    Raises:
        ValueError: If a key, position, stage or block does not exist.
    """
    if isinstance(plugins, Mapping):
        raise ValueError(
            f'plugins must be a list of dicts, got one dict, {plugins!r}; '
            'put it in brackets.'
        )
    for plugin in plugins:
        required, optional = {'cfg', 'stages'}, {'blocks', 'position'}
        if not required <= set(plugin) <= required | optional:
            raise ValueError(
                'A plugin has the keys cfg and stages and, where needed, blocks and '
                f'position; got {sorted(plugin)}.'
            )
        position = plugin.get('position', 'after')
        check_choice('position', position, POSITIONS)
        for stage in _checked('stages', plugin['stages'], len(stage_blocks)):
            blocks = plugin.get('blocks', 'last')
            for block in _block_indices(blocks, stage_blocks[stage]):
                yield Placement(stage, block, position, plugin['cfg'])


def _block_indices(blocks: str | Sequence[int], num_blocks: int) -> Sequence[int]:
    """Resolve ``'last'``, ``'all'`` or a tuple of indices."""
    if blocks == 'all':
        return range(num_blocks)
    if blocks == 'last':
        return (num_blocks - 1,)
    if isinstance(blocks, Sequence) and not blocks:
        return ()
    return _checked('blocks', blocks, num_blocks)


def _checked(name: str, indices: Any, count: int) -> Sequence[int]:
    """Return the indices if they are a sequence of numbers from 0 to count - 1."""
    is_sequence = isinstance(indices, Sequence) and not isinstance(indices, str)
    if not is_sequence or not indices or not all(i in range(count) for i in indices):
        words = " (or 'last' or 'all')" if name == 'blocks' else ''
        raise ValueError(
            f'{name} must be a tuple{words} of indices from 0 to {count - 1}, '
            f'got {indices!r}.'
        )
    return indices
