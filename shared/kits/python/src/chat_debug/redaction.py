"""Headers and parameters of URLs that carry credentials, told by their names as the service does, so that none of them
is even queued.

The tables are those of `shared/redact/src/names/tables.rs`, whose golden list a test compares with.
What is in bodies is left to the service, which looks at everything once more, and to `redact=`.
"""

from __future__ import annotations

import functools
import itertools
import re
from urllib.parse import unquote

REDACTED = "[REDACTED]"
# What every way of quoting leaves as it is. What is shorter is no key.
_PART = re.compile(r"[A-Za-z0-9_.+/=-]{8,}")

# Wherever they are met: by their ends, as a whole, and by the last of several words.
_ENDS = tuple(
    """
    password passwd passphrase passcode passwords passwort kennwort wachtwoord depasse contrasena senha mnemonic
    seedphrase recoveryphrase psswd heslo haslo sifre salasana passord adgangskode katasandi losenord jelszo secret
    secretstring apikey accesskey secretkey privatekey signingkey encryptionkey masterkey unsealkey unsealkeys
    authkey accountkey subscriptionkey openaikey anthropickey azurekey geminikey googlekey mistralkey coherekey
    groqkey deepseekkey perplexitykey openrouterkey togetherkey huggingfacekey replicatekey pineconekey
    elevenlabskey deepgramkey xaikey serpkey tavilykey stripekey zhipukey twiliokey sendgridkey storagekey
    servicekey servicerolekey sharedkey hmackey jwtkey cryptokey sshkey secretkeybase functionskey licensekey
    accesstoken authtoken refreshtoken sessiontoken securitytoken idtoken apitoken bearertoken vaulttoken bottoken
    usertoken deploytoken personaltoken sessionid sessid connectsid apikeys accesskeys secretkeys accesstokens
    refreshtokens oauth2bearer cookies authorization auth cookie token credentials creds recoverykey recoverykeys
    recoverycode recoverycodes backupcode backupcodes scratchcode scratchcodes pepper authsalt noncesalt
    loggedinsalt noncekey loggedinkey appcertificate macaroon deploykey palavrapasse passwrd pswd secretid apitokens
    authtokens
    """.split()
)
_WHOLE = frozenset("sig pwd pass pin pw psw mdp clave otp psk jwt bearer credential cred pat totp".split())
_LAST_WORDS = frozenset("pass pwd pw psw psk pat cred".split())
# Ends of what passes may be joined to as one word: `dbpass`.
_OWNERS = tuple(
    """
    admin auth bind client db email ftp imap key ldap login mail master mongo mqtt pg postgres proxy redis require
    root server smtp sql ssh ssl store sudo sys user vnc vpn wifi
    """.split()
)
# What may follow those: `API_KEY_PROD`.
_QUALIFIERS = frozenset(
    """
    again b64 base64 confirmation current default dev development hex live new old plain plaintext primary prod
    production repeat secondary staging string test text value
    """.split()
)
# Where a value is sent along: by their ends, by their last word, and as a whole.
_SENT_ENDS = tuple("bearer jwt assertion credential authentication csrf xsrf appkey clientkey writekey".split())
_SENT_WORDS = frozenset("key sas sig pwd otp totp pass pw pat".split())
_HEADERS = frozenset(
    """
    dpop xsession xamznoidcdata xfirebaseappcheck xhoneycombteam xjfrogartapi xoaiattestation
    xvercelprotectionbypass
    """.split()
)
# What may follow a header's name.
_HEADER_QUALIFIERS = frozenset("value old new primary secondary backup base64 raw".split())
# Where a value is sent along in a URL alone: by their ends, and as a whole.
_PARAMETER_ENDS = tuple(
    """
    signature authcode authorizationcode devicecode codeverifier idtokenhint protectionbypass samlresponse
    """.split()
)
_PARAMETERS = frozenset("code".split())
# What looks like it and is not; and of those, what opens something as a variable of an environment, or wherever met.
_NOT_CREDENTIALS = tuple(
    """
    allowcredentials includecredentials withcredentials cachekey dedupkey deduplicationkey endkey evaluatedkey
    foreignkey groupkey hashkey idempotencykey lastkey objectkey orderkey partitionkey primarykey publickey
    publishablekey ratelimitkey rowkey shardkey sortkey startkey surrogatekey websocketkey bostoken cachedtoken
    canceltoken cancellationtoken changetoken clientrequesttoken clienttoken deltatoken idempotencytoken skiptoken
    starttoken completiontoken continuationtoken cursortoken eostoken firsttoken inputtoken lasttoken limittoken
    maxtoken nexttoken outputtoken padtoken pagetoken paginationtoken pagingtoken pertoken prompttoken
    ratelimittoken reasoningtoken resumetoken stoptoken synctoken totaltoken validtoken invalidtoken checksumsecret
    checksumcredentials paginationkey progresstoken startingtoken existingsecret hashofsigningkey publickeytoken
    continuetoken nextforwardtoken nextbackwardtoken deduplicationtoken idempotenttoken concurrencytoken
    workdonetoken partialresulttoken
    """.split()
)
_CONSTANT = frozenset("clienttoken".split())
_OPENING = tuple(
    """
    ddclienttoken datadogclienttoken akamaiclienttoken facebookpagetoken fbpagetoken developertoken
    """.split()
)
# A word ends at what is neither letter nor digit, and where the case says so: `appKey`, `APPKey`.
_WORD = re.compile(r"[A-Z]+(?![a-z])[a-z0-9]*|[A-Z]?[a-z0-9]+")
_DIGITS = "0123456789"
# Headers that say a URL.
_OF_URLS = ("location", "content-location", "referer")
_USER_INFO = re.compile(r"(?i)^([a-z][a-z0-9+.-]*:[/\\]*)([^/\\?#]*)@")
_PARAMETER = re.compile(r"([?&#;])([^=&#;?]*)=([^&#;]*)")


@functools.lru_cache(maxsize=4096)
def is_credential(name: str) -> bool:
    """Whether a header of this name carries a credential."""
    header = _Name(_without_qualifiers(name.rstrip()))
    return header.is_sent() or header.folded in _HEADERS


def is_credential_in_url(name: str) -> bool:
    """Whether a parameter of this name carries a credential."""
    parameter = _Name(unquote(name))
    return parameter.is_sent() or parameter.folded in _PARAMETERS or parameter.folded.endswith(_PARAMETER_ENDS)


class _Name:
    """A name in its letters and digits, and where its words begin."""

    def __init__(self, text: str) -> None:
        words = _WORD.findall(re.sub(r"[\t\r\n]", "", text))
        self.folded = "".join(words).lower()
        self.words = list(itertools.accumulate(map(len, words), initial=0))[:-1] or [0]
        self.is_phrase = " " in text
        # As variables of an environment are written.
        self.is_constant = "_" in text and not re.search(r"[a-z]", text)

    def is_sent(self) -> bool:
        """Whether it is a credential's where a value is sent along."""
        last = self.words[-1]
        word = self.folded[last:]
        if self._is_assigned(self.folded):
            return True
        is_qualified = word in _QUALIFIERS or word.rstrip(_DIGITS) in _QUALIFIERS
        if not self.is_phrase and is_qualified and self._is_assigned(self.folded[:last]):
            return True
        return (self.folded.endswith(_SENT_ENDS) or word in _SENT_WORDS) and not self._is_none(self.folded)

    def _is_assigned(self, begin: str) -> bool:
        """Whether its beginning is a credential's wherever it is met."""
        begin = begin.rstrip(_DIGITS)
        last = max((word for word in self.words if word < len(begin)), default=0)
        is_last = not self.is_phrase and last > 0 and begin[last:] in _LAST_WORDS
        is_known = begin.endswith(_ENDS) or begin in _WHOLE or is_last or _is_joined(begin)
        return is_known and not self._is_none(begin)

    def _is_none(self, begin: str) -> bool:
        """Whether its beginning only looks like it: an end is of whole words, or all within the last."""
        ends = [end for end in _NOT_CREDENTIALS if begin.endswith(end)]
        return any(map(functools.partial(self._is_whole, begin), ends)) and not begin.endswith(_OPENING)

    def _is_whole(self, begin: str, end: str) -> bool:
        at = len(begin) - len(end)
        opens = self.is_constant and end in _CONSTANT and at > 0
        return (at in self.words or at >= self.words[-1]) and not opens


def _is_joined(begin: str) -> bool:
    """Whether what passes is joined to what it opens."""
    return any(begin.endswith(end) and begin[: -len(end)].endswith(_OWNERS) for end in ("pass", "pwd", "pw"))


def _without_qualifiers(name: str) -> str:
    """Without what may follow a header's name without changing what it is: `x-api-key-old`, `x-api-key-2`."""
    while match := re.fullmatch(r"(.*)[-_]([^-_]*)", name, re.DOTALL):
        if not (match[2] == "" or match[2].isdigit() or match[2].lower() in _HEADER_QUALIFIERS):
            break
        name = match[1]
    return name.rstrip(_DIGITS)


def headers(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Headers without their credentials; the values of one that came several times are joined."""
    kept: dict[str, str] = {}
    for name, value in pairs:
        if is_credential(name):
            value = REDACTED
        elif name.lower() in _OF_URLS:
            value = url(value)
        kept[name] = f"{kept[name]}, {value}" if name in kept and value != REDACTED else value
    return kept


def url(text: str) -> str:
    """A URL without user info, and without the values of parameters that are credentials. Every other byte stays."""

    def without(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}={REDACTED}" if is_credential_in_url(found[2]) else found[0]

    return _PARAMETER.sub(without, _USER_INFO.sub(rf"\1{REDACTED}@", text))


def credentials(pairs: list[tuple[str, str]], url: str) -> list[str]:
    """What the credentials in headers and a URL are known by in another text, however that quotes them."""
    values = [value for name, value in pairs if is_credential(name)]
    for each in (url, *(value for name, value in pairs if name.lower() in _OF_URLS)):
        values += [found[3] for found in _PARAMETER.finditer(each) if is_credential_in_url(found[2])]
        values += [found[2] for found in _USER_INFO.finditer(each)]
    return [part for value in values for part in _PART.findall(value)]
