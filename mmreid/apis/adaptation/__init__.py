"""A model adapted to somebody's own pictures, nobody having named a person.

``adapting.adapt_model`` is the way in; it takes ``options.AdaptOptions`` and goes
through ``steps.py``, of which each is a file: ``folder.py`` reads the pictures,
``start.py`` the model, ``vectors.py`` embeds the pictures by it, ``clusters.py`` finds
clusters, ``training.py`` trains on them and ``adapted_file.py`` writes what an
embedding needs of that, ``labelled.py`` measures the models before and after where
there are labels, and ``page`` chooses what the page shows. ``work_folder.py`` keeps a
folder to one set of settings, so that the same command goes on where it was stopped;
``plan.py`` says beforehand what will be done, and ``sentences.py`` says the rest.
"""

from mmreid.apis.adaptation.adapting import Adapted, adapt_model
from mmreid.apis.adaptation.options import AdaptOptions, Clustering

__all__ = ['AdaptOptions', 'Adapted', 'Clustering', 'adapt_model']
