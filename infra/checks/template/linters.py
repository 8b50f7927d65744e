"""cfn-lint and checkov, each shown a mistake first: a linter that finds nothing anywhere has not looked."""

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

MISSPELT = {"W3037": "a misspelt IAM action", "E3030": "a runtime that does not exist"}


def cfn_lint(folder, stacks):
    """What cfn-lint finds in the template, and in what SAM makes of it: only there a wrong runtime shows."""
    misspelt = copy.deepcopy(stacks[0].transformed)
    policy = misspelt["Resources"]["GetDebugRunRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"][1]["Action"] = ["dynamodb:GetItems"]
    misspelt["Resources"]["GetDebugRunFunction"]["Properties"]["Runtime"] = "provided.al2032"
    wrong = written(folder, "misspelt", misspelt)
    transformed = [written(folder, stack.stage, stack.transformed) for stack in stacks]
    command = [TOOLS / "cfn-lint", "--format", "json", "--", TEMPLATE, *transformed, wrong]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"error: cfn-lint did not run.\n{done.stdout}{done.stderr}") from None
    shown = {it["Rule"]["Id"] for it in found if it["Filename"] == str(wrong)}
    for rule, mistake in MISSPELT.items():
        if rule not in shown:
            yield f"cfn-lint does not find {mistake}, which {rule} is about. Look for the rule's new name."
    told = set()
    for file in (TEMPLATE, *transformed):
        for it in (it for it in found if it["Filename"] == str(file)):
            rule, place = it["Rule"]["Id"], "/".join(map(str, it["Location"]["Path"]))
            # What is wrong as written is wrong once more in what SAM makes of it.
            fault = (rule, place, it["Message"])
            if fault in told or (rule == LEFT_BY_SAM and file != TEMPLATE):
                continue
            told.add(fault)
            line = it["Location"]["Start"]["LineNumber"]
            where = f"{from_root(file)}:{line}" if file == TEMPLATE else f"As SAM makes it for {file.stem}, {place}"
            yield f"{where}: {brief(it['Message'])} ({rule})"


def checkov(folder, stacks):
    """What the policies of checkov find, but for those that infra/.checkov.yaml skips, each with its reason."""
    skips = dict(re.findall(r"^  - (CKV\w+)(?:  # (.+))?$", SKIPS.read_text(), re.M))
    careless = copy.deepcopy(stacks[-1].transformed)
    del careless["Resources"]["Table"]["Properties"]["PointInTimeRecoverySpecification"]
    real, spoiled = written(folder, "real", stacks[-1].transformed), written(folder, "careless", careless)
    command = [TOOLS / "checkov", "--config-file", SKIPS, "--output", "json", "--file", real, spoiled]
    # Skipped by this program, so that it sees which skips are needed.
    command += ["--skip-check", "none"]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        failed = json.loads(done.stdout)["results"]["failed_checks"]
    except (ValueError, KeyError, TypeError):
        raise SystemExit(f"error: checkov did not run.\n{done.stdout}{done.stderr}") from None
    found = [it for it in failed if Path(it["file_path"]).name == real.name]
    if not any(it["check_id"] == "CKV_AWS_28" for it in failed if it not in found):
        yield "checkov does not find a table without backups, which CKV_AWS_28 is about. Look for the check's new name."
    for it in found:
        if it["check_id"] not in skips:
            remedy = "Mend it, or skip it in infra/.checkov.yaml with a reason."
            yield f"{it['resource']}: {it['check_name']} ({it['check_id']}). {remedy}"
    for check, reason in skips.items():
        if not reason:
            yield f"infra/.checkov.yaml skips {check} without a reason. Write it beside."
        if check not in {it["check_id"] for it in found}:
            yield f"infra/.checkov.yaml skips {check}, which fails nowhere. Remove it."


def written(folder, name, template):
    path = Path(folder) / f"{name}.json"
    path.write_text(json.dumps(template, indent=1))
    return path
