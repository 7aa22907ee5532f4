"""The report names the program whose names were found, where several share a layout."""

import pytest
import torch

from mmreid.apis.conversion import convert
from mmreid.apis.conversion.entries import Conversion
from mmreid.engine.checkpoints import FAMILIES


@pytest.mark.parametrize('family', FAMILIES, ids=lambda family: family.owner)
def test_owner_is_that_of_the_family_found(family, tmp_path, monkeypatch):
    """Each family is told as itself, not as the last one of its layout."""
    found = type('Found', (), dict(family=family, prefix=''))
    monkeypatch.setattr(convert, 'recognise', lambda tensors, layout: found)
    monkeypatch.setattr(convert, '_apply', lambda *args: Conversion({}, 'a.py'))
    torch.save({'a.weight': torch.ones(1)}, tmp_path / 'a.pth')
    converted = convert.convert_file(tmp_path / 'a.pth')
    assert (converted.layout, converted.owner) == (family.layout, family.owner)
