"""Networks in fewer bits, by the libraries' own tools, with the ranking as judge.

``quantize_onnx`` (``onnx_int8.py``) and ``quantize_openvino`` (``openvino_int8.py``)
are the ways in: both write an int8 file of a float32 one, leave layers in float32 where
the score demands it, and return a ``PrecisionReport``. OpenVINO's NNCF tries by itself;
``onnx_attempts.py`` does so for ONNX Runtime, in the order that ``onnx_errors.py``
finds. ``bfloat16.py`` halves a file. ``calibration.py`` chooses the pictures that tell
the ranges of maps; ``*_layers.py`` read in a graph what is in int8.
"""

from mmreid.deploy.precision.bfloat16 import halve_onnx, halve_openvino
from mmreid.deploy.precision.calibration import choose_calibration
from mmreid.deploy.precision.onnx_int8 import quantize_onnx
from mmreid.deploy.precision.openvino_int8 import quantize_openvino
from mmreid.deploy.precision.report import Attempt, PrecisionError, PrecisionReport

#: What writes files in less than float32, by the word of ``mmreid export --to``.
HALVES = dict(onnx=halve_onnx, openvino=halve_openvino)
QUANTIZERS = dict(onnx=quantize_onnx, openvino=quantize_openvino)

__all__ = [
    'HALVES',
    'QUANTIZERS',
    'Attempt',
    'PrecisionError',
    'PrecisionReport',
    'choose_calibration',
    'halve_onnx',
    'halve_openvino',
    'quantize_onnx',
    'quantize_openvino',
]
