"""cfn-lint and checkov, each shown mistakes first: a linter that finds nothing anywhere has not looked."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

from stack import INFRA, TEMPLATE, brief, from_root

TOOLS = Path(sys.executable).parent
SKIPS = INFRA / ".checkov.yaml"

# SAM has looked the mapping up and leaves it behind.
LEFT_BY_SAM = "W7001"

# What each has to find in a copy of the template, by the rule that is about it.
CFN_LINT = {
    "E1002": "a template of more bytes than CloudFormation takes",
    "E3010": "more resources than CloudFormation takes",
    "E3030": "a runtime that does not exist",
    "W3037": "a misspelt IAM action",
}
CHECKOV = {
    "CKV_AWS_28": "a table without backups",
    "CKV_AWS_60": "a role that anybody can assume",
    "CKV_AWS_66": "logs that are kept for ever",
    "CKV_AWS_95": "a gateway without an access log",
}


def spoil_for_cfn_lint(resources):
    statements = resources["GetDebugRunRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements[1]["Action"] = ["dynamodb:GetItems"]
    resources["GetDebugRunFunction"]["Properties"]["Runtime"] = "provided.al2032"
    resources["Api"]["Properties"]["Description"] = "x" * 1_000_000
    resources.update({f"More{n}": {"Type": "AWS::SNS::Topic"} for n in range(500)})


def spoil_for_checkov(resources):
    del resources["Table"]["Properties"]["PointInTimeRecoverySpecification"]
    trust = resources["GetDocsRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    trust["Principal"] = {"AWS": "*"}
    del resources["AccessLogs"]["Properties"]["RetentionInDays"]
    del resources["DefaultStage"]["Properties"]["AccessLogSettings"]


def cfn_lint(folder, stack):
    """What cfn-lint finds in the template, and in what SAM makes of it: only there a wrong runtime shows."""
    transformed, wrong = written(folder, stack, spoil_for_cfn_lint)
    found = answer([TOOLS / "cfn-lint", "--format", "json", "--", TEMPLATE, transformed, wrong])
    yield from unseen(CFN_LINT, {it["Rule"]["Id"] for it in found if it["Filename"] == str(wrong)})
    told = set()
    for file in (TEMPLATE, transformed):
        for it in (it for it in found if it["Filename"] == str(file)):
            rule, place = it["Rule"]["Id"], "/".join(map(str, it["Location"]["Path"]))
            # What is wrong as written is wrong once more in what SAM makes of it.
            fault = (rule, place, it["Message"])
            if fault in told or (rule == LEFT_BY_SAM and file != TEMPLATE):
                continue
            told.add(fault)
            line = it["Location"]["Start"]["LineNumber"]
            where = f"{from_root(file)}:{line}" if file == TEMPLATE else f"As SAM makes it, {place}"
            yield f"{where}: {brief(it['Message'])} ({rule})"


def checkov(folder, stack):
    """What the policies of checkov find, but for those that infra/.checkov.yaml skips, each with its reason."""
    skips = dict(re.findall(r"^  - (CKV\w+)(?:  # (.+))?$", SKIPS.read_text(), re.M))
    transformed, wrong = written(folder, stack, spoil_for_checkov)
    command = [TOOLS / "checkov", "--config-file", SKIPS, "--output", "json", "--file", transformed, wrong]
    # Skipped by this program, so that it sees which skips are needed.
    failed = answer([*command, "--skip-check", "none"])["results"]["failed_checks"]
    found = [it for it in failed if Path(it["file_path"]).name == transformed.name]
    yield from unseen(CHECKOV, {it["check_id"] for it in failed if it not in found})
    for it in found:
        if it["check_id"] not in skips:
            remedy = "Mend it, or skip it in infra/.checkov.yaml with a reason."
            yield f"{it['resource']}: {it['check_name']} ({it['check_id']}). {remedy}"
    for check, reason in skips.items():
        if not reason:
            yield f"infra/.checkov.yaml skips {check} without a reason. Write it beside."
        if check not in {it["check_id"] for it in found}:
            yield f"infra/.checkov.yaml skips {check}, which fails nowhere. Remove it."


def written(folder, stack, spoil):
    """A file of what SAM makes of the template, and one with mistakes in it."""
    wrong = copy.deepcopy(stack.transformed)
    spoil(wrong["Resources"])
    for name, template in (("real", stack.transformed), ("wrong", wrong)):
        path = Path(folder, f"{spoil.__name__}-{name}.json")
        path.write_text(json.dumps(template, indent=1))
        yield path


def answer(command):
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"error: {command[0].name} did not run.\n{done.stdout}{done.stderr}") from None


def unseen(mistakes, found):
    for rule in sorted(mistakes.keys() - found):
        yield f"{rule} does not find {mistakes[rule]}. Look for the rule's new name."
