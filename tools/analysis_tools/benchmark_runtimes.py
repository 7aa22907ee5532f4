"""Measure how fast a model computes vectors, by PyTorch, ONNX Runtime and OpenVINO."""

import sys
from pathlib import Path

# The clone itself, for `mmreid` without installation and for `projects`.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from mmreid.cli.analysis_tools.benchmark_runtimes import main

if __name__ == '__main__':
    main()
