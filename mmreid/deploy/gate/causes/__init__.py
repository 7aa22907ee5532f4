"""Why a file's vectors are wrong: what they tell, and what an experiment finds.

``advice.py`` has the words, and what to try for each; a new cause begins there.
``of_vectors.py`` looks at both sets of vectors alone. ``suspects.py`` names the mistake
by which the network gives the file's vectors: ``mistaken_runs.py`` has the network make
each, ``preparations.py`` has those of preparing pictures, and ``rounding.py`` what a
reduced precision does by itself.
"""

from mmreid.deploy.gate.causes.advice import ADVICE
from mmreid.deploy.gate.causes.of_vectors import find_vector_cause
from mmreid.deploy.gate.causes.suspects import Experiment, Match, find_cause

__all__ = ['ADVICE', 'Experiment', 'Match', 'find_cause', 'find_vector_cause']
