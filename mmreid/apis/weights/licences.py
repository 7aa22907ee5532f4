"""What published weights may be used for, said before they are fetched."""

import os
import re
import sys

from mmreid.apis.model_names.published_model import PublishedModel, Source
from mmreid.apis.weights.errors import LicenceError

#: Names of the models whose terms a user has agreed to, with commas between.
CONSENT = 'MMREID_ACCEPT_LICENCE'
_FORBIDDEN = (
    (re.compile(r'(^|-)NC(-|$)'), 'commercial use is forbidden'),
    (re.compile(r'^A?GPL'), 'what is built with them must be published, too'),
)


def describe_terms(model: PublishedModel) -> str:
    """Say in plain words what a model's weights may be used for.

    Args:
        model (PublishedModel): Of which weights are published.

    Returns:
        str: Sentences.
    """
    source = model.source
    assert source is not None
    data = model.metadata.get('Training Data', 'unknown data')
    data = ' and '.join(data) if isinstance(data, list | tuple) else data
    return (
        f'{model.name}: weights of {source.code}. {_terms(source)} What they were '
        f'trained on ({data}) has terms of its own.'
    )


def _terms(source: Source) -> str:
    """Say what the licence of a source means."""
    if source.license == 'NONE':
        text = (
            'No licence: the source has no licence file, so nobody but its authors has '
            'a right to use them; ask the authors before anything beyond a trial.'
        )
    else:
        forbids = [what for sign, what in _FORBIDDEN if sign.search(source.license)]
        text = f'Licence {source.license}{"".join(f"; {what}" for what in forbids)}.'
    if source.use == 'research':
        text += ' For research only: any other use, a commercial one too, is forbidden.'
    if source.use == 'agreement':
        text += ' They may be used only after an agreement with their authors.'
    return text


def show_terms(model: PublishedModel, accepted: bool = False) -> None:
    """Print what weights may be used for, on stderr, before they are fetched.

    Args:
        model (PublishedModel): Of which weights are published.
        accepted (bool): The user has agreed to the terms. Defaults to False, unless
            the environment's :data:`CONSENT` has the model's name.

    Raises:
        LicenceError: There has to be an agreement first, and the user has not said
            that there is one.
    """
    terms = describe_terms(model)
    print(terms, file=sys.stderr)
    accepted = accepted or model.name in os.environ.get(CONSENT, '').split(',')
    assert model.source is not None
    if model.source.use == 'agreement' and not accepted:
        raise LicenceError(
            f'{terms} Once you have one, say so: --accept-licence, accept_licence=True '
            f'in Python, or {CONSENT}={model.name} in the environment.'
        )
