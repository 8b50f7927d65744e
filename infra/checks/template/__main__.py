"""Holds infra/template.yaml against what a production stack has to show. It needs no network and no account.

Run by `make check`. The template is judged as each stage has it, by our rules, by cfn-lint and by checkov; and every
rule has to find the mistakes that are made for it in a copy, so none is a rule that cannot fail. What is wrong is said
in a sentence; nothing is changed.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from samtranslator.model.exceptions import InvalidDocumentException

from linters import cfn_lint, checkov
from rules import OPERATIONS_TO_COME, RESOURCES_TO_COME, RULES, growth
from spoiled import SPOILED, Spoiled
from stack import PAGES, STAGES, Stack, operations, refusals, source


def main():
    argparse.ArgumentParser(
        prog="template", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    written, known, pages = source(), operations(), "\n".join(page.read_text() for page in PAGES)
    try:
        stacks = [Stack(written, stage, known, pages) for stage in STAGES]
    except InvalidDocumentException as refused:
        return tell(refusals(refused))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        linted = pool.map(lambda lint: list(lint(folder, stacks)), (cfn_lint, checkov))
        faults = [fault for stack in stacks for rule in RULES for fault in rule(stack)]
        # Mistakes are made in a template that has none.
        faults = faults or list(blind_rules(written, known, pages))
        faults += [fault for found in linted for fault in found]
    if not faults:
        count, each, to_come = growth(stacks[-1])
        room = f"{OPERATIONS_TO_COME} operations would make {to_come}, of {RESOURCES_TO_COME}"
        print(f"  {count} resources, {each} for each operation; {room}")
    return tell(faults)


def tell(faults):
    """Says each fault once. What it answers is the exit status."""
    faults = dict.fromkeys(faults)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


def blind_rules(written, known, pages):
    """Rules that do not find the mistakes that are made for them, or that none is made for."""
    for rule in RULES:
        if rule not in SPOILED:
            yield f"The rule {rule.__name__} has never found anything. Spoil a template for it in spoiled.py."
        for spoil, named in SPOILED.get(rule, []):
            spoiled = Spoiled(written, pages)
            try:
                spoil(spoiled)
            except LookupError as missing:
                yield f"The rule {rule.__name__} cannot be tried: {missing} is not there to spoil. Mend spoiled.py."
                continue
            try:
                # Most mistakes show in prod; dev is looked at when that shows nothing.
                for stage in reversed(STAGES):
                    found = list(rule(Stack(spoiled.source, stage, known, spoiled.pages)))
                    if found:
                        break
            except InvalidDocumentException as refused:
                causes = "; ".join(refusals(refused))
                yield f"The rule {rule.__name__} cannot be tried: SAM refuses its mistake ({causes}). Mend spoiled.py."
                continue
            if not any(named in fault for fault in found):
                yield f"The rule {rule.__name__} does not name {named} where it is wrong. It found {found}."


if __name__ == "__main__":
    sys.exit(main())
