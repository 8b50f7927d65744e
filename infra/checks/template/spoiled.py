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


def update_of(it, role, partition="CHAT#*"):
    """The statement of a role that lets it update items of a partition."""
    *statements, _ = policy(role, 0)
    updates = (one for one in it.at(it.whole(statements)) if one["Action"] == ["dynamodb:UpdateItem"])
    return next(one for one in updates if rules.keys_of(one) == {partition})


def name_beside(role, attribute, partition="CHAT#*"):
    """Lets a role's update name one attribute more."""
    condition = "ForAllValues:StringEquals"
    return lambda it: update_of(it, role, partition)["Condition"][condition]["dynamodb:Attributes"].append(attribute)


def log_beside(variable):
    """Writes one variable more to the access log, beside another one."""

    def change(it):
        logged = it.at(["Resources", "DefaultStage", "Properties", "AccessLogSettings"])
        logged["Format"] = logged["Format"].replace("$context.routeKey", f"$context.routeKey {variable}")

    return change


NAMED_LIKE_OURS = {"Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-*"}
TOPIC = {"Type": "AWS::SNS::Topic"}
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
        (lambda it: it.source["Resources"].update({f"More{n}": TOPIC for n in range(60)}), "operations would make"),
    ],
    rules.every_route_asks_for_a_token_unless_it_is_public_or_takes_keys: [
        (set_("CreateDebugRunRoute", "AuthorizationType", to="NONE"), "CreateDebugRunRoute"),
        (set_("ListDebugRunsRoute", "AuthorizationScopes", to=[{"Ref": "RecorderScope"}]), "ListDebugRunsRoute"),
        (set_("Conditions", "HasRecorderKeys", to={"Fn::Equals": ["on", "on"]}), "HasRecorderKeys"),
        (set_("ListDebugRunsRoute", "AuthorizationType", to="NONE"), "ListDebugRunsRoute"),
        (drop("ListDebugRunsRoute", "AuthorizerId"), "ListDebugRunsRoute"),
        (drop("CreateDebugRunRoute", "AuthorizationScopes"), "CreateDebugRunRoute"),
        (set_("Authorizer", "JwtConfiguration", "Audience", to=["x"]), "Authorizer"),
        (set_("Authorizer", "IdentitySource", to=["$request.querystring.token"]), "Authorizer"),
        (set_("Api", "Target", to={"Fn::GetAtt": ["GetDocsFunction", "Arn"]}), "Target"),
    ],
    rules.access_logs_tell_no_secret: [
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
    ],
    rules.a_domain_speaks_tls_1_2_and_is_the_only_way_in: [
        (set_("Domain", "DomainNameConfigurations", 0, "SecurityPolicy", to="TLS_1_0"), "Domain"),
        (drop("Api", "DisableExecuteApiEndpoint"), "Api"),
    ],
    rules.functions_get_the_environment_that_they_read: [
        (drop(*VARIABLES, "ISSUER"), "is not given ISSUER"),
        (set_(*VARIABLES, "SECRET", to="x"), "is given SECRET"),
        (drop("GetDocsFunction", "Environment"), "GetDocsFunction"),
        (drop("GetViewerFunction", "Environment", "Fn::If", 1, "Variables", "VIEWER_SCOPES"), "VIEWER_SCOPES"),
    ],
    rules.a_role_names_what_it_may_do_and_to_what: [
        (set_("Resources", "MoreRole", to={"Type": "AWS::IAM::Role", "Properties": {}}), "MoreRole is no operation's"),
        (grant("GetDebugRunRole", "dynamodb:Get*"), "GetDebugRunRole"),
        (set_(*policy("GetDebugRunRole", 1), "Resource", to="*"), "GetDebugRunRole"),
        (set_(*policy("GetDebugRunRole", 0), "Resource", to={"Fn::GetAtt": ["DeleteChatLogs", "Arn"]}), "GetDebugRun"),
        (set_("GetDebugRunRole", "ManagedPolicyArns", to=["arn:aws:iam::aws:policy/ReadOnlyAccess"]), "managed policy"),
        (set_("GetDocsRole", "AssumeRolePolicyDocument", "Statement", 0, "Principal", to={"AWS": "*"}), "GetDocsRole"),
        (drop("SchedulerRole", "AssumeRolePolicyDocument", "Statement", 0, "Condition"), "SchedulerRole can be assumed"),
        (drop("DeploymentRole", "AssumeRolePolicyDocument", "Statement", 0, "Condition"), "DeploymentRole can be assumed"),
        (set_(*policy("GatewayRole", 0), "Action", to=["lambda:UpdateFunctionCode"]), "GatewayRole may"),
        (set_(*policy("GatewayRole", 0), "Resource", to="*"), "GatewayRole reaches"),
        (set_(*policy("SchedulerRole", 0), "Resource", to={"Ref": "DeleteChatFunction.Alias"}), "SchedulerRole reaches"),
        (set_(*policy("DeploymentRole", 0), "Action", to=["lambda:*"]), "DeploymentRole may"),
        (set_(*policy("DeploymentRole", 0), "Resource", to="*"), "DeploymentRole reaches"),
        (set_(*policy("DeploymentRole", 0), "Resource", to=NAMED_LIKE_OURS), "DeploymentRole reaches"),
    ],
    rules.an_operation_may_do_no_more_than_its_kind: [
        (grant("GetDebugRunRole", "dynamodb:PutItem"), "a reader"),
        (grant("CreateDebugRunRole", "dynamodb:Query"), "a recorder"),
        (grant("PutDebugStepRole", "dynamodb:DeleteItem"), "what a user deletes with"),
        (grant("PutChatDebugLoggingRole", "dynamodb:BatchWriteItem"), "what a user deletes with"),
        (grant("DeleteChatRole", "dynamodb:Scan"), "no function calls"),
        (grant("GetDocsRole", "dynamodb:GetItem"), "nothing to do with the table"),
    ],
    rules.a_job_does_what_it_is_for_and_a_schedule_starts_it: [
        (grant("SweepStagedRole", "dynamodb:PutItem"), "SweepStagedRole may PutItem on ['CHAT#*']"),
        (drop(*policy("SweepStagedRole", 1), "Condition"), "SweepStagedRole may Query on []"),
        (set_("SweepStagedSchedule", "Target", "RoleArn", to={"Fn::GetAtt": ["GatewayRole", "Arn"]}), "something else"),
        (set_("SweepStagedSchedule", "Target", "Arn", to={"Fn::GetAtt": ["DeleteChatFunction", "Arn"]}), "something else"),
    ],
    rules.a_job_that_nothing_starts_rings: [
        (set_("SweepStagedNotStarted", "TreatMissingData", to="notBreaching"), "nothing starts sweep-staged"),
        (set_("SweepStagedNotStarted", "Dimensions", to=[]), "nothing starts sweep-staged"),
    ],
    rules.an_operation_writes_its_own_partitions_and_attributes: [
        (name_beside("PutChatRole", "hash", "KEY#*"), "PutChatRole may change a key"),
        (drop(*policy("GetDebugRunRole", 1), "Condition"), "GetDebugRunRole reaches every partition"),
        (
            lambda it: update_of(it, "PutChatRole")["Condition"].update(
                {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["KEYS#*"]}}
            ),
            "PutChatRole reaches the lists of keys",
        ),
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
        (set_("Table", "TimeToLiveSpecification", "Enabled", to=False), "TimeToLiveSpecification"),
        (drop("Table", "SSESpecification"), "SSESpecification"),
        (drop("Key", "EnableKeyRotation"), "EnableKeyRotation"),
        (drop("Key", "KeyPolicy", "Statement", 1, "Condition", "StringEquals", "kms:ViaService"), "KeyPolicy"),
        (set_("Key", "KeyPolicy", "Statement", 0, "Principal", to={"AWS": "arn:aws:iam::1:user/x"}), "KeyPolicy"),
    ],
    rules.every_alarm_tells_somebody: [
        (drop("SlowAnswers", "AlarmActions"), "SlowAnswers tells nobody"),
        (set_("InternalErrors", "ActionsEnabled", to=False), "InternalErrors tells nobody"),
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
