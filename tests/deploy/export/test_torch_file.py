"""What a ``.pt2`` file tells of the machine that has made it."""

import sys
from pathlib import Path

import torch
from tiny_exported import make_facts

from mmreid.deploy import open_exported
from mmreid.deploy.export.torch_file import write_torch
from mmreid.deploy.runtimes.torch_archive import read_entries


class Exact(torch.nn.Module):
    """A part of it is computed in float32 alone, as blocks of networks are."""

    def forward(self, pictures):
        x = pictures.float()
        with torch.autocast('cpu', enabled=False):
            x = x.softmax(1).mul(x)
        return x.mean((1, 2))


def test_no_file_tells_where_it_was_made(tmp_path):
    pictures = torch.zeros((2, 8, 4, 3), dtype=torch.uint8)
    program = torch.export.export(Exact(), (pictures,))
    parts = [m for m in program.graph_module.modules() if hasattr(m, 'graph')]
    assert len(parts) == 2
    write_torch(program, tmp_path / 'a.pt2', make_facts())
    for content in read_entries(tmp_path / 'a.pt2').values():
        for place in (Path(__file__).parents[3], sys.prefix, tmp_path):
            assert str(place).encode() not in content
    assert open_exported(tmp_path / 'a.pt2')(pictures.numpy()).shape == (2, 3)
