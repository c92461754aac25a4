"""The company that the host's common class of accounting tests makes: here it is made once.

A class of tests begins with a company of its own, and its chart of accounts takes two seconds. The
template `suite` has one that is the same; each class gives it back as it was, as all it does is
rolled back. The host's own runner, and classes that want another company, make theirs.
"""

XML_ID = 'devkit.prepared_company'
# What the host's common class asks for.
WANTED = {'name': 'company_1_data'}


def use_prepared_company() -> None:
    """Let the host's common class take the company that is prepared, where there is one."""
    from odoo.fields import Command

    from odoo.addons.account.tests.common import AccountTestInvoicingCommon

    create = AccountTestInvoicingCommon._create_company.__func__

    def take_or_create(cls, **values):
        company = cls.env.ref(XML_ID, raise_if_not_found=False)
        if not company or values != WANTED or cls.chart_template or cls.country_code:
            return create(cls, **values)
        company.sudo().write(WANTED)
        # As who makes one gets it.
        cls.env.user.sudo().company_ids = [Command.link(company.id)]
        return company

    AccountTestInvoicingCommon._create_company = classmethod(take_or_create)
