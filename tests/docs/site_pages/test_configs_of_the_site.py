"""Configs on the pages of the site: all are there, and each line to type is right."""

import re
import shlex
from importlib import import_module
from pathlib import Path

from browser import Watched
from site_pages import choosing, configs
from site_pages.leaf_configs import leaf_configs

from mmreid.apis import find_config
from mmreid.cli.main import COMMANDS
from mmreid.engine import read_config

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / 'docs' / 'assets' / 'choose.js'


def test_every_config_is_listed_and_every_line_to_type_is_right():
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / 'configs').glob('[!_]*/[!_]*.py')
    }
    listed = re.findall(
        r'^\| \[`[^`]+`\]\(../../([^)]+)\)', configs.format_configs(), re.M
    )
    assert sorted(listed) == sorted(files)
    rows = choosing.choices()
    assert len(rows) > 200
    lines = {line for row in rows for found in row.lines.values() for line in found}
    for line in lines:
        check_line(line)


def check_line(line: str) -> None:
    """The command takes the words, and there is a config of the name."""
    words = shlex.split(line)
    if words[1] == 'launch':
        processes = int(words[2].removeprefix('--nproc_per_node='))
        assert words[3:5] == ['-m', 'mmreid']
        words = words[4:]
        assert processes in choosing.GPUS
    assert words[0] == 'mmreid'
    args = import_module(COMMANDS[words[1]][0]).make_parser().parse_args(words[2:])
    if words[1] in ('train', 'test'):
        assert find_config(args.config).stem == args.config


def test_several_gpus_draw_the_batch_of_one():
    (config,) = [c for c in leaf_configs() if c.name == 'bot_r50_market']
    (one, _), (four, _) = (choosing.lines_of(config, gpus) for gpus in (1, 4))
    assert one == 'mmreid train bot_r50_market'
    options = shlex.split(four.partition('--cfg-options ')[2])
    cfg = read_config(str(ROOT / config.path), options=options)
    assert cfg.train_dataloader.batch_size * 4 == 64
    assert cfg.train_dataloader.sampler.num_ids * 4 == 16
    assert choosing.lines_of(config, 3) == []


def test_the_page_is_used_by_keyboard_and_without_a_network(browser, tmp_path):
    page = tmp_path / 'choose.html'
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>c</title>'
    script = f'<script>{SCRIPT.read_text("utf-8")}</script>'
    page.write_text(head + choosing.format_page() + script, 'utf-8')
    known = {tuple(lines) for row in choosing.choices() for lines in row.lines.values()}
    watched = Watched(browser.new_page())
    shown = watched.open(page)
    assert 'mmreid train aanet_r18_synthmini' in shown.inner_text('#choose-lines')
    shown.keyboard.press('Tab')
    assert shown.evaluate('document.activeElement.id') == 'choose-data'
    shown.keyboard.type('Market-1501')
    shown.keyboard.press('Tab')
    shown.keyboard.type('BoT')
    lines = shown.inner_text('#choose-lines').strip().split('\n')
    assert tuple(lines) in known
    assert lines[0].startswith('mmreid train bot')
    watched.check()
