"""What has to be true of the template, beyond what linters hold and `make generate` writes by itself.

Most rules keep recorded chats from those whom they are not for. Names, routes, throttles and what an alarm looks at are
the generator's, and no rule repeats them. A fault names the resource and the remedy.
"""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from stack import INFRA, alternatives, block_of, statements, target, text_of

RULES = []

# Whoever adds a route without a token says so here, too.
PUBLIC = {"get-openapi", "get-docs", "get-viewer"}

# What only functions that take credentials out of a body read: a wrong rule stops no other.
OF_REDACTION = {"REDACTION_RULES"}

# What a job may do, by partition. Whoever adds one says so here, too.
JOBS = {
    "sweep-staged": {
        "STAGED#*": {"Query", "PutItem", "DeleteItem"},
        "CHAT#*": {"BatchGetItem", "Query", "ConditionCheckItem", "DeleteItem", "BatchWriteItem"},
    },
}

READS = {"GetItem", "BatchGetItem", "Query"}
DELETES = {"DeleteItem", "BatchWriteItem"}
# What a recorder's role may do to find and to mark its key.
OF_KEYS = {"GetItem", "UpdateItem"}
WRITES = {"PutItem", "UpdateItem", "ConditionCheckItem"} | DELETES
LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]

# What reaches the lists of recorder keys, and their counts.
OF_HOLDERS = {"create-recorder-key", "list-recorder-keys", "delete-recorder-key"}

# The partitions that an operation may write, where they are not those of chats alone.
WRITTEN = {
    "put-debug-logging": {"SETTINGS"},
    "put-user-debug-logging": {"USER#*"},
    **dict.fromkeys(["create-recorder-key", "delete-recorder-key"], {"KEY#*", "KEYS#*"}),
    **dict.fromkeys(["put-chat", "delete-chat"], {"CHAT#*", "OWNER#*"}),
    "create-debug-run": {"CHAT#*", "OWNER#*", "STAGED#*"},
    "put-debug-step": {"CHAT#*", "STAGED#*"},
}
# What of a chat's own item an update may name. IAM does not know which item is meant, so no other may name any of it.
OF_CHAT = {"owner", "override", "deleted"}
NAMED = {
    "put-chat-debug-logging": {"owner", "override", "deleted"},
    "delete-chat": {"owner", "deleted"},
    "put-chat": {"owner"},
    "create-debug-run": {"owner"},
}

# What roles that are no function's may do, by who takes them on.
SHARED_ROLES = {
    "GatewayRole": ("apigateway.amazonaws.com", {"lambda:InvokeFunction"}),
    "SchedulerRole": ("scheduler.amazonaws.com", {"lambda:InvokeFunction"}),
    "DeploymentRole": (
        "codedeploy.amazonaws.com",
        {"lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"},
    ),
}
# The services whose guides have them say for which account they take a role on. The gateway's has not.
SAY_ACCOUNT = {"scheduler.amazonaws.com", "codedeploy.amazonaws.com"}
# As AWS's own policy for CodeDeploy has it.
ANYWHERE = {"cloudwatch:DescribeAlarms"}

# Whatever else there is could let somebody in, or grant something, unseen.
TYPES = {
    *(f"AWS::ApiGatewayV2::{it}" for it in "Api ApiMapping Authorizer DomainName Integration Route Stage".split()),
    *(f"AWS::CloudWatch::{it}" for it in ("Alarm", "Dashboard")),
    *(f"AWS::CodeDeploy::{it}" for it in ("Application", "DeploymentGroup")),
    *(f"AWS::Lambda::{it}" for it in ("Alias", "Function", "Version")),
    *("AWS::Budgets::Budget", "AWS::DynamoDB::Table", "AWS::IAM::Role", "AWS::KMS::Key"),
    *("AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::Scheduler::Schedule"),
}

# Of the 500 resources that CloudFormation takes, what the operations to come may make it.
OPERATIONS_TO_COME = 45
RESOURCES_TO_COME = 420

# What the access log may say. None of it is a caller's word.
LOGGED = {
    *("$context.authorizer.error", "$context.error.message", "$context.identity.sourceIp"),
    *("$context.integration.requestId", "$context.integrationErrorMessage", "$context.integrationLatency"),
    *("$context.integrationStatus", "$context.requestId", "$context.requestTime", "$context.responseLatency"),
    *("$context.responseLength", "$context.routeKey", "$context.status"),
}


def rule(check):
    RULES.append(check)
    return check


# ---- What there is ------------------------------------------------------------------------------


@rule
def every_resource_is_of_a_known_type(stack):
    for name, resource in stack.resources.items():
        if resource["Type"] not in TYPES:
            yield f"{name} is {resource['Type']}, of which the checks know nothing. Remove it, or add it to rules.py."


@rule
def there_is_room_for_the_operations_to_come(stack):
    _, each, to_come = growth(stack)
    if to_come > RESOURCES_TO_COME:
        remedy = f"Give each fewer than its {each}, or split the stack"
        yield f"{OPERATIONS_TO_COME} operations would make {to_come} resources, of {RESOURCES_TO_COME}. {remedy}."


def growth(stack):
    """How many resources there are, how many each operation has of its own, and how many there will be."""
    blocks = tuple(it.block for it in stack.operations)
    own = sum(name.startswith(blocks) for name in stack.resources)
    each = -(-own // len(blocks))
    # An alarm looks at the errors of ten functions.
    alarms = -(-(OPERATIONS_TO_COME - len(blocks)) // 10)
    return len(stack.resources), each, len(stack.resources) - own + each * OPERATIONS_TO_COME + alarms


# ---- The gateway --------------------------------------------------------------------------------


@rule
def every_route_asks_for_a_token_unless_it_is_public_or_takes_keys(stack):
    recorders = {f"{it.block}Route" for it in stack.operations if it.is_recorder}
    for name, route in stack.each("AWS::ApiGatewayV2::Route"):
        given = tuple(route.get(it) for it in ("AuthorizationType", "AuthorizerId", "AuthorizationScopes"))
        if name in recorders:
            if given != (unless_keys("NONE", "JWT"), unless_keys(NONE, AUTHORIZER), unless_keys(NONE, [SCOPE])):
                yield f"{name} lets others in than recorders. Let it need RecorderScope at the Authorizer, unless HasRecorderKeys."
        elif given != ("JWT", AUTHORIZER, None) and name not in {f"{it.block}Route" for it in stack.operations if it.name in PUBLIC}:
            yield f"{name} lets anyone in, or asks for a scope. Set AuthorizationType: JWT and AuthorizerId: !Ref Authorizer."
    if stack.source["Conditions"].get("HasRecorderKeys") != {"Fn::Equals": [{"Ref": "RecorderKeys"}, "on"]}:
        yield "HasRecorderKeys does not follow RecorderKeys, so that functions and gateway differ. Let it be RecorderKeys = on."
    authorizer = stack.properties("Authorizer")
    tokens = {"Issuer": {"Ref": "Issuer"}, "Audience": {"Ref": "Audiences"}}
    given = authorizer.get("AuthorizerType"), authorizer.get("IdentitySource"), authorizer.get("JwtConfiguration")
    if given != ("JWT", ["$request.header.Authorization"], tokens):
        yield "Authorizer lets other tokens in. Let it be JWT, of the Authorization header, by Issuer and Audiences."
    for shortcut in ("Body", "BodyS3Location", "RouteKey", "Target"):
        if shortcut in stack.properties("Api"):
            yield f"Api has routes of its own, beside those that are written out. Remove its {shortcut}."


NONE, AUTHORIZER, SCOPE = {"Ref": "AWS::NoValue"}, {"Ref": "Authorizer"}, {"Ref": "RecorderScope"}


def unless_keys(with_keys, without):
    """What a recorder's route has where keys are taken, and where not."""
    return {"Fn::If": ["HasRecorderKeys", with_keys, without]}


@rule
def access_logs_tell_no_secret(stack):
    logged = stack.properties("DefaultStage").get("AccessLogSettings", {}).get("Format", "")
    for variable in sorted(set(re.findall(r"\$[\w.]+", logged)) - LOGGED):
        yield f"DefaultStage logs {variable}, which may hold an id, a token or a query. Remove it from the Format."


@rule
def other_origins_are_named_exactly(stack):
    pattern = stack.source["Parameters"].get("AllowedOrigins", {}).get("AllowedPattern", "")
    for origin in ("*", "https://*", "https://*.example.com", "null", "http://example.com"):
        if re.search(pattern, origin):
            yield f"The parameter AllowedOrigins takes {origin}. Narrow its AllowedPattern to exact origins."
    choice = stack.properties("Api").get("CorsConfiguration", {}).get("Fn::If", [None, {}, None])
    origins, otherwise = {"Ref": "AllowedOrigins"}, {"Ref": "AWS::NoValue"}
    if (choice[0], choice[1].get("AllowOrigins"), choice[2]) != ("HasAllowedOrigins", origins, otherwise):
        yield "Api lets pages call it whatever AllowedOrigins says. Set CorsConfiguration, if HasAllowedOrigins."
    if choice[1].get("AllowCredentials") or "*" in text_of(choice[1]):
        yield "Api lets pages send cookies, or any header. Name the headers in CorsConfiguration, without credentials."


@rule
def a_domain_speaks_tls_1_2_and_is_the_only_way_in(stack):
    for name, domain in stack.each("AWS::ApiGatewayV2::DomainName"):
        if any(it.get("SecurityPolicy") != "TLS_1_2" for it in domain["DomainNameConfigurations"]):
            yield f"{name} speaks an old TLS. Set SecurityPolicy: TLS_1_2."
    if stack.properties("Api").get("DisableExecuteApiEndpoint") != {"Fn::If": ["HasDomain", True, False]}:
        yield "Api keeps its default endpoint beside a domain. Set DisableExecuteApiEndpoint, if HasDomain."


# ---- The functions ------------------------------------------------------------------------------


@rule
def functions_get_the_environment_that_they_read(stack):
    def named(file):
        return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', (INFRA.parent / "shared/service/src" / file).read_text()))

    read = {name for name in named("app.rs") if not name.startswith("AWS_")} | {"GLIBC_TUNABLES"}
    def redacts(function):
        return re.search(r"app\.(redacted(_during)?|rules)\b", (INFRA.parent / "functions" / function / "src/lib.rs").read_text())

    redacting = {it.name for it in stack.operations if redacts(it.name)}
    for function in [it.name for it in stack.operations] + list(JOBS):
        block = block_of(function)
        environment = alternatives(stack.properties(f"{block}Function").get("Environment"))
        given = {name for one in environment for name in one["Variables"]}
        own = read if function in redacting else read - OF_REDACTION
        wanted = own if function not in PUBLIC else named("site.rs") if function == "get-viewer" else set()
        for name in sorted(given ^ wanted):
            fault = "is given" if name in given else "is not given"
            yield f"{block}Function {fault} {name}, other than it or its C library reads. Mend Globals."


# ---- Rights -------------------------------------------------------------------------------------


@rule
def a_role_names_what_it_may_do_and_to_what(stack):
    operations, jobs = [it.block for it in stack.operations], [block_of(it) for it in JOBS]
    known = {f"{block}Role" for block in operations + jobs} | SHARED_ROLES.keys()
    reached = {
        "GatewayRole": [{"Ref": f"{block}FunctionAliaslive"} for block in operations],
        "SchedulerRole": [{"Ref": f"{block}FunctionAliaslive"} for block in jobs],
        "DeploymentRole": [
            function
            for block in operations + jobs
            for function in ({"Fn::GetAtt": [f"{block}Function", "Arn"]}, {"Fn::Sub": f"${{{block}Function.Arn}}:*"})
        ],
    }
    for name, role in stack.each("AWS::IAM::Role"):
        if name not in known:
            yield f"{name} is no operation's and no job's, so that no rule limits it. Remove it, or say in rules.py what it may do."
        service, own = SHARED_ROLES.get(name, ("lambda.amazonaws.com", set()))
        trusted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        if service in SAY_ACCOUNT:
            trusted["Condition"] = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        if role.get("AssumeRolePolicyDocument", {}).get("Statement") != [trusted]:
            yield f"{name} can be assumed by others. Trust {text_of(trusted)} alone."
        if role.get("ManagedPolicyArns"):
            yield f"{name} has a managed policy, which grants more than it needs. Write its statements out."
        # The ARN of a log group ends with `:*`, which are its own streams.
        own_table_and_log = [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::GetAtt": [name.removesuffix("Role") + "Logs", "Arn"]}]
        allowed = reached.get(name, own_table_and_log)
        for statement, actions, resources in statements(role):
            if set(actions) == ANYWHERE and name == "DeploymentRole":
                continue
            if "*" in "".join(actions) or "NotAction" in statement or (own and not set(actions) <= own):
                yield f"{name} may {actions}. Name each action, and no more than it needs."
            for resource in resources:
                if resource not in allowed:
                    yield f"{name} reaches {text_of(resource)}. Let it reach {text_of(allowed)}."


@rule
def an_operation_may_do_no_more_than_its_kind(stack):
    for it in stack.operations:
        for statement, actions, resources in statements(stack.properties(f"{it.block}Role")):
            if actions == LOG and target(resources[0]) == f"{it.block}Logs":
                continue
            for action in actions:
                service, _, call = action.partition(":")
                forgets = it.is_recorder and call == "DeleteItem" and keys_of(statement) == {"STAGED#*"}
                marks = it.is_recorder and call in OF_KEYS and keys_of(statement) == {"KEY#*"}
                if service != "dynamodb" or call not in READS | WRITES or target(resources[0]) != "Table":
                    yield f"{it.block}Role may {action}, which no function calls. Remove it."
                elif it.name in PUBLIC:
                    yield f"{it.block}Role may {action}, and {it.name} has nothing to do with the table. Remove it."
                elif it.is_reader and call in WRITES and not marks:
                    yield f"{it.block}Role may {action}, and {it.name} is a reader. Remove it."
                elif it.is_recorder and call == "Query":
                    yield f"{it.block}Role may {action}, and a recorder reads nothing back. Remove it."
                elif not it.is_deleter and not forgets and call in DELETES:
                    yield f"{it.block}Role may {action}, and only what a user deletes with deletes. Remove it."


def keys_of(statement):
    """The partitions that a statement is limited to."""
    return set(statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", []))


@rule
def a_job_does_what_it_is_for_and_a_schedule_starts_it(stack):
    for name, rights in JOBS.items():
        block = block_of(name)
        for statement, actions, resources in statements(stack.properties(f"{block}Role")):
            if actions == LOG and target(resources[0]) == f"{block}Logs":
                continue
            keys, calls = keys_of(statement), {action.removeprefix("dynamodb:") for action in actions}
            allowed = [rights.get(key, set()) for key in keys]
            for call in sorted(calls - set.intersection(*allowed)) if allowed else sorted(calls):
                yield f"{block}Role may {call} on {sorted(keys)}, which {name} is not for. Remove it."
        started = stack.properties(f"{block}Schedule").get("Target", {})
        if target(started.get("Arn")) != f"{block}FunctionAliaslive" or target(started.get("RoleArn")) != "SchedulerRole":
            yield f"{block}Schedule starts something else than {name}. Let it start {block}Function.Alias by SchedulerRole."


@rule
def a_job_that_nothing_starts_rings(stack):
    alarms = [alarm for _, alarm in stack.each("AWS::CloudWatch::Alarm") if alarm.get("MetricName") == "Invocations"]
    for name in JOBS:
        function = {"Name": "FunctionName", "Value": {"Ref": f"{block_of(name)}Function"}}
        looking = [it for it in alarms if function in it.get("Dimensions", [])]
        # A function that nothing starts counts nothing, not even 0.
        if not any(it.get("TreatMissingData") == "breaching" for it in looking):
            yield f"Nobody is told when nothing starts {name}. Let an alarm on its Invocations take missing data as breaching."


@rule
def an_operation_writes_its_own_partitions_and_attributes(stack):
    for it in stack.operations:
        for statement, actions, _ in statements(stack.properties(f"{it.block}Role")):
            if actions == LOG:
                continue
            condition = statement.get("Condition", {})
            keys = keys_of(statement)
            attributes = set(condition.get("ForAllValues:StringEquals", {}).get("dynamodb:Attributes", []))
            if not keys or not keys <= {"SETTINGS", "USER#*", "OWNER#*", "CHAT#*", "STAGED#*", "KEY#*", "KEYS#*"}:
                yield f"{it.block}Role reaches every partition with {actions}. Add a condition on dynamodb:LeadingKeys."
            if "KEYS#*" in keys and it.name not in OF_HOLDERS:
                yield f"{it.block}Role reaches the lists of keys, which are for {sorted(OF_HOLDERS)}. Remove KEYS#*."
            writes = [call for call in sorted(WRITES - {"ConditionCheckItem"}) if f"dynamodb:{call}" in actions]
            if it.is_recorder and keys == {"KEY#*"} and writes:
                if attributes != {"pk", "sk", "last_used_day"}:
                    yield f"{it.block}Role may change a key. Let it name last_used_day alone in dynamodb:Attributes."
                continue
            for key in sorted(keys - WRITTEN.get(it.name, {"CHAT#*"})) if writes else []:
                yield f"{it.block}Role may {writes} in {key}, which is not its to write. Narrow its LeadingKeys."
            if ("UpdateItem" in writes) != (attributes >= {"pk", "sk"}) or (attributes and len(actions) > 1):
                yield f"{it.block}Role may update any attribute. Give UpdateItem a statement of its own, with Attributes."
            for name in sorted((attributes & OF_CHAT) - NAMED.get(it.name, set())):
                yield f"{it.block}Role may update {name}, which is not its own. Remove it from dynamodb:Attributes."


# ---- The table ----------------------------------------------------------------------------------


@rule
def the_table_and_its_key_survive_mistakes(stack):
    for name in ("Table", "Key"):
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if stack.resources[name].get(policy) != "Retain":
                yield f"{name} goes away with the stack. Set {policy}: Retain."
    table, key = stack.properties("Table"), stack.properties("Key")
    if table.get("DeletionProtectionEnabled") is not True:
        yield "Table can be deleted by one call. Set DeletionProtectionEnabled: true."
    if table.get("TimeToLiveSpecification") != {"AttributeName": "expires_at", "Enabled": True}:
        yield "Table keeps what was replaced. Set TimeToLiveSpecification for expires_at."
    keys = [it.get("KMSMasterKeyId") for it in alternatives(table.get("SSESpecification")) if it.get("SSEEnabled")]
    if keys != [{"Fn::GetAtt": ["Key", "Arn"]}]:
        yield "Table has no use for TableKey. Set SSESpecification with Key, if HasTableKey."
    if key.get("EnableKeyRotation") is not True:
        yield "Key never changes. Set EnableKeyRotation: true."
    for statement in key.get("KeyPolicy", {}).get("Statement", []):
        limits = statement.get("Condition", {}).get("StringEquals", {}).keys()
        is_account = text_of(statement["Principal"]).endswith(':root"}}')
        if not is_account and limits != {"kms:CallerAccount", "kms:ViaService"}:
            yield "Key can be used by others, or past DynamoDB. Limit KeyPolicy by kms:CallerAccount and kms:ViaService."


# ---- What people read ---------------------------------------------------------------------------


@rule
def every_alarm_tells_somebody(stack):
    told = {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    for name, alarm in stack.each("AWS::CloudWatch::Alarm"):
        if alarm.get("AlarmActions") != told or "ActionsEnabled" in alarm:
            yield f"{name} tells nobody. Set AlarmActions to AlarmTopic, if HasAlarmEmail."


@rule
def dashboards_are_json(stack):
    for name, dashboard in stack.each("AWS::CloudWatch::Dashboard"):
        try:
            json.loads(dashboard["DashboardBody"]["Fn::Sub"])
        except ValueError as error:
            yield f"{name} is no JSON: {error}. Mend its DashboardBody."


@rule
def the_pages_explain_every_parameter_and_alarm(stack):
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*?) \|$", section(stack.pages, "Parameters"), re.M))
    for name, parameter in stack.source["Parameters"].items():
        default = parameter.get("Default")
        said = "required" if default is None else f"`{default}`" if default != "" else "empty"
        if rows.pop(name, None) != said:
            yield f"infra/deploy.md does not explain {name}, or its default. Its row should end with {said}."
    for name in rows:
        yield f"infra/deploy.md explains {name}, which is no parameter. Remove its row."
    text = section(stack.pages, "Alarms")
    for name in {re.sub(r"\d+$", "", name) for name, _ in stack.each("AWS::CloudWatch::Alarm")}:
        if f"| `{name}" not in text:
            yield f"infra/runbook.md does not say what {name} means. Add a row under Alarms."


# An `aws` that keeps each function's concurrency in a file, and says None where there is none.
AWS = """#!/bin/sh
state="$STATE/$4"
case $2 in
    get-function-concurrency) cat "$state" 2>/dev/null || echo None ;;
    put-function-concurrency) echo "$6" > "$state" ;;
    delete-function-concurrency) rm -f "$state" ;;
esac
"""


@rule
def the_kill_switch_puts_back_what_was_set(stack):
    stop, back, *_ = re.findall(r"```sh\n(.*?)```", section(stack.pages, "Kill switch", "###"), re.S) + ["", ""]
    named = {f"chat-debug-{it.name}" for it in stack.operations if it.is_recorder}
    with tempfile.TemporaryDirectory() as folder:
        state, here = Path(folder, "state"), Path(folder, "here")
        state.mkdir(), here.mkdir()
        Path(folder, "aws").write_text(AWS)
        Path(folder, "aws").chmod(0o755)
        (state / "chat-debug-put-chat").write_text("7\n")
        environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "STATE": str(state)}

        def after(script):
            subprocess.run(["sh", "-c", script], cwd=here, env=environment, capture_output=True)
            return {it.name: it.read_text().strip() for it in state.iterdir()}

        before = {"chat-debug-put-chat": "7"}
        if after(stop) != dict.fromkeys(named, "0"):
            yield "infra/runbook.md does not stop every recording function, or others. Mend its kill switch."
        after(stop)
        if after(back) != before or any(here.iterdir()):
            yield "infra/runbook.md does not put back what was set before its kill switch. Mend how it goes back."
        if after(back) != before:
            yield "infra/runbook.md changes what is set when there is nothing to put back. Mend how it goes back."


def section(text, title, rank="##"):
    """The text below a heading, up to the next one of its rank."""
    found = re.search(rf"^{rank} {re.escape(title)}$(.*?)(?=^#{{2,{len(rank)}}} |\Z)", text, re.M | re.S)
    return found[1] if found else ""
