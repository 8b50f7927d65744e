"""Each rule's own test: the template with one mistake, and a word that the fault must say."""

import copy

import rules

SECTIONS = {"Conditions", "Globals", "Parameters", "Resources"}
ATTRIBUTES = {"Condition", "DeletionPolicy", "DependsOn", "Metadata", "UpdateReplacePolicy"}


class Spoiled:
    """A copy of the template, and of its README, to make a mistake in."""

    def __init__(self, source, readme):
        self.source = copy.deepcopy(source)
        self.readme = readme

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
        if before not in self.readme:
            raise LookupError(before)
        self.readme = self.readme.replace(before, after, 1)


def policy(operation, statement):
    """The path to a statement of a role."""
    return f"{operation}Role", "Policies", 0, "PolicyDocument", "Statement", statement


ALARMS_OF_DOCS = "Resources", "GetDocsFunction", "Properties", "DeploymentPreference", "Alarms"
DEPLOYMENT = "DeploymentRole", "Policies", 0, "PolicyDocument"
TABLE_ARN = {"Fn::GetAtt": ["Table", "Arn"]}
CHATS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["CHAT#*"]}}
LIST = "GET /api/experimental/chats/{chat}/debug/runs"
DOCS = "GET /api/experimental/chats/docs"
POST = "POST /api/experimental/chats/{chat}/debug/runs"


def set_(*path, to):
    return lambda it: it.set(path, to)


def drop(*path):
    return lambda it: it.drop(path)


def grant(operation, action):
    """Gives a role one action more, on the table."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": TABLE_ARN, "Condition": CHATS}
    *statements, _ = policy(operation, 0)
    return lambda it: it.at(it.whole(statements)).append(statement)


def update_of(it, operation):
    """The statement of a role that lets it update."""
    *statements, _ = policy(operation, 0)
    return next(one for one in it.at(it.whole(statements)) if one["Action"] == ["dynamodb:UpdateItem"])


def name_beside(operation, attribute):
    """Lets a role's update name one attribute more."""
    condition = "ForAllValues:StringEquals"
    return lambda it: update_of(it, operation)["Condition"][condition]["dynamodb:Attributes"].append(attribute)


def add(name, resource):
    return lambda it: it.set(("Resources", name), resource)


def rewrite(before, after):
    return lambda it: it.rewrite(before, after)


def redraw(before, after):
    """Changes the dashboard's text."""

    def change(it):
        body = it.at(["Resources", "Dashboard", "Properties", "DashboardBody"])
        if before not in body["Fn::Sub"]:
            raise LookupError(before)
        body["Fn::Sub"] = body["Fn::Sub"].replace(before, after)

    return change


def log_beside(variable):
    """Writes one variable more to the access log, beside another one."""

    def change(it):
        logged = it.at(["Resources", "DefaultStage", "Properties", "AccessLogSettings"])
        logged["Format"] = logged["Format"].replace("$context.routeKey", f"$context.routeKey {variable}")

    return change


# For each rule the mistakes that it is for, and what the fault must name.
SPOILED = {
    rules.there_is_what_the_checks_know_and_nothing_else: [
        (
            add(
                "More",
                {
                    "Type": "AWS::IAM::Policy",
                    "Properties": {
                        "PolicyName": "more",
                        "Roles": [{"Ref": "GetDocsRole"}],
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}],
                        },
                    },
                },
            ),
            "More is AWS::IAM::Policy",
        ),
        (add("Anyone", {"Type": "AWS::Lambda::Permission", "Properties": {"Principal": "*"}}), "Anyone"),
        (set_("GetDocsFunction", "FunctionUrlConfig", to={"AuthType": "NONE"}), "GetDocsFunctionUrl"),
        (drop("Resources", "Dashboard"), "Dashboard"),
        (set_("GetDocsErrors", "Condition", to="HasDomain"), "GetDocsErrors"),
        (set_("Table", "Condition", to="IsProd"), "Table"),
        (drop("Domain", "Condition"), "Domain"),
    ],
    rules.conditions_mean_what_they_are_called: [
        (set_("Conditions", "HasDomain", to={"Fn::Equals": [{"Ref": "DomainName"}, ""]}), "HasDomain"),
        (set_("Conditions", "IsProd", to={"Fn::Equals": [{"Ref": "Stage"}, "dev"]}), "IsProd"),
        (set_("Conditions", "HasReadConcurrency", to={"Fn::Equals": ["", ""]}), "HasReadConcurrency"),
    ],
    rules.every_operation_has_its_route: [
        (drop("Resources", "ListDebugRunsRoute"), LIST),
        (set_("ListDebugRunsRoute", "RouteKey", to="GET /other"), "GET /other"),
        (set_("ListDebugRunsRoute", "Target", to={"Fn::Sub": "integrations/${GetDocsIntegration}"}), "GetDocsFunction"),
        (set_("Api", "Target", to={"Fn::GetAtt": ["GetDocsFunction", "Arn"]}), "Target"),
    ],
    rules.every_route_has_the_authorizer_or_is_public: [
        (set_("ListDebugRunsRoute", "AuthorizationType", to="NONE"), "ListDebugRunsRoute"),
        (drop("ListDebugRunsRoute", "AuthorizerId"), "ListDebugRunsRoute"),
        (set_("GetDocsRoute", "AuthorizationType", to="JWT"), "GetDocsRoute"),
    ],
    rules.the_recorders_scope_is_asked_for_where_recorders_alone_may_call: [
        (drop("CreateDebugRunRoute", "AuthorizationScopes"), "CreateDebugRunRoute"),
        (set_("ListDebugRunsRoute", "AuthorizationScopes", to=["x"]), "ListDebugRunsRoute"),
    ],
    rules.tokens_are_checked_against_the_parameters: [
        (set_("Authorizer", "JwtConfiguration", "Audience", to=["x"]), "JwtConfiguration"),
        (set_("Authorizer", "IdentitySource", to=["$request.querystring.token"]), "IdentitySource"),
        (set_("Authorizer", "AuthorizerType", to="REQUEST"), "AuthorizerType"),
        (set_("Authorizer", "EnableSimpleResponses", to=True), "EnableSimpleResponses"),
    ],
    rules.functions_are_called_through_their_alias_and_have_time_to_answer: [
        (
            set_("GetDocsIntegration", "IntegrationUri", to={"Fn::GetAtt": ["GetDocsFunction", "Arn"]}),
            "GetDocsIntegration",
        ),
        (set_("GetDocsIntegration", "PayloadFormatVersion", to="1.0"), "PayloadFormatVersion"),
        (set_("GetDocsIntegration", "IntegrationType", to="HTTP_PROXY"), "IntegrationType"),
        (
            set_("GetDocsIntegration", "RequestParameters", to={"append:header.authorization": "Bearer x"}),
            "RequestParameters",
        ),
        (set_("GetDocsIntegration", "TimeoutInMillis", to=6000), "GetDocsIntegration"),
    ],
    rules.the_gateway_may_call_a_function_on_its_own_route_only: [
        (
            set_(
                "GetDocsPermission",
                "SourceArn",
                to={"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"},
            ),
            "GetDocsPermission",
        ),
        (set_("GetDocsPermission", "FunctionName", to={"Ref": "GetDocsFunction"}), "GetDocsPermission"),
        (set_("GetDocsPermission", "Principal", to="*"), "Principal"),
        (set_("GetDocsPermission", "Action", to="lambda:*"), "Action"),
        (set_("GetDocsPermission", "FunctionUrlAuthType", to="NONE"), "FunctionUrlAuthType"),
    ],
    rules.what_is_deployed_is_served: [
        (set_("DefaultStage", "AutoDeploy", to=False), "AutoDeploy"),
        (drop("DefaultStage", "AutoDeploy"), "AutoDeploy"),
        (set_("DefaultStage", "StageName", to="v1"), "StageName"),
    ],
    rules.writes_and_what_is_public_are_throttled_tighter_than_reads: [
        (drop("DefaultStage", "DefaultRouteSettings", "ThrottlingBurstLimit"), "DefaultRouteSettings"),
        (drop("DefaultStage", "RouteSettings", POST), POST),
        (set_("DefaultStage", "RouteSettings", POST, "ThrottlingRateLimit", to={"Ref": "ThrottleRate"}), POST),
        (drop("DefaultStage", "RouteSettings", DOCS), DOCS),
        (set_("DefaultStage", "RouteSettings", DOCS, "ThrottlingBurstLimit", to=200), DOCS),
        (set_("DefaultStage", "DependsOn", to=["CreateDebugRunRoute"]), "GetDocsRoute"),
    ],
    rules.access_logs_tell_no_secret: [
        (drop("DefaultStage", "AccessLogSettings"), "DefaultStage"),
        (set_("DefaultStage", "AccessLogSettings", "Format", to="$context.requestId"), "no JSON"),
        *[
            (log_beside(variable), variable)
            for variable in (
                "$context.path",
                "$context.authorizer.claims.sub",
                "$context.identity.userAgent",
                "$context.requestOverride.header.authorization",
                "$context.error.messageString",
            )
        ],
        (
            set_("DefaultStage", "AccessLogSettings", "Format", to='{"status": "$context.status"}'),
            "$context.integration.requestId",
        ),
    ],
    rules.other_origins_are_named_exactly: [
        (set_("Parameters", "AllowedOrigins", "AllowedPattern", to=".*"), "AllowedOrigins"),
        (set_("Api", "CorsConfiguration", to={"AllowOrigins": ["*"]}), "Api"),
        (drop("Api", "CorsConfiguration"), "Api"),
        (set_("Api", "CorsConfiguration", "Fn::If", 0, to="IsProd"), "HasAllowedOrigins"),
        (set_("Api", "CorsConfiguration", "Fn::If", 1, "AllowOrigins", to=["*"]), "AllowOrigins"),
        (set_("Api", "CorsConfiguration", "Fn::If", 1, "AllowHeaders", to=["*"]), "AllowHeaders"),
        (set_("Api", "CorsConfiguration", "Fn::If", 1, "AllowHeaders", to=["authorization"]), "AllowHeaders"),
        (set_("Api", "CorsConfiguration", "Fn::If", 1, "AllowMethods", to=["GET"]), "AllowMethods"),
        (drop("Api", "CorsConfiguration", "Fn::If", 1, "ExposeHeaders"), "ExposeHeaders"),
        (set_("Api", "CorsConfiguration", "Fn::If", 1, "AllowCredentials", to=True), "AllowCredentials"),
    ],
    rules.a_domain_speaks_tls_1_2_and_is_the_only_door: [
        (set_("Domain", "DomainNameConfigurations", 0, "SecurityPolicy", to="TLS_1_0"), "Domain"),
        (drop("Api", "DisableExecuteApiEndpoint"), "Api"),
    ],
    rules.every_operation_has_its_function: [
        (set_("GetDocsFunction", "Metadata", "BuildProperties", "Binary", to="get-openapi"), "GetDocsFunction"),
        (add("OtherFunction", {"Type": "AWS::Lambda::Function"}), "OtherFunction"),
    ],
    rules.functions_get_the_environment_that_they_read: [
        (drop("Globals", "Function", "Environment", "Variables", "ISSUER"), "ISSUER"),
        (set_("Globals", "Function", "Environment", "Variables", "SECRET", to="x"), "SECRET"),
        (drop("GetDocsFunction", "Environment"), "GetDocsFunction"),
    ],
    rules.functions_have_the_time_that_they_give_themselves: [
        (set_("Globals", "Function", "Timeout", to=5), "GetDebugRunFunction"),
        (set_("PutDebugStepFunction", "Timeout", to=3), "PutDebugStepFunction"),
    ],
    rules.every_function_has_a_role_of_its_own: [
        (set_("GetDebugRunFunction", "Role", to={"Fn::GetAtt": ["DeleteChatRole", "Arn"]}), "GetDebugRunFunction"),
        (
            set_("GetDebugRunRole", "AssumeRolePolicyDocument", "Statement", 0, "Principal", to={"AWS": "*"}),
            "GetDebugRunRole",
        ),
    ],
    rules.deployments_may_move_aliases_and_look_at_alarms: [
        (set_(*DEPLOYMENT, "Statement", 0, "Action", to=["lambda:*"]), "Policies"),
        (set_(*DEPLOYMENT, "Statement", 0, "Resource", to="*"), "Policies"),
        (
            set_("DeploymentRole", "ManagedPolicyArns", to=["arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole"]),
            "ManagedPolicyArns",
        ),
        (
            set_("DeploymentRole", "AssumeRolePolicyDocument", "Statement", 0, "Principal", to={"AWS": "*"}),
            "AssumeRolePolicyDocument",
        ),
    ],
    rules.a_role_names_what_it_may_do_and_to_what: [
        (grant("GetDebugRun", "dynamodb:Get*"), "GetDebugRunRole"),
        (set_(*policy("GetDebugRun", 1), "Resource", to="*"), "GetDebugRunRole"),
        (set_(*policy("GetDebugRun", 0), "Resource", to={"Fn::GetAtt": ["DeleteChatLogs", "Arn"]}), "GetDebugRunRole"),
        (
            set_("GetDebugRunRole", "ManagedPolicyArns", to=["arn:aws:iam::aws:policy/AdministratorAccess"]),
            "GetDebugRunRole",
        ),
    ],
    rules.an_operation_may_do_no_more_than_its_kind: [
        (grant("GetDebugRun", "dynamodb:PutItem"), "a reader"),
        (grant("CreateDebugRun", "dynamodb:Query"), "a recorder"),
        (grant("PutChatDebugLogging", "dynamodb:DeleteItem"), "only delete-*"),
        (grant("DeleteChat", "dynamodb:Scan"), "no function calls"),
        (grant("GetDocs", "dynamodb:GetItem"), "nothing to do with the table"),
    ],
    rules.a_role_is_kept_to_the_partitions_of_its_operation: [
        (drop(*policy("GetDebugRun", 1), "Condition"), "GetDebugRunRole"),
        (
            set_(*policy("PutChat", 2), "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys", to=["USER#*"]),
            "PutChatRole",
        ),
    ],
    rules.every_function_logs_to_a_group_of_its_own: [
        (set_("GetDocsFunction", "LoggingConfig", "LogGroup", to={"Ref": "AccessLogs"}), "GetDocsFunction"),
        (drop("GetDocsFunction", "LoggingConfig", "LogFormat"), "GetDocsFunction"),
    ],
    rules.logs_are_kept_as_long_as_the_parameter_says: [
        (drop("AccessLogs", "RetentionInDays"), "AccessLogs"),
    ],
    rules.a_canary_goes_first_in_prod_and_alarms_end_it: [
        (set_("Globals", "Function", "DeploymentPreference", "Enabled", to=True), "in dev"),
        (set_("GetDocsFunction", "DeploymentPreference", "Enabled", to=False), "GetDocsFunction"),
        (set_("GetDocsFunction", "DeploymentPreference", "Alarms", to=[{"Ref": "ServerErrors"}]), "GetDocsErrors"),
        (
            lambda it: it.at([*ALARMS_OF_DOCS, "Fn::If", 1]).append({"Ref": "ServerErrors"}),
            "GetDocsFunction is deployed",
        ),
        (drop("Globals", "Function", "DeploymentPreference", "Role"), "ServiceRoleArn"),
    ],
    rules.the_table_survives_mistakes: [
        (drop("Table", "DeletionPolicy"), "DeletionPolicy"),
        (set_("Table", "UpdateReplacePolicy", to="Delete"), "UpdateReplacePolicy"),
        (set_("Table", "DeletionProtectionEnabled", to=False), "DeletionProtectionEnabled"),
        (drop("Table", "PointInTimeRecoverySpecification"), "PointInTimeRecoveryEnabled"),
        (set_("Table", "TimeToLiveSpecification", "Enabled", to=False), "TimeToLiveSpecification"),
    ],
    rules.the_tables_key_may_be_the_accounts_own_and_stays: [
        (drop("Table", "SSESpecification"), "SSESpecification"),
        (set_("Key", "DeletionPolicy", to="Delete"), "Key"),
        (drop("Key", "EnableKeyRotation"), "EnableKeyRotation"),
        (drop("Key", "KeyPolicy", "Statement", 1, "Condition"), "KeyPolicy"),
        (drop("Key", "KeyPolicy", "Statement", 1, "Condition", "StringEquals", "kms:ViaService"), "KeyPolicy"),
    ],
    rules.an_alarm_watches_each_function_the_api_and_the_table: [
        *[
            (set_(alarm, key, to=value), f"Set {key}")
            for alarm in ("GetDocsErrors", "TableReadThrottles")
            for key, value in {
                "MetricName": "Invocations",
                "Namespace": "AWS/Other",
                "Threshold": 1_000_000,
                "ComparisonOperator": "LessThanThreshold",
                "Dimensions": [],
                "EvaluationPeriods": 1_440,
                "TreatMissingData": "ignore",
                "AlarmActions": [],
            }.items()
        ],
        (set_("GetDocsErrors", "ActionsEnabled", to=False), "Remove ActionsEnabled"),
        (set_("ServerErrors", "MetricName", to="4xx"), "ServerErrors"),
        (set_("ServerErrors", "Dimensions", 1, "Value", to="v1"), "Dimensions"),
        (set_("InternalErrors", "Namespace", to="AWS/Lambda"), "InternalErrors"),
        (set_("FunctionThrottles", "Statistic", to="Average"), "FunctionThrottles"),
        (drop("SlowAnswers", "AlarmActions"), "SlowAnswers"),
        (drop("Resources", "TableWriteThrottles"), "TableWriteThrottles"),
    ],
    rules.dashboards_draw_every_function: [
        (set_("Dashboard", "DashboardBody", to={"Fn::Sub": '{"widgets": [,]}'}), "no JSON"),
        (redraw('["...", "${GetDocsFunction}"]', '["...", "${Other}"]'), "Duration of GetDocsFunction"),
        (redraw('"Throttles"', '"Invocations"'), "Throttles of GetDocsFunction"),
        (
            redraw(
                '["AWS/Lambda", "Errors", "FunctionName", "${GetDebugLoggingFunction}"]',
                r"""[{"expression": "SEARCH('{AWS/Lambda,FunctionName} FunctionName=\"${AWS::StackName}-\"', 'Sum')"}],
                ["AWS/Other", "Errors", "FunctionName", "${GetDebugLoggingFunction}"]""",
            ),
            "Errors of GetDocsFunction",
        ),
    ],
    rules.everything_is_tagged: [
        (drop("Globals", "Function", "Tags"), "GetDocsFunction"),
        (drop("AccessLogs", "Tags"), "AccessLogs"),
    ],
    rules.cloudformation_takes_it: [
        (
            lambda it: [
                it.set(("Resources", f"More{n}"), {"Type": "AWS::SNS::Subscription"})
                for n in range(rules.MAX_RESOURCES)
            ],
            "resources",
        ),
        (set_("Resources", "Api", "Description", to="x" * rules.MAX_BYTES), "bytes"),
    ],
    rules.the_readme_has_every_parameter: [
        (rewrite("| `Issuer` |", "| `Other` |"), "Issuer"),
        (rewrite("| `Issuer` |", "| `Other` |"), "Other"),
        (set_("Parameters", "LogRetentionDays", "Default", to=7), "LogRetentionDays"),
    ],
    rules.an_update_names_the_attributes_of_its_operation: [
        (grant("PutChat", "dynamodb:UpdateItem"), "PutChatRole may update any attribute"),
        (name_beside("PutChat", "override"), "PutChatRole may update override"),
        (name_beside("CreateDebugRun", "deleted"), "CreateDebugRunRole may update deleted"),
        (name_beside("UpdateDebugRun", "owner"), "UpdateDebugRunRole may update owner"),
        (name_beside("PutDebugStep", "deleted"), "PutDebugStepRole may update deleted"),
        (name_beside("DeleteChat", "override"), "DeleteChatRole may update override"),
        (lambda it: update_of(it, "PutChat")["Action"].append("dynamodb:GetItem"), "beside other calls"),
        (lambda it: update_of(it, "PutChat").update(Action=["dynamodb:PutItem"]), "limits"),
    ],
    rules.concurrency_is_reserved_as_the_parameters_say_and_by_default_not: [
        (drop("GetDebugRunFunction", "ReservedConcurrentExecutions"), "GetDebugRunFunction reserves null"),
        (set_("CreateDebugRunFunction", "ReservedConcurrentExecutions", to=0), "CreateDebugRunFunction reserves 0"),
        (set_("DeleteChatFunction", "ReservedConcurrentExecutions", to=5), "DeleteChatFunction reserves 5"),
        (set_("PutChatFunction", "ReservedConcurrentExecutions", "Fn::If", 1, "Ref", to="ReadConcurrency"), "PutChat"),
        (set_("Parameters", "ReadConcurrency", "Default", to="10"), "ReadConcurrency reserves something unasked"),
        (set_("Parameters", "RecordConcurrency", "AllowedPattern", to=r"^\d*$"), "RecordConcurrency"),
    ],
    rules.the_readme_says_how_many_calls_are_reserved: [
        (rewrite("6 · `ReadConcurrency`", "5 · `ReadConcurrency`"), "6 · `ReadConcurrency`"),
    ],
    rules.the_kill_switch_puts_back_what_stood_there: [
        (rewrite("put-chat create-debug-run", "create-debug-run"), "does not stop every recording function"),
        (rewrite("[ -e \"$kept\" ] || ", ""), "does not put back"),
        (rewrite("None) aws lambda delete", "7) aws lambda delete"), "does not put back"),
        (rewrite(" && rm \"$kept\"", ""), "does not put back"),
        (rewrite("[ -e \"$kept\" ] || continue", "true"), "when there is nothing to put back"),
    ],
    rules.the_readme_says_who_may_do_what: [
        (grant("GetDebugRun", "dynamodb:PutItem"), "get-debug-run"),
        (rewrite("| delete-chat |", "| other |"), "delete-chat"),
        (name_beside("PutChat", "updated_at"), "put-chat"),
    ],
    rules.the_readme_has_every_alarm: [
        (rewrite("| `SlowAnswers` |", "| `Other` |"), "SlowAnswers"),
        (drop("Resources", "SlowAnswers"), "there are 23 alarms"),
        (rewrite("at $0.10", "at $0.20"), "alarms cost"),
    ],
}
