//! What calls are given as one of their arguments, by its place: `mysqli_connect("host", "user", "x")`.

use crate::text::{extents::Quote, near::clipped};
use std::ops::Range;

/// How far behind the call's bracket an argument may be, in bytes.
const FAR: usize = 128;

/// A rule's name and what is called, with a space between, and which argument the credential is.
pub(super) const GIVEN: [(&str, u8); 94] = [
    ("password BasicAuth(", 1),
    ("password Credentials.basic(", 1),
    ("password DBI->connect(", 2),
    ("password DriverManager.getConnection(", 2),
    ("password FTP(", 2),
    ("password HTTPDigestAuth(", 1),
    ("password Hash::make(", 0),
    ("password MySQLdb.connect(", 2),
    ("password NetworkCredential(", 1),
    ("password NewDialer(", 3),
    ("password PDO(", 2),
    ("password PDO->__construct(", 2),
    ("password PasswordAuthentication(", 1),
    ("password PasswordCredentials(", 1),
    ("password PlainAuth(", 2),
    ("password Sequelize(", 2),
    ("password WiFi.begin(", 1),
    ("password basic_auth(", 1),
    ("password bcrypt.compare(", 0),
    ("password bcrypt.hash(", 0),
    ("password bcrypt.hashSync(", 0),
    ("password bcrypt.hashpw(", 0),
    ("password check_password_hash(", 1),
    ("password create_superuser(", 2),
    ("password create_user(", 2),
    ("password db.auth(", 1),
    ("password ftp_login(", 2),
    ("password imap_open(", 2),
    ("password jedis.auth(", 0),
    ("password ldap_bind(", 2),
    ("password login(", 1),
    ("password login(key=", 0),
    ("password mysql_connect(", 2),
    ("password mysql_real_connect(", 3),
    ("password mysqli(", 2),
    ("password mysqli->__construct(", 2),
    ("password mysqli_connect(", 2),
    ("password passwordEncoder.encode(", 0),
    ("password password_hash(", 0),
    ("password password_verify(", 0),
    ("password pgp_sym_encrypt(", 1),
    ("password pymysql.connect(", 2),
    ("password redis->auth(", 0),
    ("password scryptSync(", 0),
    ("password simple_bind_s(", 1),
    ("password unsafePlainText(", 0),
    ("password username_pw_set(", 1),
    ("api-key KeyCredential(", 0),
    ("api-key TelegramClient(", 2),
    ("api-key algoliasearch(", 1),
    ("bearer-token bearer_auth(", 0),
    ("private-key Wallet(", 0),
    ("secret OAuthHandler(", 1),
    ("secret SignedString([]byte(", 0),
    ("secret TOTP(", 0),
    ("secret ClientSecretCredential(", 2),
    ("secret cookieParser(", 0),
    ("secret createHmac(", 1),
    ("secret jwt.decode(", 1),
    ("secret jwt.encode(", 1),
    ("secret jwt.sign(", 1),
    ("secret jwt.verify(", 1),
    ("secret signWith(", 1),
    ("secret-key Fernet(", 0),
    ("secret-key Minio(", 2),
    ("secret-key SecretKeySpec(", 0),
    ("secret-key createCipheriv(", 1),
    ("secret-key hmac.new(", 0),
    ("password  crypt('", 0),
    ("password  ks.load(", 1),
    ("password UsernamePasswordAuthenticationToken(", 1),
    ("password basic_auth ", 1),
    ("password httpBasic(", 1),
    ("password authenticate(", 1),
    ("password auth.basic(", 1),
    ("password URL.create(", 2),
    ("password ssh.connect(", 3),
    ("password eyStore.load(", 1),
    ("password rustStore.load(", 1),
    ("bearer-token setBearerAuth(", 0),
    ("secret JWT.decode(", 1),
    ("secret JWT.encode(", 1),
    ("secret JWT::encode(", 1),
    ("secret NewCookieStore([]byte(", 0),
    ("secret-key SecurityKey(Encoding.ASCII.GetBytes(", 0),
    ("secret-key SecurityKey(Encoding.UTF8.GetBytes(", 0),
    ("secret-key hmacShaKeyFor(", 0),
    ("secret-key hmacShaKeyFor(Decoders.BASE64.decode(", 0),
    ("secret-key stripe')(", 0),
    ("secret-key stripe\")(", 0),
    ("auth-token Client('AC", 1),
    ("auth-token Client(\"AC", 1),
    ("auth-token twilio')(", 1),
    ("auth-token twilio(", 1),
];

/// Finds what a call is given as one of its arguments, by its place, if that is in quotes. The call's bracket is before
/// a place.
pub(crate) fn argument(text: &str, at: usize, which: u8) -> Option<Range<usize>> {
    let near = clipped(text.get(at..)?, FAR);
    let (mut depth, mut left, mut offset) = (0_usize, which, 0);
    while let Some(byte) = near.as_bytes().get(offset) {
        match byte {
            b'(' if near.get(..offset).is_some_and(|before| before.ends_with("Some")) => {}
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            b'\n' | b'\r' | b'\\' => return None,
            b',' if depth == 0 => left = left.checked_sub(1)?,
            b'"' | b'\'' | b'`' => {
                let start = at + offset + 1;
                let end = Quote { byte: *byte, escapes: 0 }.close(text, start)?;
                if left == 0 && depth == 0 {
                    return Some(start..end);
                }
                offset = end - at;
            }
            _ => {}
        }
        offset += 1;
    }
    None
}
