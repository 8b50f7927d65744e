"""Calls at the AWS API of the emulator, one JSON line each: {"service", "operation", "parameters"} in, {"answer"}
or {"error"} out, until the input ends. The names are boto3's, so nothing about any service stands here."""

import json
import sys
from functools import cache

import boto3
from botocore.exceptions import BotoCoreError, ClientError

client = cache(boto3.client)

for line in sys.stdin:
    call = json.loads(line)
    try:
        answer = {"answer": getattr(client(call["service"]), call["operation"])(**call["parameters"])}
    except (BotoCoreError, ClientError) as refusal:
        answer = {"error": str(refusal)}
    print(json.dumps(answer, default=str), flush=True)
