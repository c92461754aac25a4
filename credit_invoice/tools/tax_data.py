"""Exact tax amounts of one line, as the host keeps them in `extra_tax_data`.

Pure arithmetic, without the ORM. A *tax data* is a dictionary with `quantity`, the untaxed amounts
`manual_total_excluded_currency` and `manual_total_excluded`, and `manual_tax_amounts`: for each tax
its `tax_amount` and `base_amount`, both also with `_currency`. Amounts are in units of the
document's currency where the name ends in `_currency`, else in units of the company's.
"""


def scale_tax_data(tax_data, quantity, round_currency, round_company):
    """The tax data of another quantity of the same line.

    :param dict tax_data: of the whole line; its quantity is not zero
    :param float quantity: the other quantity, in the line's unit of measure
    :param round_currency: function that rounds an amount of the document's currency
    :param round_company: function that rounds an amount of the company's currency
    :return: a new dictionary
    """
    factor = quantity / tax_data['quantity']

    def scale(amounts):
        return {
            name: (round_currency if name.endswith('_currency') else round_company)(value * factor)
            for name, value in amounts.items()
        }

    totals = {
        name: tax_data[name]
        for name in ('manual_total_excluded_currency', 'manual_total_excluded')
        if name in tax_data
    }
    return {
        **tax_data,
        **scale(totals),
        'quantity': quantity,
        'manual_tax_amounts': {
            tax: scale(amounts) for tax, amounts in tax_data['manual_tax_amounts'].items()
        },
    }
