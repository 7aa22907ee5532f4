"""Weights that come with the package: there, whole, and used without a network."""

import json
import re

import numpy as np
import pytest
import torch
from mmengine.runner import CheckpointLoader

from mmreid.apis import (
    ReIDInferencer,
    embed,
    find_model,
    init_model,
    list_models,
    load_for_command,
)
from mmreid.apis.model_names.published_model import Packaged
from mmreid.apis.weights import NoWeightsError, WrongWeightsError
from mmreid.apis.weights.packaged import packaged_file
from mmreid.engine import read_safetensors

PACKAGED = [model for model in list_models().values() if model.packaged]
NAME = 'aanet_r18_synthmini'


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A cache of downloads that nobody has made yet."""
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    return tmp_path / 'hub'


def test_the_model_of_the_first_minute_is_there():
    assert NAME in [model.name for model in PACKAGED]


@pytest.mark.parametrize('model', PACKAGED, ids=lambda model: model.name)
def test_a_file_is_what_the_metafile_says(model):
    path = packaged_file(model.packaged)
    digits = re.fullmatch(rf'{model.name}-([0-9a-f]{{8}})\.safetensors', path.name)[1]
    assert model.packaged.sha256.startswith(digits)
    assert path.stat().st_size < 8e6  # a wheel is no store of weights
    content = read_safetensors(path)
    told, reduced = content['meta']['results'], content['meta']['reduced']
    assert reduced['dtype'] == 'float16'
    assert -0.1 <= reduced['interval'][0] <= reduced['interval'][1] <= 0.1
    (printed,) = model.results
    assert told['reid/protocol']['dataset'] == printed['Dataset']
    trained_on = told['reid/protocol']['trained_on']
    assert trained_on.startswith(model.metadata['Training Data'])
    for name, value in printed['Metrics'].items():
        assert round(told[f'reid/{name}'], 1) == value
    page = path.with_name('README.md').read_text('utf-8')
    assert f'`{model.name}`' in page
    assert 'never seen a real person' in page


def test_it_embeds_without_a_network(hub, capfd):
    model = init_model(NAME, pretrained=True)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 192, 96, 3), np.uint8)
    vectors = embed(model, [*pictures])
    assert vectors.shape == (2, 1536)
    assert vectors.isfinite().all()
    assert model.trained_on['dataset'] == 'SynthReID-mini'
    assert capfd.readouterr() == ('', '')
    assert not hub.exists()
    # The same model in every way of naming it.
    for network in (
        init_model(f'aanet/{NAME}.py', pretrained=True),
        init_model(f'aanet/{NAME}.py', NAME),
        init_model(checkpoint=NAME),
        init_model(packaged_file(find_model(NAME).packaged)),
    ):
        assert torch.equal(embed(network, [*pictures]), vectors)
    inferencer = ReIDInferencer(NAME, device='cpu', precision='float32')
    assert inferencer.name == NAME
    assert torch.equal(torch.from_numpy(inferencer([*pictures]).vectors), vectors)


def test_it_is_a_name_wherever_a_checkpoint_is(hub):
    content = CheckpointLoader.load_checkpoint(NAME)
    assert content['state_dict']['backbone.conv1.weight'].dtype == torch.float16
    source = load_for_command(NAME).checkpoint.source
    assert source == str(packaged_file(find_model(NAME).packaged))
    assert not hub.exists()


def test_files_of_ones_own_come_first(tmp_path):
    trained = init_model(f'aanet/{NAME}.py')
    torch.save(dict(state_dict=trained.state_dict()), tmp_path / 'a.pth')
    model = init_model(NAME, weights_file=tmp_path / 'a.pth')
    assert torch.equal(model.backbone.conv1.weight, trained.backbone.conv1.weight)
    torch.save(dict(theirs=torch.ones(2)), tmp_path / 'b.pth')
    with pytest.raises(NoWeightsError, match=r'^\S+b\.pth is none of mmreid'):
        init_model(NAME, weights_file=tmp_path / 'b.pth')


def test_a_package_that_is_not_whole_is_told():
    known = find_model(NAME).packaged
    with pytest.raises(NoWeightsError, match=r'none\.safetensors must come with'):
        packaged_file(Packaged('none.safetensors', known.sha256, 'Apache-2.0'))
    with pytest.raises(
        WrongWeightsError, match=f'must have the SHA-256 0+, got {known.sha256}'
    ):
        packaged_file(known._replace(sha256='0' * 64))


def test_the_list_tells_where_they_are(capsys, monkeypatch):
    from mmreid.cli import list_models as command

    monkeypatch.setattr('sys.argv', ['models', NAME])
    command.main()
    assert re.search(rf'{NAME}.*Apache-2\.0 +in the package', capsys.readouterr().out)
    monkeypatch.setattr('sys.argv', ['models', NAME, '--json'])
    command.main()
    (told,) = json.loads(capsys.readouterr().out)
    assert told['packaged']['sha256'] == find_model(NAME).packaged.sha256
    assert told['source'] is None
