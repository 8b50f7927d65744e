//! What the options of commands give, what is piped into them and what they show: `--password x`, `curl -u name:x`,
//! `echo x | docker login`, `cat /run/secrets/x`.

use super::{
    assigned::at_separator,
    before::name_before,
    extents::{opening, run, with_exclamation},
    near::{JUDGED, clipped, line_before, near},
    search::Search,
};
use crate::{
    mask::{Hits, Rule},
    names::{COOKIE, PASSWORD, SECRET, TOKEN},
    shapes::stops::word,
    values::{
        SHORTEST_NUMBER, SHORTEST_OWN, can_be_credential, can_be_password, has_sign, is_base64, is_path, is_random,
        placeholders::{begins_with_placeholder, has_term, is_of_words, stands_for_password},
    },
};
use memchr::memrchr;
use std::ops::Range;

/// How far from its options a command's name may be, in bytes; and from the beginning of its line.
pub(crate) const LONGEST_COMMAND: usize = 96;
/// The longest line of a command, in bytes, with the lines that it goes on in.
const LONGEST_LINE: usize = 1024;
/// The most letters of a word that has several short options.
const LONGEST_OPTION: usize = 8;

/// Where the password begins of a user's name and password, if it is one: the numbers of a user and a group are none,
/// nor is what other commands are given so: URLs, paths of hosts and how to write a date.
pub(crate) fn user(value: &str) -> Option<usize> {
    const SHORTEST: usize = 6;
    let (name, password) = value.split_once(':')?;
    // `https://h/x`
    let is_host = |host: &str| host.contains(['.', '/', ':']) || is_of_words(host);
    let is_other = || name.starts_with("+%") || password.strip_prefix("//").is_some_and(is_host) || is_path(password);
    (password.len() >= SHORTEST && can_be_password(password) && !is_other()).then_some(name.len() + 1)
}

/// Finds the password of what curl is told to log in with at a place: `-u name:password`.
pub(super) fn at_user(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    let (at, quote) = opening(text, at);
    let range = quote.and_then(|quote| quote.close(text, at)).map_or_else(|| run(text, at, JUDGED), |end| at..end);
    let start = range.start + user(text.get(range.clone())?)?;
    let end = if quote.is_some() { range.end } else { with_exclamation(text, run(text, start, usize::MAX).end) };
    Some(hits.push(start..end, Rule::Name(PASSWORD)))
}

/// Finds the password that a short option of a command gives, which only the command's name tells: `sshpass -p x`.
pub(super) fn at_short_option(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    let option = *text.as_bytes().get(at + 1)?;
    let line = line_before(text, at, LONGEST_COMMAND);
    if !(line.ends_with([' ', '\t']) || text.get(..at).is_some_and(|before| before.ends_with("\\\n"))) {
        return None;
    }
    let letters =
        text.as_bytes().iter().skip(at + 1).take_while(|byte| byte.is_ascii_alphabetic()).take(LONGEST_OPTION);
    match option {
        b'u' if is_place(line, near(text, at + 2, JUDGED)) => return None,
        b'u' => return at_user(text, at + 2, hits),
        b'S' if is_sudo(line) => return at_piped(text, at, hits),
        // `-sSu name:x`
        _ if letters.clone().last() == Some(&b'u') && line.contains("curl") => {
            return at_user(text, at + 1 + letters.count(), hits);
        }
        _ => {}
    }
    let (start, quote) = opening(text, at + 2);
    let closed = quote.and_then(|quote| quote.close(text, start));
    let range = start..closed.unwrap_or_else(|| with_exclamation(text, run(text, start, JUDGED).end));
    let value = text.get(range.clone())?;
    let is_joined = start == at + 2 + usize::from(quote.is_some());
    let of = |line: &str| short_option(line, option, value, is_joined);
    // A short line is all near.
    let whole = || Some(command_before(text, at)).filter(|whole| whole.len() > line.len());
    let (offset, rule) = of(line).or_else(|| of(clipped(whole()?, LONGEST_COMMAND)))?;
    let start = range.start + offset;
    let end = if quote.is_some() { range.end } else { with_exclamation(text, run(text, start, usize::MAX).end) };
    Some(hits.push(start..end, Rule::Name(rule)))
}

/// Whether what a command is given with `-u` is a place of a host, a group or a part of a test, by the command and by
/// its looks. What these run may log in somewhere.
fn is_place(line: &str, given: &str) -> bool {
    const COMMANDS: &str = "docker|kubectl|npm |podman|rclone|rsync";
    let has = |word| line.contains(word);
    let value = given.split_ascii_whitespace().next().unwrap_or_default();
    COMMANDS.split('|').any(has) && !has("curl") && !has("http") && is_of_words(value) && !has_sign(value)
}

/// What stands before a place in a command's line, which goes on behind a backslash; nothing if it is longer.
fn command_before(text: &str, at: usize) -> &str {
    let bytes = text.as_bytes();
    let far = at.saturating_sub(LONGEST_LINE);
    let goes_on = |end: usize| {
        let line = bytes.get(..end).unwrap_or_default();
        line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\")
    };
    let mut start = at;
    while let Some(before) = bytes.get(far..start) {
        match memrchr(b'\n', before).map(|end| far + end) {
            Some(end) if goes_on(end) => start = end,
            Some(end) => return text.get(end + 1..at).unwrap_or_default(),
            None if far == 0 => return text.get(..at).unwrap_or_default(),
            None => break,
        }
    }
    ""
}

/// The commands that a short option gives a password, and what stands between it and the name before it.
fn commands(option: u8) -> Option<(&'static str, &'static str)> {
    Some(match option {
        b'p' => (
            "sshpass| login|mysql|mongo|7z|cypher-shell|cqlsh|twine|nxc |evil-winrm|hydra|psexec|beeline|keychain|\
             rdesktop|smbmap|racadm|ncftp|altool|az sql|dotnet nuget|crackmapexec|airflow ",
            "",
        ),
        b'P' => ("zip |unzip |sqlcmd|mosquitto|ipmitool|bcp |tsql ", ""),
        b'U' => ("smbclient|rpcclient", "%"),
        b'N' => ("ssh-keygen", ""),
        b'a' => ("redis-cli|http ", ""),
        b'b' => ("curl", "="),
        b'k' => ("openssl", ""),
        b's' => ("slappasswd", ""),
        b'w' => ("ldap|security add", ""),
        _ => return None,
    })
}

/// Where a credential begins in what a command's line gives to a short option, joined to it or not, and its rule.
pub(crate) fn short_option(line: &str, option: u8, value: &str, is_joined: bool) -> Option<(usize, &'static str)> {
    let (commands, sign) = commands(option)?;
    let line = line.rsplit(" && ").next()?;
    // What a file's name or an address ends with calls no command.
    let is_part = |before: &str| before.ends_with(|one: char| one.is_alphanumeric() || ".-_".contains(one));
    let is_called = |name: &&str| {
        let mut calls = line.match_indices(*name).filter_map(|(at, _)| line.get(..at));
        calls.any(|before| name.starts_with(' ') || !is_part(before))
    };
    let command = commands.split('|').find(is_called)?;
    let sign = if command == "http " { ":" } else { sign };
    let start = value.find(sign)? + sign.len();
    // Of several cookies the first shows what they are.
    let first = value.get(start..)?.split(';').next()?;
    let rule = if option == b'b' { COOKIE } else { PASSWORD };
    // A shorter number is a port's.
    let is_few_digits = || first.len() < SHORTEST_NUMBER && first.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = || can_be_password(first) && !is_few_digits();
    let is_one = match rule {
        COOKIE => can_be_credential(first),
        // What is not joined is what MySQL calls a database, unless it is no word.
        _ if command == "mysql" && !is_joined => can_be_credential(first) && (is_random(first) || has_sign(first)),
        _ => can_be_credential(first) || is_short(),
    };
    is_one.then_some((start, rule))
}

/// Whether a line ends with `sudo` and its own options, of which some have a word behind.
fn is_sudo(line: &str) -> bool {
    let options = line.rsplit_once("sudo ").map(|(_, options)| options.split_ascii_whitespace());
    let mut before = "";
    options.is_some_and(|mut options| {
        options.all(|word| {
            let is_one = word.starts_with('-') || matches!(before, "-u" | "-g" | "-p");
            before = word;
            is_one
        })
    })
}

/// Finds what an option with a name gives: `--password x`, and what is piped into a command that it tells to read it.
pub(super) fn at_long_option(search: &mut Search<'_>, at: usize) -> Option<usize> {
    let Search { text, hits, .. } = search;
    let rest = text.as_bytes().get(at..)?;
    let length = rest.iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)).count();
    let option = text.get(at..at + length)?;
    // What else reads a text so reads no password.
    let is_of_secret = || {
        let command = line_before(text, at, LONGEST_COMMAND).rsplit('|').next().unwrap_or_default();
        ["login", "secret", "passwd"].iter().any(|word| command.contains(word))
    };
    if option.ends_with("password-stdin")
        || option == "with-token"
        || (matches!(option, "stdin" | "data-file") && is_of_secret())
    {
        return at_piped(text, at, hits).or_else(|| at_here(text, at + length, hits));
    }
    // `cryptsetup open disk --key-file -`
    if option == "key-file" && text.get(at + length..)?.get(1..).is_some_and(|file| file.starts_with('-')) {
        return at_piped(text, at, hits);
    }
    if option == "secret" && line_before(text, at, LONGEST_COMMAND).contains("config set ") {
        return at_config(text, at + length, hits);
    }
    if rest.get(length) != Some(&b' ') {
        return None;
    }
    if matches!(option, "user" | "proxy-user") {
        return at_user(text, at + length + 1, hits);
    }
    at_separator(search, at + length)
}

/// Finds what commands are given that only their own name tells, a word of which ends at a place:
/// `htpasswd -b file user x`, `gh secret set NAME -b x`.
pub(super) fn at_command(text: &str, end: usize, hits: &mut Hits) -> Option<usize> {
    const STORING: [&str; 7] = [" set ", "s set ", "s:set ", " put ", "s create ", " create ", " generic "];
    let written = name_before(text.as_bytes(), end);
    let word = text.get(written.clone())?;
    let rest = text.get(end..)?;
    match word {
        "htpasswd" => return at_last_word(text, end, hits),
        "chpasswd" => return at_piped(text, written.start, hits).or_else(|| at_users(text, end, hits)),
        "passwd" => return at_piped(text, written.start, hits),
        "login" => return at_login(text, written.start, end, hits),
        "secret" | "user-secret" => {}
        _ if text.get(..written.start).is_some_and(|before| before.ends_with("env add ")) => {
            return at_piped(text, written.start, hits).or_else(|| at_here(text, end, hits));
        }
        _ => return None,
    }
    let command = STORING.iter().find(|command| rest.starts_with(**command))?;
    at_stored(text, end + command.len(), hits)
        .or_else(|| at_piped(text, written.start, hits))
        .or_else(|| at_here(text, end, hits))
}

/// Finds what a command shows below its line, of which a name is part that ends at a place: `$ cat /run/secrets/x`.
pub(super) fn at_shown(text: &str, end: usize, hits: &mut Hits) -> Option<usize> {
    const SHOWING: &str = "\
        cat |echo $|echo \"$|printenv | get | get-parameter |get-secret-value | access | read |initial-password | show |\
         output |config:get |genkey|genpsk|find-generic-password |rails secret|rake secret|auth token|auth:token|\
        print-access-token|print-identity-token|get-access-token|get-login-password|create token|token create|\
        generate-token|key:generate|token_urlsafe(|token_hex(";
    /// What shows something else of it.
    const OTHER: [&str; 11] = [
        "| wc",
        "| sha",
        "| md5",
        "| head",
        "| cut",
        "| grep",
        "git show",
        ".metadata",
        "Version",
        "--version",
        "--help",
    ];
    const FAR: usize = 128;
    /// The longest that a service makes.
    const LONGEST: usize = 4096;
    let before = line_before(text, end, FAR);
    let command = prompt(before).filter(|_| before.len() < FAR)?;
    let (rest, below) = clipped(text.get(end..)?, FAR).split_once('\n')?;
    let mut start = end + rest.len() + 1;
    let command = text.get(end - before.len() + command..start)?.trim_end();
    let is_about = || {
        ["_name", "_arn", "_id", "_length", "_version", "_count"]
            .iter()
            .any(|about| rest.get(..about.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(about)))
    };
    let is_showing = || {
        ([" pass ", " $env:"].iter().any(|begin| command.starts_with(begin))
            || SHOWING.split('|').any(|showing| command.contains(showing)))
            && !OTHER.iter().any(|other| command.contains(other))
            && !is_about()
    };
    let mut lines = below.lines();
    let mut value = lines.next().unwrap_or_default();
    // `etcdctl get /x/password` shows the name first.
    if command.split(' ').next_back() == Some(value) {
        start += value.len() + 1;
        value = lines.next().unwrap_or_default();
    }
    let value = value.trim_end();
    // A password is one if nothing else is shown.
    let is_end = |line: &str| line.is_empty() || line.ends_with(['$', '#', '%', '>']) || prompt(line).is_some();
    let mut is_all = || lines.next().is_none_or(|line| is_end(line.trim_end()));
    let mut is_password = || {
        can_be_password(value) && value.bytes().any(|byte| byte.is_ascii_digit()) && !value.contains(' ') && is_all()
    };
    let bytes = value.strip_prefix("base64:").unwrap_or(value);
    let is_one = is_showing()
        && (is_random(value) || is_password())
        && !bytes.contains([':', ',', '"', '\\'])
        && !bytes.ends_with("()")
        && (!bytes.contains('/') || is_base64(bytes));
    let line = is_one.then(|| near(text, start, LONGEST).split(['\r', '\n']).next())??.trim_end();
    let is_whole = line.len() < LONGEST && !line.contains([' ', ',', '"']);
    is_whole.then(|| hits.push(start..start + line.len(), Rule::Name(SECRET)))
}

/// Where a command begins in a line, with the space before it, behind what a shell shows: `$ `, `root@web:/app# `.
fn prompt(line: &str) -> Option<usize> {
    const LONGEST: usize = 64;
    const MOST_WORDS: usize = 3;
    let is_sign = |pair: &[u8]| matches!(pair, [b'$' | b'#' | b'>' | b'%', b' ']);
    let sign = line.as_bytes().windows(2).take(LONGEST).position(is_sign);
    let before = line.get(..sign?)?;
    let words = before.split_ascii_whitespace().count();
    // A quote begins with `> `.
    let is_one = (before.is_empty() && line.starts_with(['$', '#']))
        || before.starts_with("PS ")
        || before.contains('@')
        || (words == 1 && before.contains([':', '~', '/', '-']));
    let is_code = before.contains(['<', '=', '"', '\'', ',', ';']) || before.ends_with('-');
    (is_one && !is_code && (words <= MOST_WORDS || before.starts_with("PS "))).then_some(before.len() + 1)
}

/// Where a credential is in the only line that a command shows, if that is one.
pub(crate) fn shown(command: &str, output: &str) -> Option<Range<usize>> {
    const PROMPT: &str = "$ ";
    // What is counted is no credential.
    if output.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = format!("{PROMPT}{command}\n{output}\n");
    let start = text.len() - output.len() - 1;
    let mut hits = Hits::default();
    let word_end = |at: usize| Some(at + word(text.as_bytes().get(at..start)?)?);
    (PROMPT.len()..start).filter_map(word_end).find_map(|end| at_shown(&text, end, &mut hits))?;
    let range = hits.since(0).last()?.range.clone();
    Some(range.start.checked_sub(start)?..range.end - start)
}

/// Finds the token that a tool logs in with: `vault login x`.
fn at_login(text: &str, start: usize, end: usize, hits: &mut Hits) -> Option<usize> {
    let before = line_before(text, start, LONGEST_COMMAND);
    if !["vault ", "cargo ", "wandb "].iter().any(|tool| before.ends_with(tool)) {
        return None;
    }
    let range = argument(text, end);
    let value = text.get(range.clone())?;
    (value.len() > 16 && is_random(value)).then(|| hits.push(range, Rule::Name(TOKEN)))
}

/// Finds the values that a command stores as secrets, from a place in its line on: `-b x`, `NAME=x`.
fn at_stored(text: &str, start: usize, hits: &mut Hits) -> Option<usize> {
    let (mut last, mut at, mut before) = (start, start, "");
    // Prose has other names with a value.
    let is_constant = |name: &str| name.bytes().all(|byte| byte == b'_' || matches!(byte, b'A'..=b'Z' | b'0'..=b'9'));
    for word in line_behind(text, start).split([' ', '\n']) {
        let value = match word.split_once('=') {
            Some(("--body", value)) => Some(value),
            Some((_, value)) if before == "--from-literal" => Some(value),
            Some(("--from-literal", pair)) => pair.split_once('=').map(|(_, value)| value),
            Some((name, value)) if is_constant(name) => Some(value),
            _ if matches!(word, "-b" | "--body" | "--value") => Some(""),
            // `user-secrets set "Jwt:Key" "x"`
            _ if before.starts_with('"') && before.contains(':') => Some(word),
            _ => word.strip_prefix("-b"),
        };
        let range = value.filter(|_| at >= last).map(|value| argument(text, at + word.len() - value.len()));
        at += word.len() + 1;
        before = word;
        let Some(range) = range else { continue };
        let value = text.get(range.clone())?;
        if can_be_password(value) && !begins_with_placeholder(value) {
            last = hits.push(range, Rule::Name(SECRET));
        }
    }
    (last > start).then_some(last)
}

/// Finds the passwords of the users that are listed in the lines below a place: `root:x`.
fn at_users(text: &str, end: usize, hits: &mut Hits) -> Option<usize> {
    const FAR: usize = 1024;
    const MOST: usize = 16;
    const MOST_BEFORE: usize = 3;
    let near = clipped(text.get(end..)?, FAR);
    let (mut at, mut last) = (end, None);
    for (count, line) in near.split('\n').take(MOST).enumerate() {
        let pair = line.trim().trim_start_matches("- ");
        let start = at + line.find(pair).unwrap_or_default();
        at += line.len() + 1;
        match user(pair) {
            Some(offset) if count > 0 && !pair.contains(' ') => {
                last = Some(hits.push(start + offset..start + pair.len(), Rule::Name(PASSWORD)));
            }
            _ if last.is_some() || count > MOST_BEFORE => break,
            _ => {}
        }
    }
    last
}

/// Finds what is set as a secret, behind its name or before the option at a place: `config set --secret name x`,
/// `config set name x --secret`.
fn at_config(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    let before = line_before(text, at, LONGEST_COMMAND);
    let start = at - before.len() + before.rfind("config set ")? + "config set ".len();
    let line = clipped(text.get(start..)?, LONGEST_COMMAND).split('\n').next()?;
    let end = given(text, start + nth_word(line, 2)?, SECRET, hits)?;
    Some(end.max(at))
}

/// Finds the password that is the last of a command's words, if an option tells that it is one:
/// `htpasswd -cb file user x`.
fn at_last_word(text: &str, start: usize, hits: &mut Hits) -> Option<usize> {
    let line = line_behind(text, start);
    let has = |option: char| line.split(' ').any(|word| word.starts_with('-') && word.contains(option));
    let word = nth_word(line, if has('n') { 2 } else { 3 }).filter(|_| has('b'))?;
    given(text, start + word, PASSWORD, hits)
}

/// Where the word of a command's line is that is the last of so many, options and backslashes at ends of lines aside.
fn nth_word(line: &str, nth: usize) -> Option<usize> {
    let (mut at, mut seen) = (0, 0);
    for word in line.split([' ', '\n']) {
        seen += usize::from(!word.is_empty() && !word.starts_with('-') && !matches!(word, "\\" | "\\\r"));
        if seen == nth {
            return Some(at);
        }
        at += word.len() + 1;
    }
    None
}

/// Takes the argument at a place, if it can be a password. Gives where it ends.
fn given(text: &str, at: usize, rule: &'static str, hits: &mut Hits) -> Option<usize> {
    let range = argument(text, at);
    can_be_password(text.get(range.clone())?).then(|| hits.push(range, Rule::Name(rule)))
}

/// The rest of a command's line, which goes on behind a backslash.
fn line_behind(text: &str, at: usize) -> &str {
    const FAR: usize = 512;
    let rest = near(text, at, FAR);
    let ends = |end: &usize| !rest.get(..*end).is_some_and(|line| line.trim_end_matches('\r').ends_with('\\'));
    let mut signs = rest.match_indices(['\n', '|', ';']).map(|(end, _)| end);
    signs.find(ends).and_then(|end| rest.get(..end)).unwrap_or(rest)
}

/// Finds the password that a command reads from a text: `docker login --password-stdin <<< x`.
fn at_here(text: &str, start: usize, hits: &mut Hits) -> Option<usize> {
    let sign = line_behind(text, start).find("<<<")?;
    let range = argument(text, start + sign + 3);
    is_given(text.get(range.clone())?, true).then(|| hits.push(range, Rule::Name(PASSWORD)))
}

/// Whether what a command is given to read is a password, and not put in when the command runs.
fn is_given(value: &str, is_quoted: bool) -> bool {
    let is_put_in = value.contains("$(") || stands_for_password(value) || begins_with_placeholder(value);
    let is_one = can_be_credential(value) || can_be_password(value);
    !is_put_in && (is_one || (is_quoted && value.len() >= SHORTEST_OWN && !has_term(value) && !value.starts_with('$')))
}

/// Finds the password that a command is given by another: `echo x | docker login --password-stdin`. Gives where the
/// command goes on.
fn at_piped(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    const NEAR: usize = 256;
    const FORMATS: [&str; 4] = ["%s", "%s\\n", "%b", "%s\n"];
    let line = line_before(text, at, NEAR);
    let first = line.get(..line.rfind('|')?)?;
    let echo = |name: &str| first.rfind(name).map(|at| at + name.len());
    let mut start = at - line.len() + echo("echo ").max(echo("printf "))?;
    for option in ["-n ", "-e ", "-- "] {
        start += if text.get(start..)?.starts_with(option) { option.len() } else { 0 };
    }
    let mut range = argument(text, start);
    if FORMATS.contains(&text.get(range.clone())?) {
        let quote = usize::from(text.get(range.end..)?.starts_with(['\'', '"']));
        range = argument(text, range.end + quote);
    }
    let value = text.get(range.clone())?;
    let is_quoted = range.start > 0 && text.get(range.start - 1..range.start).is_some_and(|quote| quote != " ");
    // Between them is one pipe, and no other command.
    let behind = text.get(range.end..at)?.trim_start_matches(['"', '\'', '\\', ' ']).strip_prefix('|')?;
    if behind.contains(['|', ';', '&']) || !is_given(value, is_quoted) {
        return None;
    }
    hits.push(range, Rule::Name(PASSWORD));
    Some(at)
}

/// Where an argument is that begins at a place, without its quotes.
fn argument(text: &str, at: usize) -> Range<usize> {
    let (start, quote) = opening(text, at);
    let word = || start..with_exclamation(text, run(text, start, usize::MAX).end);
    quote.and_then(|quote| quote.close(text, start)).map_or_else(word, |end| start..end)
}
