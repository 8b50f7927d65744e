/**
 * Names of credentials in headers and URLs, as the service knows them (`shared/redact/src/names.rs`, which a test compares
 * with): so that none of them is ever queued. Keys within bodies are the service's to find.
 */

const words = (list: string): string[] => list.trim().split(/\s+/);

/** Ends of names that are credentials wherever they are met. */
export const ENDS = words(`
  password passwd passphrase passcode passwords passwort kennwort wachtwoord depasse contrasena senha mnemonic
  seedphrase recoveryphrase storepass keypass bindpass rootpass userpass requirepass secret secretstring apikey
  accesskey secretkey privatekey signingkey encryptionkey masterkey authkey accountkey subscriptionkey openaikey
  anthropickey azurekey geminikey googlekey mistralkey coherekey groqkey deepseekkey perplexitykey openrouterkey
  togetherkey huggingfacekey replicatekey pineconekey elevenlabskey deepgramkey xaikey serpkey tavilykey stripekey
  twiliokey sendgridkey storagekey servicekey servicerolekey sharedkey hmackey jwtkey cryptokey sshkey secretkeybase
  functionskey licensekey accesstoken authtoken refreshtoken sessiontoken securitytoken idtoken apitoken bearertoken
  vaulttoken bottoken usertoken deploytoken personaltoken sessionid sessid connectsid apikeys accesskeys secretkeys
  accesstokens refreshtokens oauth2bearer cookies authorization auth cookie token credentials recoverycode
  recoverycodes backupcode backupcodes scratchcode scratchcodes pepper authsalt noncesalt loggedinsalt noncekey
  loggedinkey appcertificate macaroon deploykey palavrapasse passwrd pswd secretid apitokens authtokens`);
/** Names that are, as a whole. */
export const WHOLE = words("sig pwd pass pin pw mdp clave otp psk jwt bearer");
/** Ends that are where a value is sent along: in a header, or in a URL. */
export const SENT_ENDS = words(`
  token bearer jwt assertion credential credentials cookies authentication csrf xsrf appkey authkey clientkey
  masterkey servicekey writekey sessid`);
/** Last words of the same; `monkey` does not end in the word `key`. */
export const SENT_WORDS = words("key sas sig pwd otp totp pass passcode pw pat");
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
  checksumcredentials paginationkey progresstoken`);

interface Name {
  readonly folded: string;
  readonly lastWord: string;
}

/** A name in its letters and digits. A word begins after what is neither, and where the case says so: `appKey`, `APPKey`. */
function fold(name: string): Name {
  const plain = name.replace(/[\t\r\n]/g, "");
  const parts = plain.replace(/([^A-Z])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2").split(/[^A-Za-z0-9]+/);
  const last = parts.filter((part) => part !== "").at(-1) ?? "";
  return { folded: plain.replace(/[^A-Za-z0-9]/g, "").toLowerCase(), lastWord: last.toLowerCase() };
}

const endsIn = (name: string, ends: string[]): boolean => ends.some((end) => name.endsWith(end));

function isSent({ folded, lastWord }: Name): boolean {
  const assigned = folded.replace(/[0-9]+$/, "");
  const isNot = (name: string) => endsIn(name, NOT_CREDENTIALS);
  if ((endsIn(assigned, ENDS) || WHOLE.includes(assigned)) && !isNot(folded)) return true;
  return (endsIn(folded, SENT_ENDS) || SENT_WORDS.includes(lastWord)) && !isNot(folded);
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
  return rest.replace(/[0-9]+$/, "");
}

// The same few dozen names come with every call.
const seen = new Map<string, boolean>();
const MAX_SEEN = 1000;

/** Whether a header of this name carries a credential. */
export function isCredentialHeader(name: string): boolean {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const header = fold(unqualified(name));
  const isCredential = isSent(header) || HEADERS.includes(header.folded) || endsIn(header.folded, ["cookie", "cookies"]);
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

/** A URL without user info, and without the values of parameters that are credentials. Every other byte stays. */
export function withoutCredentials(url: string): string {
  const plain = url.replace(/^([a-z][a-z0-9+.-]*:[/\\]*)[^/\\?#]*@/i, `$1${REDACTED}@`);
  return plain.replace(/([?&#;])([^=&#;?]*)=([^&#;]*)/g, (all, before, name) =>
    isCredentialParameter(name) ? `${before}${name}=${REDACTED}` : all);
}
