"""From embeddings to numbers that say what was measured.

``test_set.py`` is the one shape of a test set and explains its labels; ``rules.py`` has
every option of a ranking (protocol, distance, pooling; what ``rerank`` may hold, and
its defaults, is in ``functional/re_ranking/options.py``); ``boosters.py`` does what
they ask for to vectors and distances before these are ranked; ``result.py`` makes the
scores and the columns of the table of queries, ``stamp.py`` the protocol stamp and
``stamp_words.py`` all that is printed of it; ``rank_lists.py`` finds the first answers.
``metrics/`` collects from the Runner, ``features/`` reads and writes files,
``functional/`` is mathematics alone.

A new protocol: who is right in ``functional/ranking/relevance.py``, its name in
``rules.py``, its words in ``describe_junk`` of ``stamp.py`` and ``explain_no_match`` of
``stamp_words.py``; a label that it compares and no image has yet, in ``test_set.py``. A
new score: a column of fractions in ``QueryTable.of``, computed in
``functional/ranking``. A new option: a field of ``RankingRules`` and an argument of
``ReIDMetric``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmreid.evaluation.metrics import DumpEmbeddings, EmbeddingMetric, ReIDMetric

__all__ = ['DumpEmbeddings', 'EmbeddingMetric', 'ReIDMetric']


def __getattr__(name: str) -> Any:
    """Import the metrics where they are asked for: mathematics needs no mmengine."""
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from mmreid.evaluation import metrics

    return getattr(metrics, name)
