"""Every method's network as a file: other runtimes compute the vectors of PyTorch."""

from pathlib import Path

import pytest
import torch
from random_networks import draw_pictures, random_network, vectors_of
from tiny_exported import convert_onnx, make_facts

from mmreid.deploy import open_exported
from mmreid.deploy.export import capture, write

CONFIGS = Path(__file__).parents[2] / 'configs'
PAPERS = (
    'ianet/ianet_r18_synthmini',
    'airnet/airnet_r18_synthmini',
    'rrid/rrid_r18_synthmini',
    'aanet/aanet_r18_synthmini',
    'sonanet/sonanet_r18_synthmini',
)
# Of other trunks: tokens with a jigsaw, shifted windows.
TOKENS = 'transreid/transreid_vit-tiny_synthmini'
WINDOWS = 'solider/solider_swin-nano_synthmini'
# Of each method that which its paper reports on Market-1501; animals have other data.
PUBLISHED = (
    'aanet/aanet_r50_market',
    'agw/agw_r50_market',
    'airnet/airnet_r50_market',
    'airnet/airnet_r50-ibn_market',
    'animals/megadescriptor-t-224',
    'animals/miewid-msv3',
    'bot/bot_r50_market',
    'bot/bot_timm_market',
    'clip_reid/clip-reid_r50_market',
    'clip_reid/clip-reid_vit-b_market',
    'ianet/ianet_r50_market',
    'ianet/ianet_googlenet_market',
    'lightmbn/lightmbn_osnet_market',
    'mgn/mgn_r50_market',
    'osnet/osnet_x1_0_market',
    'osnet/osnet_ain_x1_0_market',
    'pass/pass_vit-b_market',
    'pcb/pcb_r50_market',
    'pcl_clip/pcl-clip_vit-b_market',
    'personvit/personvit_vit-b_market',
    'rrid/rrid_r50_market',
    'sbs/sbs_r50_market',
    'solider/solider_swin-t_market',
    'sonanet/sonanet_r50_market',
    'transreid/transreid_vit-b_market',
    'transreid/transreid-jpm_vit-b_market',
    'transreid_ssl/transreid-ssl_vit-b-ics_market',
)
SMALL = sorted(
    path.relative_to(CONFIGS).with_suffix('').as_posix()
    for path in CONFIGS.glob('*/*_synthmini.py')
)
QUICK = PAPERS
# Of each kind of trunk one; dynamo had failed at the first.
COMPILED = ('airnet/airnet_r18_synthmini', TOKENS)
COMPILED_SLOWLY = tuple(name for name in (*PAPERS, WINDOWS) if name not in COMPILED)
SLOW = [name for name in (*SMALL, *PUBLISHED) if name not in QUICK]
LOWEST_COSINE = 0.99999


def slow(names):
    return [pytest.param(name, marks=pytest.mark.slow) for name in names]


def config(name):
    return str(CONFIGS / f'{name}.py')


@pytest.mark.parametrize('name', [*QUICK, *slow(SLOW)])
def test_files_give_the_vectors_of_the_network(name, tmp_path):
    model, (height, width) = random_network(config(name))
    batches = [draw_pictures(count, (height, width)) for count in (1, 2, 5)]
    wanted = [vectors_of(model, batch).double() for batch in batches]
    facts = make_facts(dim=wanted[0].shape[1], height=height, width=width)
    files = [tmp_path / 'network.onnx', tmp_path / 'network.xml']
    write(capture(model, height, width), 'onnx', files[0], facts)
    convert_onnx(files[0], files[1], facts)
    for file in files:
        exported = open_exported(file, threads=1)
        for batch, vectors in zip(batches, wanted, strict=True):
            found = torch.from_numpy(exported(batch.numpy())).double()
            assert found.isfinite().all()
            cosines = torch.cosine_similarity(found, vectors)
            drawn = slice(0, 3)  # then a black and a white picture
            assert cosines[drawn].min() >= LOWEST_COSINE, (exported.runtime, len(batch))
            # OpenVINO's instance norms sum equal numbers less precisely.
            assert cosines.min() >= 0.999
            # Cosines do not see a factor.
            error = (found - vectors)[drawn].abs().max()
            assert error <= 2e-3 * vectors[drawn].abs().max()


def test_no_method_is_left_out():
    methods = {path.parent.name for path in CONFIGS.glob('*/*.py')} - {'_base_'}
    assert {name.partition('/')[0] for name in (*SMALL, *PUBLISHED)} == methods
    assert all(Path(config(name)).is_file() for name in (*QUICK, *PUBLISHED))


@pytest.mark.parametrize('name', [*COMPILED, *slow(COMPILED_SLOWLY)])
def test_the_network_compiles_to_one_graph(name):
    model, size = random_network(config(name))
    torch.compiler.reset()
    # Code need not be generated to show that nothing falls back to Python.
    whole = torch.compile(model.embed, fullgraph=True, backend='eager')
    x = torch.randn(2, 3, *size)
    assert torch.equal(whole(x), model.embed(x))
