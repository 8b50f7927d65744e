"""Lists a chat's runs for its owner, as a team would write it on boto3."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import boto3
import jwt
from boto3.dynamodb.types import TypeDeserializer

TABLE = os.environ["TABLE_NAME"]
ISSUER = os.environ["ISSUER"]
AUDIENCES = os.environ["AUDIENCES"].split(",")
LISTED = "sk kind status sa fa ca ua provider model fm el steps errors it ot rt cct crt".split()
KEYS = jwt.PyJWKSet.from_json(os.environ["JWKS"])

dynamodb = boto3.client("dynamodb", verify=os.environ["BENCH_ROOTS"])
side_by_side = ThreadPoolExecutor(max_workers=2)
plain = TypeDeserializer().deserialize


def handle(event, _context):
    user = user_of(event["headers"].get("authorization", ""))
    if user is None:
        return answer(401, {"message": "A valid bearer token is required."})
    chat_id = event["pathParameters"]["chat"]
    pk = f"CHAT#{chat_id}"
    asked_chat = side_by_side.submit(
        dynamodb.get_item, TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": "CHAT"}}, ConsistentRead=True
    )
    asked_runs = side_by_side.submit(
        dynamodb.query,
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues={":pk": {"S": pk}, ":from": {"S": "RUN#"}, ":to": {"S": "RUN#~"}},
        ProjectionExpression=", ".join(f"#{name}" for name in LISTED),
        ExpressionAttributeNames={f"#{name}": name for name in LISTED},
        ScanIndexForward=False,
        Limit=100,
        ConsistentRead=True,
    )
    chat = item_of(asked_chat.result().get("Item", {}))
    runs = asked_runs.result()["Items"]
    if chat.get("owner") != user or chat.get("deleted"):
        return answer(404, {"message": "There is no such chat."})
    return answer(200, [run(chat_id, item_of(item)) for item in runs])


def user_of(authorization):
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        key = KEYS[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, algorithms=["RS256", "ES256"], audience=AUDIENCES, issuer=ISSUER)
    except (jwt.PyJWTError, KeyError):
        return None
    return claims.get("sub")


def item_of(attributes):
    return {name: plain(value) for name, value in attributes.items()}


def run(chat_id, item):
    return without_nothing(
        {
            "id": item["sk"].removeprefix("RUN#"),
            "chat_id": chat_id,
            "kind": item["kind"],
            "status": item["status"],
            "provider": item.get("provider"),
            "model": item.get("model"),
            "summary": without_nothing(summary(item)),
            "started_at": time(item["sa"]),
            "updated_at": time(item.get("ua", item["ca"])),
            "finished_at": time(item["fa"]) if "fa" in item else None,
        }
    )


def summary(item):
    if item["status"] == "in_progress":
        return {"first_message": item.get("fm")}
    return {
        "first_message": item.get("fm"),
        "step_count": int(item.get("steps", 0)),
        "total_input_tokens": int(item.get("it", 0)),
        "total_output_tokens": int(item.get("ot", 0)),
        "total_reasoning_tokens": int(item.get("rt", 0)) or None,
        "total_cache_creation_tokens": int(item.get("cct", 0)) or None,
        "total_cache_read_tokens": int(item.get("crt", 0)) or None,
        "has_error": item.get("errors", 0) > 0 or None,
        "endpoint_label": item.get("el"),
    }


def without_nothing(members):
    return {name: value for name, value in members.items() if value is not None}


def time(micros):
    """Microseconds since 1970 as RFC 3339, without zeros at the end."""
    seconds, fraction = divmod(int(micros), 1_000_000)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction:06}".rstrip("0").rstrip(".") + "Z"


def answer(status, body):
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
