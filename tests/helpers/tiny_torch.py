"""A ``.pt2`` file such as an export writes, made of next to no network."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tiny_exported import make_facts

from mmreid.deploy import ExportedFacts
from mmreid.deploy.export.torch_file import write_torch
from mmreid.deploy.runtimes.torch_archive import pack_entries, read_entries


class _Mean(torch.nn.Module):
    """A picture's mean colour, with a weight and a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3), requires_grad=False)
        self.constant = torch.zeros(3)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.float().mean((1, 2)) * self.weight + self.constant


def write_tiny_torch(path: Path, facts: ExportedFacts | None = None) -> ExportedFacts:
    """Write a ``.pt2`` file of ``tiny_exported``'s vectors."""
    facts = facts or make_facts()
    pictures = torch.zeros((2, facts.height, facts.width, 3), dtype=torch.uint8)
    sizes = ({0: torch.export.Dim('batch', min=1, max=99)},)
    program = torch.export.export(_Mean(), (pictures,), dynamic_shapes=sizes)
    write_torch(program, path, facts)
    return facts


def change_entries(
    path: Path, target: Path, change: Callable[[dict[str, bytes]], Any]
) -> Path:
    """Write a file with other entries, beside one that stays."""
    entries = read_entries(path)
    change(entries)
    target.write_bytes(pack_entries(entries))
    return target


def change_graph(path: Path, target: Path, change: Callable[[Any], Any]) -> Path:
    """Write a file with another graph."""

    def with_graph(entries: dict[str, bytes]) -> None:
        model = json.loads(entries['models/model.json'])
        change(model)
        entries['models/model.json'] = json.dumps(model).encode()

    return change_entries(path, target, with_graph)
