"""What a program calls: networks from configs, results, costs, pictures."""

from mmreid.apis.analysis import Analyses, analyze_features
from mmreid.apis.comparison import Comparison, compare_results
from mmreid.apis.complexity import Cost, count_parts
from mmreid.apis.complexity_report import count_config
from mmreid.apis.evaluation import evaluate_features
from mmreid.apis.model import find_config, init_model
from mmreid.apis.outputs import Outputs, to_json
from mmreid.apis.rank_lists import draw_rank_lists
from mmreid.apis.resampling import Resampling
from mmreid.apis.results import Result, load_methods, load_results
from mmreid.apis.run_plan import Run, plan_runs
from mmreid.apis.run_summary import format_summary, summarize

__all__ = [
    'Analyses',
    'Comparison',
    'Cost',
    'Outputs',
    'Resampling',
    'Result',
    'Run',
    'analyze_features',
    'compare_results',
    'count_config',
    'count_parts',
    'draw_rank_lists',
    'evaluate_features',
    'find_config',
    'format_summary',
    'init_model',
    'load_methods',
    'load_results',
    'plan_runs',
    'summarize',
    'to_json',
]
