//! Credentials as they are found in the wild, each in the text that it comes in.

use super::super::{
    places::{At, Place},
    redactor::Redactor,
    rules::Rules,
};

#[track_caller]
fn kept(text: &str) -> String {
    let mut text = text.to_owned();
    Redactor::under(&Rules::default()).place(At::default(), Place::Text(&mut text), false);
    text
}

#[test]
fn files_and_commands_keep_no_key() {
    for (given, secret) in [
        (
            "//registry.npmjs.org/:_authToken=8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a\nalways-auth=true",
            "8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a",
        ),
        ("redis://:p4ssw0rdXy@cache:6379/0", ":p4ssw0rdXy"),
        ("mongodb+srv://app:p4ss-w0rd@cluster0.mongodb.net/db?retryWrites=true", "app:p4ss-w0rd"),
        ("curl -u admin:S3cret-99 https://h/x", "S3cret-99"),
        ("curl --user 'admin:S3cret-99' https://h/x", "S3cret-99"),
        ("mysql --user root --password hunter2-xyz -e 'select 1'", "hunter2-xyz"),
        ("<Connection><Password>hunter2-xyz</Password></Connection>", "hunter2-xyz"),
        ("os.environ[\"OPENAI_API_KEY\"] = \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("setenv('STRIPE_SECRET', '8f3c9a7e1b2d')", "8f3c9a7e1b2d"),
        ("**API key:** `8f3c9a7e1b2d`", "8f3c9a7e1b2d"),
        ("Server=db;User Id=sa;Password=hunter2-xyz;Encrypt=true", "hunter2-xyz"),
        (
            "Endpoint=sb://x.net/;SharedAccessKeyName=Root;SharedAccessKey=Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0=",
            "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0=",
        ),
        (
            "export DISCORD_TOKEN=MTIzNDU2Nzg5MDEyMzQ1Njc4.Gh7xR2.Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd",
            "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gh7xR2.Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd",
        ),
        ("password: hunter2-xyz\nuser: app", "hunter2-xyz"),
        ("password = 'it is hunter2'", ""),
        ("api.key(\"x-api-key\", \"8f3c9a7e1b2d\")", "8f3c9a7e1b2d"),
        ("--header 'X-Vault-Token: 8f3c9a7e1b2d4f60'", "8f3c9a7e1b2d4f60"),
        ("https://x.blob.core.windows.net/c/b?sv=2022&sp=r&sig=Qm7xR2vKp9%2BLw4%3D", "Qm7xR2vKp9%2BLw4%3D"),
        ("<a data-x=\"{&quot;apiKey&quot;:&quot;8f3c9a7e1b2d&quot;}\">", "8f3c9a7e1b2d"),
        ("password&#61;hunter2-xyz&amp;user&#61;app", "hunter2-xyz"),
        ("{name: 'x-api-key', value: '8f3c9a7e1b2d'}", "8f3c9a7e1b2d"),
        ("got [{\"name\": \"X-Api-Key\", \"value\": \"8f3c9a7e1b2d\"}]", "8f3c9a7e1b2d"),
        ("got [[\"x-api-key\",\"8f3c9a7e1b2d\"]] of it", "8f3c9a7e1b2d"),
        (
            "sent Digest username=\"u\", realm=\"a b\", response=\"6629fae49393a053\" to it",
            "username=\"u\", realm=\"a b\", response=\"6629fae49393a053\"",
        ),
        ("postgres://app:p4ss#w0rd@db/x", "app:p4ss#w0rd"),
        ("redis://:p4ss/w0rd+x=@cache:6379/0", ":p4ss/w0rd+x="),
        ("DB_PASS=hunter2-xyz", "hunter2-xyz"),
        ("OPENAI_KEY: 8f3c9a7e1b2d4f60", "8f3c9a7e1b2d4f60"),
        ("see key-8f3c9a7e1b2d4f608f3c9a7e1b2d4f60 there", "key-8f3c9a7e1b2d4f608f3c9a7e1b2d4f60"),
    ] {
        let kept = kept(given);
        let (before, behind) = if secret.is_empty() { (given, "") } else { given.split_once(secret).expect("there") };
        assert!(kept.starts_with(before) && kept.ends_with(behind), "{given}: {kept}");
        assert!(secret.is_empty() || (!kept.contains(secret) && kept.contains("[REDACTED")), "{given}: {kept}");
    }
}

#[test]
fn what_only_looks_like_one_stays() {
    for text in [
        "pagination: nextPageToken=CAESBwoFMTIzNDUaBAgBEAEiAA, clientToken: \"8f3c9a7e1b2d4f608f3c9a7e\"",
        "the token is 'hello', token: \"world12\"",
        "docker run -u 1000:1000 --user app:app image",
        "auth::User2Factory::new(), Auth: AuthProvider2(config)",
        "password = getpass.getpass(\"Password1: \")",
        "if password == other_password2: raise",
        "let api_key = env::var(\"API_KEY_1\")?;",
        "see [badge](https://h/badge.svg?style=flat) and \"AccessToken\": \"arn:aws:x:eu-west-2:123456789012:y\"",
        "def get(self, default=\"MagicCookie\", txn=None, flags=0): pass",
        "socks5h://<username>:<password>@proxy-host-1 and \"Authorization: Basic %s\" % auth",
        "f(x ? key=1 : 2) && a?.key=value",
        "def login(user, password=None, token=self.token1.value2): pass",
        "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END CERTIFICATE-----",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0 user@host",
        "git@github.com:acme/app.git and ssh://git@github.com/acme/app.git",
        "sha256:8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "Idempotency-Key: 8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a",
        "prompt_cache_key: user-8f3c9a7e1b2d, primary_key=id2users",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-4kXw2Q",
        "https://h:80#a@b, http://host:8080/@scope/pkg and https://[::1]:80/a@b",
        "compass: north42east, bypass: rule-17b, {name: 'x-api-version', value: '8f3c9a7e1b2d'}",
        "a &amp;&amp; b &lt;c&gt; &quot;quoted 1&quot; &nbsp;",
    ] {
        assert_eq!(kept(text), text);
    }
}
