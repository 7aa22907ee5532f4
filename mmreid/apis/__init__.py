"""What a program calls: networks from configs, results, costs, pictures.

``model.py`` makes a network of a config and a checkpoint, which ``inferencer.py`` gives
anything that shows persons (its parts are in ``inference/``) and ``embedding.py``
pictures, both prepared as ``test_pipeline.py`` says. With its vectors,
``embedding_files/`` makes files, ``galleries/`` fills and asks galleries, ``follow/``
joins boxes to identities and ``decisions/`` says yes or no; ``picture_table.py`` has
what tables say of pictures. Other rooms: ``model_names/`` and ``weights/`` (models by
name), ``conversion/`` (from other programs), ``export/`` (for other runtimes),
``file_models/`` (exported files in the place of networks), ``trunks/`` (timm's, tried),
``adaptation/`` (to pictures without labels), ``evaluate/``, ``draw/``, ``cost/``,
``runs/`` and ``publish/``.
"""

from mmreid.apis.adaptation import Adapted, AdaptOptions, adapt_model
from mmreid.apis.conversion import convert_checkpoint
from mmreid.apis.cost.complexity import Cost, count_config, count_parts
from mmreid.apis.decisions import (
    MeasuredPairs,
    SamePerson,
    measure_features,
    measure_pictures,
    same_person,
)
from mmreid.apis.draw.attention_maps import (
    AttentionView,
    draw_attention_maps,
    view_attention,
)
from mmreid.apis.draw.grad_cams import draw_grad_cams
from mmreid.apis.draw.part_activations import draw_part_activations
from mmreid.apis.draw.pictures import Picture, find_pictures, prepare_pictures
from mmreid.apis.draw.rank_lists import draw_rank_lists
from mmreid.apis.draw.receptive_fields import (
    BlockView,
    draw_receptive_fields,
    view_blocks,
)
from mmreid.apis.embedding import embed
from mmreid.apis.evaluate.analyses import (
    Analyses,
    analyze_features,
    evaluate_features,
)
from mmreid.apis.evaluate.comparing.comparison import Comparison, compare_results
from mmreid.apis.evaluate.comparing.comparison_text import format_comparison
from mmreid.apis.evaluate.comparing.corrections import correct_comparisons
from mmreid.apis.evaluate.intervals import Resampling
from mmreid.apis.evaluate.result_files import load_methods, load_results
from mmreid.apis.export import Exported, ExportOptions, export_model, judge_file
from mmreid.apis.file_models import check_recipe, is_run_by_file, refuse_exported
from mmreid.apis.inference.records import Embeddings, Failure, Source
from mmreid.apis.inferencer import ReIDInferencer
from mmreid.apis.model import init_model
from mmreid.apis.model_names import config_path, find_config, find_model, list_models
from mmreid.apis.publish.published import Published
from mmreid.apis.publish.publishing import publish_checkpoint
from mmreid.apis.runs.evaluation_files import Outputs
from mmreid.apis.runs.plan import Run, plan_runs
from mmreid.apis.runs.summary import format_summary, summarize
from mmreid.apis.runs.training_logs import TrainingLog, plot_logs, read_log
from mmreid.apis.weights import load_for_command, load_named
from mmreid.evaluation.result import Result
from mmreid.files import to_json

__all__ = [
    'AdaptOptions',
    'Adapted',
    'Analyses',
    'AttentionView',
    'BlockView',
    'Comparison',
    'Cost',
    'Embeddings',
    'ExportOptions',
    'Exported',
    'Failure',
    'MeasuredPairs',
    'Outputs',
    'Picture',
    'Published',
    'ReIDInferencer',
    'Resampling',
    'Result',
    'Run',
    'SamePerson',
    'Source',
    'TrainingLog',
    'adapt_model',
    'analyze_features',
    'check_recipe',
    'compare_results',
    'config_path',
    'convert_checkpoint',
    'correct_comparisons',
    'count_config',
    'count_parts',
    'draw_attention_maps',
    'draw_grad_cams',
    'draw_part_activations',
    'draw_rank_lists',
    'draw_receptive_fields',
    'embed',
    'evaluate_features',
    'export_model',
    'find_config',
    'find_model',
    'find_pictures',
    'format_comparison',
    'format_summary',
    'init_model',
    'is_run_by_file',
    'judge_file',
    'list_models',
    'load_for_command',
    'load_methods',
    'load_named',
    'load_results',
    'measure_features',
    'measure_pictures',
    'plan_runs',
    'plot_logs',
    'prepare_pictures',
    'publish_checkpoint',
    'read_log',
    'refuse_exported',
    'same_person',
    'summarize',
    'to_json',
    'view_attention',
    'view_blocks',
]
