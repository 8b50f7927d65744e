"""Holds infra/template.yaml against what a production stack has to show. It needs no network and no account.

Run by `make check`. The template is judged by our rules, by cfn-lint and by checkov; and every rule has to find the
mistakes that are made for it in a copy, so none is a rule that cannot fail. What is wrong is said in a sentence;
nothing is changed.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from samtranslator.model.exceptions import InvalidDocumentException

from linters import cfn_lint, checkov
from rules import OPERATIONS_TO_COME, RESOURCES_TO_COME, RULES, growth
from spoiled import SPOILED, Spoiled
from stack import PAGES, Stack, brief, operations, source


def main():
    written, known, pages = source(), operations(), "\n".join(page.read_text() for page in PAGES)
    try:
        stack = Stack(written, known, pages)
    except InvalidDocumentException as refused:
        return tell(brief(cause.message) for cause in refused.causes)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        linted = pool.map(lambda lint: list(lint(folder, stack)), (cfn_lint, checkov))
        faults = [fault for rule in RULES for fault in rule(stack)]
        # Mistakes are made in a template that has none.
        faults = faults or list(blind_rules(written, known, pages))
        faults += [fault for found in linted for fault in found]
    if not faults:
        count, each, to_come = growth(stack)
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
                found = list(rule(Stack(spoiled.source, known, spoiled.pages)))
            except (LookupError, InvalidDocumentException) as missing:
                yield f"The rule {rule.__name__} cannot be tried for {named}: {missing!r}. Mend spoiled.py."
                continue
            if not any(named in fault for fault in found):
                yield f"The rule {rule.__name__} does not name {named} where it is wrong. It found {found}."


if __name__ == "__main__":
    sys.exit(main())
