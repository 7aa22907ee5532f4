"""What became of an export, in plain Python and as text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmreid.deploy import ExportedFacts
from mmreid.deploy.export import parts_of
from mmreid.deploy.gate import Judgement
from mmreid.deploy.precision import PrecisionReport
from mmreid.files import to_json


@dataclass(frozen=True)
class Exported:
    """What became of an export.

    Attributes:
        path: The file; None where it was refused.
        report: The judgement as JSON, beside the file or where that would be.
        judgement: How the file's ranking compares with the network's.
        facts: What the file tells of itself.
        reduction: Of int8: what the library did, and which layers it left in float.
        speed: Of bfloat16 and int8: how many times as many pictures a second it takes
            as the same in float32, by the same runtime in the same run.
        triton: The model in Triton's layout; None where it was not asked for.
    """

    path: Path | None
    report: Path
    judgement: Judgement
    facts: ExportedFacts
    reduction: PrecisionReport | None = None
    speed: float | None = None
    triton: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        facts = self.facts
        return to_json(
            dict(
                path=self.path,
                report=self.report,
                triton=self.triton,
                name=facts.name,
                model_key=facts.model_key,
                source_key=facts.source_key,
                dim=facts.dim,
                precision=facts.precision,
                speed=self.speed,
                reduction=self.reduction and self.reduction.to_dict(),
                judgement=self.judgement.to_dict(),
            ),
            str,
        )

    def explain(self) -> str:
        """Lay it out as text: the judgement, and what is where."""
        lines = [self.judgement.explain(), '']
        if self.reduction is not None:
            lines += [self.reduction.explain(), '']
        if self.path is None:
            return '\n'.join([*lines, f'refused; report: {self.report}'])
        size = sum(part.stat().st_size for part in parts_of(self.path)) / 1e6
        lines += [f'written: {self.path} ({size:.1f} MB); report: {self.report}']
        facts = self.facts
        if self.speed is not None:
            lines.append(f'speed: {self.speed:.2f} times that of float32, in this run')
        if facts.model_key != facts.source_key:
            lines.append(
                'Its vectors are not to be mixed with those of the network: they have '
                "the key of another model, and the network's threshold is left out. "
                'Make galleries with this file, and fit a threshold to those (mmreid '
                'threshold GALLERY).'
            )
        if self.triton is not None:
            lines += [f'model repository for Triton: {self.triton}']
        return '\n'.join(lines)
