"""Networks written as files for other runtimes.

``program.py`` captures a network with all that stands between a picture of the right
size and a vector; ``recipe.py`` finds what comes before, the resizing. ``writing.py``
writes files, whatever their kind, and stamps facts into them; ``onnx_file.py``,
``openvino_file.py`` and ``torch_file.py`` are the kinds. ``triton.py`` lays a file out
for a server.
"""

from mmreid.deploy.export.program import capture
from mmreid.deploy.export.recipe import find_recipe
from mmreid.deploy.export.triton import find_triton_place, write_triton
from mmreid.deploy.export.writing import FORMATS, endings_of, parts_of, stamp, write

__all__ = [
    'FORMATS',
    'capture',
    'endings_of',
    'find_recipe',
    'find_triton_place',
    'parts_of',
    'stamp',
    'write',
    'write_triton',
]
