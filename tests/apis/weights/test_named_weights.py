"""A name gives config, weights and preprocessing."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.runner import CheckpointLoader
from named_clone import NAME, file_of, torchreid_weights
from torch.nn import functional as F

import mmreid
from mmreid.apis import embed, find_config, init_model
from mmreid.apis.weights import (
    FetchError,
    LicenceError,
    NoWeightsError,
    WrongWeightsError,
    load_named,
)
from mmreid.apis.weights.errors import CacheError
from mmreid.apis.weights.fetching import folder
from mmreid.engine import CheckpointError, UnreadableCheckpointError, load_config
from mmreid.engine.checkpoints import place_of
from mmreid.registry import MODELS

FILE = '/files/model.pth.tar'


def files_in(path: Path) -> list[str]:
    return sorted(p.name for p in path.rglob('*') if p.is_file())


def files_of_hub() -> list[str]:
    """What was kept, but for the locks."""
    kept = files_in(Path(torch.hub.get_dir()))
    return [name for name in kept if not name.endswith('.lock')]


def test_a_name_embeds(clone, capsys):
    model = init_model(NAME, pretrained=True)
    said = capsys.readouterr().err
    assert (
        'deep-person-reid. Licence MIT. What they were trained on (Market-1501)' in said
    )
    assert model.trained_on == dict(dataset='Market-1501')
    # The config's preprocessing, and what only the metafile knows: stride and pool.
    crop = np.random.default_rng(0).integers(0, 256, (64, 32, 3), np.uint8)
    x = torch.from_numpy(crop[..., ::-1].copy()).permute(2, 0, 1)[None].float()
    maps = model.backbone((x - 127.5) / 127.5)[-1]
    assert maps.shape[-2:] == (4, 2)
    expected = F.normalize(maps.amax((2, 3)), dim=1)
    got = F.normalize(embed(model, [crop]), dim=1)
    assert torch.allclose(got, expected, atol=1e-5)
    weight = model.backbone.conv1.weight
    assert torch.equal(weight, clone.weights['conv1.weight'])
    # Fetched, said and converted once.
    assert init_model(NAME, pretrained=True).trained_on == model.trained_on
    assert clone.server.asked == [FILE]
    assert NAME not in capsys.readouterr().err  # its terms are said once
    assert len(files_in(folder() / 'converted')) == 1


def test_a_name_wherever_a_checkpoint_is(clone, tmp_path):
    (tmp_path / NAME).mkdir()  # a folder of the same name is no file
    content = CheckpointLoader.load_checkpoint(NAME)
    assert content['meta']['name'] == NAME
    assert content['meta']['license'] == 'MIT'
    assert content['meta']['source'] == 'model.pth.tar'
    for model in (init_model(NAME, NAME), init_model(checkpoint=NAME)):
        assert model.cfg.model.head.branches.whole.pool.mode == 'max'
    # A config of one's own stays what it says.
    own = clone.root / 'own.py'
    own.write_text(f"_base_ = '{clone.root}/configs/tiny/tiny.py'\n")
    model = init_model(own, NAME)
    assert model.cfg.model.head.branches.whole.pool.mode == 'avg'
    # A converted file tells its config.
    kept = next(folder().rglob('*.pth'))
    assert init_model(checkpoint=kept).cfg.model.head.branches.whole.pool.mode == 'max'
    assert find_config(NAME) == clone.root / 'configs/tiny/tiny.py'


def test_a_file_instead_of_the_network(clone, tmp_path):
    file = tmp_path / 'theirs.pth'
    whole = torch.nn.Module()
    whole.module = torch.nn.Module()
    wrapped = {f'module.{name}': value for name, value in clone.weights.items()}
    for content in (clone.weights, wrapped, {'model': wrapped}):
        torch.save(content, file)
        model = init_model(NAME, weights_file=file)
        weight = clone.weights['conv1.weight']
        assert torch.equal(model.backbone.conv1.weight, weight)
    # A checkpoint of ours, converted or published.
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'ours.pth')
    init_model(NAME, weights_file='ours.pth')
    init_model('tiny_r18_none', weights_file='ours.pth')
    from mmreid.apis import publish_checkpoint

    kept = next(folder().rglob('*.pth'))
    published = publish_checkpoint(kept, tmp_path / 'ours.safetensors')
    assert published.meta['license'] == 'MIT'
    for by in (dict(config=NAME, weights_file=published.path), {}):
        model = init_model(**(by or dict(checkpoint=published.path)))
        assert model.cfg.model.head.branches.whole.pool.mode == 'max'
    assert torch.equal(model.backbone.conv1.weight, weight)
    assert clone.server.asked == []
    with pytest.raises(FileNotFoundError):
        init_model(NAME, weights_file='nowhere.pth')


def test_a_file_put_into_its_place(clone):
    clone.write_metafile(Page=True, Weights='https://example.org/page')
    with pytest.raises(FetchError, match='needs a browser') as caught:
        init_model(NAME, pretrained=True)
    place = folder() / f'{NAME}.pth'
    for part in ('https://example.org/page', '--weights-file FILE', str(place)):
        assert part in str(caught.value)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(clone.server.answers[FILE].content)
    init_model(NAME, pretrained=True)
    assert clone.server.asked == []


@pytest.mark.parametrize('host', ['drive.google.com/file/d/1', 'pan.baidu.com/s/1'])
def test_pages_are_not_fetched(clone, host):
    clone.write_metafile(Weights=f'https://{host}')
    with pytest.raises(FetchError, match=rf'Get the file from https://{host}'):
        CheckpointLoader.load_checkpoint(NAME)


def test_behind_a_firewall(clone):
    clone.write_metafile(Weights=f'{clone.server.address}/files/other.pth')
    with pytest.raises(FetchError, match=r'404.*and put it at') as caught:
        init_model(NAME, pretrained=True)
    place = folder() / f'{NAME}.pth'
    assert str(place) in str(caught.value)
    assert '--weights-file FILE' in str(caught.value)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(clone.server.answers[FILE].content)
    init_model(NAME, pretrained=True)


def test_a_cache_that_cannot_be_written_is_told(clone, tmp_path, monkeypatch):
    torch.save(clone.weights, tmp_path / 'a.pth')
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'a.pth'))
    monkeypatch.setattr(torch.hub, '_hub_dir', None)
    with pytest.raises(CacheError, match=r'tiny.*could not be kept at .*TORCH_HOME'):
        init_model(NAME, weights_file=tmp_path / 'a.pth')


def test_a_checkpoint_alone_says_nothing_but_its_errors(clone, tmp_path, capfd):
    init_model(NAME, pretrained=True)
    from mmreid.apis import publish_checkpoint

    kept = next(folder().rglob('*.pth'))
    published = publish_checkpoint(kept, tmp_path / 'a.safetensors')
    capfd.readouterr()
    assert init_model(published.path).cfg.model.head.branches.whole.pool.mode == 'max'
    assert capfd.readouterr() == ('', '')


def test_a_checksum_is_compared(clone):
    digest = hashlib.sha256(clone.server.answers[FILE].content).hexdigest()
    clone.write_metafile(SHA256='0' * 64)
    with pytest.raises(FetchError, match='SHA-256 should begin with 000'):
        init_model(NAME, pretrained=True)
    assert files_of_hub() == []
    clone.write_metafile(SHA256=digest)
    init_model(NAME, pretrained=True)


@pytest.mark.parametrize(
    ('content', 'error', 'message'),
    [
        (b'<html>404</html>', UnreadableCheckpointError, 'cannot be read as a'),
        (
            'truncated',
            UnreadableCheckpointError,
            'incomplete.*should be the file of ht',
        ),
        (
            dict(width=8),
            WrongWeightsError,
            r'another net.*8, 3.*instead of.*4, 3',
        ),
        (dict(depth='3463'), WrongWeightsError, r'one for --cfg-options.*depth=34'),
        ('rrid', WrongWeightsError, "have the names of RRID's authors"),
        (
            'nobody',
            WrongWeightsError,
            r'is not the file of tiny_r18_market: .*holds stem.weight \(2 x 2\)\.',
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize('is_given', [False, True])
def test_other_files(clone, tmp_path, content, error, message, is_given):
    if isinstance(content, dict):
        content = file_of(torchreid_weights(**content))
    elif content == 'truncated':
        content = clone.server.answers[FILE].content[:-4000]
    elif content == 'rrid':
        names = ('base.conv1.weight', 'local_6_conv_list.0.0.weight')
        content = file_of({name: torch.ones(2, 2) for name in names})
    elif content == 'nobody':
        content = file_of({'stem.weight': torch.ones(2, 2)})
    given = tmp_path / 'given.pth'
    given.write_bytes(content)
    clone.server.answers[FILE] = clone.server.answers[FILE]._replace(content=content)
    with pytest.raises(error, match=message):
        init_model(NAME, pretrained=True, weights_file=given if is_given else None)
    # Nothing half-written, and nothing that would be taken next time.
    assert files_of_hub() == []
    assert given.exists()


def test_names_that_are_none(clone):
    with pytest.raises(CheckpointError, match='did you mean tiny_r18_market'):
        CheckpointLoader.load_checkpoint('tiny_r18_marke')
    with pytest.raises(FileNotFoundError, match='did you mean tiny_r18_market'):
        init_model('tiny_r18_marke')
    with pytest.raises(FileNotFoundError, match='check the path'):
        CheckpointLoader.load_checkpoint('work_dirs/tiny_r18_market')
    with pytest.raises(NoWeightsError, match=r'Train it: python tools/train\.py'):
        init_model('tiny_r18_none', pretrained=True)
    with pytest.raises(ValueError, match='checkpoint must not be given beside'):
        init_model(NAME, NAME, pretrained=True)
    with pytest.raises(ValueError, match='config must be given'):
        init_model()


@pytest.mark.parametrize(
    ('source', 'said'),
    [
        (dict(License='NONE'), 'nobody but its authors has a right to use them'),
        (dict(License='MIT', Use='research'), 'a commercial one too, is forbidden'),
        (dict(License='CC-BY-NC-4.0'), 'CC-BY-NC-4.0; commercial use is forbidden'),
    ],
)
def test_terms_are_said_in_plain_words(clone, capsys, source, said):
    clone.write_metafile(**source)
    init_model(NAME, pretrained=True)
    assert said in capsys.readouterr().err


def test_an_agreement_comes_first(clone, monkeypatch, capsys):
    clone.write_metafile(Use='agreement')
    for ask in (init_model, load_named):
        with pytest.raises(LicenceError, match=r'agreement.*--accept-licence'):
            ask(NAME, pretrained=True)
    assert clone.server.asked == []
    load_named(NAME, pretrained=True, accept_licence=True)
    assert clone.server.asked == [FILE]
    place_of(f'{clone.server.address}{FILE}').unlink()
    monkeypatch.setenv('MMREID_ACCEPT_LICENCE', f'other,{NAME}')
    CheckpointLoader.load_checkpoint(NAME)


def test_a_new_converter_makes_it_anew(clone, monkeypatch):
    from mmreid.apis.weights import kept_conversions

    load_named(NAME, pretrained=True)
    monkeypatch.setattr(kept_conversions, '_converter', lambda: 'another')
    load_named(NAME, pretrained=True)
    assert len(files_in(folder() / 'converted')) == 2
    assert clone.server.asked == [FILE]


@pytest.mark.parametrize(
    'option', ['model.type=os.system', 'custom_imports=x', "model.a={'type': 'b'}"]
)
def test_a_file_cannot_choose_code(clone, tmp_path, option):
    meta = dict(config_file='configs/tiny/tiny.py', options=[option])
    torch.save(dict(state_dict=clone.weights, meta=meta), tmp_path / 'a.pth')
    with pytest.raises(WrongWeightsError, match='Give the config yourself'):
        init_model(checkpoint=tmp_path / 'a.pth')
    outside = tmp_path / 'evil.py'
    outside.write_text('raise SystemExit\n')
    for name in (str(outside), '../../evil.py'):
        torch.save(dict(state_dict={}, meta=dict(config_file=name)), tmp_path / 'a.pth')
        with pytest.raises(WrongWeightsError, match='does not tell its config'):
            init_model(checkpoint=tmp_path / 'a.pth')


def test_a_trunk_is_no_model(clone, tmp_path):
    weights = {k: v for k, v in clone.weights.items() if 'classifier' not in k}
    content = file_of(weights)
    clone.server.answers[FILE] = clone.server.answers[FILE]._replace(content=content)
    clone.write_metafile(Layout='torchvision', Options=None)
    with pytest.raises(WrongWeightsError, match=rf'checkpoint={NAME}'):
        init_model(NAME, pretrained=True)
    cfg = load_config(find_config(NAME)).model.backbone
    cfg.init_cfg = dict(type='Pretrained', checkpoint=NAME)
    trunk = MODELS.build(cfg)
    trunk.init_weights()
    assert torch.equal(trunk.conv1.weight, clone.weights['conv1.weight'])


@pytest.mark.slow
def test_processes_wait_for_each_other(clone):
    """The second one finds what the first has fetched."""
    program = (
        'import sys, torch, mmreid\n'
        'mmreid.__file__, hub = sys.argv[1:]\n'
        'torch.hub.set_dir(hub)\n'
        'from mmreid.apis import load_named\n'
        f'print(load_named({NAME!r}, pretrained=True).checkpoint.source)\n'
    )
    words = [sys.executable, '-c', program, mmreid.__file__, torch.hub.get_dir()]
    running = [
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    told = {process.communicate()[0].splitlines()[-1] for process in running}
    assert len(told) == 1
    assert Path(told.pop()).is_file()
    assert clone.server.asked == [FILE]
    assert len(files_in(folder() / 'converted')) == 1
