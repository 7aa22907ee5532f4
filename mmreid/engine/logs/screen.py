"""Which records of a run's log the screen shows, and in which form."""

import logging
import sys
from types import FrameType

from termcolor import colored

from mmreid.engine.logs.screen_lines import ScreenLine

# Whose records are for the file: environment, config, hooks, initialisation, options
# of parameter groups.
_LIBRARIES = {'mmengine', 'mmpretrain', 'mmcv'}
# Where they speak of the run's progress, or of what a config has asked for: module, or
# module and function.
_NEWS = {
    ('mmengine.hooks.logger_hook',),
    ('mmengine.hooks.checkpoint_hook',),
    ('mmengine.hooks.early_stopping_hook',),
    ('mmengine.hooks.profiler_hook',),
    ('mmengine.optim.scheduler.param_scheduler',),
    ('mmengine.runner.runner', 'load_checkpoint'),
    ('mmengine.runner.runner', 'resume'),
    ('mmengine.runner.runner', 'scale_lr'),
    ('mmengine.runner.runner', '_maybe_compile'),
}
# What these say beside it: names and folders are in the first lines of the run.
_REPEATED = (
    'Exp name: ',
    'Checkpoints will be saved to ',
    'The previous best checkpoint ',
)
# Through which a record comes: not where it comes from.
_PASSAGES = {'logging', 'mmengine.logging.logger', __name__}

# mmengine warns of its own calls, which no config of ours can change.
_DEPRECATIONS = (
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias of',
)
_COLORS = {logging.WARNING: 'yellow', logging.ERROR: 'red', logging.CRITICAL: 'red'}


class ScreenFormatter(logging.Formatter):
    """Writes time and words, and of warnings and errors what they are.

    ``11/29 21:55:40  epoch 2/12  step 50/104  loss 3.102  ...``; mmengine's formatter
    names the log and the level in every line. In colours where the terminal has them.
    """

    def __init__(self) -> None:
        super().__init__('%(asctime)s  %(message)s', '%m/%d %H:%M:%S')

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the line of a record (the name of the method is logging's).

        Args:
            record (logging.LogRecord): The record, with ``asctime`` and ``message``.

        Returns:
            str: One line, or several where the message has several.
        """
        line = record.msg
        words = line.screen if isinstance(line, ScreenLine) else record.message
        if record.levelno >= logging.WARNING:
            color = _COLORS.get(record.levelno)
            words = f'{colored(record.levelname, color)}: {words}'
        return f'{record.asctime}  {words}'


def shorten_screen(logger: logging.Logger) -> None:
    """Leave what is about mmengine, and not about the run, to the log file.

    The screen shows every warning and error, what mmreid and a user's own code say, and
    of mmengine's records those of steps, validations, checkpoints and resuming, in
    short (:class:`ScreenLine`), and those of what a config asks for: schedules with
    ``verbose=True``, scaled rates, compiling, profiles. Handlers that write to files
    are left as they are.

    Args:
        logger (logging.Logger): The log of a run. One that is short stays so.
    """
    for handler in logger.handlers:
        is_file = isinstance(handler, logging.FileHandler)
        if isinstance(handler, logging.StreamHandler) and not is_file:
            handler.setFormatter(ScreenFormatter())
            handler.addFilter(_is_for_screen)


def hide_deprecations(logger: logging.Logger) -> None:
    """Drop the warnings by which mmengine tells its developers of its own calls.

    Args:
        logger (logging.Logger): The log of a run.
    """
    logger.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_DEPRECATIONS)


def _is_for_screen(record: logging.LogRecord) -> bool:
    if record.levelno >= logging.WARNING or isinstance(record.msg, ScreenLine):
        return True
    module, function = _origin()
    if module.partition('.')[0] not in _LIBRARIES:
        return True
    is_progress = (module,) in _NEWS or (module, function) in _NEWS
    return is_progress and not record.getMessage().startswith(_REPEATED)


def _origin() -> tuple[str, str]:
    """Name the module and the function that have logged the record of now.

    A record itself names ``print_log`` for all who call that.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get('__name__') in _PASSAGES:
        frame = frame.f_back
    if frame is None:
        return '', ''
    return str(frame.f_globals.get('__name__')), frame.f_code.co_name
