"""The template as written, and as SAM makes it for prod, which has all that dev has: what the rules look at."""

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
        return self.callers == {"recorder", "recorder-key"}

    @property
    def is_deleter(self):
        """Whether a user deletes with it."""
        return self.method == "DELETE" and not self.is_recorder

    @property
    def block(self):
        """What the names of its resources begin with."""
        return block_of(self.name)


def block_of(name):
    """What the names of the resources of an operation or a job begin with."""
    return "".join(word.capitalize() for word in name.split("-"))


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
    """What a rule looks at: the template, the operations that it is for, and the pages about it."""

    def __init__(self, source, operations, pages):
        self.source = source
        self.operations = operations
        self.pages = pages
        packaged = copy.deepcopy(source)
        # The one thing that `sam package` changes.
        packaged["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
        self.transformed = transform(packaged, {"Stage": "prod"}, NoManagedPolicies())
        self.resources = self.transformed["Resources"]

    def each(self, kind):
        """Name and properties of every resource of a type."""
        return [(name, it.get("Properties", {})) for name, it in self.resources.items() if it["Type"] == kind]

    def properties(self, name):
        """The properties of a resource; none when it is not there."""
        return self.resources.get(name, {}).get("Properties", {})


def source():
    """The template as it is written, its short tags spelled out."""
    try:
        return yaml_parse(TEMPLATE.read_text())
    except yaml.YAMLError as wrong:
        raise SystemExit(f"error: {from_root(TEMPLATE)} is no YAML: {wrong}") from None


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
