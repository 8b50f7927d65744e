"""What has to be true of the template, beyond what linters know. A fault names the resource and the remedy."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import expected
from stack import INFRA, alternatives, statements, target, text_of

RULES = []

# Whoever adds a route without a token says so here, too.
PUBLIC = {"get-openapi", "get-docs"}

READS = {"GetItem", "BatchGetItem", "Query"}
DELETES = {"DeleteItem", "BatchWriteItem"}
WRITES = {"PutItem", "UpdateItem", "ConditionCheckItem"} | DELETES
LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]

# CloudFormation's limits.
MAX_RESOURCES = 500
MAX_BYTES = 1_000_000

# What takes tags of the types that the template names, and whether as a list or a map.
TAGGED = {
    "AWS::ApiGatewayV2::Api": dict,
    "AWS::ApiGatewayV2::DomainName": dict,
    "AWS::ApiGatewayV2::Stage": dict,
    "AWS::CloudWatch::Alarm": list,
    "AWS::DynamoDB::Table": list,
    "AWS::IAM::Role": list,
    "AWS::KMS::Key": list,
    "AWS::Lambda::Function": list,
    "AWS::Logs::LogGroup": list,
    "AWS::SNS::Topic": list,
}

# What the dashboard draws of each function.
DRAWN = ("Duration", "Errors", "Throttles")


def rule(check):
    RULES.append(check)
    return check


def unlike(name, fault, given, wanted):
    """A fault for each member that is not word for word as it has to be."""
    for key in sorted(given.keys() | wanted.keys()):
        if given.get(key) != wanted.get(key):
            remedy = f"Set {key} to {text_of(wanted[key])}" if key in wanted else f"Remove {key}"
            yield f"{name} {fault}. {remedy}."


# ---- What there is ------------------------------------------------------------------------------


@rule
def there_is_what_the_checks_know_and_nothing_else(stack):
    wanted = expected.resources(stack.operations, stack.stage)
    given = {}
    for name, resource in stack.resources.items():
        name = re.sub(r"(?<=FunctionVersion)[0-9a-f]+$", "", name)
        given[name] = resource["Type"], resource.get("Condition")
    for name in sorted(given.keys() - wanted.keys()):
        yield f"{name} is {given[name][0]}, of which the checks know nothing. Remove it, or add it to expected.py."
    for name, (kind, condition) in wanted.items():
        if given.get(name) != (kind, condition):
            yield f"{name} is missing or another. Let it be {kind}, {f'if {condition}' if condition else 'always'}."


@rule
def conditions_mean_what_they_are_called(stack):
    yield from unlike("Conditions", "turn something on or off", stack.source["Conditions"], expected.CONDITIONS)


# ---- The gateway --------------------------------------------------------------------------------


@rule
def every_operation_has_its_route(stack):
    routes = {}
    for name, route in stack.each("AWS::ApiGatewayV2::Route"):
        integration = stack.properties(target(route.get("Target")))
        routes[route["RouteKey"]] = stack.function_of(integration.get("IntegrationUri"))
        if route["RouteKey"] not in {it.route_key for it in stack.operations}:
            yield f"{name} leads {route['RouteKey']}, which is no operation of infra/openapi.json. Remove it."
    for shortcut in ("Body", "BodyS3Location", "RouteKey", "Target"):
        if shortcut in stack.properties("Api"):
            yield f"Api has routes of its own, beside those that are written out. Remove its {shortcut}."
    for it in stack.operations:
        if it.route_key not in routes:
            yield f"No route leads {it.route_key} to {it.block}Function. Add {it.block}Route."
        elif routes[it.route_key] != f"{it.block}Function":
            yield f"{it.block}Route leads to {routes[it.route_key]}. It should lead to {it.block}Function's alias."


@rule
def every_route_has_the_authorizer_or_is_public(stack):
    for it in stack.operations:
        route = stack.properties(f"{it.block}Route")
        is_guarded = route.get("AuthorizationType") == "JWT" and target(route.get("AuthorizerId")) == "Authorizer"
        if it.name in PUBLIC:
            if it.callers:
                yield f"{it.name} is public for the checks, and infra/openapi.json asks for a token. Make them agree."
            if route.get("AuthorizationType") != "NONE":
                yield f"{it.block}Route is public. Set AuthorizationType: NONE."
        elif not is_guarded:
            yield f"{it.block}Route lets anyone in. Set AuthorizationType: JWT and AuthorizerId: !Ref Authorizer."


@rule
def the_recorders_scope_is_asked_for_where_recorders_alone_may_call(stack):
    for it in stack.operations:
        scopes = stack.properties(f"{it.block}Route").get("AuthorizationScopes", [])
        if it.is_recorder and scopes != [{"Ref": "RecorderScope"}]:
            yield f"{it.block}Route is for recorders. Set AuthorizationScopes: [!Ref RecorderScope]."
        if not it.is_recorder and scopes:
            yield f"{it.block}Route is for others than recorders, too. Remove its AuthorizationScopes."


@rule
def tokens_are_checked_against_the_parameters(stack):
    yield from unlike("Authorizer", "lets other tokens in", stack.properties("Authorizer"), expected.AUTHORIZER)


@rule
def functions_are_called_through_their_alias_and_have_time_to_answer(stack):
    for name, integration in stack.each("AWS::ApiGatewayV2::Integration"):
        function = stack.function_of(integration.get("IntegrationUri"))
        if function is None:
            yield f"{name} calls something else than an alias `live`, past every canary. Use !Ref …Function.Alias."
            continue
        wanted = {
            "ApiId": expected.REF_API,
            "IntegrationType": "AWS_PROXY",
            "PayloadFormatVersion": "2.0",
            "IntegrationUri": integration["IntegrationUri"],
            "TimeoutInMillis": integration.get("TimeoutInMillis"),
        }
        yield from unlike(name, "sends what is not the caller's, or what no function reads", integration, wanted)
        if integration.get("TimeoutInMillis", 0) <= 1_000 * stack.properties(function)["Timeout"]:
            yield f"{name} gives up before {function} does. Set TimeoutInMillis above its Timeout."


@rule
def the_gateway_may_call_a_function_on_its_own_route_only(stack):
    for it in stack.operations:
        path = re.sub(r"\{\w+\}", "*", it.path)
        permission, wanted = stack.properties(f"{it.block}Permission"), expected.permission(it, path)
        yield from unlike(f"{it.block}Permission", f"is not for {it.route_key} alone", permission, wanted)


@rule
def what_is_deployed_is_served(stack):
    stage = stack.properties("DefaultStage")
    wanted = {"ApiId": expected.REF_API, "StageName": "$default", "AutoDeploy": True}
    yield from unlike("DefaultStage", "serves something else", {key: stage.get(key) for key in wanted}, wanted)


@rule
def writes_and_what_is_public_are_throttled_tighter_than_reads(stack):
    stage = stack.properties("DefaultStage")
    limits = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
    reads = stage.get("DefaultRouteSettings", {})
    for limit in limits:
        if not stack.default(reads.get(limit)):
            yield f"DefaultStage has no {limit} for all routes. Set it in DefaultRouteSettings."
            return
    for it in stack.operations:
        if it.is_reader and it.name not in PUBLIC:
            continue
        own = stage.get("RouteSettings", {}).get(it.route_key, {})
        for limit in limits:
            if not 0 < (stack.default(own.get(limit)) or 0) < stack.default(reads[limit]):
                yield f"DefaultStage throttles {it.route_key} no tighter than a read. Set its {limit} in RouteSettings."
        if f"{it.block}Route" not in stack.resources["DefaultStage"].get("DependsOn", []):
            yield f"DefaultStage may be made before {it.block}Route, whose throttle it sets. Add it to DependsOn."


@rule
def access_logs_tell_no_secret(stack):
    for name, stage in stack.each("AWS::ApiGatewayV2::Stage"):
        logged = stage.get("AccessLogSettings", {})
        if target(logged.get("DestinationArn")) != "AccessLogs":
            yield f"{name} keeps no access log. Set AccessLogSettings with AccessLogs as its destination."
            continue
        try:
            json.loads(logged["Format"])
        except ValueError:
            yield f"{name} writes access logs that are no JSON. Mend the Format."
            continue
        told = set(re.findall(r"\$[\w.]+", logged["Format"]))
        for variable in sorted(told - expected.LOGGED):
            yield f"{name} logs {variable}, which may hold an id, a token or a query. Remove it from the Format."
        for variable in sorted(expected.LOGGED - told):
            yield f"{name} does not log {variable}. Add it to the Format, or remove it from expected.py."


@rule
def other_origins_are_named_exactly(stack):
    pattern = stack.source["Parameters"].get("AllowedOrigins", {}).get("AllowedPattern", "")
    for origin in ("*", "https://*", "https://*.example.com", "null", "http://example.com"):
        if re.search(pattern, origin):
            yield f"The parameter AllowedOrigins takes {origin}. Narrow its AllowedPattern to exact origins."
    choice = stack.properties("Api").get("CorsConfiguration", {}).get("Fn::If", [None, {}, None])
    if [choice[0], choice[2]] != ["HasAllowedOrigins", {"Ref": "AWS::NoValue"}]:
        yield "Api lets pages call it whatever AllowedOrigins says. Set CorsConfiguration, if HasAllowedOrigins."
    yield from unlike("Api", "lets other pages call it, or keeps something from them", choice[1], expected.CORS)
    for method in sorted({it.method for it in stack.operations} - set(expected.CORS["AllowMethods"])):
        yield f"Api keeps pages from {method}. Add it to AllowMethods, and to expected.py."


@rule
def a_domain_speaks_tls_1_2_and_is_the_only_door(stack):
    for name, domain in stack.each("AWS::ApiGatewayV2::DomainName"):
        if any(it.get("SecurityPolicy") != "TLS_1_2" for it in domain["DomainNameConfigurations"]):
            yield f"{name} speaks an old TLS. Set SecurityPolicy: TLS_1_2."
    if stack.properties("Api").get("DisableExecuteApiEndpoint") != {"Fn::If": ["HasDomain", True, False]}:
        yield "Api keeps its default endpoint beside a domain. Set DisableExecuteApiEndpoint, if HasDomain."


# ---- The functions ------------------------------------------------------------------------------


@rule
def every_operation_has_its_function(stack):
    functions = dict(stack.each("AWS::Lambda::Function"))
    for it in stack.operations:
        function = stack.resources.get(f"{it.block}Function")
        if function is None:
            yield f"{it.name} has no function. Add {it.block}Function."
            continue
        del functions[f"{it.block}Function"]
        build = {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": it.name}}
        if {key: function.get("Metadata", {}).get(key) for key in build} != build:
            yield f"{it.block}Function is not built from {it.name}. Set its Metadata to {text_of(build)}."
    for name in functions:
        yield f"{name} belongs to no operation of infra/openapi.json. Remove it."


@rule
def functions_get_the_environment_that_they_read(stack):
    read = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', (INFRA.parent / "shared/service/src/app.rs").read_text()))
    read.add("GLIBC_TUNABLES")  # by the C library
    set_by_lambda = {name for name in read if name.startswith("AWS_")}
    for it in stack.operations:
        environment = alternatives(stack.properties(f"{it.block}Function").get("Environment"))
        given = {name for one in environment for name in one["Variables"]}
        wanted = set() if it.name in PUBLIC else read - set_by_lambda
        for name in sorted(given - wanted):
            yield f"{it.block}Function is given {name}, which it does not read. Remove it from the environment."
        for name in sorted(wanted - given):
            yield f"{it.block}Function is not given {name}, which it or its C library reads. Add it to Globals."


@rule
def functions_have_the_time_that_they_give_themselves(stack):
    source = (INFRA.parent / "shared/service/src/http.rs").read_text()
    budgets = re.findall(r"^const \w+_BUDGET: Duration = Duration::from_secs\((\d+)\);", source, re.M)
    # One second more, for a cold start.
    least = max(int(budget) for budget in budgets) + 1
    for name, function in stack.each("AWS::Lambda::Function"):
        if function.get("Timeout", 0) < least:
            yield f"{name} is stopped before its own budget is over. Set its Timeout to {least} or more."


@rule
def every_function_has_a_role_of_its_own(stack):
    for name, function in stack.each("AWS::Lambda::Function"):
        role = name.removesuffix("Function") + "Role"
        if target(function.get("Role")) != role:
            yield f"{name} runs under {target(function.get('Role'))}. Give it {role}, its own."
        if stack.properties(role).get("AssumeRolePolicyDocument") != expected.trust("lambda.amazonaws.com"):
            yield f"{role} can be assumed by others than Lambda. Trust lambda.amazonaws.com alone."


@rule
def deployments_may_move_aliases_and_look_at_alarms(stack):
    policy = {"Version": "2012-10-17", "Statement": expected.DEPLOYMENT}
    wanted = {
        "AssumeRolePolicyDocument": expected.trust("codedeploy.amazonaws.com"),
        "Policies": [{"PolicyName": "deployment", "PolicyDocument": policy}],
        "Tags": expected.TAGS,
    }
    yield from unlike("DeploymentRole", "may do something else", stack.properties("DeploymentRole"), wanted)


@rule
def a_role_names_what_it_may_do_and_to_what(stack):
    for name, role in stack.each("AWS::IAM::Role"):
        if name == "DeploymentRole":
            continue
        if role.get("ManagedPolicyArns"):
            yield f"{name} has a managed policy, which grants more than it needs. Write its statements out."
        for statement, actions, resources in statements(role):
            if "*" in "".join(actions) or "NotAction" in statement:
                yield f"{name} has a `*` among its actions. Name each action."
            # The ARN of a log group ends with `:*`, which are its own streams: the one `*` there is.
            allowed = [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::GetAtt": [name.removesuffix("Role") + "Logs", "Arn"]}]
            for resource in resources:
                if resource not in allowed:
                    yield f"{name} reaches {text_of(resource)}. Name the table's ARN, or its own log group's."


@rule
def an_operation_may_do_no_more_than_its_kind(stack):
    for it in stack.operations:
        for statement, actions, resources in statements(stack.properties(f"{it.block}Role")):
            if statement["Effect"] != "Allow":
                continue
            if actions == LOG and target(resources[0]) == f"{it.block}Logs":
                continue
            for action in actions:
                service, _, call = action.partition(":")
                if service != "dynamodb" or call not in READS | WRITES or target(resources[0]) != "Table":
                    yield f"{it.block}Role may {action}, which no function calls. Remove it."
                elif it.name in PUBLIC:
                    yield f"{it.block}Role may {action}, and {it.name} has nothing to do with the table. Remove it."
                elif it.is_reader and call in WRITES:
                    yield f"{it.block}Role may {action}, and {it.name} is a reader. Remove it."
                elif it.is_recorder and call == "Query":
                    yield f"{it.block}Role may {action}, and a recorder reads nothing back. Remove it."
                elif not it.is_deleter and call in DELETES:
                    yield f"{it.block}Role may {action}, and only delete-* deletes. Remove it."


@rule
def a_role_is_kept_to_the_partitions_of_its_operation(stack):
    for it in stack.operations:
        own = {"put-debug-logging": {"SETTINGS"}, "put-user-debug-logging": {"USER#*"}}.get(it.name, {"CHAT#*"})
        for statement, actions, _ in statements(stack.properties(f"{it.block}Role")):
            if actions == LOG:
                continue
            keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
            if not keys or not set(keys) <= {"SETTINGS", "USER#*", "CHAT#*"}:
                yield f"{it.block}Role reaches every partition with {actions}. Add a condition on dynamodb:LeadingKeys."
                continue
            writes = {call for call in WRITES - {"ConditionCheckItem"} if f"dynamodb:{call}" in actions}
            for key in sorted(set(keys) - own):
                for call in sorted(writes):
                    yield f"{it.block}Role may {call} in {key}, which is not its to write. Narrow its LeadingKeys."


@rule
def an_update_names_the_attributes_of_its_operation(stack):
    for it in stack.operations:
        for statement, actions, _ in statements(stack.properties(f"{it.block}Role")):
            attributes = set(attributes_of(statement))
            if "dynamodb:UpdateItem" not in actions:
                if attributes:
                    yield f"{it.block}Role limits {actions} to attributes, which counts for UpdateItem. Remove it."
                continue
            if actions != ["dynamodb:UpdateItem"]:
                yield f"{it.block}Role grants UpdateItem beside other calls. Give it a statement of its own."
            if not attributes >= {"pk", "sk"}:
                yield f"{it.block}Role may update any attribute, or lacks keys. Add a condition on dynamodb:Attributes."
            for name in sorted((attributes & expected.OF_CHAT) - expected.NAMED_OF_CHAT.get(it.name, set())):
                yield f"{it.block}Role may update {name}, which is not its own. Remove it from dynamodb:Attributes."


def attributes_of(statement):
    """What a statement's update may name."""
    return statement.get("Condition", {}).get("ForAllValues:StringEquals", {}).get("dynamodb:Attributes", [])


@rule
def concurrency_is_reserved_as_the_parameters_say_and_by_default_not(stack):
    for it in stack.operations:
        given = stack.properties(f"{it.block}Function").get("ReservedConcurrentExecutions")
        name = it.concurrency
        wanted = {"Fn::If": [f"Has{name}", {"Ref": name}, {"Ref": "AWS::NoValue"}]} if name else None
        if given != wanted:
            remedy = f"Let it follow {name}, if Has{name}" if name else "Leave it to what the account has left"
            yield f"{it.block}Function reserves {text_of(given)} calls at once. {remedy}."
    for name in ("ReadConcurrency", "RecordConcurrency"):
        parameter = stack.source["Parameters"].get(name, {})
        if parameter.get("Default") != "" or re.search(parameter.get("AllowedPattern", ""), "0"):
            yield f"The parameter {name} reserves something unasked, or takes a 0, which calls no function. Mend it."


@rule
def every_function_logs_to_a_group_of_its_own(stack):
    for name, function in stack.each("AWS::Lambda::Function"):
        logs = name.removesuffix("Function") + "Logs"
        if target(function.get("LoggingConfig", {}).get("LogGroup")) != logs:
            yield f"{name} does not log to {logs}. Set LoggingConfig."
        if function.get("LoggingConfig", {}).get("LogFormat") != "JSON":
            yield f"{name} logs Lambda's own lines as text. Set LogFormat: JSON."


@rule
def logs_are_kept_as_long_as_the_parameter_says(stack):
    for name, group in stack.each("AWS::Logs::LogGroup"):
        if group.get("RetentionInDays") != {"Ref": "LogRetentionDays"}:
            yield f"{name} does not end its logs. Set RetentionInDays: !Ref LogRetentionDays."


@rule
def a_canary_goes_first_in_prod_and_alarms_end_it(stack):
    policies = dict(stack.each("AWS::CodeDeploy::DeploymentGroup"))
    for name, _ in stack.each("AWS::Lambda::Function"):
        group = policies.get(f"{name}DeploymentGroup")
        if stack.stage == "dev":
            if group is not None:
                yield f"{name} waits for a canary in dev. Leave Enabled to the mapping Stages."
            continue
        if group is None or "Canary" not in text_of(group["DeploymentConfigName"]):
            yield f"{name} goes live at once in prod. Leave DeploymentPreference to Globals."
            continue
        alarms = [{"Name": {"Ref": name.removesuffix("Function") + "Errors"}}, {"Name": {"Ref": "InternalErrors"}}]
        wanted = {
            "AlarmConfiguration": {"Fn::If": ["IsProd", {"Enabled": True, "Alarms": alarms}, {}]},
            "ServiceRoleArn": {"Fn::GetAtt": ["DeploymentRole", "Arn"]},
        }
        fault = "is deployed under another role, or stopped by other alarms than its own and InternalErrors"
        yield from unlike(name, fault, {key: group.get(key) for key in wanted}, wanted)


# ---- The table ----------------------------------------------------------------------------------


@rule
def the_table_survives_mistakes(stack):
    for name, table in stack.each("AWS::DynamoDB::Table"):
        resource = stack.resources[name]
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy) != "Retain":
                yield f"{name} goes away with the stack. Set {policy}: Retain."
        if table.get("DeletionProtectionEnabled") is not True:
            yield f"{name} can be deleted by one call. Set DeletionProtectionEnabled: true."
        if table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
            yield f"{name} cannot be restored. Set PointInTimeRecoveryEnabled: true."
        if table.get("TimeToLiveSpecification") != {"AttributeName": "expires_at", "Enabled": True}:
            yield f"{name} keeps what was replaced. Set TimeToLiveSpecification for expires_at."


@rule
def the_tables_key_may_be_the_accounts_own_and_stays(stack):
    for name, table in stack.each("AWS::DynamoDB::Table"):
        keys = [
            it.get("KMSMasterKeyId")
            for it in alternatives(table.get("SSESpecification"))
            if it.get("SSEEnabled") is True
        ]
        if keys != [{"Fn::GetAtt": ["Key", "Arn"]}]:
            yield f"{name} has no use for TableKey. Set SSESpecification with Key, if HasTableKey."
    for name, key in stack.each("AWS::KMS::Key"):
        if stack.resources[name].get("DeletionPolicy") != "Retain":
            yield f"{name} goes away with the stack, and with it all that the table holds. Set DeletionPolicy: Retain."
        if key.get("EnableKeyRotation") is not True:
            yield f"{name} never changes. Set EnableKeyRotation: true."
        given = {"KeyPolicy": key.get("KeyPolicy")}
        yield from unlike(name, "can be used by others, or past DynamoDB", given, {"KeyPolicy": expected.KEY_POLICY})


# ---- What watches it ----------------------------------------------------------------------------


@rule
def an_alarm_watches_each_function_the_api_and_the_table(stack):
    for name, wanted in expected.alarms(stack.operations).items():
        if name not in stack.resources:
            yield f"{name} is missing, so nobody hears of {wanted['MetricName']}. Add it."
        else:
            yield from unlike(name, "rings at something else, or tells nobody", stack.properties(name), wanted)


@rule
def dashboards_draw_every_function(stack):
    for name, dashboard in stack.each("AWS::CloudWatch::Dashboard"):
        try:
            widgets = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
        except ValueError as error:
            yield f"{name} is no JSON: {error}. Mend its DashboardBody."
            continue
        drawn = {metric for widget in widgets for metric in spelled_out(widget["properties"]["metrics"])}
        for function, _ in stack.each("AWS::Lambda::Function"):
            for metric in DRAWN:
                if ("AWS/Lambda", metric, "FunctionName", f"${{{function}}}") not in drawn:
                    yield f"{name} does not draw {metric} of {function}. Add it to the metrics of its widget."


def spelled_out(metrics):
    """A widget's metrics without the dots, which stand for what the one before says."""
    before = []
    for metric in metrics:
        words = [word for word in metric if isinstance(word, str)]
        if words[:1] == ["..."]:
            words = before[: len(before) - len(words) + 1] + words[1:]
        before = [before[at] if word == "." else word for at, word in enumerate(words)]
        yield tuple(before)


@rule
def everything_is_tagged(stack):
    for name, resource in stack.resources.items():
        shape = TAGGED.get(resource["Type"])
        if shape is None:
            continue
        tags = resource.get("Properties", {}).get("Tags", shape())
        tags = tags if shape is dict else {it["Key"]: it["Value"] for it in tags}
        if tags.get("project") != "chat-debug":
            yield f"{name} is missing in the bill of the project. Tag it with project: chat-debug."


# ---- The whole ----------------------------------------------------------------------------------


@rule
def cloudformation_takes_it(stack):
    if len(stack.resources) > MAX_RESOURCES:
        yield f"The template has {len(stack.resources)} resources, and CloudFormation takes {MAX_RESOURCES}. Split it."
    size = len(text_of(stack.transformed).encode())
    if size > MAX_BYTES:
        yield f"The transformed template has {size} bytes, and CloudFormation takes {MAX_BYTES}. Shorten it."


@rule
def the_readme_has_every_parameter(stack):
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*?) \|$", section(stack.readme, "Parameters"), re.M))
    for name, parameter in stack.source["Parameters"].items():
        default = parameter.get("Default")
        said = "required" if default is None else f"`{default}`" if default != "" else "empty"
        if name not in rows:
            yield f"infra/deploy.md does not explain the parameter {name}. Add a row under Parameters."
        elif rows.pop(name) != said:
            yield f"infra/deploy.md is wrong about the default of {name}. Its row should end with {said}."
    for name in rows.keys() - stack.source["Parameters"].keys():
        yield f"infra/deploy.md explains {name}, which is no parameter. Remove its row."


@rule
def the_readme_says_who_may_do_what(stack):
    rows = dict(re.findall(r"^\| ([a-z-]+) \| (.*) \|$", section(stack.readme, "Who may do what"), re.M))
    for it in stack.operations:
        said = []
        for statement, actions, _ in statements(stack.properties(f"{it.block}Role")):
            if actions != LOG:
                keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
                calls = ", ".join(action.removeprefix("dynamodb:") for action in actions)
                named = [f"`{name}`" for name in attributes_of(statement) if name not in ("pk", "sk")]
                calls += f" of {', '.join(named)}" if named else ""
                partitions = ", ".join("`" + key.rstrip("*") + "`" for key in keys)
                said.append(f"{calls} on {partitions}")
        row = "; ".join(said) or "nothing"
        if rows.get(it.name) != row:
            remedy = "or take the right away, if the operation does not need it."
            yield f"infra/deploy.md is wrong about what {it.name} may do. Let its row end with: {row} — {remedy}"


@rule
def the_readme_has_every_alarm(stack):
    text = section(stack.readme, "Alarms")
    alarms = [name for name, _ in stack.each("AWS::CloudWatch::Alarm")]
    own = {f"{it.block}Errors" for it in stack.operations}
    for name in alarms:
        if f"| `{name}` |" not in text and name not in own:
            yield f"infra/runbook.md does not say what {name} means. Add a row under Alarms."
    if f"{len(alarms)} alarms" not in text:
        yield f"infra/runbook.md does not say that there are {len(alarms)} alarms. Mend the number under Alarms."
    cost = f"| alarms, {len(alarms)} at $0.10 | | ${len(alarms) * 0.10:.2f} |"
    if cost not in section(stack.readme, "Idle cost"):
        yield f"infra/costs.md does not say what {len(alarms)} alarms cost. Write under Idle cost: {cost}"


@rule
def the_readme_says_how_many_calls_are_reserved(stack):
    reserved = [it.concurrency for it in stack.operations]
    sums = " + ".join(f"{reserved.count(name)} · `{name}`" for name in ("ReadConcurrency", "RecordConcurrency"))
    if f"**{sums}**" not in stack.readme:
        yield f"infra/runbook.md does not say what reserved concurrency adds up to. Write: **{sums}**"


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
def the_kill_switch_puts_back_what_stood_there(stack):
    stop, back, *_ = re.findall(r"```sh\n(.*?)```", section(stack.readme, "Kill switch", "###"), re.S) + ["", ""]
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
            yield "infra/runbook.md does not put back what stood before its kill switch. Mend how it goes back."
        if after(back) != before:
            yield "infra/runbook.md changes what stands when there is nothing to put back. Mend how it goes back."


def section(text, title, rank="##"):
    """The text below a heading, up to the next one of its rank."""
    found = re.search(rf"^{rank} {re.escape(title)}$(.*?)(?=^#{{2,{len(rank)}}} |\Z)", text, re.M | re.S)
    return found[1] if found else ""
