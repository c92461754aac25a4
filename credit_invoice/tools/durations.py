"""Durations in words."""

from datetime import timedelta

from babel.dates import format_timedelta

MINUTES = {'day': 24 * 60, 'hour': 60, 'minute': 1}
# Never rounded up to a larger unit.
NEVER = 10**9


def describe_minutes(minutes, locale):
    """A duration in its two largest units, such as "2 hours 5 minutes".

    :param float minutes: what is less than one is left out
    :param babel.Locale locale: in whose words
    :return: an empty text if it is less than a minute
    :rtype: str
    """
    left, words = int(minutes), []
    for unit, size in MINUTES.items():
        count, left = divmod(left, size)
        if count and len(words) < 2:
            words.append(
                format_timedelta(
                    timedelta(minutes=count * size),
                    granularity=unit,
                    threshold=NEVER,
                    locale=locale,
                )
            )
        elif words:
            # Units that do not follow each other would say more than is meant.
            break
    return ' '.join(words)
