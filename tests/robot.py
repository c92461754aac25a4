"""A robot that clicks through the web client at random, as a person who tries everything.

What it clicks follows from its seed and from what it finds, and is kept as a trail: one line for
each step, to be read when something broke.
"""

import random
import time
from collections import Counter
from pathlib import Path

SCRIPT = Path(__file__).with_name('robot.js')
# Screens are (width, height, whether it is a phone).
DESK, PHONE = (1366, 768, False), (390, 844, True)
# How long one click may take on a machine that does other things as well.
PATIENCE = 300
# What happens at a step, by how often; the rest are clicks.
ESCAPE, BACK, TYPE = 0.05, 0.05, 0.06
STEPS_OF_A_PLACE = 15
NUMBERS = ('1', '0', '2.5', '-1', '999999', '0.01')
# Menus of the host where documents of ours stand.
HOST_MENUS = (
    'account.menu_action_move_out_invoice_type',
    'account.menu_action_move_out_refund_type',
    'account.menu_account_customer',
)


class Crash(AssertionError):
    """The web client or the server broke; the text is what was seen."""


class Robot:
    """One person at one screen.

    :param Page page: where somebody is logged in
    :param tuple screen: `DESK` or `PHONE`
    :param int seed: the same seed and data make the same walk
    """

    def __init__(self, page, screen, seed):
        self.page = page
        self.random = random.Random(seed)
        self.trail = []
        self.counts = Counter()
        width, height, is_phone = screen
        page.command(
            'Emulation.setDeviceMetricsOverride',
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=is_phone,
        )
        page.command('Browser.setDownloadBehavior', behavior='deny')
        self._load('/odoo')

    # === THE WEB CLIENT === #

    def _load(self, path):
        self.page.go(path)
        loaded = "Boolean(window.odoo?.isReady && document.querySelector('.o_web_client'))"
        self.page.wait(loaded, PATIENCE)
        self.page.evaluate(SCRIPT.read_text(encoding='utf-8'))
        self._settle()

    def _settle(self):
        """Wait until the client has nothing to do any more, and see what became of it."""
        end = time.monotonic() + PATIENCE
        idle = 0
        while idle < 2:
            idle = idle + 1 if self.page.evaluate('window.creditRobot?.isIdle() ?? true') else 0
            if time.monotonic() > end:
                raise Crash(f'the client was busy for {PATIENCE} s')
            time.sleep(0.02)
        if crash := self.page.evaluate('window.creditRobot?.getCrash()'):
            raise Crash(f'{crash} {self.page.errors}')
        if self.page.errors:
            raise Crash('\n'.join(self.page.errors))

    def _is_home(self):
        return self.page.evaluate('Boolean(window.creditRobot)')

    def get_menus(self):
        """The menus of ours that this person has: list of (xml id, action, name)."""
        return [
            menu
            for menu in self.page.evaluate('window.creditRobot.getMenus()')
            if menu[0].startswith('credit_invoice') or menu[0] in HOST_MENUS
        ]

    def open(self, menu):
        """Open a menu."""
        _xml_id, action, name = menu
        self.trail.append(f'open {name}')
        # Nobody reaches a menu from under a window.
        under_window = self.page.evaluate("Boolean(document.querySelector('.o_dialog'))")
        if under_window or not self._is_home():
            self._load('/odoo')
        self.page.evaluate(f'void window.creditRobot.open({action})')
        self._settle()

    # === EVERY FILTER AND GROUP === #

    def try_searches(self, menu):
        """Click every filter and group of a menu's list, on and off again."""
        self.open(menu)
        for index in range(self.page.evaluate('window.creditRobot.openSearch()') or 0):
            for _turn in ('on', 'off'):
                text = self.page.evaluate(f'window.creditRobot.pressSearch({index})')
                if text:
                    self.trail.append(f'{menu[2]}: search "{text}"')
                    self.counts['searches'] += 1
                    self._settle()

    # === A RANDOM WALK === #

    def walk(self, steps):
        """Do so many things at random.

        :raise Crash: with the trail of what was done
        """
        menus = self.get_menus()
        try:
            for step in range(steps):
                if step % STEPS_OF_A_PLACE == 0 or not self._is_home():
                    self.open(self.random.choice(menus))
                    # Most of what can be done is done in a document.
                    self._click('row')
                else:
                    self._do_something()
                self._settle()
        except AssertionError as error:
            trail = '\n'.join(self.trail[-40:])
            raise Crash(f'{error}\n\nWhat was done, the last step last:\n{trail}') from None

    def _do_something(self):
        dice = self.random.random()
        if dice < ESCAPE:
            return self._press_escape()
        if dice < ESCAPE + BACK:
            self._note('back', '')
            return self.page.evaluate('history.back()')
        if dice < ESCAPE + BACK + TYPE:
            return self._type_a_number()
        return self._click()

    def _press_escape(self):
        self._note('escape', '')
        for kind in ('rawKeyDown', 'keyUp'):
            self.page.command(
                'Input.dispatchKeyEvent', type=kind, key='Escape', windowsVirtualKeyCode=27
            )

    def _type_a_number(self):
        number = self.random.choice(NUMBERS)
        field = self.page.evaluate(f"window.creditRobot.type({self.random.random()}, '{number}')")
        if field:
            self._note('type', f'{number} into {field}')

    def _click(self, kind=None):
        choices = self.page.evaluate('window.creditRobot.look()')
        if not choices:
            return self._press_escape()
        kind = kind if kind in choices else self.random.choice(sorted(choices))
        index, words = self.random.choice(choices[kind])
        self._note(kind, words)
        return self.page.evaluate(f'void window.creditRobot.click({index})')

    def _note(self, kind, words):
        title = self.page.evaluate('window.creditRobot?.getTitle()')
        self.trail.append(f'{kind} "{words}" on {title}')
        self.counts[kind] += 1
