"""Everything is clicked once, and much at random, by people of three kinds on screens of two sizes.

The host's own robot opens every menu, view and filter of the application; ours tries each filter
and group of our menus, and then walks at random. Nothing may break: no "Oops", no error of a
script, no traceback in the server's log. Refusals in words are fine.

`./dev test tests/test_robot.py --seed N` walks that way once more, `--long` for hours.
"""

import random
import re
import time

import pytest
from browser import open_page
from registries import transaction
from robot import DESK, PHONE, Crash, Robot

slow_because = 'a browser clicks through the whole application'

CLICKS = 200
SEED = 19
LONG_WALKS = 100
CLICKBOT_PATIENCE = 3600
CLICKBOT_DONE = 'clickbot test succeeded'
TROUBLE = re.compile(r' (ERROR|CRITICAL) |^Traceback', re.M)
PEOPLE = ('clerk', 'accountant', 'admin')
SCREENS = {'desk': DESK, 'phone': PHONE}


@pytest.fixture(scope='module')
def demo(fresh_db):
    """Give a database with demonstration data, people of three kinds, and an accounting system."""
    name = fresh_db('demo')
    with transaction(name) as env:
        env['res.users'].create({
            'name': 'Ada Accountant',
            'login': 'accountant',
            'password': 'accountant',
            'group_ids': [(6, 0, env.ref('account.group_account_manager').ids)],
        })
        for login in PEOPLE:
            env['res.users'].search([('login', '=', login)]).tour_enabled = False
        system = env['credit.export.system'].create({
            'name': 'Books in files',
            'connector': 'files',
            'file_format': 'beancount',
            'date_start': '2020-01-01',
        })
        invoices = env['account.move'].search([
            ('move_type', '=', 'out_invoice'),
            ('state', '=', 'posted'),
        ])
        invoices[:6].action_send_again()
        system.action_make_batch()
        invoices[6:9].action_send_again()
        env.cr.commit()
    return name


@pytest.fixture(scope='module')
def served(demo, server):
    """Give a server of that database; in the end its log must be free of errors."""
    running = server(demo)
    yield running
    running.stop()
    log = running.log_path.read_text(encoding='utf-8', errors='replace')
    assert not (found := TROUBLE.search(log)), log[found.start() :][:4000]


@pytest.fixture
def person(served, browser_path):
    """Give a function that logs somebody in at a screen, and returns their robot."""
    opened = []

    def log_in(login, screen, seed):
        opened.append(open_page(browser_path, served.url))
        page = opened[-1].__enter__()
        page.login(login, login)
        return Robot(page, screen, seed)

    yield log_in
    for page in opened:
        page.__exit__(None, None, None)


def _tell(capfd, *words):
    with capfd.disabled():
        print(f'\n  {" ".join(map(str, words))}')


@pytest.mark.parametrize('login', PEOPLE)
def test_the_robot_of_the_host_clicks_every_menu_view_and_filter(person, capfd, login):
    page = person(login, DESK, SEED).page
    page.evaluate("window.creditRobot.startClickbot('account.menu_finance')")
    end = time.monotonic() + CLICKBOT_PATIENCE
    while not any(CLICKBOT_DONE in text for _kind, text in page.console):
        page.evaluate('1')
        errors = [text for kind, text in page.console if kind == 'error'] + page.errors
        assert not errors, '\n'.join([*errors, *(text for _kind, text in page.console[-8:])])
        assert time.monotonic() < end, page.console[-3:]
        time.sleep(0.5)
    texts = [text for _kind, text in page.console]
    views = sum(text.startswith('Testing view switch') for text in texts)
    results = [text.removeprefix('Successfully tested ') for text in texts if 'Succ' in text]
    _tell(capfd, f'{login}: {", ".join(results)}, {views} further views')
    assert views


@pytest.mark.parametrize('login', PEOPLE)
def test_every_filter_and_group_of_our_menus_can_be_clicked(person, capfd, login):
    robot = person(login, DESK, SEED)
    menus = robot.get_menus()
    try:
        for menu in menus:
            robot.try_searches(menu)
    except AssertionError as error:
        raise Crash(f'{error}\n{robot.trail[-1]}') from None
    _tell(capfd, f'{login}: {len(menus)} menus, {robot.counts["searches"]} filters and groups')
    assert robot.counts['searches'] > len(menus)


@pytest.mark.parametrize('screen', SCREENS)
@pytest.mark.parametrize('login', PEOPLE)
def test_a_random_walk_breaks_nothing(person, capfd, request, login, screen):
    option = request.config.getoption
    seeds = [option('--seed') or SEED]
    if option('--long'):
        seeds = [random.randrange(2**32) for _walk in range(LONG_WALKS)]
    for seed in seeds:
        _tell(capfd, f'{login} at the {screen}: {CLICKS} clicks with --seed {seed}')
        robot = person(login, SCREENS[screen], seed)
        robot.walk(CLICKS)
        _tell(capfd, ', '.join(f'{kind} {count}' for kind, count in sorted(robot.counts.items())))
