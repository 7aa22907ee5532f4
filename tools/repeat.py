"""Train and test a config several times and print mean and standard deviation.

Every split of a data set that is divided in several ways, every seed, or both. Each
run has a folder of its own; what is finished is not repeated, what was interrupted
continues.
"""

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--splits', help="splits of the data: 'all', or numbers such as '0-4,7'"
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[], help='seeds, e.g. 0 1 2'
    )
    parser.add_argument(
        '--checkpoint', help='test these weights in every run, without training'
    )
    parser.add_argument(
        '--work-dir', type=Path, help='default: work_dirs/CONFIG_repeated'
    )
    parser.add_argument('--gpus', type=int, default=1, help='processes of a run')
    parser.add_argument('--slurm', metavar='PARTITION', help='run as jobs of Slurm')
    parser.add_argument(
        '--parallel',
        type=int,
        help='runs at the same time (default: 1; with --slurm all, which queues them)',
    )
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='change the config of all runs',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


class Repetition:
    """Runs of a config, each with its folder.

    Args:
        args: The command line.
        has_training: Whether the config trains at all.
        text: The config as it stands, to recognise its runs by.
    """

    def __init__(self, args: argparse.Namespace, has_training: bool, text: str) -> None:
        self.args = args
        self.has_training = has_training and args.checkpoint is None
        self.text = text

    def run(self, name: str, number: int, varied: Sequence[str]) -> dict[str, Any]:
        """Train and test, or what is left of it; return what the test wrote."""
        folder = self.args.work_dir / name
        options = [*self.args.cfg_options, *varied]
        self.claim(folder, options)
        results = folder / 'results.json'
        if (found := read_json(results)) is not None:
            return found
        common = ['--work-dir', str(folder)]
        common += ['--cfg-options', *options] if options else []
        weights = [self.args.checkpoint] if self.args.checkpoint else []
        if self.has_training:
            self.start('train', name, number, [], ['--resume', *common])
            weights = [(folder / 'last_checkpoint').read_text('utf-8')]
        out = ['--out', str(results), *common]
        self.start('test', name, number, weights, out)
        return json.loads(results.read_text('utf-8'))

    def claim(self, folder: Path, options: Sequence[str]) -> None:
        """Note whose folder it is, or refuse one that is another's."""
        from mmreid.files import write_json

        words = [self.text, *options, str(self.args.checkpoint)]
        key = hashlib.sha256('\n'.join(words).encode()).hexdigest()
        mark = folder / 'run.json'
        if (known := read_json(mark)) is not None and known.get('key') != key:
            raise ValueError(
                f'{folder} holds a run of another config or with other options; give '
                'another --work-dir, or remove that folder'
            )
        folder.mkdir(parents=True, exist_ok=True)
        content = dict(key=key, config=self.args.config, options=[*options])
        write_json(mark, content)

    def start(
        self,
        task: str,
        name: str,
        number: int,
        weights: Sequence[str],
        options: Sequence[str],
    ) -> None:
        """Start the tool for a task, by the launcher that was asked for."""
        args, tools = self.args, ROOT / 'tools'
        command = [sys.executable, str(tools / f'{task}.py'), args.config, *weights]
        launched = task == 'train' or weights
        if args.slurm and launched:
            script = str(tools / f'slurm_{task}.sh')
            command = [script, args.slurm, name, args.config, *weights]
        elif args.gpus > 1 and launched:
            script = str(tools / f'dist_{task}.sh')
            command = [script, args.config, *weights, str(args.gpus)]
        command += options
        # Runs beside each other must not meet at one port, whose name depends on the
        # launcher.
        port = str(int(os.environ.get('PORT', '29500')) + number)
        environment = dict(
            os.environ,
            PYTHON=sys.executable,
            GPUS=str(args.gpus),
            PORT=port,
            MASTER_PORT=port,
        )
        print(f'$ {shlex.join(command)}', flush=True)
        subprocess.run(command, check=True, env=environment)


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file, None if it is not there or was cut short by a kill."""
    try:
        content = json.loads(path.read_text('utf-8'))
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def main() -> None:
    """Run, average, print."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import apis, engine
    from mmreid.files import write_json

    engine.expand_home(vars(args))
    kinds = (OSError, ValueError, subprocess.CalledProcessError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        cfg = engine.read_config(args.config, args.cfg_options)
        if args.work_dir is None:
            args.work_dir = Path(f'{cfg.work_dir}_repeated')
        runs = apis.plan_runs(cfg, args.splits, args.seeds)
        has_training = cfg.get('train_cfg') is not None
        repetition = Repetition(args, has_training, cfg.pretty_text)
        parallel = args.parallel or (len(runs) if args.slurm else 1)
        with ThreadPoolExecutor(max(1, parallel)) as pool:
            jobs = {
                run.name: pool.submit(repetition.run, run.name, number, run.options)
                for number, run in enumerate(runs)
            }
            try:
                results = {name: job.result() for name, job in jobs.items()}
            except BaseException:  # what fails once would fail again
                pool.shutdown(cancel_futures=True)
                raise
        summary = apis.summarize(results)
        out = args.work_dir / 'summary.json'
        write_json(out, summary)
    print(f'\n{apis.format_summary(summary)}\n\nwritten to {out}')


if __name__ == '__main__':
    main()
