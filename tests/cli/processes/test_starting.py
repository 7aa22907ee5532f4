"""What torchrun and srun are given, and that the scripts of a clone give the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from torch.distributed.run import parse_args

from mmreid.cli.processes import dist, slurm

ROOT = Path(__file__).parents[3]
OPTIONS = ['--cfg-options', 'a=b c']
MACHINES = dict(NNODES='2', NODE_RANK='1', MASTER_ADDR='host', PORT='1234')


def torchrun(task, words, variables):
    return dist.torchrun(dist.declare(task, None).parse_args(words), variables)


def srun(task, words, variables):
    return slurm.srun(slurm.declare(task, None).parse_args(words), variables)


def test_a_training_is_started_by_the_launcher_that_stops_all():
    words = torchrun('train', ['c.py', '4', *OPTIONS], MACHINES)
    assert words[:4] == [sys.executable, '-m', 'mmreid', 'launch']
    read = parse_args(words[4:])
    assert (read.nnodes, read.node_rank, read.nproc_per_node) == ('2', 1, '4')
    assert (read.master_addr, read.master_port) == ('host', 1234)
    assert (read.module, read.training_script) == (True, 'mmreid')
    expected = ['train', 'c.py', '--launcher', 'pytorch', *OPTIONS]
    assert read.training_script_args == expected


def test_what_is_started_again_meets_at_a_store():
    words = torchrun('train', ['c.py', '2'], dict(MACHINES, MAX_RESTARTS='3'))
    read = parse_args(words[4:])
    assert (read.rdzv_backend, read.rdzv_endpoint) == ('c10d', 'host:1234')
    assert (read.max_restarts, read.rdzv_id) == (3, 'mmreid')


def test_a_test_has_weights_and_is_not_started_again():
    variables = dict(MACHINES, MAX_RESTARTS='3')
    words = torchrun('test', ['c.py', 'x.pth', '2', *OPTIONS], variables)
    assert words[:3] == [sys.executable, '-m', 'torch.distributed.run']
    read = parse_args(words[3:])
    assert read.max_restarts == 0
    expected = ['test', 'c.py', 'x.pth', '--launcher', 'pytorch', *OPTIONS]
    assert read.training_script_args == expected


@pytest.mark.parametrize(
    ('gpus', 'own', 'per_node'),
    [('16', {}, 8), ('4', {}, 4), ('16', dict(GPUS_PER_NODE='2'), 2)],
)
def test_a_job_has_a_process_for_each_gpu(gpus, own, per_node):
    variables = dict(GPUS=gpus, SRUN_ARGS='--qos=low --quiet', **own)
    words = srun('train', ['part', 'job', 'c.py', *OPTIONS], variables)
    wanted = [f'--gres=gpu:{per_node}', f'--ntasks={gpus}', '--qos=low', '--quiet']
    wanted += [f'--ntasks-per-node={per_node}', '--partition=part', '--job-name=job']
    at = words.index(sys.executable)
    assert {*wanted} <= {*words[1:at]}
    assert words[at + 1 : at + 5] == ['-u', '-m', 'mmreid', 'train']
    assert words[at + 5 :] == ['c.py', '--launcher', 'slurm', *OPTIONS]


def test_an_empty_variable_is_as_good_as_none():
    empty = dict.fromkeys([*MACHINES, 'MAX_RESTARTS', 'GPUS', 'GPUS_PER_NODE'], '')
    for write, words in ((torchrun, ['c.py', '2']), (srun, ['part', 'job', 'c.py'])):
        assert write('train', words, empty) == write('train', words, {})


def run(script, *words, **variables):
    environment = os.environ | dict(PYTHON=sys.executable) | variables
    command = [ROOT / 'tools' / f'{script}.sh', *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize('task', ['train', 'test'])
def test_scripts_hand_their_arguments_on(task, tmp_path):
    fake = tmp_path / 'srun'  # tells how it was called
    fake.write_text('#!/usr/bin/env bash\nprintf "%s\\n" "$@"\n')
    fake.chmod(0o755)
    weights = ['x.pth'] if task == 'test' else []
    subject = ['c.py', *weights]
    path = f'{tmp_path}{os.pathsep}{os.environ["PATH"]}'
    words = ['part', 'job', *subject, *OPTIONS]
    done = run(f'slurm_{task}', *words, PATH=path, GPUS='16')
    expected = [task, *subject, '--launcher', 'slurm', *OPTIONS]
    assert done.stdout.splitlines()[-len(expected) :] == expected
    assert '--ntasks=16' in done.stdout


@pytest.mark.parametrize('name', ['dist_train', 'dist_test', 'slurm_train'])
def test_too_few_words_are_answered_with_the_usage(name):
    done = run(name, 'c.py')
    assert done.returncode == 2
    assert f'usage: mmreid {name.replace("_", "-")}' in done.stderr


@pytest.mark.parametrize(
    ('name', 'words', 'variable'),
    [
        ('dist_train', ['c.py', '2'], 'MAX_RESTARTS'),
        ('slurm_train', ['part', 'job', 'c.py'], 'GPUS'),
    ],
)
def test_what_must_be_a_number_is_told(name, words, variable):
    done = run(name, *words, **{variable: 'two'})
    assert done.returncode == 2
    assert f"{variable} must be a whole number, got 'two'" in done.stderr
    assert 'Traceback' not in done.stderr


def test_a_machine_without_slurm_is_told_so(tmp_path):
    (tmp_path / 'dirname').symlink_to('/usr/bin/dirname')
    bash = f'{tmp_path}{os.pathsep}/bin'
    done = run('slurm_train', 'part', 'job', 'c.py', PATH=bash)
    assert done.returncode == 2
    assert 'srun is not on the PATH' in done.stderr
