"""The command ``mmreid``: finds the module of a subcommand and runs it.

Each module of the table has ``make_parser()`` and ``main()``, and reads ``sys.argv``.
Only the one that was asked for is imported.
"""

import sys
import traceback
from importlib import import_module
from pathlib import Path

import mmreid
from mmreid.cli.command import command
from mmreid.nearest_names import end_with_hint, nearest_name

#: Title -> command -> the module below ``mmreid.cli`` that it runs, and what it does.
GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    # The room `answers`.
    'From pictures to answers': {
        'embed': ('answers.embed', 'compute the vectors of pictures or of boxes'),
        'gallery': (
            'answers.gallery',
            'keep vectors of persons in a file, and find who is in it',
        ),
        'browse': (
            'answers.browse',
            'search a gallery in the browser, and mark what is right',
        ),
        'follow': (
            'answers.follow',
            'tell who is who in the videos of one camera or several',
        ),
        'threshold': (
            'answers.threshold',
            'find the distance that keeps an error rate',
        ),
        'same': ('answers.same', 'tell whether two pictures show one person'),
    },
    'Models': {
        'models': ('list_models', 'list the models that have a name'),
        'convert': (
            'model_converters.convert',
            'turn a file of another program into a checkpoint',
        ),
        'publish': (
            'model_converters.publish_model',
            'make a trained checkpoint small and fit to give away',
        ),
        'export': (
            'model_converters.export',
            'write a model for ONNX Runtime, OpenVINO or torch',
        ),
        'flops': (
            'analysis_tools.get_flops',
            "count a model's parameters and multiply-adds",
        ),
        'benchmark-runtimes': (
            'analysis_tools.benchmark_runtimes',
            'measure how fast a model is by PyTorch, ONNX, OpenVINO',
        ),
    },
    'Data': {
        'crops': ('answers.crops', 'cut boxes of a video out, as a data set'),
        'check': (
            'dataset_converters.check_dataset',
            'check whether data sets are whole and consistent',
        ),
        'synthreid': (
            'dataset_converters.make_synthreid',
            'render a small data set, to try things on',
        ),
        'scene': (
            'dataset_converters.make_synthscene',
            'render persons before several cameras, with their boxes',
        ),
        'convert-cuhk03': (
            'dataset_converters.convert_cuhk03',
            "write CUHK03's pictures and tables, from what is published",
        ),
    },
    'Training': {
        'train': ('train', 'train a model from a config'),
        'adapt': (
            'adapt',
            'adapt a model to your own pictures, without labels',
        ),
        'test': ('test', 'evaluate a model on the test data of a config'),
        'repeat': ('repeat', 'train and test several times, and average'),
        'study': ('study', 'train many methods, and tell what differences are worth'),
        'launch': (
            'launcher',
            'start several processes, as torchrun does',
        ),
        'dist-train': (
            'processes.dist_train',
            'train in several processes of this machine, or of several',
        ),
        'dist-test': ('processes.dist_test', 'test in several processes'),
        'slurm-train': ('processes.slurm_train', 'train as a job of Slurm'),
        'slurm-test': ('processes.slurm_test', 'test as a job of Slurm'),
        'demo': ('demo', 'render data, train on it, test, and show what was learned'),
        'try-trunks': ('analysis_tools.try_trunks', 'try many trunks of timm'),
        'benchmark-training': (
            'analysis_tools.benchmark_training',
            'measure how fast a config trains',
        ),
    },
    'Results': {
        'evaluate': (
            'analysis_tools.evaluate_features',
            'evaluate a file of features, of whatever program',
        ),
        'time-prior': (
            'analysis_tools.time_prior',
            'learn when who is seen by one camera is seen by another',
        ),
        'compare': (
            'analysis_tools.compare_results',
            'compare results on the same queries, with intervals',
        ),
        'report': (
            'analysis_tools.report',
            'write a page: scores, curves, and all queries with answers',
        ),
        'plot-logs': ('analysis_tools.plot_logs', 'draw trainings in one picture'),
    },
    'Pictures of what a network looks at': {
        'attention-map': (
            'visualization.attention_map',
            'draw where attention blocks look',
        ),
        'grad-cam': ('visualization.grad_cam', 'draw what made two pictures alike'),
        'part-activation': (
            'visualization.part_activation',
            'draw what the parts of a network answer to',
        ),
        'receptive-field': (
            'visualization.receptive_field',
            'draw what a pixel of the map sees',
        ),
    },
}
#: Command -> the module that it runs, and what it does.
COMMANDS: dict[str, tuple[str, str]] = {
    name: (f'mmreid.cli.{module}', text)
    for group in GROUPS.values()
    for name, (module, text) in group.items()
}


def format_help() -> str:
    """List the commands.

    Returns:
        str: The commands in groups, each with what it does.
    """
    width = max(map(len, COMMANDS)) + 2
    lines = ['usage: mmreid COMMAND ...', '']
    lines += ['Person re-identification: train, test, and use the models.']
    for title, group in GROUPS.items():
        lines += ['', f'{title}:'] if group else []
        lines += [f'  {name:<{width}}{text}' for name, (_, text) in group.items()]
    lines += ['', '"mmreid COMMAND --help" tells what a command takes.']
    return '\n'.join(lines)


def add_clone() -> None:
    """Let configs of a clone import its ``projects``, as the commands of tools/ do."""
    root = Path(mmreid.__file__).parents[1]
    if (root / 'projects').is_dir() and str(root) not in sys.path:
        sys.path.append(str(root))


@command
def main() -> None:
    """Run the command that ``sys.argv`` names."""
    words = sys.argv[1:]
    if not words or words[0] in ('-h', '--help', 'help'):
        print(format_help())
        return
    name = words[0]
    if name == '--version':
        print(f'mmreid {mmreid.__version__}')
        return
    if name not in COMMANDS:
        hint = end_with_hint(nearest_name(name, COMMANDS))
        kind = 'option' if name.startswith('-') else 'command'
        print(
            f'mmreid: there is no {kind} {name!r}{hint}\n'
            '"mmreid --help" lists the commands.',
            file=sys.stderr,
        )
        sys.exit(2)
    add_clone()
    sys.argv = [f'mmreid {name}', *words[1:]]
    try:
        import_module(COMMANDS[name][0]).main()
    except Exception:
        # Python's own status, 1, means here that some inputs have failed.
        traceback.print_exc()
        sys.exit(2)
