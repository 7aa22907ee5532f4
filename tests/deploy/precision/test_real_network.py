import numpy as np
import pytest
from tiny_exported import make_facts

from mmreid.apis import init_model
from mmreid.deploy import open_exported
from mmreid.deploy.export import capture, write
from mmreid.deploy.precision import quantize_onnx, quantize_openvino

HEIGHT, WIDTH = 192, 96


@pytest.mark.slow
@pytest.mark.parametrize(
    ('to', 'ending', 'quantize'),
    [('onnx', '.onnx', quantize_onnx), ('openvino', '.xml', quantize_openvino)],
)
def test_a_network_of_the_project_in_int8(tmp_path, to, ending, quantize):
    network = init_model('bot_r18_synthmini')
    facts = make_facts(dim=256, height=HEIGHT, width=WIDTH)
    source = tmp_path / f'float{ending}'
    write(capture(network, HEIGHT, WIDTH), to, source, facts)
    rng = np.random.default_rng(0)
    coarse = rng.uniform(0, 255, (20, HEIGHT // 16, WIDTH // 16, 3))
    pictures = coarse.repeat(16, axis=1).repeat(16, axis=2).astype(np.uint8)
    exact = open_exported(source)(pictures)

    def validate(embed):
        """100 where the vectors are those of the float32 file."""
        given = embed(pictures)
        lengths = np.linalg.norm(given, axis=1) * np.linalg.norm(exact, axis=1)
        return 100 * float(((given * exact).sum(1) / lengths).mean())

    target = tmp_path / f'int8{ending}'
    report = quantize(source, target, [pictures], validate=validate, max_drop=1.0)
    assert len(report.int8_layers) >= 18
    exported = open_exported(target)
    assert exported.facts == facts
    assert validate(exported) >= 99
