/**
 * Names of credentials in headers and URLs, as the service knows them (`shared/redact/src/names/tables.rs`, whose golden
 * list a test compares with): so that none of them is ever queued. Keys within bodies are the service's to find.
 */

const words = (list: string): string[] => list.trim().split(/\s+/);

/** Ends of names that are credentials wherever they are met. */
export const ENDS = words(`
  password passwd passphrase passcode passwords passwort kennwort wachtwoord depasse contrasena senha mnemonic
  seedphrase recoveryphrase psswd heslo haslo sifre salasana passord adgangskode katasandi losenord jelszo secret
  secretstring apikey accesskey secretkey privatekey signingkey encryptionkey masterkey unsealkey unsealkeys authkey
  accountkey subscriptionkey openaikey anthropickey azurekey geminikey googlekey mistralkey coherekey groqkey
  deepseekkey perplexitykey openrouterkey togetherkey huggingfacekey replicatekey pineconekey elevenlabskey
  deepgramkey xaikey serpkey tavilykey stripekey zhipukey twiliokey sendgridkey storagekey servicekey servicerolekey
  sharedkey hmackey jwtkey cryptokey sshkey secretkeybase functionskey licensekey accesstoken authtoken refreshtoken
  sessiontoken securitytoken idtoken apitoken bearertoken vaulttoken bottoken usertoken deploytoken personaltoken
  sessionid sessid connectsid apikeys accesskeys secretkeys accesstokens refreshtokens oauth2bearer cookies
  authorization auth cookie token credentials creds recoverykey recoverykeys recoverycode recoverycodes backupcode
  backupcodes scratchcode scratchcodes pepper authsalt noncesalt loggedinsalt noncekey loggedinkey appcertificate
  macaroon deploykey palavrapasse passwrd pswd secretid apitokens authtokens`);
/** Names that are, as a whole. */
export const WHOLE = words("sig pwd pass pin pw psw mdp clave otp psk jwt bearer credential cred pat totp");
/** Last words of those of several words: `DB_PASS`, and no compass. */
export const LAST_WORDS = words("pass pwd pw psw psk pat cred");
/** Ends of what `pass`, `pwd` or `pw` may be joined to as one word: `dbpass`. */
export const OWNERS = words(`
  admin auth bind client db email ftp imap key ldap login mail master mongo mqtt pg postgres proxy redis require
  root server smtp sql ssh ssl store sudo sys user vnc vpn wifi`);
/** Words that may follow one that is written as one word: `API_KEY_PROD`. */
export const QUALIFIERS = words(`
  again b64 base64 confirmation current default dev development hex live new old plain plaintext primary prod
  production repeat secondary staging string test text value`);
/** Ends that are where a value is sent along: in a header, or in a URL. */
export const SENT_ENDS = words(`
  bearer jwt assertion credential authentication csrf xsrf appkey clientkey writekey`);
/** Last words of the same; `monkey` does not end in the word `key`. */
export const SENT_WORDS = words("key sas sig pwd otp totp pass pw pat");
/** Headers that are, as a whole. */
export const HEADERS = words(`
  dpop xsession xamznoidcdata xfirebaseappcheck xhoneycombteam xjfrogartapi xoaiattestation xvercelprotectionbypass`);
/** Words that may follow a header's name: `x-api-key-old`. */
export const HEADER_QUALIFIERS = words("value old new primary secondary backup base64 raw");
/** Ends that are in URLs alone. */
export const PARAMETER_ENDS = words(`
  signature authcode authorizationcode devicecode codeverifier idtokenhint protectionbypass samlresponse`);
/** Names that are, as a whole, in URLs alone. */
export const PARAMETERS = words("code");
/** Ends of names that look like it and are not. */
export const NOT_CREDENTIALS = words(`
  allowcredentials includecredentials withcredentials cachekey dedupkey deduplicationkey endkey evaluatedkey
  foreignkey groupkey hashkey idempotencykey lastkey objectkey orderkey partitionkey primarykey publickey
  publishablekey ratelimitkey rowkey shardkey sortkey startkey surrogatekey websocketkey bostoken cachedtoken
  canceltoken cancellationtoken changetoken clientrequesttoken clienttoken deltatoken idempotencytoken skiptoken
  starttoken completiontoken continuationtoken cursortoken eostoken firsttoken inputtoken lasttoken limittoken
  maxtoken nexttoken outputtoken padtoken pagetoken paginationtoken pagingtoken pertoken prompttoken ratelimittoken
  reasoningtoken resumetoken stoptoken synctoken totaltoken validtoken invalidtoken checksumsecret
  checksumcredentials paginationkey progresstoken startingtoken existingsecret hashofsigningkey publickeytoken
  continuetoken nextforwardtoken nextbackwardtoken deduplicationtoken idempotenttoken concurrencytoken
  workdonetoken partialresulttoken`);
/** Of those, what opens something as a variable of an environment, and wherever it is met. */
export const CONSTANT = words("clienttoken");
export const OPENING = words(`
  ddclienttoken datadogclienttoken akamaiclienttoken facebookpagetoken fbpagetoken developertoken`);

interface Name {
  /** Its letters and digits. */
  readonly folded: string;
  /** Where its words begin in that. */
  readonly words: number[];
  /** Whether it is of several words, as prose has them. */
  readonly isPhrase: boolean;
  /** Whether it is written as variables of an environment are: `API_TOKEN`. */
  readonly isConstant: boolean;
}

/** A word begins after what is neither letter nor digit, and where the case says so: `appKey`, `APPKey`. */
function fold(name: string): Name {
  const plain = name.replace(/[\t\r\n]/g, "");
  const spaced = plain.replace(/([^A-Z])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  const parts = spaced.split(/[^A-Za-z0-9]+/).filter((part) => part !== "");
  let end = 0;
  return {
    folded: parts.join("").toLowerCase(),
    words: parts.map((part) => (end += part.length) - part.length),
    isPhrase: name.includes(" "),
    isConstant: name.includes("_") && !/[a-z]/.test(name),
  };
}

const endsIn = (name: string, ends: string[]): boolean => ends.some((end) => name.endsWith(end));

/** Where the last word of a name begins that ends at a place. */
const lastWord = ({ words }: Name, end = Infinity): number => words.filter((word) => word < end).at(-1) ?? 0;

function withoutDigits(name: string): string {
  let end = name.length;
  while (end > 0 && name[end - 1]! >= "0" && name[end - 1]! <= "9") end--;
  return name.slice(0, end);
}

/** Whether the beginning of a name that looks like a credential's is none: an end is of whole words, or all within the last. */
function isNone(name: Name, begin: string): boolean {
  const isWhole = (end: string) => {
    const at = begin.length - end.length;
    return at === 0 || at >= lastWord(name) || name.words.includes(at);
  };
  const opens = (end: string) => name.isConstant && CONSTANT.includes(end) && begin.length > end.length;
  const isEnd = (end: string) => begin.endsWith(end) && isWhole(end) && !opens(end);
  return NOT_CREDENTIALS.some(isEnd) && !endsIn(begin, OPENING);
}

/** Whether what passes is joined to what it opens. */
function isJoined(name: string): boolean {
  const end = ["pass", "pwd", "pw"].find((end) => name.endsWith(end));
  return end !== undefined && endsIn(name.slice(0, -end.length), OWNERS);
}

/** Whether the beginning of a name is a credential's wherever it is met. */
function isAssigned(name: Name, begin: string): boolean {
  const plain = withoutDigits(begin);
  const last = lastWord(name, plain.length);
  const isLast = !name.isPhrase && last > 0 && LAST_WORDS.includes(plain.slice(last));
  return (endsIn(plain, ENDS) || WHOLE.includes(plain) || isLast || isJoined(plain)) && !isNone(name, plain);
}

/** Whether a name is a credential's where a value is sent along. */
function isSent(name: Name): boolean {
  const { folded } = name;
  const last = lastWord(name);
  const word = folded.slice(last);
  if (isAssigned(name, folded)) return true;
  const isQualified = QUALIFIERS.includes(word) || QUALIFIERS.includes(withoutDigits(word));
  if (!name.isPhrase && isQualified && isAssigned(name, folded.slice(0, last))) return true;
  return (endsIn(folded, SENT_ENDS) || SENT_WORDS.includes(word)) && !isNone(name, folded);
}

/** A header's name without what may follow it: a number, or a qualifier. */
function unqualified(name: string): string {
  let rest = name.trimEnd();
  for (;;) {
    const at = Math.max(rest.lastIndexOf("-"), rest.lastIndexOf("_"));
    const last = rest.slice(at + 1).toLowerCase();
    if (at < 0 || !(/^[0-9]*$/.test(last) || HEADER_QUALIFIERS.includes(last))) break;
    rest = rest.slice(0, at);
  }
  return withoutDigits(rest);
}

// The same few dozen names come with every call.
const seen = new Map<string, boolean>();
const MAX_SEEN = 1000;

/** Whether a header of this name carries a credential. */
export function isCredentialHeader(name: string): boolean {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const header = fold(unqualified(name));
  const isCredential = isSent(header) || HEADERS.includes(header.folded);
  if (seen.size < MAX_SEEN) seen.set(name, isCredential);
  return isCredential;
}

/** Whether a parameter of a URL is a credential by its name. */
export function isCredentialParameter(name: string): boolean {
  const parameter = fold(decoded(name));
  return isSent(parameter) || PARAMETERS.includes(parameter.folded) || endsIn(parameter.folded, PARAMETER_ENDS);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export const REDACTED = "[REDACTED]";

/** Headers whose values are URLs: where a redirect leads, the next request's own is masked. */
const URL_HEADERS = words("location content-location referer");

/** A header's value as it may be kept; names are in lower case. */
export function headerWithoutCredentials(name: string, value: string): string {
  if (isCredentialHeader(name)) return REDACTED;
  return URL_HEADERS.includes(name) ? withoutCredentials(value) : value;
}

/** A URL without user info, and without the values of parameters that are credentials. Every other byte stays. */
export function withoutCredentials(url: string): string {
  const plain = url.replace(/^([a-z][a-z0-9+.-]*:[/\\]*)[^/\\?#]*@/i, `$1${REDACTED}@`);
  return plain.replace(/([?&#;])([^=&#;?]*)=([^&#;]*)/g, (all, before, name) =>
    isCredentialParameter(name) ? `${before}${name}=${REDACTED}` : all);
}
