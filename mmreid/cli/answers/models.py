"""The model of a command line, ready to embed."""

from argparse import Namespace
from typing import Any


def make_inferencer(args: Namespace, model: str, **options: Any) -> Any:
    """Load the model that a command names.

    Args:
        args (Namespace): With what ``flags.add_weights`` and ``flags.add_device``
            declare, and ``checkpoint``.
        model (str): The model's name, its config or a checkpoint.
        **options (Any): Further ones of ``ReIDInferencer``.

    Returns:
        Any: A ``ReIDInferencer``.
    """
    from mmreid import apis
    from mmreid.apis.model_names.index import is_name

    network: Any = model
    if args.weights_file or args.accept_licence:
        network = apis.init_model(
            model,
            args.checkpoint,
            pretrained=args.checkpoint is None
            and is_name(model)
            and not args.weights_file,
            weights_file=args.weights_file,
            accept_licence=args.accept_licence,
        )
    return apis.ReIDInferencer(
        network,
        args.checkpoint if network is model else None,
        args.device,
        batch_size=args.batch_size,
        precision=args.precision,
        **options,
    )
