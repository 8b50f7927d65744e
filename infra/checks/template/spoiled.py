"""Each rule's own test: the template with one mistake, and a word that the fault must say."""

import copy

import rules

SECTIONS = {"Conditions", "Globals", "Parameters", "Resources"}
ATTRIBUTES = {"Condition", "DeletionPolicy", "DependsOn", "Metadata", "UpdateReplacePolicy"}


class Spoiled:
    """A copy of the template, and of the pages about it, to make a mistake in."""

    def __init__(self, source, pages):
        self.source = copy.deepcopy(source)
        self.pages = pages

    def set(self, path, value):
        """Puts a value where a path of keys leads: from a resource's properties on, from one of its attributes, or
        from another section of the template."""
        *parents, last = self.whole(path)
        self.at(parents)[last] = value

    def drop(self, path):
        *parents, last = self.whole(path)
        del self.at(parents)[last]

    def at(self, path):
        place = self.source
        for key in path:
            place = place[key]
        return place

    @staticmethod
    def whole(path):
        name, *rest = path
        if name in SECTIONS:
            return path
        return ["Resources", name, *rest] if rest[0] in ATTRIBUTES else ["Resources", name, "Properties", *rest]

    def rewrite(self, before, after):
        if before not in self.pages:
            raise LookupError(before)
        self.pages = self.pages.replace(before, after, 1)


def policy(role, statement):
    """The path to a statement of a role."""
    return role, "Policies", 0, "PolicyDocument", "Statement", statement


def set_(*path, to):
    return lambda it: it.set(path, to)


def drop(*path):
    return lambda it: it.drop(path)


def rewrite(before, after):
    return lambda it: it.rewrite(before, after)


def grant(role, action):
    """Gives a role one action more, on the table's chats."""
    statement = {
        "Effect": "Allow",
        "Action": [action],
        "Resource": {"Fn::GetAtt": ["Table", "Arn"]},
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["CHAT#*"]}},
    }
    *statements, _ = policy(role, 0)
    return lambda it: it.at(it.whole(statements)).append(statement)


def update_of(it, role):
    """The statement of a role that lets it update."""
    *statements, _ = policy(role, 0)
    return next(one for one in it.at(it.whole(statements)) if one["Action"] == ["dynamodb:UpdateItem"])


def name_beside(role, attribute):
    """Lets a role's update name one attribute more."""
    condition = "ForAllValues:StringEquals"
    return lambda it: update_of(it, role)["Condition"][condition]["dynamodb:Attributes"].append(attribute)


def log_beside(variable):
    """Writes one variable more to the access log, beside another one."""

    def change(it):
        logged = it.at(["Resources", "DefaultStage", "Properties", "AccessLogSettings"])
        logged["Format"] = logged["Format"].replace("$context.routeKey", f"$context.routeKey {variable}")

    return change


def more(count, resource):
    return lambda it: [it.set(("Resources", f"More{n}"), resource) for n in range(count)]


POST = "POST /api/experimental/chats/{chat}/debug/runs"
CORS = "Api", "CorsConfiguration", "Fn::If"
VARIABLES = "Globals", "Function", "Environment", "Variables"

# For each rule the mistakes that it is for, and what the fault must name.
SPOILED = {
    rules.every_resource_is_of_a_known_type: [
        (set_("Resources", "More", to={"Type": "AWS::IAM::Policy", "Properties": {}}), "More is AWS::IAM::Policy"),
        (set_("Resources", "Anyone", to={"Type": "AWS::Lambda::Permission", "Properties": {}}), "Anyone"),
        (set_("GetDocsFunction", "FunctionUrlConfig", to={"AuthType": "NONE"}), "GetDocsFunctionUrl"),
    ],
    rules.there_is_room_for_the_operations_to_come: [
        (more(60, {"Type": "AWS::SNS::Topic"}), "operations would make"),
        (more(rules.MAX_RESOURCES, {"Type": "AWS::SNS::Topic"}), "CloudFormation takes 500"),
        (set_("Resources", "Api", "Description", to="x" * rules.MAX_BYTES), "bytes"),
    ],
    rules.everything_is_tagged: [
        (drop("Globals", "Function", "Tags"), "GetDocsFunction"),
        (drop("AccessLogs", "Tags"), "AccessLogs"),
        (drop("Api", "Tags"), "Api"),
    ],
    rules.every_route_asks_for_a_token_unless_it_is_public: [
        (set_("ListDebugRunsRoute", "AuthorizationType", to="NONE"), "ListDebugRunsRoute"),
        (drop("ListDebugRunsRoute", "AuthorizerId"), "ListDebugRunsRoute"),
        (set_("Authorizer", "JwtConfiguration", "Audience", to=["x"]), "Authorizer"),
        (set_("Authorizer", "IdentitySource", to=["$request.querystring.token"]), "Authorizer"),
        (set_("Api", "Target", to={"Fn::GetAtt": ["GetDocsFunction", "Arn"]}), "Target"),
    ],
    rules.writes_are_throttled_tighter_than_reads: [
        (drop("DefaultStage", "DefaultRouteSettings", "ThrottlingBurstLimit"), POST),
        (set_("DefaultStage", "RouteSettings", POST, "ThrottlingRateLimit", to={"Ref": "ThrottleRate"}), POST),
        (set_("Parameters", "WriteThrottleRate", "Default", to=100), POST),
    ],
    rules.access_logs_tell_no_secret: [
        (drop("DefaultStage", "AccessLogSettings"), "keeps no access log"),
        (set_("DefaultStage", "AccessLogSettings", "Format", to="$context.requestId"), "no JSON"),
        (log_beside("$context.path"), "$context.path"),
        (log_beside("$context.authorizer.claims.sub"), "$context.authorizer.claims.sub"),
        (log_beside("$context.error.messageString"), "$context.error.messageString"),
    ],
    rules.other_origins_are_named_exactly: [
        (set_("Parameters", "AllowedOrigins", "AllowedPattern", to=".*"), "AllowedOrigins"),
        (set_("Api", "CorsConfiguration", to={"AllowOrigins": ["*"]}), "HasAllowedOrigins"),
        (set_(*CORS, 0, to="IsProd"), "HasAllowedOrigins"),
        (set_(*CORS, 1, "AllowHeaders", to=["*"]), "any header"),
        (set_(*CORS, 1, "AllowCredentials", to=True), "cookies"),
        (set_(*CORS, 1, "AllowMethods", to=["GET"]), "AllowMethods"),
    ],
    rules.a_domain_speaks_tls_1_2_and_is_the_only_way_in: [
        (set_("Domain", "DomainNameConfigurations", 0, "SecurityPolicy", to="TLS_1_0"), "Domain"),
        (drop("Api", "DisableExecuteApiEndpoint"), "Api"),
    ],
    rules.functions_get_the_environment_that_they_read: [
        (drop(*VARIABLES, "ISSUER"), "is not given ISSUER"),
        (set_(*VARIABLES, "SECRET", to="x"), "is given SECRET"),
        (drop("GetDocsFunction", "Environment"), "GetDocsFunction"),
    ],
    rules.functions_have_the_time_that_they_give_themselves: [
        (set_("Globals", "Function", "Timeout", to=5), "GetDebugRunFunction"),
        (set_("Globals", "Function", "Timeout", to=7), "gives up before GetDebugRunFunction"),
    ],
    rules.concurrency_is_by_default_not_reserved: [
        (set_("Parameters", "ReadConcurrency", "Default", to="10"), "ReadConcurrency"),
        (set_("Parameters", "RecordConcurrency", "AllowedPattern", to=r"^\d*$"), "RecordConcurrency"),
    ],
    rules.logs_are_kept_as_long_as_the_parameter_says: [(drop("AccessLogs", "RetentionInDays"), "AccessLogs")],
    rules.a_canary_goes_first_in_prod_alone_and_alarms_end_it: [
        (set_("Globals", "Function", "DeploymentPreference", "Enabled", to=True), "in dev"),
        (set_("GetDocsFunction", "DeploymentPreference", "Enabled", to=False), "GetDocsFunction"),
        (set_("Globals", "Function", "DeploymentPreference", "Type", to="AllAtOnce"), "at once"),
        (
            lambda it: it.at(["Resources", "FunctionErrors2", "Properties", "Metrics"]).pop(),
            "GetDocsFunction is not stopped",
        ),
        (drop("Globals", "Function", "DeploymentPreference", "Role"), "under another role"),
    ],
    rules.a_role_names_what_it_may_do_and_to_what: [
        (grant("GetDebugRunRole", "dynamodb:Get*"), "GetDebugRunRole"),
        (set_(*policy("GetDebugRunRole", 1), "Resource", to="*"), "GetDebugRunRole"),
        (set_(*policy("GetDebugRunRole", 0), "Resource", to={"Fn::GetAtt": ["DeleteChatLogs", "Arn"]}), "GetDebugRun"),
        (set_("GetDebugRunRole", "ManagedPolicyArns", to=["arn:aws:iam::aws:policy/ReadOnlyAccess"]), "managed policy"),
        (set_("GetDocsRole", "AssumeRolePolicyDocument", "Statement", 0, "Principal", to={"AWS": "*"}), "GetDocsRole"),
        (set_(*policy("GatewayRole", 0), "Action", to=["lambda:UpdateFunctionCode"]), "GatewayRole may"),
        (set_(*policy("GatewayRole", 0), "Resource", to="*"), "GatewayRole reaches"),
        (set_(*policy("DeploymentRole", 0), "Action", to=["lambda:*"]), "DeploymentRole may"),
        (set_(*policy("DeploymentRole", 0), "Resource", to="*"), "DeploymentRole reaches"),
    ],
    rules.an_operation_may_do_no_more_than_its_kind: [
        (grant("GetDebugRunRole", "dynamodb:PutItem"), "a reader"),
        (grant("CreateDebugRunRole", "dynamodb:Query"), "a recorder"),
        (grant("PutChatDebugLoggingRole", "dynamodb:DeleteItem"), "only delete-*"),
        (grant("DeleteChatRole", "dynamodb:Scan"), "no function calls"),
        (grant("GetDocsRole", "dynamodb:GetItem"), "nothing to do with the table"),
    ],
    rules.an_operation_writes_its_own_partitions_and_attributes: [
        (drop(*policy("GetDebugRunRole", 1), "Condition"), "GetDebugRunRole reaches every partition"),
        (
            lambda it: update_of(it, "PutChatRole")["Condition"].update(
                {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["USER#*"]}}
            ),
            "in USER#*",
        ),
        (grant("PutChatRole", "dynamodb:UpdateItem"), "PutChatRole may update any attribute"),
        (lambda it: update_of(it, "PutChatRole")["Action"].append("dynamodb:GetItem"), "a statement of its own"),
        (name_beside("PutChatRole", "override"), "PutChatRole may update override"),
        (name_beside("CreateDebugRunRole", "deleted"), "CreateDebugRunRole may update deleted"),
        (name_beside("UpdateDebugRunRole", "owner"), "UpdateDebugRunRole may update owner"),
    ],
    rules.the_table_and_its_key_survive_mistakes: [
        (drop("Table", "DeletionPolicy"), "DeletionPolicy"),
        (set_("Key", "UpdateReplacePolicy", to="Delete"), "Key goes away"),
        (set_("Table", "DeletionProtectionEnabled", to=False), "DeletionProtectionEnabled"),
        (drop("Table", "PointInTimeRecoverySpecification"), "PointInTimeRecoveryEnabled"),
        (set_("Table", "TimeToLiveSpecification", "Enabled", to=False), "TimeToLiveSpecification"),
        (drop("Table", "SSESpecification"), "SSESpecification"),
        (drop("Key", "EnableKeyRotation"), "EnableKeyRotation"),
        (drop("Key", "KeyPolicy", "Statement", 1, "Condition", "StringEquals", "kms:ViaService"), "KeyPolicy"),
    ],
    rules.an_alarm_rings_for_every_function_the_api_and_the_table: [
        (lambda it: it.at(["Resources", "FunctionErrors1", "Properties", "Metrics"]).pop(), "hears of"),
        (drop("Resources", "TableWriteThrottles"), "WriteThrottleEvents"),
        (set_("ServerErrors", "MetricName", to="4xx"), "5xx"),
        (drop("SlowAnswers", "AlarmActions"), "SlowAnswers tells nobody"),
        (set_("InternalErrors", "ActionsEnabled", to=False), "InternalErrors tells nobody"),
        (set_("FunctionThrottles", "ComparisonOperator", to="LessThanThreshold"), "FunctionThrottles rings"),
        (set_("FunctionErrors1", "TreatMissingData", to="breaching"), "FunctionErrors1 rings"),
        (set_("ServerErrors", "Condition", to="HasDomain"), "ServerErrors costs"),
    ],
    rules.dashboards_are_json: [(set_("Dashboard", "DashboardBody", to={"Fn::Sub": '{"widgets": [,]}'}), "no JSON")],
    rules.the_pages_explain_every_parameter_and_alarm: [
        (rewrite("| `Issuer` |", "| `Other` |"), "explain Issuer"),
        (rewrite("| `Issuer` |", "| `Other` |"), "explains Other"),
        (set_("Parameters", "LogRetentionDays", "Default", to=7), "LogRetentionDays"),
        (rewrite("| `SlowAnswers` |", "| `Other` |"), "SlowAnswers"),
    ],
    rules.the_kill_switch_puts_back_what_was_set: [
        (rewrite("operations='get-debug-decision ", "operations='"), "does not stop every recording function"),
        (rewrite('[ -e "$kept" ] || ', ""), "does not put back"),
        (rewrite("None) aws lambda delete", "7) aws lambda delete"), "does not put back"),
        (rewrite(' && rm "$kept"', ""), "does not put back"),
        (rewrite('[ -e "$kept" ] || continue', "true"), "when there is nothing to put back"),
    ],
}
