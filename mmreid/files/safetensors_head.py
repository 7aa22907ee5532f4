"""The head of a .safetensors file, which says what is in it."""

import io
from typing import IO, Any

from mmreid.files.json_file import parse_json


def read_safetensors_head(file: IO[bytes], name: str) -> dict[str, Any]:
    """Read the head of a .safetensors file.

    Args:
        file (IO[bytes]): The file, at its beginning; it is left where the tensors
            begin.
        name (str): What errors call it.

    Returns:
        dict[str, Any]: ``dtype``, ``shape`` and ``data_offsets`` of each tensor by
        name, and the file's metadata as ``__metadata__``, a dict in any case.

    Raises:
        ValueError: It is no head of such a file.
    """
    length = int.from_bytes(file.read(8), 'little')
    start = file.tell()
    if length > file.seek(0, io.SEEK_END) - start:
        raise ValueError(f'{name} ends within its head; it is damaged or incomplete.')
    file.seek(start)
    head = parse_json(file.read(length), name)
    if not isinstance(head, dict) or not isinstance(
        head.setdefault('__metadata__', {}), dict
    ):
        raise ValueError(f'{name} has no head of a .safetensors file.')
    return head
