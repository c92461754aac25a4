"""`./dev pictures`: make the pictures of the README and of the Apps page anew.

A demonstration database of its own is served, and a browser does as the clerk what each function
below says. A picture that cannot be taken is named, and the old one is left.
"""

import base64
import sys
from pathlib import Path

from . import console
from .addons import find_parts, select
from .errors import DevError
from .paths import ROOT
from .serve import ensure_demo, start_server
from .session import open_session
from .system import find_browser

DATABASE = 'credit_pictures'
FOLDER = ROOT / 'credit_invoice' / 'static' / 'description'
INVOICES = '/odoo/action-account.action_move_out_invoice'
# Large enough to be read on the Apps page, small enough to be kept in a repository.
WIDTH, HEIGHT = 1366, 860
READY = "!document.querySelector('.o_loading_indicator, .o_view_sample_data')"


def run(options) -> int:
    """Take all pictures, or those of the names given; return 0 when all were taken."""
    browser = find_browser()
    if not browser:
        raise DevError('no browser is installed: install chromium')
    names = options.names or list(PICTURES)
    if unknown := set(names) - set(PICTURES):
        raise DevError(f'no such picture: {", ".join(sorted(unknown))} ({", ".join(PICTURES)})')
    # The driver of the browser is that of the tests.
    sys.path.insert(0, str(ROOT / 'tests'))
    from browser import open_page

    with open_session(options.db_url) as odoo:
        ensure_demo(odoo, DATABASE, [*select(['credit_invoice']), *find_parts()], fresh=True)
        stop, port, _log = start_server(odoo, DATABASE, workers=0)
        try:
            with open_page(browser, f'http://127.0.0.1:{port}') as page:
                page.command(
                    'Emulation.setDeviceMetricsOverride',
                    width=WIDTH,
                    height=HEIGHT,
                    deviceScaleFactor=1,
                    mobile=False,
                )
                page.login('clerk', 'clerk')
                failed = [name for name in names if not _take(page, name)]
        finally:
            stop()
            odoo.databases.drop(DATABASE)
    return 1 if failed else 0


def _take(page, name: str) -> bool:
    path = FOLDER / f'{name}.png'
    try:
        PICTURES[name](page)
        page.wait(READY)
        # What fades in has done so.
        page.evaluate('void (window.pictureAt = Date.now() + 1500)')
        page.wait('Date.now() > window.pictureAt')
    except AssertionError as error:
        console.say(f'{name}.png could not be taken: {error}')
        return False
    picture = page.command('Page.captureScreenshot', format='png')['data']
    _write(path, base64.b64decode(picture))
    console.say(f'{path.relative_to(ROOT)}')
    return True


def _write(path: Path, content: bytes) -> None:
    """Write a picture in few colours, which an image of a screen has anyway."""
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(content)).convert('RGB')
    image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def _open_invoice(page, name: str) -> None:
    """Open an invoice of the demonstration data by its external id."""
    invoice_id = page.call('ir.model.data', 'check_object_reference', 'credit_invoice', name)[1]
    page.go(f'{INVOICES}/{invoice_id}')
    page.wait("document.querySelector('.o_form_view button[name=action_credit_invoice]') && 1")


def _open_dialog(page, name: str) -> None:
    _open_invoice(page, name)
    page.click('button[name=action_credit_invoice]')
    page.wait("document.querySelector('.modal button[name=action_create_credit]') && 1")


def _make_credit(page, name: str) -> None:
    _open_dialog(page, name)
    page.click('.modal button[name=action_create_credit]')
    page.wait("document.querySelector('button[name=action_view_related_invoice]') && 1")
    page.wait("!document.querySelector('.modal')")


def take_part(page) -> None:
    """The table of *Part of it*, with one quantity typed."""
    _open_dialog(page, PART)
    page.click('.modal [name=credit_scope] label', 'Part')
    quantity = '.modal [name=credit_line_ids] .o_data_row td[name=quantity]'
    page.click(quantity)
    page.wait(f"document.querySelector('{quantity} input') && 1")
    page.evaluate(f"document.querySelector('{quantity} input').select()")
    page.command('Input.insertText', text='1')
    page.click('.modal .modal-title')


def take_credit(page) -> None:
    """A credit note that was just made, still a draft."""
    _make_credit(page, CREDIT)


def take_approve(page) -> None:
    """The window of *Approve*, of a credit note of an invoice that is paid in part."""
    _make_credit(page, APPROVE)
    page.click('button[name=action_approve_credits]', 'Approve')
    page.wait("document.querySelector('.modal button[name=action_approve]') && 1")


def take_report(page) -> None:
    """The report of credits, by reason."""
    page.go('/odoo/customer-credits-analysis')
    header = '.o_pivot_header_cell_opened'
    page.wait(f"document.querySelectorAll('tbody {header}').length && 1")
    # Closed, and opened again by another dimension.
    page.click(f'tbody {header}')
    page.click('tbody .o_pivot_header_cell_closed')
    page.click('.o-dropdown-item', 'Reason')
    page.wait(f"document.querySelectorAll('tbody {header}').length && 1")


PART, CREDIT = 'account_move_instalments', 'account_move_unpaid'
APPROVE = 'account_move_overdue_partly'
PICTURES = {
    'part': take_part,
    'credit': take_credit,
    'approve': take_approve,
    'report': take_report,
}
