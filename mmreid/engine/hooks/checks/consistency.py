"""What data, sampler and model of a training must agree in."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from mmengine.dataset import InfiniteSampler
from mmengine.dist import get_world_size
from torch import nn
from torch.utils.data import DataLoader


class InconsistentConfigError(ValueError):
    """Two parts of a config contradict each other."""


def check_batches(loader: DataLoader, model: nn.Module) -> None:
    """Check that the batches are those that the sampler means and the model can train.

    Args:
        loader (DataLoader): Training data.
        model (nn.Module): The model.

    Raises:
        InconsistentConfigError: The batches tear apart what ``IdentitySampler`` draws,
            or one has a single picture, of which batch norm has no variance.
    """
    size, sampler = loader.batch_size, cast(Any, loader.sampler)
    drawn = is_identity_sampler(sampler)
    if drawn and size != sampler.num_ids * sampler.num_instances:
        raise InconsistentConfigError(
            f'batch_size must be num_ids * num_instances = {sampler.num_ids} * '
            f'{sampler.num_instances} = {sampler.num_ids * sampler.num_instances}, got '
            f'{size}; set train_dataloader.batch_size and train_dataloader.sampler '
            'together.'
        )
    if not any(isinstance(m, nn.BatchNorm1d) for m in model.modules()) or not size:
        return
    if size == 1:
        raise InconsistentConfigError(
            'train_dataloader.batch_size must be at least 2, got 1: batch norm has no '
            'variance of a single picture.'
        )
    whole = drawn or loader.drop_last or isinstance(sampler, InfiniteSampler)
    if not whole and len(sampler) % size == 1:
        raise InconsistentConfigError(
            f'The last batch of an epoch, {len(sampler)} pictures {size} at a time, '
            'has a single picture, of which batch norm has no variance; set '
            'train_dataloader.drop_last=True.'
        )


def check_pairs(loader: DataLoader, model: nn.Module) -> str | None:
    """Check that losses which compare pictures find pictures to compare.

    Args:
        loader (DataLoader): Training data.
        model (nn.Module): The model; losses with an attribute ``needs`` tell whether
            they need ``'positives'`` (further pictures of a person in the batch) and
            ``'negatives'`` (pictures of others).

    Returns:
        str | None: A warning, where only some of the pictures find a positive.

    Raises:
        InconsistentConfigError: The loss would be 0 in every batch.
    """
    losses: list[Any] = [m for m in model.modules() if getattr(m, 'needs', None)]
    if losses and not is_identity_sampler(loader.sampler):
        return _check_chance(loader, type(losses[0]).__name__)
    for loss in losses:
        _check_zero(loss, loader.sampler)
    return None


def check_persons(dataset: Any, sampler: Any = None) -> None:
    """Check that what is wrapped into one data set keeps persons and pictures apart.

    Args:
        dataset (Any): A data set of a loader. mmengine's ``ConcatDataset`` numbers the
            persons of each of its data sets from 0.
        sampler (Any): Its sampler. Defaults to None.

    Raises:
        InconsistentConfigError: A number means persons of two data sets, or
            ``IdentitySampler`` or ``ClusterSampler`` would draw one picture as several.
    """
    parts = getattr(dataset, 'datasets', ())
    if len(parts) > 1 and hasattr(dataset, 'get_data_info'):
        _check_numbers(dataset, parts)
    inner = getattr(dataset, 'dataset', None)
    if inner is None:
        return
    check_persons(inner, sampler)
    if is_identity_sampler(sampler) and len(dataset) > len(inner):
        raise InconsistentConfigError(
            f'{type(dataset).__name__} repeats pictures, which '
            f'{type(sampler).__name__} would take for different ones of a person; set '
            'sampler.repeat, of ClusterSampler sampler.num_batches, (as many times '
            "through all) or sampler.epoch='identities' (all persons equally often) "
            'and take the data set without wrapper.'
        )


def is_identity_sampler(sampler: Any) -> bool:
    """Tell whether a sampler draws persons with several pictures each.

    Args:
        sampler (Any): A sampler.
    """
    return hasattr(sampler, 'num_ids') and hasattr(sampler, 'num_instances')


def _check_zero(loss: Any, sampler: Any) -> None:
    """Raise where the batches of ``IdentitySampler`` have nothing to compare."""
    processes = get_world_size() if getattr(loss, 'gather', False) else 1
    if sampler.num_instances < 2:
        missing, remedy = (
            'num_instances=1 gives a batch one of each person',
            (f'num_instances=4 and batch_size={4 * sampler.num_ids}'),
        )
    elif 'negatives' in loss.needs and sampler.num_ids * processes < 2:
        missing, remedy = (
            'num_ids=1 gives a batch a single person',
            (f'num_ids=16 and batch_size={16 * sampler.num_instances}'),
        )
    else:
        return
    raise InconsistentConfigError(
        f'{type(loss).__name__} compares pictures, but train_dataloader.sampler.'
        f'{missing}: the loss would always be 0; set {remedy}, or the loss None.'
    )


def _check_chance(loader: DataLoader, name: str) -> str | None:
    """Tell how many pictures find another one of their person by chance."""
    data = cast(Any, loader.dataset)
    if not hasattr(data, 'get_data_info') or not loader.batch_size:
        return None
    counts = Counter(data.get_data_info(i).get('gt_label') for i in range(len(data)))
    total = counts.total()
    others = loader.batch_size - 1
    # Of the total - 1 other pictures, `others` come into the batch.
    share = sum(
        n / total * (1 - _chance_of_none(total - 1, n - 1, others))
        for n in counts.values()
    )
    remedy = (
        "set train_dataloader.sampler=dict(type='IdentitySampler', num_ids=16, "
        'num_instances=4), or the loss None.'
    )
    what = f'{type(loader.sampler).__name__} draws pictures without regard to persons'
    if share == 0:
        raise InconsistentConfigError(
            f'{what}, and {name} finds no second one of any person: the loss would '
            f'always be 0; {remedy}'
        )
    if share < 0.9:
        return (
            f'{what}: {name} finds another one of the person for {share:.0%} of them, '
            f'and passes over the rest; {remedy}'
        )
    return None


def _chance_of_none(total: int, good: int, drawn: int) -> float:
    """Probability that of so many drawn, without replacement, none is good."""
    if drawn >= total - good + 1:
        return 0.0
    return math.prod((total - good - i) / (total - i) for i in range(drawn))


def _check_numbers(dataset: Any, parts: Iterable[Any]) -> None:
    """Check that no number of a person belongs to two data sets."""
    sources = [
        (_name(part), getattr(part, 'data_root', None))
        for part in parts
        for _ in range(len(part))
    ]
    owners: dict[tuple[str, int], tuple] = {}
    for index, source in enumerate(sources):
        record = dataset.get_data_info(index)
        label, person = record.get('gt_label', -1), record.get('person_id', 0)
        meanings = {
            ('gt_label', label): (source, person),
            ('person_id', person): (source,),
        }
        for (key, number), meaning in meanings.items():
            if number <= (0 if key == 'person_id' else -1):
                continue  # nobody
            before = owners.setdefault((key, number), meaning)
            if before != meaning:
                raise InconsistentConfigError(
                    f'{type(dataset).__name__} gives {key} {number} to a person of '
                    f'{before[0][0]} and to one of {source[0]}, who would be one; '
                    "train on several data sets with type='ReIDUnion', and test on "
                    'several with a list of data loaders and '
                    "test_cfg=dict(type='MultiTestLoop')."
                )


def _name(part: Any) -> str:
    meta = getattr(part, 'metainfo', {})
    return ' '.join(str(meta[k]) for k in ('dataset', 'split') if meta.get(k)) or 'data'
