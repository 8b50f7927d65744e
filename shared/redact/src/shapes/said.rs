//! What a credential is called in other languages than English, and by tools, and what is said after such a word:
//! `Das Kennwort lautet: x`. What is no password by its looks is left.

use crate::{
    text::{
        extents::with_exclamation,
        near::{JUDGED, clipped},
    },
    values::can_be_password,
};
use std::ops::Range;

/// A rule's name and a word, with a space between, and how many bytes are said after it at least.
///
/// A word is without its first letter where that may be a capital: case counts. It is without more of them where many
/// other words begin as it does, at each of which a text would be looked at more closely.
pub(super) const SAID: [(&str, u16); 91] = [
    ("password > AUTH", 4),
    ("password Heslo", 4),
    ("password IDENTIFIED BY", 4),
    ("password Key Content", 4),
    ("password LAN-Schlüssel", 8),
    ("password MDP ", 4),
    ("password PASSWORD apm_system", 16),
    ("password PASSWORD beats_system", 16),
    ("password PASSWORD elastic", 16),
    ("password PASSWORD kibana_system", 16),
    ("password PASSWORD logstash_system", 16),
    ("password PASSWORD remote_monitoring_user", 16),
    ("password Password：", 4),
    ("password Passord", 4),
    ("password Parola", 4),
    ("password Password    REG_SZ", 4),
    ("password achtwoord", 4),
    ("password alasana", 4),
    ("password asło", 4),
    ("password assordet", 4),
    ("password ata sandi", 4),
    ("password clave es", 4),
    ("password dentifiants", 4),
    ("password dgangskode", 4),
    ("password dgangskoden", 4),
    ("password enable password", 4),
    ("password enable secret", 4),
    ("password enable secret 0", 4),
    ("password elszó", 4),
    ("password ennwort", 4),
    ("password heslo", 4),
    ("password masterauth", 4),
    ("password mdp ", 4),
    ("password password：", 4),
    ("password passord", 4),
    ("password parola", 4),
    ("password parola d'accesso", 4),
    ("password password 0", 4),
    ("password raseña", 4),
    ("password rootpw --plaintext", 4),
    ("password secret 0", 4),
    ("password snmp-server community", 4),
    ("password successfully reset.\nNew value", 16),
    ("password ugangsdaten", 4),
    ("password ösenord", 4),
    ("password ösenordet", 4),
    ("password Şifre", 4),
    ("password şifre", 4),
    ("password ωδικός πρόσβασης", 4),
    ("password ароль", 4),
    ("password סיסמה", 4),
    ("password كلمة السر", 4),
    ("password كلمة المرور", 4),
    ("password पासवर्ड", 4),
    ("password รหัสผ่าน", 4),
    ("password ật khẩu", 4),
    ("password パスワード", 4),
    ("password 口令", 4),
    ("password 密码", 4),
    ("password 密碼", 4),
    ("password 暗証番号", 4),
    ("password 비밀번호", 4),
    ("password 암호", 4),
    ("api-key API ключ", 16),
    ("api-key API-ключ", 16),
    ("api-key API-nyckel", 16),
    ("api-key API-nøgle", 16),
    ("api-key API-sleutel", 16),
    ("api-key APIキー", 16),
    ("api-key API 키", 16),
    ("api-key PI-Schlüssel", 16),
    ("api-key have de API", 16),
    ("api-key have da API", 16),
    ("api-key hiave API", 16),
    ("api-key klucz API", 16),
    ("api-key klíč API", 16),
    ("api-key lave de API", 16),
    ("api-key lé API", 16),
    ("api-key lé d'API", 16),
    ("api-key lé secrète", 16),
    ("api-key ugangsschlüssel", 16),
    ("api-key люч API", 16),
    ("api-key ретный ключ", 16),
    ("api-key 密钥", 16),
    ("access-token eton d'accès", 16),
    ("access-token oken de acceso", 16),
    ("access-token oken de acesso", 16),
    ("access-token окен", 32),
    ("access-token トークン", 32),
    ("access-token 令牌", 16),
    ("secret-key lave secreta", 16),
];

/// What means `is` in the words' languages, or stands for it.
const LINKS: &str =
    "是|为|為|は|는|은|es |ist |lautet |lautet: |wurde auf |est |c'est |è |é |is |to |jest |je |är |er |on |- ";

/// Finds what is said after a word, which ends at a place: after a colon, a quote, and what means `is`.
pub(super) fn said(text: &str, at: usize, least: usize) -> Option<Range<usize>> {
    const FAR: usize = 24;
    // A colon may be of the word, and behind what it is for: `пароль от сервера: x`.
    let at = text.get(..at)?.strip_suffix('：').map_or(at, str::len);
    let of = text.get(at..).and_then(|rest| clipped(rest, JUDGED).strip_prefix(" от ")?.split_once(": "));
    let of = of.filter(|(what, _)| what.chars().all(|one| one.is_alphanumeric() || one == ' '));
    let at = of.map_or(at, |(what, _)| at + " от ".len() + what.len());
    let is_sign = |one: char| " :：=—–\"'`“„「*".contains(one);
    let rest = text.get(at..)?;
    let mut value = rest.trim_start_matches(is_sign);
    if let Some(linked) = LINKS.split('|').find_map(|link| value.strip_prefix(link)) {
        value = linked.trim_start_matches(is_sign);
    }
    // A user may be before it.
    if let Some((user, password)) = clipped(value, JUDGED).split_once(" / ")
        && !user.contains(char::is_whitespace)
    {
        value = value.get(value.len().min(user.len() + 3)..).filter(|_| !password.is_empty()).unwrap_or(value);
    }
    let start = rest.len() - value.len();
    let ends = |one: char| one.is_whitespace() || !one.is_ascii() || "\"'`,;<>\\".contains(one);
    let word = |text: &str| Some(text.split(ends).next()?.trim_end_matches(['.', '!', '?', ')', '*']).len());
    // Judged before its end is looked for.
    let judged = word(clipped(value, JUDGED))?;
    if start == 0 || start > FAR || judged < least || !can_be_password(value.get(..judged)?) {
        return None;
    }
    Some(at + start..with_exclamation(text, at + start + word(value)?))
}
