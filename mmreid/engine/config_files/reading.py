"""Reading a config file, with an error that tells where it is wrong."""

import copy
import os
import re
import tempfile
import traceback
from pathlib import Path

from mmengine.config import Config

from mmreid.engine.config_files.parsing import parse_again
from mmreid.engine.config_files.sources import read_sources
from mmreid.engine.config_files.variables import check_names
from mmreid.nearest_names import end_with_hint, nearest_name

_ENDINGS = ('.py', '.json', '.yaml', '.yml')


class ConfigFileError(ValueError):
    """A config file cannot be read or executed."""


def load_config(path: str | Path | Config) -> Config:
    """Read a config file and check that something reads what it says.

    Args:
        path (str | Path | Config): The file; a config is copied.

    Returns:
        Config: Its content.

    Raises:
        ConfigFileError: It cannot be read or executed.
        UnknownNameError: Nothing reads a name in it.
        OSError: It is not there, or the folder for temporary files is full.
    """
    if isinstance(path, Config):
        return copy.deepcopy(path)
    path = os.path.expanduser(path)
    if not path.endswith(_ENDINGS):
        raise ConfigFileError(
            f'{path} must be a config, a file that ends in one of {_ENDINGS}; tools '
            'take the config first and the checkpoint second.'
        )
    try:
        cfg = parse_again(lambda: Config.fromfile(path))
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        # mmengine reads copies of the files, which it writes there.
        folder = tempfile.gettempdir()
        reason = f'{error.strerror}; {path} is read by way of a copy there'
        raise type(error)(error.errno, reason, folder) from error
    except UnicodeDecodeError as error:
        raise ConfigFileError(
            f'{path} or a config that it inherits is not UTF-8 text ({error.reason} at '
            f'byte {error.start}); save it in UTF-8.'
        ) from error
    except SyntaxError as error:
        raise ConfigFileError(_explain_syntax(path, error)) from error
    except (AttributeError, KeyError, NameError, TypeError, IndexError) as error:
        raise ConfigFileError(_explain_failure(path, error)) from error
    check_names(cfg, path)
    return cfg


def _explain_syntax(path: str, error: SyntaxError) -> str:
    """Say where the file is no python."""
    if '\ufeff' in (error.text or '') or 'U+FEFF' in str(error):
        return (
            f'{path} or a config that it inherits begins with a byte order mark, as '
            'editors on Windows write it; save it as UTF-8 without BOM.'
        )
    return f'{path} or a config that it inherits is no python: {error}.'


def _explain_failure(path: str, error: Exception) -> str:
    """Say in which line of which file a config fails, and what it may have meant."""
    frames = traceback.extract_tb(error.__traceback__)
    files = {source.path: source for source in read_sources(path)}
    lines = [f for f in frames if os.path.realpath(f.filename) in files]
    where = f'{lines[-1].filename}, line {lines[-1].lineno}' if lines else path
    text = f'{where}: {type(error).__name__}: {error}'
    missing = re.findall(r"'(\w+)'", str(error))
    names = {name for source in files.values() for name in source.assigned}
    near = nearest_name(missing[-1], names - {missing[-1]}) if missing else ''
    return text + end_with_hint(near)
