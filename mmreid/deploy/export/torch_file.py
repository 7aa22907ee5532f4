"""Captured networks as files of ``torch.export``, which need torch and nothing else."""

import io
import warnings
from pathlib import Path

import torch
from torch.export import ExportedProgram
from torch.fx import GraphModule

from mmreid.deploy.facts import KEY, ExportedFacts
from mmreid.deploy.runtimes.torch_archive import FACTS, pack_entries, read_entries
from mmreid.files import whole_file


def write_torch(program: ExportedProgram, path: Path, facts: ExportedFacts) -> None:
    """Write a ``.pt2`` file.

    Args:
        program (ExportedProgram): Of :func:`~.program.capture`.
        path (Path): The file.
        facts (ExportedFacts): What it tells of itself.
    """
    # Parts that are computed in float32 alone are graphs of their own.
    graphs = [m for m in program.graph_module.modules() if isinstance(m, GraphModule)]
    for node in [node for graph in graphs for node in graph.graph.nodes]:
        node.meta.pop('stack_trace', None)  # it names files of this machine
    with warnings.catch_warnings():
        # Weights that are parts of one tensor, which is not saved whole.
        warnings.filterwarnings('ignore', 'No complete tensor found')
        # Where the disk is full, torch's own writer ends the whole process.
        content = io.BytesIO()
        torch.export.save(program, content, extra_files={KEY: facts.to_json()})
    with whole_file(path) as unfinished:
        unfinished.write_bytes(content.getbuffer())


def stamp_torch(path: Path, facts: ExportedFacts) -> None:
    """Write other facts into a ``.pt2`` file.

    Args:
        path (Path): The file, changed in place.
        facts (ExportedFacts): The facts.
    """
    entries = {**read_entries(path), FACTS: facts.to_json().encode()}
    with whole_file(path) as unfinished:
        unfinished.write_bytes(pack_entries(entries))
