"""Headers that carry credentials, told by their names as the service does, so that no key is even queued.

The tables are those of `shared/redact/src/names.rs`; `shared/kits/golden/headers.json` is read by the tests of both.
What is in URLs and bodies is left to the service, which looks at everything once more, and to `redact=`.
"""

from __future__ import annotations

import functools
import re

REDACTED = "[REDACTED]"
# What every way of quoting leaves as it is. What is shorter is no key.
_PART = re.compile(r"[A-Za-z0-9_.+/=-]{8,}")

_ENDS = tuple(
    """
    password passwd passphrase passcode passwords passwort kennwort wachtwoord depasse contrasena senha mnemonic
    seedphrase recoveryphrase storepass keypass bindpass rootpass userpass requirepass secret secretstring apikey
    accesskey secretkey privatekey signingkey encryptionkey masterkey authkey accountkey subscriptionkey openaikey
    anthropickey azurekey geminikey googlekey mistralkey coherekey groqkey deepseekkey perplexitykey openrouterkey
    togetherkey huggingfacekey replicatekey pineconekey elevenlabskey deepgramkey xaikey serpkey tavilykey stripekey
    twiliokey sendgridkey storagekey servicekey servicerolekey sharedkey hmackey jwtkey cryptokey sshkey
    secretkeybase functionskey licensekey accesstoken authtoken refreshtoken sessiontoken securitytoken idtoken
    apitoken bearertoken vaulttoken bottoken usertoken deploytoken personaltoken sessionid sessid connectsid apikeys
    accesskeys secretkeys accesstokens refreshtokens oauth2bearer cookies authorization auth cookie token credentials
    recoverycode recoverycodes backupcode backupcodes scratchcode scratchcodes bearer jwt assertion credential
    authentication csrf xsrf appkey clientkey writekey pepper authsalt noncesalt loggedinsalt noncekey loggedinkey
    appcertificate macaroon deploykey palavrapasse passwrd pswd secretid apitokens authtokens
    """.split()
)
_WHOLE = frozenset(
    """
    sig pwd pass pin pw mdp clave otp psk jwt bearer dpop xsession xamznoidcdata xfirebaseappcheck xhoneycombteam
    xjfrogartapi xoaiattestation xvercelprotectionbypass
    """.split()
)
_LAST_WORDS = frozenset("key sas sig pwd otp totp pass passcode pw pat".split())
_QUALIFIERS = frozenset("value old new primary secondary backup base64 raw".split())
_NOT_CREDENTIALS = tuple(
    """
    allowcredentials includecredentials withcredentials cachekey dedupkey deduplicationkey endkey evaluatedkey
    foreignkey groupkey hashkey idempotencykey lastkey objectkey orderkey partitionkey primarykey publickey
    publishablekey ratelimitkey rowkey shardkey sortkey startkey surrogatekey websocketkey bostoken cachedtoken
    canceltoken cancellationtoken changetoken clientrequesttoken clienttoken deltatoken idempotencytoken skiptoken
    starttoken completiontoken continuationtoken cursortoken eostoken firsttoken inputtoken lasttoken limittoken
    maxtoken nexttoken outputtoken padtoken pagetoken paginationtoken pagingtoken pertoken prompttoken
    ratelimittoken reasoningtoken resumetoken stoptoken synctoken totaltoken validtoken invalidtoken
    checksumsecret checksumcredentials paginationkey progresstoken
    """.split()
)
# A word ends at what is neither letter nor digit, and where the case says so: `appKey`, `APPKey`.
_LAST_WORD = re.compile(r"(?:[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*)$")


@functools.lru_cache(maxsize=4096)
def is_credential(name: str) -> bool:
    """Whether a header of this name carries a credential."""
    name = _without_qualifiers(name.rstrip())
    folded = re.sub(r"[^a-z0-9]", "", name.lower())
    if folded in _WHOLE:
        return True
    last = _LAST_WORD.search(re.sub(r"[^A-Za-z0-9]+$", "", name))
    is_named = folded.endswith(_ENDS) or (last is not None and last[0].lower() in _LAST_WORDS)
    return is_named and not folded.endswith(_NOT_CREDENTIALS)


def _without_qualifiers(name: str) -> str:
    """Without what may follow a header's name without changing what it is: `x-api-key-old`, `x-api-key-2`."""
    while match := re.fullmatch(r"(.*)[-_]([^-_]*)", name, re.DOTALL):
        if not (match[2] == "" or match[2].isdigit() or match[2].lower() in _QUALIFIERS):
            break
        name = match[1]
    return name.rstrip("0123456789")


def headers(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Headers without their credentials; the values of one that came several times are joined."""
    kept: dict[str, str] = {}
    for name, value in pairs:
        value = REDACTED if is_credential(name) else value
        kept[name] = f"{kept[name]}, {value}" if name in kept and value != REDACTED else value
    return kept


def credentials(pairs: list[tuple[str, str]]) -> list[str]:
    """What the credentials in headers are known by in another text, however that quotes them."""
    return [part for name, value in pairs if is_credential(name) for part in _PART.findall(value)]
