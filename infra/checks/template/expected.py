"""What has to stand in the template word for word. Whoever changes one of the two changes the other on purpose."""

REF_API = {"Ref": "Api"}
TAGS = [{"Key": "project", "Value": "chat-debug"}]

# ---- What there is ------------------------------------------------------------------------------

CONDITIONS = {
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "HasJwksUrl": {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwksUrl"}, ""]}]},
    "HasAllowedOrigins": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "AllowedOrigins"}]}, ""]}]},
    "HasReadConcurrency": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ReadConcurrency"}, ""]}]},
    "HasRecordConcurrency": {"Fn::Not": [{"Fn::Equals": [{"Ref": "RecordConcurrency"}, ""]}]},
    "HasTableKey": {"Fn::Equals": [{"Ref": "TableKey"}, "customer-managed"]},
    "HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]},
    "HasBudget": {"Fn::Not": [{"Fn::Equals": [{"Ref": "MonthlyBudget"}, "0"]}]},
    "HasDomain": {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]},
}

# Each resource's type, and the condition under which there is one.
ONCE = {
    "Table": ("AWS::DynamoDB::Table", None),
    "Key": ("AWS::KMS::Key", "HasTableKey"),
    "Api": ("AWS::ApiGatewayV2::Api", None),
    "Authorizer": ("AWS::ApiGatewayV2::Authorizer", None),
    "DefaultStage": ("AWS::ApiGatewayV2::Stage", None),
    "AccessLogs": ("AWS::Logs::LogGroup", None),
    "Domain": ("AWS::ApiGatewayV2::DomainName", "HasDomain"),
    "DomainMapping": ("AWS::ApiGatewayV2::ApiMapping", "HasDomain"),
    "DeploymentRole": ("AWS::IAM::Role", None),
    "AlarmTopic": ("AWS::SNS::Topic", "HasAlarmEmail"),
    "InternalErrors": ("AWS::CloudWatch::Alarm", "IsProd"),
    "ServerErrors": ("AWS::CloudWatch::Alarm", "IsProd"),
    "SlowAnswers": ("AWS::CloudWatch::Alarm", "IsProd"),
    "FunctionThrottles": ("AWS::CloudWatch::Alarm", "IsProd"),
    "TableReadThrottles": ("AWS::CloudWatch::Alarm", "IsProd"),
    "TableWriteThrottles": ("AWS::CloudWatch::Alarm", "IsProd"),
    "Dashboard": ("AWS::CloudWatch::Dashboard", "IsProd"),
    "Budget": ("AWS::Budgets::Budget", "HasBudget"),
}
FOR_EACH_OPERATION = {
    "Function": ("AWS::Lambda::Function", None),
    "Role": ("AWS::IAM::Role", None),
    "Logs": ("AWS::Logs::LogGroup", None),
    "Errors": ("AWS::CloudWatch::Alarm", "IsProd"),
    "Integration": ("AWS::ApiGatewayV2::Integration", None),
    "Route": ("AWS::ApiGatewayV2::Route", None),
    "Permission": ("AWS::Lambda::Permission", None),
    # What SAM makes of `AutoPublishAlias`. It ends a version's name with a hash of the code.
    "FunctionVersion": ("AWS::Lambda::Version", None),
    "FunctionAliaslive": ("AWS::Lambda::Alias", None),
}
# What SAM makes where there are canaries.
CANARY = {"ServerlessDeploymentApplication": ("AWS::CodeDeploy::Application", None)}
CANARY_FOR_EACH_OPERATION = {"FunctionDeploymentGroup": ("AWS::CodeDeploy::DeploymentGroup", None)}


def resources(operations, stage):
    """Type and condition of every resource that a stage has."""
    once, each = ONCE, FOR_EACH_OPERATION
    if stage == "prod":
        once, each = once | CANARY, each | CANARY_FOR_EACH_OPERATION
    return once | {f"{it.block}{suffix}": kind for it in operations for suffix, kind in each.items()}


# ---- The gateway --------------------------------------------------------------------------------

AUTHORIZER = {
    "ApiId": REF_API,
    "Name": "tokens",
    "AuthorizerType": "JWT",
    "IdentitySource": ["$request.header.Authorization"],
    "JwtConfiguration": {"Issuer": {"Ref": "Issuer"}, "Audience": {"Ref": "Audiences"}},
}

CORS = {
    "AllowOrigins": {"Ref": "AllowedOrigins"},
    "AllowMethods": ["GET", "PUT", "POST", "PATCH", "DELETE"],
    "AllowHeaders": ["authorization", "content-type", "x-correlation-id"],
    "ExposeHeaders": ["link", "x-request-id", "x-correlation-id", "retry-after"],
    "MaxAge": 3600,
}

# What the access log may say. None of it is a caller's word.
LOGGED = {
    "$context.authorizer.error",
    "$context.error.message",
    "$context.identity.sourceIp",
    "$context.integration.requestId",
    "$context.integrationErrorMessage",
    "$context.integrationLatency",
    "$context.integrationStatus",
    "$context.requestId",
    "$context.requestTime",
    "$context.responseLatency",
    "$context.responseLength",
    "$context.routeKey",
    "$context.status",
}


def permission(operation, path):
    """Who may call an operation's function: this API, on the operation's own route."""
    arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/$default/"
    return {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": f"{operation.block}FunctionAliaslive"},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": f"{arn}{operation.method}{path}"},
    }


# ---- Rights -------------------------------------------------------------------------------------


def trust(service):
    """A role that one service alone may take on."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


# What CodeDeploy may do: see and move the aliases of this stack's functions, and look at alarms.
DEPLOYMENT = [
    {
        "Effect": "Allow",
        "Action": ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
        "Resource": {
            "Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-*"
        },
    },
    {"Effect": "Allow", "Action": ["cloudwatch:DescribeAlarms"], "Resource": "*"},
]

# What of a chat's own item the update of an operation may name beside its keys. IAM does not know which item is meant,
# so no other update may name any of it.
OF_CHAT = {"owner", "override", "deleted"}
NAMED_OF_CHAT = {
    "put-chat-debug-logging": {"owner", "override", "deleted"},
    "delete-chat": {"owner", "deleted"},
    "put-chat": {"owner"},
    "create-debug-run": {"owner"},
}

KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "TheAccountAdministersIt",
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "WhoMayUseTheTableUsesItThroughDynamoDB",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:CreateGrant",
                "kms:DescribeKey",
            ],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:CallerAccount": {"Ref": "AWS::AccountId"},
                    "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
                }
            },
        },
    ],
}


# ---- Alarms -------------------------------------------------------------------------------------


def alarms(operations):
    """Every alarm's properties."""
    api = {"ApiId": REF_API, "Stage": "$default"}
    table = {"TableName": {"Ref": "Table"}}
    own = {f"{it.block}Errors": function_errors(it) for it in operations}
    return own | {
        "InternalErrors": alarm(
            "A function answers with 500.",
            {"Ref": "AWS::StackName"},
            "InternalErrors",
        ),
        "ServerErrors": alarm(
            "The API answers with 5xx.",
            "AWS/ApiGateway",
            "5xx",
            api,
            Threshold=5,
            **TWO_MINUTES_OF_THREE,
        ),
        "SlowAnswers": alarm(
            "One answer in a hundred takes longer than two seconds.",
            "AWS/ApiGateway",
            "Latency",
            api,
            Statistic=None,
            ExtendedStatistic="p99",
            EvaluateLowSampleCountPercentile="ignore",
            Period=300,
            EvaluationPeriods=3,
            Threshold=2000,
            ComparisonOperator="GreaterThanThreshold",
        ),
        "FunctionThrottles": alarm(
            "Lambda turns calls away in this region; ours may be among them.",
            "AWS/Lambda",
            "Throttles",
            **TWO_MINUTES_OF_THREE,
        ),
        "TableReadThrottles": alarm(
            "DynamoDB turns reads of the table away.",
            "AWS/DynamoDB",
            "ReadThrottleEvents",
            table,
            **TWO_MINUTES_OF_THREE,
        ),
        "TableWriteThrottles": alarm(
            "DynamoDB turns writes to the table away.",
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            table,
            **TWO_MINUTES_OF_THREE,
        ),
    }


TWO_MINUTES_OF_THREE = {"EvaluationPeriods": 3, "DatapointsToAlarm": 2}


def function_errors(operation):
    function = f"{operation.block}Function"
    return alarm(
        f"{operation.name} crashes, does not start or runs out of time.",
        "AWS/Lambda",
        "Errors",
        {"FunctionName": {"Ref": function}, "Resource": {"Fn::Sub": f"${{{function}}}:live"}},
    )


def alarm(description, namespace, metric, dimensions=None, **other):
    """An alarm that rings when something was counted within a minute, unless said otherwise."""
    told = {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    properties = {
        "AlarmDescription": description,
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": dimensions and [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": told,
        "OKActions": told,
        "Tags": TAGS,
    }
    return {name: value for name, value in (properties | other).items() if value is not None}
