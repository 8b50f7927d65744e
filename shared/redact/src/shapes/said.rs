//! What a credential is called in other languages than English, and by tools, and what is said after such a word:
//! `Das Kennwort lautet: x`. What is no password by its looks is left.

use crate::{
    text::{
        extents::with_exclamation,
        near::{JUDGED, clipped},
    },
    values::{can_be_password, is_signed},
};
use std::ops::Range;

/// A rule's name and a word, with a space between, and how many bytes are said after it at least.
///
/// A word is without its first letter where that may be a capital: case counts. It is without more of them where many
/// other words begin as it does, at each of which a text would be looked at more closely.
pub(super) const SAID: [(&str, u16); 134] = [
    ("password ::add-mask:", 4),
    ("password > AUTH", 4),
    ("password Geslo", 4),
    ("password Hasł", 4),
    ("password Hasło", 4),
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
    ("password Passord", 4),
    ("password Parola", 4),
    ("password Password    REG_SZ", 4),
    ("password achtwoord", 4),
    ("password alasana", 4),
    ("password aporka", 4),
    ("password arool", 8),
    ("password ata sandi", 4),
    ("password clave es", 4),
    ("password dentifiants", 4),
    ("password dgangskode", 4),
    ("password enable password", 4),
    ("password enable secret", 4),
    ("password enable secret 0", 4),
    ("password elszó", 4),
    ("password ennwort", 4),
    ("password geslo", 4),
    ("password hasł", 4),
    ("password hasło", 4),
    ("password heslo", 4),
    ("password laptažod", 4),
    ("password lykilorð", 4),
    ("password masterauth", 4),
    ("password mdp ", 4),
    ("password nloggegevens", 4),
    ("password nmeldedaten", 4),
    ("password ode d'accès", 4),
    ("password oegangscode", 4),
    ("password ozink", 4),
    ("password parola d'ordine", 4),
    ("password passe provisoire", 4),
    ("password passe temporaire", 4),
    ("password passord", 4),
    ("password parola", 4),
    ("password parola d'accesso", 4),
    ("password password 0", 4),
    ("password rasenya", 4),
    ("password raseña", 4),
    ("password redenciais", 4),
    ("password redenciales", 4),
    ("password redenziali", 4),
    ("password rootpw --plaintext", 4),
    ("password secret 0", 4),
    ("password snmp-server community", 4),
    ("password successfully reset.\nNew value", 16),
    ("password s generated for root@localhost", 8),
    ("password ugangscode", 4),
    ("password ugangsdaten", 4),
    ("password ösenord", 4),
    ("password Şifre", 4),
    ("password şifre", 4),
    ("password ωδικός πρόσβασης", 4),
    ("password арола", 4),
    ("password аролем", 4),
    ("password ароль", 4),
    ("password ароля", 4),
    ("password озинк", 4),
    ("password סיסמה", 4),
    ("password رمز عبور", 4),
    ("password كلمة السر", 4),
    ("password كلمة المرور", 4),
    ("password پسورد", 4),
    ("password पासवर्ड", 4),
    ("password รหัสผ่าน", 4),
    ("password ật khẩu", 4),
    ("password パスワード", 4),
    ("password 口令", 4),
    ("password 密码", 4),
    ("password 密碼", 4),
    ("password 授权码", 8),
    ("password 暗証番号", 4),
    ("password 비밀번호", 4),
    ("password 비번", 4),
    ("password 암호", 4),
    ("password 패스워드", 4),
    ("api-key API anahtar", 16),
    ("api-key API ключ", 16),
    ("api-key API-ключ", 16),
    ("api-key API-nyckel", 16),
    ("api-key API-nøgle", 16),
    ("api-key API-sleutel", 16),
    ("api-key APIキー", 16),
    ("api-key API 키", 16),
    ("api-key Chave API", 16),
    ("api-key PI-Schlüssel", 16),
    ("api-key chave API", 16),
    ("api-key have de API", 16),
    ("api-key have da API", 16),
    ("api-key hiave API", 16),
    ("api-key klucz API", 16),
    ("api-key klíč API", 16),
    ("api-key lave API", 16),
    ("api-key lave de API", 16),
    ("api-key lé API", 16),
    ("api-key lé d'API", 16),
    ("api-key lé secrète", 16),
    ("api-key ugangsschlüssel", 16),
    ("api-key люч API", 16),
    ("api-key ретный ключ", 16),
    ("api-key 密钥", 16),
    ("api-key 秘钥", 16),
    ("access-token Jeton", 32),
    ("access-token eton d'accès", 16),
    ("access-token jeton", 32),
    ("access-token oken de acceso", 16),
    ("access-token oken de acesso", 16),
    ("access-token окен", 32),
    ("access-token トークン", 32),
    ("access-token 令牌", 16),
    ("access-token 토큰", 32),
    ("secret-key eheimer Schlüssel", 16),
    ("secret-key hiave segreta", 16),
    ("secret-key izli anahtar", 16),
    ("secret-key lave secreta", 16),
    ("secret-key lient-Geheimnis", 16),
    ("secret-key アクセスキー", 16),
    ("secret-key シークレットキー", 16),
    ("secret-key 秘密鍵", 16),
];

/// What means `is` in the words' languages, or stands for it.
const LINKS: &str = "\
    是|为|為|改成了|改成|改为|设为|は|を|는|은|คือ|es |ist |lautet |lautet: |heißt |wurde auf |est |c'est |è |é |is |to |jest |\
    je |är |er |on |este |là |είναι |هي |היא |adalah |- ";
/// What stands between a word and what it is for: `пароль от сервера: x`.
const OF: &str = "\
    от |для |к |of |for |on |von |vom |für |zum |zur |de |del |du |da |do |dla |di |della |van |voor |pour |para |för |\
    til ";
/// Whose it is, or that it is new, where a language says it behind the word.
const OWN: &str = " saya| anda| của tôi| mới";
/// Spaces that French has before its colons.
const SPACES: [char; 2] = ['\u{a0}', '\u{202f}'];

/// Finds what is said after a word, which ends at a place: after a colon, a quote, and what means `is`.
pub(super) fn said(text: &str, at: usize, least: usize) -> Option<Range<usize>> {
    const FAR: usize = 24;
    let is_sign = |one: char| " :：=—–\"'`“„「*".contains(one) || SPACES.contains(&one);
    let (word, behind) = text.split_at_checked(at)?;
    let ended = if word.ends_with(' ') { 0 } else { ending(behind) };
    let own = OWN.split('|').find(|own| behind.get(ended..).is_some_and(|rest| rest.starts_with(own)));
    let ended = ended + own.map_or(0, str::len);
    let of = owner(clipped(behind.get(ended..)?, JUDGED));
    let at = at + ended + of.unwrap_or(0);
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
    let said = value.get(..judged)?;
    // What is done to one is no link, but where it becomes the value: `パスワードをxに変更`.
    let is_object = text.get(..at + start).is_some_and(|before| before.trim_end().ends_with('を'));
    let becomes = || value.get(judged..).is_some_and(|behind| behind.trim_start().starts_with('に'));
    // More is said behind other words: `parolası %s`.
    let is_one = can_be_password(said)
        && (!is_object || becomes())
        && (of.is_none() || said.bytes().any(|byte| byte.is_ascii_digit()))
        && (ended == 0
            || rest.starts_with(':')
            || !["%s", "%d", "%@", "%{", "%.", "$s"].iter().any(|form| said.contains(form)));
    // Chinese has no sign there: `密码x`.
    let is_bare = || is_signed(said) && text.get(..at).is_some_and(|word| word.ends_with(|last| last >= '\u{2e80}'));
    if (start == 0 && !is_bare()) || start > FAR || judged < least || !is_one {
        return None;
    }
    Some(at + start..with_exclamation(text, at + start + word(value)?))
}

/// How long the ending of a word is: `şifresi`, `паролем`.
fn ending(rest: &str) -> usize {
    const MOST: usize = 5;
    let is_end = |next: char| " :=".contains(next) || SPACES.contains(&next);
    let end = rest.char_indices().take(MOST + 1).find(|(_, one)| !one.is_lowercase());
    end.filter(|(_, next)| is_end(*next)).map_or(0, |(end, _)| end)
}

/// How long it is what says of whom or what something is, before a colon or what means `is`: `hasło do serwera to x`,
/// `пароль root: x`.
fn owner(rest: &str) -> Option<usize> {
    const MOST_WORDS: usize = 4;
    let of = rest.strip_prefix(' ')?;
    let what = OF.split('|').find_map(|word| of.strip_prefix(word));
    let words = if what.is_some() { MOST_WORDS } else { 1 };
    let what = what.unwrap_or(of);
    what.match_indices(' ').take(words).find_map(|(end, _)| {
        let (said, behind) = what.split_at(end);
        let is_linked = || words > 1 && LINKS.split('|').any(|link| behind.trim_start().starts_with(link));
        let is_one = said.starts_with(char::is_alphabetic)
            && said.chars().all(|one| one.is_alphanumeric() || " :.-_@".contains(one));
        (is_one && (said.ends_with(':') || is_linked()))
            .then_some(rest.len() - what.len() + said.trim_end_matches(':').len())
    })
}
