"""One invoice with every sale tax of a country's chart of accounts, credited with one click."""

from collections import Counter, defaultdict

import pytest
from mirror_checks import edit_draft, exact, find_differences, find_open_items
from registries import transaction

from devkit.template import WORLD

slow_because = 'a database with the charts of four countries is built'

INVOICE_DATE = '2026-02-10'


@pytest.fixture(scope='module')
def world(fresh_db):
    """Give a database with our add-ons and a company for each chart of accounts."""
    return fresh_db('suite:world')


@pytest.fixture(params=WORLD)
def chart_env(request, world):
    """An environment in the company of a country's chart of accounts."""
    with transaction(world) as env:
        company = env['res.company'].search([('chart_template', '=', request.param)])
        assert len(company) == 1
        yield env(context={**env.context, 'allowed_company_ids': company.ids})


def test_mp05_invoice_with_every_sale_tax_is_mirrored(chart_env):
    """Line by line, tax by tax and in total; on the draft, after edits of it, and posted."""
    env = chart_env
    taxes = get_sale_taxes(env)
    print(f'\n{env.company.chart_template}: {len(taxes)} sale taxes')
    rates = make_rates(env)
    for currency in (env.company.currency_id, rates.currency_id):
        invoice = make_invoice(env, taxes, currency)
        credit = credit_by_button(invoice)
        assert find_differences(invoice, credit) == []
        edit_draft(credit)
        env.invalidate_all()
        assert find_differences(invoice, credit) == [], 'after an edit of the draft'
        credit.action_post()
        env.invalidate_all()
        assert find_differences(invoice, credit) == [], 'after posting'
        assert find_open_items(invoice, credit) == []
        assert find_accounts_left(invoice, credit) == {}


def test_mp05_credit_is_on_the_refund_side_of_every_sale_tax(chart_env):
    """Accounts and tags are those of the refund side, and those of a credit typed in by hand."""
    env = chart_env
    invoice = make_invoice(env, get_sale_taxes(env), env.company.currency_id)
    credit = credit_by_button(invoice)
    assert find_wrong_sides(credit) == []
    typed = type_in_credit(invoice, credit)
    assert find_wrong_sides(typed) == [], 'the check itself is wrong'
    assert get_items(credit) - get_items(typed) == Counter()
    assert get_items(typed) - get_items(credit) == Counter()
    (credit | typed).action_post()
    assert get_items(credit) == get_items(typed)
    assert find_wrong_sides(credit) == []


# === DATA === #


def get_sale_taxes(env):
    """Every sale tax of the chart, those that are archived at first included."""
    taxes = (
        env['account.tax']
        .with_context(active_test=False)
        .search([('type_tax_use', '=', 'sale'), ('company_id', '=', env.company.id)])
    )
    taxes.active = True
    taxes.children_tax_ids.active = True
    countries = taxes.country_id
    assert countries == env.company.account_fiscal_country_id, 'one invoice takes one country'
    # Taxes that are due on payment need the setting; else the host refuses to post.
    env.company.tax_exigibility = 'on_payment' in taxes.mapped('tax_exigibility')
    return taxes


def make_rates(env):
    """A foreign currency whose rate moved between invoice and credit."""
    name = 'GBP'
    currency = env['res.currency'].with_context(active_test=False).search([('name', '=', name)])
    currency.active = True
    currency.rate_ids.unlink()
    return env['res.currency.rate'].create([
        {
            'currency_id': currency.id,
            'company_id': env.company.id,
            'name': day,
            'company_rate': rate,
        }
        for day, rate in (('2026-01-01', 0.6543), ('2026-03-01', 0.7891))
    ])


def make_invoice(env, taxes, currency):
    """A posted invoice with a line of its own for each tax, one without, a section and a note."""
    domain = [('type', '=', 'sale'), ('company_id', '=', env.company.id)]
    account = env['account.journal'].search(domain, limit=1).default_account_id
    lines = [{'display_type': 'line_section', 'name': 'Every tax'}]
    lines += [
        {
            'name': tax.name,
            'quantity': 1 + place % 3,
            'price_unit': 33.35 + 7.77 * place,
            'discount': 7.5 if place % 5 == 4 else 0,
            'account_id': account.id,
            'tax_ids': [(6, 0, tax.ids)],
        }
        for place, tax in enumerate([*taxes, env['account.tax']])
    ]
    lines += [{'display_type': 'line_note', 'name': 'No tax is left out'}]
    invoice = env['account.move'].create({
        'move_type': 'out_invoice',
        'partner_id': env['res.partner'].create({'name': 'Customer'}).id,
        'invoice_date': INVOICE_DATE,
        'currency_id': currency.id,
        'invoice_line_ids': [(0, 0, line) for line in lines],
    })
    invoice.action_post()
    assert invoice.invoice_line_ids.tax_ids == taxes, 'the host changed the taxes of a line'
    return invoice


def credit_by_button(invoice):
    action = invoice.action_credit_invoice()
    dialog = invoice.env[action['res_model']].with_context(**action['context'])
    dialog.create({'reason': 'wrong'}).action_create_credit()
    return invoice.reversal_move_ids


def type_in_credit(invoice, credit):
    """A credit of the same lines, without any link: all of it comes from the host's engine."""
    fields = ('name', 'display_type', 'quantity', 'price_unit', 'discount', 'sequence')
    return invoice.env['account.move'].create({
        'move_type': 'out_refund',
        'partner_id': invoice.partner_id.id,
        'journal_id': invoice.journal_id.id,
        'invoice_date': credit.invoice_date,
        'date': credit.date,
        'currency_id': invoice.currency_id.id,
        'invoice_date_due': credit.invoice_date_due,
        'invoice_payment_term_id': False,
        'invoice_line_ids': [
            (
                0,
                0,
                {
                    **{name: line[name] for name in fields},
                    'account_id': line.account_id.id,
                    'tax_ids': [(6, 0, line.tax_ids.ids)],
                },
            )
            for line in invoice.invoice_line_ids
        ],
    })


# === WHAT IS COMPARED === #


def get_items(move):
    """What a tax report and a ledger read of the journal items, as a counter."""
    return Counter(
        (
            line.display_type,
            line.account_id.code,
            tuple(sorted(line.tax_tag_ids.mapped('name'))),
            tuple(line.tax_ids.ids),
            line.tax_repartition_line_id.id,
            line.group_tax_id.id,
            exact(line.balance, line.company_currency_id),
            exact(line.amount_currency, line.currency_id),
            exact(line.tax_base_amount, line.company_currency_id),
        )
        for line in move.line_ids
    )


def find_wrong_sides(credit):
    """Journal items whose account or tags are not those of their taxes' refund side.

    :return: list of sentences
    """
    found = []
    for line in credit.line_ids:
        repartitions = line.tax_repartition_line_id
        if repartitions and repartitions.document_type != 'refund':
            found.append(f'{line.name}: on the side of the {repartitions.document_type}')
        if repartitions:
            account = repartitions._get_aml_target_tax_account() or line.account_id
            if line.account_id != account:
                found.append(f'{line.name}: {line.account_id.code}, not {account.code}')
        bases = line.tax_ids.flatten_taxes_hierarchy().refund_repartition_line_ids.filtered(
            lambda repartition: repartition.repartition_type == 'base'
        )
        # Of a tax that is due on payment, the tags come with the payment.
        expected = (
            (repartitions | bases)
            .filtered(lambda repartition: repartition.tax_id.tax_exigibility != 'on_payment')
            .tag_ids
        )
        if line.tax_tag_ids != expected:
            found.append(f'{line.name}: {line.tax_tag_ids.mapped("name")} on {line.display_type}')
    return found


def find_accounts_left(invoice, credit):
    """Accounts on which something is left of both documents, beyond what the taxes' sides move.

    :return: dictionary of account code: amount
    """
    left, moved = defaultdict(int), defaultdict(int)
    for line in (invoice | credit).line_ids:
        left[line.account_id.code] += exact(line.balance, line.company_currency_id)
    for line in invoice.line_ids.filtered('tax_repartition_line_id'):
        tax = line.tax_line_id
        place = tax.invoice_repartition_line_ids.ids.index(line.tax_repartition_line_id.id)
        refund = tax.refund_repartition_line_ids[place]._get_aml_target_tax_account()
        amount = exact(line.balance, line.company_currency_id)
        moved[line.account_id.code] += amount
        moved[(refund or line.account_id).code] -= amount
    return {code: left[code] - moved[code] for code in left if left[code] != moved[code]}
