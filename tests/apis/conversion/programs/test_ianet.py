"""The authors' IANet gives the same vectors."""

import pytest
import torch
from converting import check, convert
from foreign_ianet import IANet
from foreign_models import draw_pictures, shake

from mmreid.apis.conversion import UnknownLayoutError

SMALL = draw_pictures(height=96)


@pytest.mark.parametrize('stride', [1, 2])
def test_ianet(tmp_path, stride):
    torch.manual_seed(4)
    theirs = shake(IANet(stride), 96)
    facts = dict(last_stride='2') if stride == 2 else {}
    content = {'state_dict': theirs.state_dict(), 'rank1': 0.9, 'epoch': 59}
    ours, report = convert('ianet', content, tmp_path, **facts)
    check(ours, theirs, SMALL)
    assert ('--last-stride' in report) == (stride == 1)
    assert 'Left out: classifier.bias' in report


def test_the_papers_variant_gives_other_vectors(tmp_path):
    torch.manual_seed(4)
    theirs = shake(IANet(), 96)
    ours, _ = convert('ianet', theirs.state_dict(), tmp_path)
    for layer, block in ((ours.backbone.layer2, 3), (ours.backbone.layer3, 5)):
        layer[block].after.sia.factor = 1.0
    with torch.no_grad():
        assert (ours(SMALL) - theirs(SMALL)).abs().max() > 1e-9


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('layer2.4.W1.weight', r'no layer2\.4\.W1\.weight'),
        ('bn.running_var', r'no bn\.running_var'),
    ],
)
def test_what_is_missing_is_named(tmp_path, name, message):
    weights = IANet().state_dict()
    del weights[name]
    with pytest.raises(UnknownLayoutError, match=message):
        convert('ianet', weights, tmp_path)


def test_the_authors_other_network_is_refused(tmp_path):
    weights = {**IANet().state_dict(), 'IAU2.STAU.g.weight': torch.ones(1)}
    with pytest.raises(UnknownLayoutError, match='IAUnet'):
        convert('ianet', weights, tmp_path)
