"""The template as written, and as SAM makes it: what the rules look at."""

import copy
import json
import logging
import os
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

# SAM's translator asks for a region, whichever it is.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
logging.getLogger("samtranslator").setLevel(logging.CRITICAL)

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

INFRA = Path(__file__).resolve().parents[2]
TEMPLATE = INFRA / "template.yaml"
API = INFRA / "openapi.json"
PAGES = [INFRA / name for name in ("deploy.md", "costs.md", "runbook.md")]

STAGES = ("dev", "prod")

MAX_MESSAGE = 200


@dataclass(frozen=True)
class Operation:
    """An operation as the API's document has it."""

    name: str
    method: str
    callers: frozenset

    @property
    def is_reader(self):
        return self.method == "GET"

    @property
    def is_recorder(self):
        """Whether recorders alone may call it."""
        return self.callers == {"recorder"}

    @property
    def is_deleter(self):
        return self.name.startswith("delete-")

    @property
    def block(self):
        """What the names of its resources begin with."""
        return "".join(word.capitalize() for word in self.name.split("-"))


def operations():
    """Every operation of infra/openapi.json."""
    paths = json.loads(API.read_text()).get("paths")
    if not paths:
        raise SystemExit("error: infra/openapi.json names no path. Write it with `make generate`.")
    found = []
    for methods in paths.values():
        for method, said in methods.items():
            callers = frozenset(scheme for one in said["security"] for scheme in one)
            found.append(Operation(said["operationId"], method.upper(), callers))
    return found


class NoManagedPolicies:
    """The translator looks AWS's own policies up with it. The template names none."""

    def load(self):
        return {}


class Stack:
    """One stage of the template."""

    def __init__(self, source, stage, operations, pages):
        self.stage = stage
        self.source = source
        self.operations = operations
        self.pages = pages
        packaged = copy.deepcopy(source)
        # The one thing that `sam package` changes.
        packaged["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
        self.transformed = transform(packaged, {"Stage": stage}, NoManagedPolicies())
        self.resources = self.transformed["Resources"]

    def each(self, kind):
        """Name and properties of every resource of a type."""
        return [(name, it.get("Properties", {})) for name, it in self.resources.items() if it["Type"] == kind]

    def properties(self, name):
        """The properties of a resource; none when it is not there."""
        return self.resources.get(name, {}).get("Properties", {})

    def default(self, value):
        """A value, or the default of the parameter that it refers to."""
        name = target(value)
        return self.source["Parameters"].get(name, {}).get("Default") if name else value


def source():
    """The template as it is written, its short tags spelled out."""
    text = TEMPLATE.read_text()
    try:
        return yaml_parse(text)
    except yaml.MarkedYAMLError as wrong:
        at, problem = wrong.problem_mark.index, wrong.problem
    except yaml.reader.ReaderError as wrong:
        at, problem = wrong.position, wrong.reason
    line = text.count("\n", 0, at) + 1
    raise SystemExit(f"error: {from_root(TEMPLATE)}:{line}: {problem}. Mend the YAML.")


def refusals(refused):
    """What SAM has against a template, a sentence for each cause."""
    for cause in refused.causes:
        where, _, what = cause.message.partition(" is invalid. ")
        resource = re.search(r"\[(\w+)\]", where)
        yield brief(f"{resource[1]}: {what}" if resource and what else cause.message)


def from_root(path):
    """A file's name as it is from the repository's root."""
    return path.relative_to(INFRA.parent)


def brief(text):
    """A tool's message in one line, without the long lists that some of them end with."""
    return textwrap.shorten(text, MAX_MESSAGE, placeholder=" …")


def target(value):
    """The name that a Ref, a GetAtt or the first placeholder of a Sub leads to."""
    match value:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [name, *_]}:
            return name
        case {"Fn::Sub": str(text)}:
            placeholder = re.search(r"\$\{(\w+)\}", text)
            return placeholder and placeholder[1]
    return None


def alternatives(value):
    """What a value may be, whichever conditions hold."""
    match value:
        case {"Fn::If": [_, one, other]}:
            return [*alternatives(one), *alternatives(other)]
        case None | {"Ref": "AWS::NoValue"}:
            return []
    return [value]


def statements(role):
    """Every statement of a role, its actions and resources as lists."""
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement, listed(statement["Action"]), listed(statement["Resource"])


def listed(value):
    return value if isinstance(value, list) else [value]


def text_of(value):
    return json.dumps(value)
