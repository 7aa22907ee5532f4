"""The one way in which OpenVINO's files are written, whoever has made the network.

:func:`save_network` writes one, :func:`keep_facts` first gives it what the file tells
that it was made of.
"""

from pathlib import Path
from typing import Any

from mmreid.deploy.facts import KEY, WEIGHTS_KEY
from mmreid.files import digest_of
from mmreid.optional import import_optional

# Stands where the digest of the weights will, once they are written.
_UNKNOWN = 'sha-256 of the weights'


def save_network(network: Any, path: Path, *, halve: bool = False) -> None:
    """Write an ``.xml`` file that tells the digest of its ``.bin``.

    Args:
        network (openvino.Model): The network, its facts included.
        path (Path): The ``.xml`` file.
        halve (bool): Store weights as float16, which OpenVINO does unasked, silently.
            Defaults to False.

    Raises:
        ImportError: openvino is not installed.
    """
    openvino = import_openvino()
    if network.has_rt_info(['conversion_parameters']):  # paths of this machine
        del network.rt_info['conversion_parameters']
    # Also in place of that of the file that the network was made of.
    network.set_rt_info(_UNKNOWN, [WEIGHTS_KEY])
    openvino.save_model(network, path, compress_to_fp16=halve)
    digest = digest_of(path.with_suffix('.bin'))
    text = path.read_text('utf-8')
    path.write_text(text.replace(_UNKNOWN, digest), 'utf-8', newline='\n')


def keep_facts(source: Any, target: Any) -> None:
    """Give a network the facts of another.

    Args:
        source (openvino.Model): Of an ``.xml`` file, or of an ``.onnx`` file, in which
            facts lie elsewhere.
        target (openvino.Model): The other.
    """
    for place in ([KEY], ['framework', KEY]):
        if source.has_rt_info(place):
            target.set_rt_info(source.get_rt_info(place).value, [KEY])
            return


def import_openvino() -> Any:
    """Import OpenVINO, to write its files.

    Returns:
        Any: The package.

    Raises:
        ImportError: It is not installed.
    """
    return import_optional('openvino', 'Writing OpenVINO files')
