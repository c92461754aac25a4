"""Which sections and notes of an invoice come along when only some of its lines are credited.

Pure functions, without the ORM.
"""

LEVELS = {'line_section': 1, 'line_subsection': 2}


def keep_headings(rows):
    """Decide for each row of a document whether it is kept.

    A section stays if a line under it does, a note if the line above it does; a note at the head of
    a section stays with the section.

    :param rows: list of (display type, whether it is kept) in the order of the document; the second
        counts for lines only
    :return: list of booleans
    """
    kept = [is_kept for _kind, is_kept in rows]
    for position, (kind, _is_kept) in enumerate(rows):
        if kind in LEVELS:
            kept[position] = _has_kept_line(rows, position)
    for position, (kind, _is_kept) in enumerate(rows):
        if kind == 'line_note':
            above = [index for index in range(position) if rows[index][0] != 'line_note']
            # A note above everything introduces the document.
            kept[position] = kept[above[-1]] if above else True
    return kept


def _has_kept_line(rows, position):
    level = LEVELS[rows[position][0]]
    for kind, is_kept in rows[position + 1 :]:
        if LEVELS.get(kind, 9) <= level:
            return False
        if kind == 'product' and is_kept:
            return True
    return False
