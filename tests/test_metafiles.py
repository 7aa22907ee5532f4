"""Every metafile says what models are, and where weights are from and may be used."""

import copy
import functools
import re
from pathlib import Path

import pytest
import yaml
from mmengine.registry import init_default_scope

from mmreid.apis.conversion import FACTS, LAYOUTS
from mmreid.apis.cost.complexity import count_parts
from mmreid.apis.model_names.index import list_models
from mmreid.engine import load_config
from mmreid.registry import MODELS

ROOT = Path(__file__).parents[1]
METAFILES = sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob('configs/*/meta*'))
ADDRESS = re.compile(r'https://[\w.-]+/\S+')
# What an entry has; True where it must.
COLLECTION = {'Name': True, 'Paper': False, 'README': True, 'Code': False}
MODEL = {
    'Name': True,
    'In Collection': True,
    'Config': True,
    'Metadata': True,
    'Results': False,
    'Converted From': False,
    'In Package': False,
}
METADATA = {'Training Data': True, 'Parameters': False, 'FLOPs': False}
RESULT = {'Task': True, 'Dataset': True, 'Metrics': True, 'Protocol': True}
SOURCE = {
    'Weights': True,
    'Code': True,
    'License': True,
    'Layout': True,
    'Use': False,
    'SHA256': False,
    'Page': False,
    'Options': False,
}
PACKAGED = {'File': True, 'SHA256': True, 'License': True}
USES = ('research', 'agreement')


@functools.cache
def read(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text('utf-8'))


def check_keys(entry: dict, known: dict[str, bool]) -> None:
    assert entry.keys() <= known.keys()
    assert {key for key, needed in known.items() if needed} <= entry.keys()


def models() -> list:
    """All entries, each with its file."""
    return [(path, entry) for path in METAFILES for entry in read(path)['Models']]


def by_name(value) -> str:
    return value['Name'] if isinstance(value, dict) else Path(value).parent.name


def test_the_index_lists_the_metafiles():
    assert read('model-index.yml') == {'Import': METAFILES}


def test_openmmlab_reads_it():
    reader = pytest.importorskip('modelindex.load_model_index')
    index = reader.load(str(ROOT / 'model-index.yml'))
    index.build_models_with_collections()
    assert {model.name for model in index.models} == set(list_models())


def test_names_are_unique():
    names = [entry['Name'] for _, entry in models()]
    assert sorted(names) == sorted(set(names))
    assert all(re.fullmatch(r'[\w.+-]+', name) for name in names)
    # A name is not taken for a file.
    assert not [n for n in names if n.endswith(('.py', '.pth', '.safetensors', '.yml'))]
    collections = [c['Name'] for path in METAFILES for c in read(path)['Collections']]
    assert len(collections) == len(set(collections))


@pytest.mark.parametrize('path', METAFILES)
def test_collections(path):
    content = read(path)
    assert content.keys() == {'Collections', 'Models'}
    for collection in content['Collections']:
        check_keys(collection, COLLECTION)
        assert (ROOT / collection['README']).is_file()
        paper = collection.get('Paper', {})
        assert paper.keys() <= {'Title', 'URL'}
        for address in (paper.get('URL'), collection.get('Code')):
            assert address is None or ADDRESS.fullmatch(address)


@pytest.mark.parametrize(('path', 'entry'), models(), ids=by_name)
def test_models(path, entry):
    check_keys(entry, MODEL)
    assert entry['In Collection'] in [c['Name'] for c in read(path)['Collections']]
    assert (ROOT / entry['Config']).is_file()
    assert not Path(entry['Config']).name.startswith('_')
    metadata = entry['Metadata']
    check_keys(metadata, METADATA)
    data = metadata['Training Data']
    data = data if isinstance(data, list) else [data]
    assert data
    assert all(isinstance(name, str) for name in data)
    for key in ('Parameters', 'FLOPs'):
        assert isinstance(metadata.get(key, 1), int)
    for result in entry.get('Results', ()):
        check_keys(result, RESULT)
        assert isinstance(result['Protocol'], str)
        assert result['Metrics']
        for value in result['Metrics'].values():
            assert 0 <= value <= 100


@pytest.mark.parametrize(
    ('path', 'entry'), [m for m in models() if 'Results' in m[1]], ids=by_name
)
def test_the_page_has_the_printed_numbers(path, entry):
    page = (ROOT / path).with_name('README.md').read_text('utf-8')
    told = set(map(float, re.findall(r'\d+\.\d', page)))
    for result in entry['Results']:
        assert set(result['Metrics'].values()) <= told


@pytest.mark.parametrize(
    ('path', 'entry'), [m for m in models() if 'Converted From' in m[1]], ids=by_name
)
def test_sources(path, entry):
    source = entry['Converted From']
    check_keys(source, SOURCE)
    assert ADDRESS.fullmatch(source['Weights'])
    assert ADDRESS.fullmatch(source['Code'])
    assert re.fullmatch(r'[A-Za-z0-9.+-]+', source['License'])
    assert source.get('Use', 'research') in USES
    assert re.fullmatch(r'[0-9a-f]{64}', source.get('SHA256', '0' * 64))
    assert source.get('Page', True) is True
    assert source['Layout'] in LAYOUTS
    for name, value in source.get('Options', {}).items():
        assert str(value) in FACTS[name].choices
    assert 'Parameters' in entry['Metadata']


@pytest.mark.parametrize(
    'entry', [e for _, e in models() if 'In Package' in e], ids=by_name
)
def test_packaged(entry):
    packaged = entry['In Package']
    check_keys(packaged, PACKAGED)
    assert re.fullmatch(r'[0-9a-f]{64}', packaged['SHA256'])
    assert packaged['License'] == 'Apache-2.0'  # the package's own
    assert 'Converted From' not in entry
    assert {'Results', 'Metadata'} <= entry.keys()
    assert entry['Metadata']['Parameters'] == count(build(entry['Config']))


@pytest.mark.slow
@pytest.mark.parametrize(
    'entry', [e for _, e in models() if 'Converted From' in e], ids=by_name
)
def test_the_config_is_the_network_of_the_weights(entry):
    """By parameters, of what an embedding needs or of a trunk alone."""
    network = build(entry['Config'])
    known = [count(network), count(network.backbone)]
    assert entry['Metadata']['Parameters'] in known


@pytest.mark.slow
@pytest.mark.parametrize(
    ('config', 'flops'),
    sorted(
        {
            (entry['Config'], entry['Metadata']['FLOPs'])
            for _, entry in models()
            if 'FLOPs' in entry['Metadata']
        }
    ),
)
def test_multiply_adds_are_counted_ones(config, flops):
    """Of pictures of the size that the config tests with."""
    pipeline = load_config(ROOT / config).test_dataloader.dataset.pipeline
    width, height = next(step.scale for step in pipeline if step.type == 'Resize')
    network = copy.deepcopy(build(config)).to('meta')
    assert count_parts(network, (height, width))['total'].macs == flops


def count(network) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@functools.cache
def build(config: str):
    cfg = load_config(ROOT / config)
    init_default_scope(cfg.default_scope)
    cfg.model.head.num_classes = None
    cfg.model.backbone.pop('init_cfg', None)
    return MODELS.build({'data_preprocessor': cfg.data_preprocessor, **cfg.model})


def test_the_package_reads_what_is_written():
    known = list_models()
    assert [*known] == [entry['Name'] for _, entry in models()]
    for _, entry in models():
        model = known[entry['Name']]
        assert model.config == entry['Config']
        source = entry.get('Converted From')
        assert (model.source is None) == (source is None)
        assert (model.packaged is None) == ('In Package' not in entry)
        if source is not None:
            told = dict(model.source.options)
            assert told == {k: str(v) for k, v in source.get('Options', {}).items()}
            assert model.source.weights == source['Weights']
