"""The archives of ``torch.export``, made such that nothing in them can be run.

``torch.export.load`` runs what is in a file in many ways: it unpickles constants and
sample inputs, has sympy evaluate the sizes of tensors, executes guards and a program
that it writes from the names in the graph, imports modules that a tree of arguments
names, and loads shared libraries (torch 2.12, ``torch/export/pt2_archive/_package.py``
and ``torch/_export/serde/serialize.py``). None of it is needed for a network. Here the
archive is read with Python's own library, all that is not plain is refused, and of the
rest a new archive is made, which torch is given: it sees no byte but those.
"""

import io
import json
import re
import zipfile
from pathlib import Path

from mmreid.deploy.facts import KEY, ExportedFileError
from mmreid.deploy.runtimes.torch_graph import (
    RefusedGraphError,
    check_tensors,
    clean_graph,
)
from mmreid.files import parse_json

#: Where the facts are.
FACTS = f'extra/{KEY}'
_GRAPH = 'models/model.json'
_TENSORS = dict(
    weights='data/weights/model_weights_config.json',
    constants='data/constants/model_constants_config.json',
)
# A pickle, which is left out: nothing needs a sample.
_SAMPLE = 'data/sample_inputs/model.pt'
_KNOWN = re.compile(
    r'archive_format|archive_version|byteorder|\.data/(version|serialization_id)'
    r'|\.format_version|\.storage_alignment|data/weights/weight_\d+'
    r'|data/constants/tensor_\d+|'
    + '|'.join(map(re.escape, (FACTS, _GRAPH, _SAMPLE, *_TENSORS.values())))
)


def read_entries(path: Path) -> dict[str, bytes]:
    """Read a ``.pt2`` file, whatever is in it.

    Args:
        path (Path): The file.

    Returns:
        dict[str, bytes]: By name within the archive's one folder.

    Raises:
        ExportedFileError: It is no such archive, or a damaged one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > path.stat().st_size:
                raise ExportedFileError(
                    f'{path} is packed, as no .pt2 file is; export it again.'
                )
            if not infos or min(info.header_offset for info in infos):
                # Of a file that was cut off, an archive within it is found.
                raise zipfile.BadZipFile('its end is missing')
            found = [(info.filename, archive.read(info)) for info in infos]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ExportedFileError(
            f'{path} is no whole .pt2 file ({error}): it is damaged or something else. '
            'Copy it again, or export the model again.'
        ) from error
    entries = {name.partition('/')[2]: content for name, content in found}
    if len(entries) < len(found) or len({n.partition('/')[0] for n, _ in found}) != 1:
        raise ExportedFileError(
            f'{path} is no .pt2 file of torch.export, which has one folder with all '
            'that is in it. Export the model with "mmreid export".'
        )
    return entries


def pack_entries(entries: dict[str, bytes]) -> bytes:
    """Write a ``.pt2`` file.

    Args:
        entries (dict[str, bytes]): As of :func:`read_entries`.

    Returns:
        bytes: The content of the file.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            # Of no moment, so that the same content is the same file.
            archive.writestr(zipfile.ZipInfo(f'model/{name}'), content)
    return file.getvalue()


def read_safely(path: Path) -> tuple[bytes, str]:
    """Read a ``.pt2`` file as one that torch can load without running anything.

    Args:
        path (Path): The file.

    Returns:
        tuple[bytes, str]: The content of such a file, and the text of the facts.

    Raises:
        ExportedFileError: It is damaged, none of mmreid's, or holds what could be run.
    """
    entries = read_entries(path)
    if FACTS not in entries:
        raise ExportedFileError.without_facts(path)
    for name in entries:
        if not _KNOWN.fullmatch(name):
            raise _refusal(path, f'it holds {name[:80]!r}')
    for name in (_GRAPH, *_TENSORS.values()):
        if name not in entries:
            raise ExportedFileError(f'{path} lacks {name!r}; export it again.')
    try:
        facts = entries[FACTS].decode()
        model = parse_json(entries[_GRAPH], str(path))
        clean_graph(model)
        entries[_GRAPH] = json.dumps(model).encode()
        for folder, name in _TENSORS.items():
            config = parse_json(entries[name], str(path))
            check_tensors(config, entries, folder)
            entries[name] = json.dumps(config).encode()
    except RefusedGraphError as error:
        raise _refusal(path, str(error)) from None
    except ValueError as error:  # of JSON and of texts
        raise ExportedFileError(f'{path} is damaged ({error}); export it again.') from (
            error
        )
    entries[_SAMPLE] = b''
    return pack_entries(entries), facts


def _refusal(path: Path, why: str) -> ExportedFileError:
    return ExportedFileError(
        f'{path} is refused: {why}, which no network needs and which could run code. '
        'Nothing of it was run. Take a file of "mmreid export" from somebody you trust.'
    )
