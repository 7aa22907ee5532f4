"""What is left out of mmengine's log."""

import logging

from mmengine.runner import LogProcessor, Runner

from mmreid.registry import LOG_PROCESSORS

# mmengine warns of its own calls, which no config of ours can change.
_DEPRECATIONS = (
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias of',
)


@LOG_PROCESSORS.register_module()
class ScalarLogProcessor(LogProcessor):
    """Writes a validation's numbers to the log, and not the dicts among its metrics.

    The protocol stamp takes 600 characters. The metric has written it to the log in
    words, and it stays in the JSON files of a test. Where several data sets were
    evaluated, each has a line of its own. Takes the parent's arguments.
    """

    def get_log_after_epoch(
        self, runner: Runner, batch_idx: int, mode: str, with_non_scalar: bool = False
    ) -> tuple[dict, str]:
        """Return the values and the line of the log.

        Args:
            runner (Runner): Holds the log's history.
            batch_idx (int): Index of the batch in the loop.
            mode (str): ``'val'`` or ``'test'``.
            with_non_scalar (bool): Whether the values hold more than numbers.
                Defaults to False.

        Returns:
            tuple[dict, str]: Values by name, and the line.
        """
        get_log = super().get_log_after_epoch
        values, line = get_log(runner, batch_idx, mode, with_non_scalar)
        everything, _ = get_log(runner, batch_idx, mode, True)
        for name, value in everything.items():
            if isinstance(value, dict):
                line = line.replace(f'  {name}: {value}', '')
        loop = runner.val_loop if mode == 'val' else runner.test_loop
        return values, self._give_lines(line, values, list(getattr(loop, 'sets', ())))

    def _give_lines(self, line: str, values: dict, sets: list[str]) -> str:
        """Move the numbers of each of several data sets to a line of its own."""
        lines = []
        for name in sets:
            items = []
            for key, value in values.items():
                if key.startswith(f'{name}/') and not isinstance(value, dict):
                    if isinstance(value, float):
                        value = f'{value:.{self.num_digits}f}'
                    line = line.replace(f'  {key}: {value}', '')
                    items.append(f'{key.removeprefix(f"{name}/")}: {value}')
            if items:
                lines.append('  '.join([f'    {name:<{max(map(len, sets))}}', *items]))
        return '\n'.join([line, *lines])


def _is_news(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_DEPRECATIONS)


def hide_deprecations(logger: logging.Logger) -> None:
    """Drop the warnings by which mmengine tells its developers of its own calls.

    Args:
        logger (logging.Logger): The log of a run.
    """
    logger.addFilter(_is_news)
