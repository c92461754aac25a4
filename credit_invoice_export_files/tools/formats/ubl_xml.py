"""What reading and writing UBL share: names, and a small builder."""

from lxml import etree

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, INVOICE

from .common import clean, money, number

CUSTOMIZATION = 'urn:cen.eu:en16931:2017'
KEY_NAME = 'Export key'
SCHEMA = 'urn:oasis:names:specification:ubl:schema:xsd:'
ROOTS = {INVOICE: 'Invoice', CREDIT: 'CreditNote'}
NAMESPACES = {
    'cac': SCHEMA + 'CommonAggregateComponents-2',
    'cbc': SCHEMA + 'CommonBasicComponents-2',
}


class Element:
    """A node of UBL to which others are added in the order of the schema.

    :param node: of lxml
    :param str currency: of all its amounts
    """

    def __init__(self, node, currency):
        self.node = node
        self.currency = currency

    @classmethod
    def make_root(cls, name, currency):
        namespace = f'{SCHEMA}{name}-2'
        return cls(
            etree.Element(f'{{{namespace}}}{name}', nsmap={None: namespace, **NAMESPACES}), currency
        )

    def add(self, tag, value=None, **attributes):
        """Append a node, `cac:…` or `cbc:…`, with a text or a date."""
        prefix, name = tag.split(':')
        node = etree.SubElement(self.node, f'{{{NAMESPACES[prefix]}}}{name}', **attributes)
        if value is not None:
            node.text = clean(value) if isinstance(value, str) else value.isoformat()
        return Element(node, self.currency)

    def add_amount(self, tag, amount, as_is=False):
        """Append an amount of money in the document's currency.

        :param bool as_is: with all its decimals, as prices have
        """
        text = number(amount) if as_is else money(amount)
        return self.add(tag, text, currencyID=self.currency)
