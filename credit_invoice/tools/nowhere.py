def write_nowhere(records, vals):
    """Set values of fields that are kept nowhere, in memory, as the host does when it notes what
    is to be derived anew.

    Nothing of it reaches the database, neither who wrote nor when, so it takes no right but to
    read the records.

    :param records: of any model
    :param dict vals: as of `write`; of fields that are neither stored nor have an inverse
    :raise AccessError: if the user may not read them
    """
    records.check_access('read')
    for name, value in vals.items():
        records._fields[name].write(records, value)
    return True
