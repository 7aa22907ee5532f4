"""Models as they are inside the wrapper of a distributed training."""

from typing import Any

from mmengine.model import is_model_wrapper


def unwrap_model(model: Any) -> Any:
    """Return the model inside a distributed wrapper.

    Args:
        model (Any): A model, wrapped or not.

    Returns:
        Any: The same model without wrapper.
    """
    return model.module if is_model_wrapper(model) else model
