"""What is wrong on a page is found."""

import pytest
from block_checks import check_block
from page_blocks import parse_blocks
from page_commands import expand_commands
from page_folders import make_clone
from page_runner import run_page

BASH, PYTHON = '```bash\n{}\n```\n', '```python\n{}\n```\n'


def faults(text, folder):
    make_clone(folder)
    blocks = parse_blocks(text, 'page.md')
    return '\n'.join(fault for block in blocks for fault in check_block(block, folder))


@pytest.mark.parametrize(
    'text',
    [
        BASH.format('mmreid train bot_r50_market --amp  # a comment'),
        BASH.format('$ mmreid same MODEL a.jpg b.jpg --threshold 0.3'),
        BASH.format('key=model.flip_test\nmmreid test MODEL --cfg-options $key=True'),
        BASH.format('python tools/test.py configs/bot/bot_r50_market.py \\\n    a.pth'),
        BASH.format('tools/dist_train.sh CONFIG 4 || { mmreid models; }'),
        BASH.format(
            'torchrun --nproc-per-node 2 -m mmreid embed MODEL photos/ --out a.npz'
        ),
        BASH.format('make demo VENV=there'),
        '| a | `mmreid test MODEL --out a.npz` | `mmreid test --out` |\n|-|-|-|\n',
        PYTHON.format('from mmreid.apis import init_model'),
        PYTHON.format("_base_ = 'configs/bot/bot_r50_market.py'"),
        '<!-- file: my.py -->\n'
        + PYTHON.format("_base_ = 'configs/bot/bot_r50_market.py'")
        + BASH.format('mmreid train my.py --cfg-options model.flip_test=True'),
        '<!-- not run: line 1: takes 7 minutes -->\n' + BASH.format('mmreid models'),
    ],
)
def test_what_is_right_has_no_faults(text, tmp_path):
    assert faults(text, tmp_path) == ''


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        (BASH.format('mmreid no-such CONFIG'), 'no command "mmreid no-such"'),
        (BASH.format('mmreid train CONFIG --apm'), 'unrecognized arguments: --apm'),
        (BASH.format('if true; then mmreid models'), 'syntax error'),
        (BASH.format('python tools/tset.py CONFIG'), 'no tools/tset.py'),
        (BASH.format('tools/train.py no_such_config'), "no config 'no_such_config'"),
        (
            BASH.format('mmreid test MODEL --cfg-options model.filp_test=True'),
            'filp_test',
        ),
        (
            BASH.format('torchrun -m mmreid embed MODEL --uot a.npz'),
            'the following arguments are required',
        ),
        (BASH.format('make dmeo'), 'no target dmeo'),
        ('| a | `mmreid test MODEL --uot a.npz` |\n|-|-|\n', 'unrecognized'),
        ('```\nmmreid models\n```\n', 'write "bash" behind the fence'),
        (PYTHON.format('dict(a=1, ...)'), 'it is no Python'),
        (PYTHON.format('from mmreid.apis import inti_model'), 'has no inti_model'),
        (PYTHON.format('from mmreid.no_room import a'), 'what is not there'),
        (PYTHON.format("_base_ = 'configs/no/such.py'"), 'it is no config'),
        (
            '<!-- not run: it is long -->\n' + BASH.format('ls'),
            'no reason that is known',
        ),
        (
            '<!-- not run: line 3: needs a GPU -->\n' + BASH.format('ls'),
            'there is no line 3',
        ),
    ],
)
def test_a_fault_is_said_with_its_place(text, said, tmp_path):
    found = faults(text, tmp_path)
    assert said in found
    assert found.startswith('page.md:')


def test_a_mark_that_is_misspelt_is_refused():
    with pytest.raises(ValueError, match=r'page\.md:1: no mark that is known'):
        list(
            parse_blocks('<!-- not run needs a GPU -->\n```bash\nls\n```\n', 'page.md')
        )


def test_a_mark_is_for_the_block_below_it_alone():
    text = '<!-- not run: needs a GPU -->\nwords\n\n```bash\nls\n```\n'
    (block,) = parse_blocks(text, 'page.md')
    assert block.run_text() == 'ls'


def test_lines_that_take_minutes_are_run_by_the_patient():
    marks = (
        '<!-- not run: line 1: takes 7 minutes -->\n'
        '<!-- not run: lines 3-4: takes 2 hours -->\n'
    )
    (block,) = parse_blocks(f'{marks}```bash\na\nb\nc\nd\n```\n', 'page.md')
    assert block.run_text().split('\n') == ['', 'b', '', '']
    assert block.run_text(patient=True).split('\n') == ['a', 'b', '', '']


def test_bash_expands_what_is_checked(tmp_path):
    text = 'for n in {1,2}; do A=1 mmreid test "a  $n" | tee log; done && tools/a.py x'
    first, second = (['mmreid', 'test', f'a  {n}'] for n in (1, 2))
    found = expand_commands(text, tmp_path)
    # The parts of a pipeline begin together.
    assert sorted(found[:2]) == [first, ['tee', 'log']]
    assert sorted(found[2:]) == [second, ['tee', 'log']]
    assert expand_commands('tools/a.py x', tmp_path) == [['clone', 'tools/a.py', 'x']]


def run(text, folder):
    blocks = list(parse_blocks(text, 'page.md'))
    return run_page(blocks, folder, folder / 'cupboard')


def test_a_page_shares_its_files_and_names(tmp_path):
    text = (
        BASH.format('mmreid models osnet > told\npython -c "print(7)" >> told')
        + PYTHON.format("told = open('told').read()")
        + PYTHON.format("assert 'osnet_x1_0' in told\nassert told.endswith('7\\n')")
    )
    status, said = run(text, tmp_path)
    assert status == 0, said


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        (BASH.format('mmreid same MODEL no.jpg no.jpg\ntrue'), 'no.jpg'),
        (BASH.format('mmreid models no_such_model | cat'), 'no_such_model'),
        (PYTHON.format('1 / 0'), 'ZeroDivisionError'),
        ('<!-- status 1 -->\n' + BASH.format('true'), 'status 0'),
        (
            PYTHON.format(
                "_base_ = 'configs/bot/bot_r50_market.py'\n"
                "model = dict(head=dict(id_loss=dict(type='NoLoss')))"
            ),
            'NoLoss',
        ),
    ],
)
def test_what_fails_ends_a_page(text, said, tmp_path):
    status, found = run(text, tmp_path)
    assert status == 1
    assert said in found
