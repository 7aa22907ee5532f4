"""The graph in a ``.pt2`` file, held to be names, numbers and known operators."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

# torch writes names into a program that it then executes; some arguments have none.
_NAME = re.compile(r'(?:(?!__)[A-Za-z_]\w*)?', re.ASCII)
_PATH = re.compile(r'(?:(?!__)\w+(?:\.(?!__)\w+)*)?', re.ASCII)
_VERSION = re.compile(r'[\w.+<=-]*', re.ASCII)
_OPERATOR = re.compile(
    r'torch\.ops\.aten\.(?P<name>\w+)\.\w+'
    r'|torch\.ops\.higher_order\.wrap_with_(?:autocast|set_grad_enabled)'
    r'|torch\.sym_\w+|_operator\.\w+|math\.\w+',
    re.ASCII,
)
# These read and write files.
_REFUSED_OPERATORS = ('from_file', 'save', 'load')
_PRIVATE_OPERATORS = (
    *('_assert_tensor_metadata', '_assert_scalar', '_to_copy', '_softmax'),
    *('_log_softmax', '_safe_softmax', '_native_multi_head_attention'),
)
# All texts that operators are given: how to round, to pad, to join.
_WORDS = {
    *('none', 'tanh', 'floor', 'trunc', 'constant', 'reflect', 'replicate'),
    *('circular', 'ij', 'xy', 'sum', 'prod', 'mean', 'amax', 'amin', 'cpu'),
}
_EQUATION = re.compile(r'[A-Za-z, ]*(?:\.\.\.)?[A-Za-z, ]*->[A-Za-z. ]*')
# Kinds of arguments and parts that no network of ours has.
_REFUSED_KEYS = (
    *('as_strings', 'as_operator', 'as_custom_obj', 'as_string_to_argument'),
    *('custom_obj', 'class_fqn', 'token', 'constant_input'),
)
_NAME_KEYS = ('name', 'as_name', 'forward_arg_names', 'user_input_name')
_NAMED = (
    *('tensor_values', 'sym_int_values', 'sym_bool_values', 'sym_float_values'),
    *('custom_obj_values', 'range_constraints'),
)
# Sizes, which sympy evaluates: numbers, symbols such as s0 and these functions.
_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d{1,18}(?:\.\d{1,18})?)|(?P<name>[A-Za-z]\w*)'
    r'|(?P<sign>//|[<>=!]=|[-+*/(),<>&|~]))',
    re.ASCII,
)
_SYMBOL = re.compile(r'[a-z]{1,3}\d{1,9}')
# As sympy writes one.
_DECLARED = re.compile(
    r"Symbol\('([a-z]{1,3}\d{1,9})'(?:, [a-z]{1,20}=(?:True|False)){0,9}\)"
)
_FUNCTIONS = {
    *('FloorDiv', 'ModularIndexing', 'Where', 'PythonMod', 'Mod', 'CleanDiv'),
    *('CeilToInt', 'FloorToInt', 'CeilDiv', 'IntTrueDiv', 'FloatTrueDiv'),
    *('TruncToInt', 'TruncToFloat', 'RoundToInt', 'ToFloat', 'Identity'),
    *('Max', 'Min', 'Eq', 'Ne', 'Lt', 'Le', 'Gt', 'Ge', 'And', 'Or', 'Not'),
    *('Add', 'Mul', 'Integer', 'floor', 'ceiling', 'True', 'False', 'true', 'false'),
}
_MOST_CHARACTERS = 2000
_TREES = (None, 'builtins.tuple', 'builtins.list', 'builtins.dict')


class RefusedGraphError(Exception):
    """A graph asks for more than a network needs: ``str(error)`` names what."""


def clean_graph(model: Any) -> None:
    """Check a graph, and leave out what torch would execute or does not need.

    Args:
        model (Any): The JSON; its guards and the remarks about its nodes are emptied.

    Raises:
        RefusedGraphError: It asks for more than a network needs.
    """
    if not isinstance(model, dict) or 'graph_module' not in model:
        raise RefusedGraphError('it has a graph of another form')
    # Code, about sizes that are checked before the network is run.
    model['guards_code'] = []
    _walk(model, 'model')


def check_tensors(config: Any, entries: Collection[str], folder: str) -> None:
    """Check the list of a file's tensors.

    Args:
        config (Any): The JSON; remarks in it are emptied.
        entries (Collection[str]): What is in the archive.
        folder (str): ``'weights'`` or ``'constants'``.

    Raises:
        RefusedGraphError: One of them is a pickle, or none of the file's.
    """
    rows = config.get('config') if isinstance(config, dict) else None
    if not isinstance(rows, dict):
        raise RefusedGraphError(f'its list of {folder} has another form')
    for name, row in rows.items():
        if not isinstance(row, dict) or row.get('use_pickle') is not False:
            raise RefusedGraphError(f'{name[:80]!r} of its {folder} is a pickle')
        if f'data/{folder}/{row.get("path_name")}' not in entries:
            raise RefusedGraphError(
                f'{name[:80]!r} of its {folder} is none of its tensors'
            )
    _walk(config, folder)


def check_expression(text: str) -> None:
    """Refuse an expression that is more than a formula of sizes.

    Args:
        text (str): What sympy would evaluate.

    Raises:
        RefusedGraphError: It has another name or sign.
    """
    place, refusal = 0, RefusedGraphError(f'it has the expression {text[:80]!r}')
    if len(text) > _MOST_CHARACTERS:
        raise refusal
    text = _DECLARED.sub(r'\1', text)
    end = len(text.rstrip())
    before = ''
    while place < end:
        token = _TOKEN.match(text, place)
        if token is None:
            raise refusal
        name, word = token['name'], token[0].strip()
        if name and not (_SYMBOL.fullmatch(name) or name in _FUNCTIONS):
            raise refusal
        # Only functions are called; and powers of powers would take for ever.
        is_called = word == '(' and (before[-1:].isalnum() or before == ')')
        if (is_called and before not in _FUNCTIONS) or (word == before == '*'):
            raise refusal
        before, place = word, token.end()


def _walk(node: Any, key: str) -> None:
    """Check whatever is below a key."""
    if isinstance(node, list):
        for item in node:
            _walk(item, key)
    elif isinstance(node, str):
        _check_text(node, key)
    elif isinstance(node, dict):
        _walk_dict(node, key)


def _walk_dict(node: dict[str, Any], key: str) -> None:
    """Check keys and values."""
    if 'target' in node:
        _check_operator(node['target'])
    for name, value in node.items():
        pattern = _NAME if key in _NAMED else _PATH
        if not pattern.fullmatch(name):
            raise RefusedGraphError(f'it has the name {name[:80]!r}')
        if name in _REFUSED_KEYS and value is not None:
            raise RefusedGraphError(f'it has an argument of the kind {name!r}')
        if name == 'metadata':
            node[name] = {}
        elif name == 'treespec_namedtuple_fields' and value:
            raise RefusedGraphError('it has arguments of types of its own')
        else:
            _walk(value, name)


def _check_text(text: str, key: str) -> None:
    """Check a text by the key that it stands at."""
    if key == 'expr_str':
        check_expression(text)
        return
    if key in ('in_spec', 'out_spec'):
        _check_tree(text)
        return
    if key == 'as_string':
        fits = text in _WORDS or _EQUATION.fullmatch(text)
    elif key == 'torch_version':
        fits = _VERSION.fullmatch(text)
    else:
        fits = (_NAME if key in _NAME_KEYS else _PATH).fullmatch(text)
    if not fits:
        raise RefusedGraphError(f'it has the {key} {text[:80]!r}')


def _check_operator(target: Any) -> None:
    """Refuse an operator that is none of a network."""
    match = _OPERATOR.fullmatch(target) if isinstance(target, str) else None
    name = match['name'] if match else None
    hidden = (name or '').startswith('_') and name not in _PRIVATE_OPERATORS
    if match is None or hidden or name in _REFUSED_OPERATORS:
        raise RefusedGraphError(f'it has the operator {str(target)[:80]!r}')


def _check_tree(text: str) -> None:
    """Refuse a tree of arguments that is more than tuples, lists and dicts."""
    refusal = RefusedGraphError(f'it has the tree of arguments {text[:80]!r}')
    try:
        version, tree = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise refusal from None
    if not isinstance(version, int):
        raise refusal
    level = [tree]
    while level:
        node = level.pop()
        if not isinstance(node, Mapping) or node.get('type') not in _TREES:
            raise refusal
        if node.get('context') not in (None, 'null', '[]'):
            raise refusal
        children = node.get('children_spec')
        if not isinstance(children, list):
            raise refusal
        level += children
