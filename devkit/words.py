"""The words on screen, checked against credit_invoice/readme/WORDS.md; a part of `./dev lint`.

    python devkit/words.py                  every file
    python devkit/words.py FILE …           these files

Labels (buttons, fields, columns, tabs, menus, windows) are looked at word by word, and must be in
Title Case. Filters, options of a choice and sentences begin with one capital. In sentences and
pages only what consists of several words is looked for: single words mean other things as well.
"""

import argparse
import ast
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / 'credit_invoice' / 'readme' / 'WORDS.md'

LABEL, OPTION, SENTENCE = 'label', 'option', 'sentence'
# In words; what is longer beside a box to tick is a sentence.
LONGEST_LABEL = 6
# Labels that stay as they are, each with the reason.
ALLOWED = {
    'Credit this Invoice': 'the button as it was asked for',
    'Cancel': 'closes a window and leaves nothing behind',
    'Credit Memo': 'the title of the document in the United States',
    'Credit Note': 'the title of the document elsewhere',
    'Waiting for confirmation': 'the state of an export whose answer was lost',
    'Confirm at once': "the host's button, which is shown then",
    'Confirm': 'an answer of the accounting system is confirmed',
    'Confirmed': 'an answer of the accounting system is confirmed',
    'Not confirmed': 'an answer of the accounting system is confirmed',
    'Create Credit': 'names a button of the dialog',
    'Create and Approve': 'names a button of the dialog',
    'Create and Ask for Approval': 'names a button of the dialog',
    'Credit and Re-invoice': 'names a button of the dialog',
    'Open Draft': 'names a button of the dialog',
    'Invoice Not Exported': 'the title as it was asked for',
    'Confirm by Hand': 'an answer of the accounting system is confirmed',
    'Matches': "the host's matches of journal items",
    'Refund Document': 'the payment, the entry or the bill by which money goes back',
}
# What is written with a capital in the middle of a sentence.
NAMES = {'Invoicing', 'Odoo', 'Tryton', 'Beancount', 'QuickBooks', 'Debian', 'January', 'I'}
TITLED = ('button', 'page', 'group', 'separator', 'label', 'form', 'list', 'search', 'setting')
TITLED += ('pivot', 'graph', 'kanban', 'calendar', 'field')
HEADINGS = ('h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'th')
FIELD_TYPES_WITH_LABEL = ('Boolean', 'Char', 'Date', 'Datetime', 'Float', 'Html', 'Integer', 'Text')


@dataclass(frozen=True)
class Text:
    """A text on screen: its kind, and the words."""

    kind: str
    text: str


@cache
def read_words() -> tuple[dict[str, str], set[str]]:
    """Return what WORDS.md says: {what not to write: what instead}, and the short words."""
    page = WORDS.read_text(encoding='utf-8')
    instead = {}
    for row in re.findall(r'^\| \*\*(.+?)\*\* \|.*\| (.*?) \|$', page, re.M):
        for phrase in row[1].split(','):
            # What stands in quotation marks is wrong in one meaning only.
            if '"' not in phrase:
                instead.setdefault(phrase.strip().lower(), row[0])
    short = re.search(r'short words inside\s+\(([^)]*)\)', page)[1]
    return instead, {word.strip() for word in short.replace('\n', ' ').split(',')}


def find_wrong_words(text: str, kind: str) -> list[str]:
    """Return what WORDS.md says is not to be written."""
    found = []
    for allowed in ALLOWED if kind == SENTENCE else ():
        text = text.replace(allowed, '')
    for phrase, instead in read_words()[0].items():
        if kind == SENTENCE and ' ' not in phrase:
            continue
        if re.search(rf'\b{re.escape(phrase)}(e?s|e?d|ing|ment)?\b', text, re.I):
            found.append(f'"{phrase}": write "{instead}"')
    return found


def find_wrong_capitals(text: str, kind: str) -> list[str]:
    """Return what is wrong with the capitals of a text."""
    # Units stand in brackets.
    text = re.sub(r'\([^)]*\)', '', text)
    words = [word for word in re.findall(r'[^\s/·…]+', text) if re.search(r'[^\W\d_]', word)]
    letters = [re.search(r'[^\W\d_]', word)[0] for word in words]
    if not words or re.match(r'e\.g\.|%|/|\d|\w+://', text):
        return []
    if kind == LABEL and len(words) <= LONGEST_LABEL:
        short = read_words()[1]
        wrong = [
            word
            for number, (word, letter) in enumerate(zip(words, letters, strict=True))
            if (
                letter.islower() is not (number > 0 and word.lower() in short)
                # "Changed by" and "Applies To" are both usual.
                and not (number == len(words) - 1 and word.lower() in short)
            )
        ]
        return [f'capitals of "{word}"' for word in wrong]
    wrong = [] if letters[0].isupper() else words[:1]
    if kind == OPTION:
        wrong += [
            word
            for word, letter in zip(words[1:], letters[1:], strict=True)
            if letter.isupper() and word.strip('().,:"') not in NAMES and not word.isupper()
        ]
    return [f'capitals of "{word}"' for word in wrong]


# === Texts of files === #


def read_xml(path: Path) -> list[Text]:
    """Return the texts of views, windows, menus and rights."""
    texts = []
    for element in ElementTree.parse(path).iter():
        if element.tag == 'record':
            texts += _read_record(element)
        else:
            texts += _read_label(element)
        texts += [
            Text(SENTENCE, element.get(name))
            for name in ('help', 'placeholder', 'confirm')
            if element.get(name)
        ]
    return texts


def _read_label(element) -> list[Text]:
    get, tag = element.get, element.tag
    own = ' '.join((element.text or '').split())
    found = {
        'menuitem': (LABEL, get('name')),
        'filter': (OPTION, get('string')),
        'block': (LABEL, get('title')),
        'attribute': (LABEL, own if get('name') == 'string' else ''),
        **{name: (LABEL, get('string')) for name in TITLED},
        **{name: (LABEL, '' if len(element) else own) for name in HEADINGS},
    }
    kind, text = found.get(tag, (None, None))
    return [Text(kind, text)] if text else []


def _read_record(record) -> list[Text]:
    model = record.get('model', '')
    kinds = {'ir.ui.menu': LABEL, 'res.groups.privilege': LABEL, 'ir.module.category': LABEL}
    kinds |= {'res.groups': OPTION}
    kind = LABEL if model.startswith('ir.actions.') else kinds.get(model)
    name = record.findtext("field[@name='name']")
    texts = [Text(kind, ' '.join(name.split()))] if kind and name else []
    comment = record.findtext("field[@name='comment']")
    return texts + ([Text(SENTENCE, ' '.join(comment.split()))] if comment else [])


def read_python(path: Path) -> list[Text]:
    """Return the labels, options and helps of fields."""
    tree = ast.parse(path.read_text(encoding='utf-8'))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    texts = []
    for node in ast.walk(tree):
        function = getattr(node, 'func', None)
        if isinstance(function, ast.Attribute) and getattr(function.value, 'id', '') == 'fields':
            texts += _read_field(node, function.attr, constants)
    return texts


def _read_field(call: ast.Call, field_type: str, constants: dict) -> list[Text]:
    arguments = {keyword.arg: keyword.value for keyword in call.keywords}
    if call.args and field_type in FIELD_TYPES_WITH_LABEL:
        arguments['string'] = call.args[0]
    texts = [
        Text(kind, value)
        for name, kind in (('string', LABEL), ('help', SENTENCE))
        if isinstance(value := _get_constant(arguments.get(name)), str)
    ]
    for name in ('selection', 'selection_add'):
        options = arguments.get(name)
        options = constants.get(getattr(options, 'id', None), options)
        for option in getattr(options, 'elts', ()):
            labels = getattr(option, 'elts', ())
            if len(labels) == 2 and isinstance(value := _get_constant(labels[1]), str):
                texts.append(Text(OPTION, value))
    return texts


def _get_constant(node):
    return node.value if isinstance(node, ast.Constant) else None


def read_page(path: Path) -> list[Text]:
    """Return the paragraphs of a page, without its code."""
    page = re.sub(r'^```.*?^```|`[^`]*`', '', path.read_text(encoding='utf-8'), flags=re.M | re.S)
    return [Text(SENTENCE, ' '.join(text.split())) for text in page.split('\n\n')]


READERS = {'.xml': read_xml, '.py': read_python, '.md': read_page}


# === Findings === #


def find_files() -> list[Path]:
    """Return the files that have texts on screen, of the add-ons that users see."""
    files = []
    for manifest in sorted(ROOT.glob('credit_*/__manifest__.py')):
        for folder in ('data', 'models', 'report', 'security', 'views', 'wizards'):
            files += sorted((manifest.parent / folder).rglob('*.*'))
        files += sorted((manifest.parent / 'readme').glob('*.md'))
    return [path for path in files if path.suffix in READERS and path != WORDS]


def check(path: Path) -> list[str]:
    """Return the findings of a file, a line each."""
    source = path.read_text(encoding='utf-8')
    findings = []
    for text in READERS[path.suffix](path):
        if text.text in ALLOWED:
            continue
        wrong = find_wrong_words(text.text, text.kind)
        if path.suffix != '.md':
            wrong += find_wrong_capitals(text.text, text.kind)
        place = source.find(text.text[:30])
        line = source.count('\n', 0, place) + 1 if place >= 0 else 1
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        findings += [f'{name}:{line}: {text.text[:60]!r}: {reason}' for reason in wrong]
    return findings


def main(arguments: list[str]) -> int:
    """Print the findings; return 1 where there are some."""
    parser = argparse.ArgumentParser(description='Check the words on screen.')
    parser.add_argument('files', nargs='*', type=Path, metavar='FILE')
    options = parser.parse_args(arguments)
    files = [path.resolve() for path in options.files] or find_files()
    findings = [line for path in files for line in check(path)]
    print('\n'.join(findings), end='\n' if findings else '')
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
