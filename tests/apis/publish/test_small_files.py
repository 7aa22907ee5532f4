"""Small files: what they leave out, what they keep, and what ranks otherwise."""

import json

import numpy as np
import pytest
import torch
from tiny_market import make_market

from mmreid.apis import find_config, init_model, publish_checkpoint
from mmreid.apis.inference.model_key import model_key
from mmreid.apis.publish.small_files import _halve
from mmreid.engine import MismatchedCheckpointError, load_config, read_safetensors

TRAINING = (
    *('part.classifier', 'part.reduction', 'whole.classifier'),
    *('whole.id_loss', 'whole.metric_loss', 'whole.alignment_loss'),
)


@pytest.fixture(scope='module')
def market(tmp_path_factory):
    root = tmp_path_factory.mktemp('market')
    make_market(root, persons=14, rng=np.random.default_rng(0))
    return root


@pytest.fixture(scope='module')
def config(market):
    """AANet's small config, narrower still, for pictures of 96 x 48."""
    config = load_config(find_config('aanet_r18_synthmini'))
    config.model.backbone.update(base_channels=8, stem_channels=8)
    config.model.head.num_classes = 5
    dataset = config.test_dataloader.dataset
    dataset.update(data_root=str(market), check=False)
    dataset.pipeline[1].scale = (48, 96)
    config.test_dataloader.num_workers = 0
    config.test_dataloader.persistent_workers = False
    return config


def settle(network) -> None:
    """Give batch norm statistics, without which maps would grow."""
    pictures = torch.rand(16, 3, 96, 48, generator=torch.Generator().manual_seed(1))
    network.train()
    with torch.no_grad():
        for _ in range(30):
            network.extract_feat(4 * pictures - 2)
    network.eval()


@pytest.fixture(scope='module')
def checkpoint(config, tmp_path_factory):
    """A checkpoint of that network, with the config's text."""
    torch.manual_seed(0)
    network = init_model(config)
    settle(network)
    file = tmp_path_factory.mktemp('work') / 'a.pth'
    meta = dict(
        cfg=config.pretty_text,
        dataset_meta=dict(dataset='toy'),
        operating_point=dict(
            threshold=0.3, rate=0.01, achieved_rate=0.01, num_trials=100
        ),
    )
    torch.save(dict(state_dict=network.state_dict(), meta=meta), file)
    return file


@pytest.fixture(scope='module')
def published(checkpoint, tmp_path_factory):
    target = tmp_path_factory.mktemp('small') / 'a.safetensors'
    return publish_checkpoint(checkpoint, target, small=True)


def test_what_an_embedding_needs_is_kept(checkpoint, published):
    before = torch.load(checkpoint, weights_only=True)['state_dict']
    after = read_safetensors(published.path)['state_dict']
    training = tuple(f'head.branches.{name}' for name in TRAINING)
    assert after.keys() == {name for name in before if not name.startswith(training)}
    for name, value in after.items():
        is_kernel = value.ndim > 1
        assert value.dtype == (torch.float16 if is_kernel else before[name].dtype)
        assert torch.equal(value, before[name].to(value.dtype))
    assert published.path.stat().st_size < 0.5 * checkpoint.stat().st_size
    left_out = sum(v.numel() for k, v in before.items() if k not in after)
    assert published.meta['reduced']['left_out'] == left_out
    assert 'operating_point' not in published.meta
    assert f'without {left_out:,} numbers' in published.explain()


def test_vectors_and_keys_are_no_matter_of_chance(checkpoint, published):
    big = init_model(checkpoint)
    one, other = init_model(published.path), init_model(published.path)
    assert model_key(one) == model_key(other) != model_key(big)
    pictures = torch.randint(0, 256, (4, 3, 96, 48), dtype=torch.uint8)
    vectors = [
        torch.stack([s.embedding for s in net.test_step(dict(inputs=pictures))])
        for net in (big, one, other)
    ]
    assert torch.equal(vectors[1], vectors[2])
    assert torch.cosine_similarity(vectors[0], vectors[1]).min() > 0.9999


def test_the_results_inside_are_those_of_a_test_of_the_file(
    published, tmp_path, monkeypatch
):
    from mmreid.cli import test

    monkeypatch.chdir(tmp_path)
    words = ['test', str(published.path), '--out', 'scores.json', '--work-dir', 'w']
    monkeypatch.setattr('sys.argv', words)
    test.main()
    found = json.loads((tmp_path / 'scores.json').read_text())
    found.pop('reid/per_query')
    inside = read_safetensors(published.path)['meta']['results']
    assert inside.keys() == found.keys()
    assert inside['reid/protocol'] == found['reid/protocol']
    assert inside['reid/protocol']['trained_on'] == 'toy'
    for name in found.keys() - {'reid/protocol'}:
        # Other batches than a test's: their last bits differ.
        assert inside[name] == pytest.approx(found[name], abs=1e-3)


def test_a_small_file_is_published_again(published, tmp_path):
    again = publish_checkpoint(published.path, tmp_path / 'b.pth')
    assert again.meta == json.loads(json.dumps(published.meta))
    weights = torch.load(again.path, weights_only=True)['state_dict']
    assert weights['backbone.conv1.weight'].dtype == torch.float16


def test_a_later_test_of_a_small_file_is_not_the_one_that_proved_it(
    published, tmp_path
):
    later = {'Campus': {'protocol': dict(trained_on='toy'), 'mAP': 5.0}}
    (tmp_path / 'r.json').write_text(json.dumps(later))
    again = publish_checkpoint(published.path, tmp_path / 'b.pth', tmp_path / 'r.json')
    assert again.meta['results'] == later
    (proof,) = (line for line in published.explain().splitlines() if 'float16' in line)
    assert f'mAP {published.meta["results"]["reid/mAP"]:.2f} on ' in proof
    assert proof in again.explain().splitlines()


def test_weights_that_rank_otherwise_are_refused(config, market, tmp_path):
    """Of large numbers float16 loses the differences that tell pictures apart."""
    torch.manual_seed(0)
    network = init_model(config)
    kernel = network.backbone.conv1.weight
    kernel.add_(1000 - kernel.mean((1, 2, 3), keepdim=True))
    settle(network)
    meta = dict(cfg=config.pretty_text)
    torch.save(dict(state_dict=network.state_dict(), meta=meta), tmp_path / 'a.pth')
    with pytest.raises(ValueError, match=r'in float16 as it does; .*without small'):
        publish_checkpoint(
            tmp_path / 'a.pth', tmp_path / 'b.pth', small=True, data=market
        )
    assert [path.name for path in tmp_path.iterdir()] == ['a.pth']


def test_numbers_that_float16_cannot_hold_are_refused(checkpoint, tmp_path):
    content = torch.load(checkpoint, weights_only=True)
    content['state_dict']['backbone.conv1.weight'][0, 0, 0, 0] = -1e6
    torch.save(content, tmp_path / 'a.pth')
    with pytest.raises(MismatchedCheckpointError, match=r'conv1.*65504\), got 1e\+06'):
        publish_checkpoint(tmp_path / 'a.pth', tmp_path / 'b.pth', small=True)


def test_what_is_halved():
    for value in (
        torch.ones(3),
        torch.ones(2, 2, dtype=torch.int64),
        torch.ones(2, 2, dtype=torch.bfloat16),
        torch.full((), 1e9),
    ):
        assert _halve('a', value) is value
    tiny = torch.full((2, 2), 1e-9, dtype=torch.float64)
    assert torch.equal(_halve('a', tiny), torch.zeros(2, 2, dtype=torch.float16))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(small=True, results='r.json'), 'beside small.*got r.json'),
        (dict(small=True, threshold='p.json'), 'beside small.*got p.json'),
        (dict(data='query/'), 'nothing is tested, got query/'),
    ],
)
def test_what_does_not_belong_together_is_refused(
    checkpoint, tmp_path, options, message
):
    with pytest.raises(ValueError, match=message):
        publish_checkpoint(checkpoint, tmp_path / 'b.pth', **options)
