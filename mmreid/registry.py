"""The registries of mmreid, each a child of mmengine's registry of the same name.

A type of mmengine or mmcv is found without a prefix; one of mmpretrain is written
with its own, as in ``type='mmpretrain.LabelSmoothLoss'``.
"""

from mmengine import registry as _root
from mmengine.registry import Registry


def _child(parent: Registry, *locations: str) -> Registry:
    """Create the mmreid node below a root registry, filled on first use."""
    modules = [f'mmreid.{location}' for location in locations]
    return Registry(parent.name, parent=parent, scope='mmreid', locations=modules)


DATASETS = _child(_root.DATASETS, 'datasets')
DATA_SAMPLERS = _child(_root.DATA_SAMPLERS, 'datasets')
TRANSFORMS = _child(_root.TRANSFORMS, 'datasets')
MODELS = _child(_root.MODELS, 'models', 'deploy.exported_network')
HOOKS = _child(_root.HOOKS, 'engine')
OPTIM_WRAPPERS = _child(_root.OPTIM_WRAPPERS, 'engine')
OPTIM_WRAPPER_CONSTRUCTORS = _child(_root.OPTIM_WRAPPER_CONSTRUCTORS, 'engine')
PARAM_SCHEDULERS = _child(_root.PARAM_SCHEDULERS, 'engine')
LOOPS = _child(_root.LOOPS, 'engine')
LOG_PROCESSORS = _child(_root.LOG_PROCESSORS, 'engine')
METRICS = _child(_root.METRICS, 'evaluation.metrics')
VISUALIZERS = _child(_root.VISUALIZERS, 'visualization')

# Nothing of ours yet, but mmengine warns on every use of a node that a scope lacks.
for _parent in (
    _root.EVALUATOR,
    _root.FUNCTIONS,
    _root.MODEL_WRAPPERS,
    _root.OPTIMIZERS,
    _root.RUNNERS,
    _root.VISBACKENDS,
    _root.WEIGHT_INITIALIZERS,
):
    _child(_parent)
