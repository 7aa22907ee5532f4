"""What all of fast-reid's networks have: pixels, a stem, a data set."""

import torch

from mmreid.apis.conversion.entries import Entries
from mmreid.apis.conversion.facts import Facts

# By the number of identities that a classifier tells apart; the configs' last words.
_DATA_SETS = {
    751: 'market',
    702: 'duke',
    1041: 'msmt17',
    575: 'veri776',
    576: 'veri776',
}
# Of ImageNet, in 0 to 255.
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
_CLASSIFIERS = ('weight', 'classifier.weight')


def data_set_of(
    entries: Entries, facts: Facts, head: str, vehicles: bool = True
) -> str:
    """Tell the training data, by which pictures have their size.

    Args:
        entries (Entries): Of the file.
        facts (Facts): ``data_set``.
        head (str): What the names of a head begin with.
        vehicles (bool): Whether there are configs for vehicles. Defaults to True.

    Returns:
        str: A choice of the fact.
    """
    known = entries.tensors
    names = (f'{head}{name}' for name in _CLASSIFIERS)
    rows = next((len(known[name]) for name in names if name in known), 0)
    guess = _DATA_SETS.get(rows, 'market')
    if guess == 'veri776' and not vehicles:
        guess = 'market'
    return facts.settle('data_set', guess)


def take_pixels(entries: Entries) -> list[str]:
    """Take the numbers that pixels are normalised by.

    Args:
        entries (Entries): Of the file.

    Returns:
        list[str]: Options for those that are unusual.
    """
    constants = entries.take_group('pixel_')
    options = []
    for name, usual in (('mean', _MEAN), ('std', _STD)):
        values = constants.pop(name, torch.tensor(usual)).flatten().double()
        if not torch.allclose(values, torch.tensor(usual).double(), atol=1e-2):
            numbers = ','.join(f'{value:.6g}' for value in values.tolist())
            options.append(f'data_preprocessor.{name}={numbers}')
    for name, value in constants.items():  # nothing that is known
        entries.tensors[f'pixel_{name}'] = value
    return options


def stem_options(facts: Facts, is_old: bool) -> list[str]:
    """Say how the stem pools and the last stage strides.

    As long as the neck was named bnneck, the stem's pooling was padded.

    Args:
        facts (Facts): ``stem_pool``, ``last_stride``.
        is_old (bool): Whether the neck is named so.

    Returns:
        list[str]: The options.
    """
    stem = facts.settle('stem_pool', 'padded' if is_old else 'ceil')
    return [
        f'model.backbone.stem_pool={stem}',
        f'model.backbone.strides=1,2,2,{facts.settle("last_stride", "1")}',
    ]
