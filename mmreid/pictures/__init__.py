"""Picture files, read alike wherever they are read; needs OpenCV and NumPy alone.

``decoding.py`` makes a picture of a file's content: ``whole_files.py`` tells files that
are cut short, ``bit_depth.py`` makes 8 of 16 bits. ``LoadImage`` of ``mmreid.datasets``
and the runtimes of ``mmreid.deploy`` read by these.
"""

from mmreid.pictures.bit_depth import bits_used, to_eight_bits
from mmreid.pictures.decoding import decode
from mmreid.pictures.whole_files import check_whole, is_whole_png

__all__ = ['bits_used', 'check_whole', 'decode', 'is_whole_png', 'to_eight_bits']
