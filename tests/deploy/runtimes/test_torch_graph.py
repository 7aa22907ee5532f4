"""Sizes in the graph of a ``.pt2`` file: formulas pass, and nothing else does."""

import pytest

from mmreid.deploy.runtimes.torch_graph import RefusedGraphError, check_expression


@pytest.mark.parametrize(
    'text',
    ['s0', '2*s0 + 1', 'FloorDiv(s0, 2)', "Mul(Integer(6), Symbol('s32', a=True))"],
)
def test_formulas_of_sizes_pass(text):
    check_expression(text)


@pytest.mark.parametrize(
    'text',
    [
        '__import__("os")',
        's0.__class__',
        'open(s0)',
        's0(1)',
        '(s0)(1)',
        '9**9**9',
        "Symbol('s0', a=open(1))",
        "Symbol('s0;')",
        's0[0]',
        'lambda: 1',
        '1 if 1 else 2',
        '{1}',
        'a := 1',
        'f"{1}"',
        's0' * 2000,
    ],
)
def test_other_expressions_do_not(text):
    with pytest.raises(RefusedGraphError, match='expression'):
        check_expression(text)
