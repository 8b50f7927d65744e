//! Credentials as they are found in the wild, each in the text that it comes in.

use crate::{
    places::{At, Place},
    redactor::Redactor,
    rules::Rules,
};

#[track_caller]
pub(super) fn kept(text: &str) -> String {
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
        ("postgres://app:gi%40%5B%5EvT7o%2517OJUR@db/x", "app:gi%40%5B%5EvT7o%2517OJUR"),
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
fn a_user_or_a_scheme_of_a_url_is_no_name() {
    const KEY: &str = "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb";
    for user in ["x-access-token", "oauth2", "x-token-auth", "gitlab-ci-token", "token", "secret", "apikey"] {
        let text = |user: &str| format!("fatal: unable to access 'https://{user}@h.com/x/y.git/': 403");
        assert_eq!(kept(&text(&format!("{user}:{KEY}"))), text("[REDACTED]"));
        for given in ["***", "${TOKEN}", "<token>"] {
            let text = text(&format!("{user}:{given}"));
            assert_eq!(kept(&text), text);
        }
    }
    assert_eq!(kept("redis://auth:Qm7xR2vKp9Lw@cache/0?x=1"), "redis://[REDACTED]@cache/0?x=1");
    assert_eq!(
        kept("otpauth://totp/Acme:bob@x.com?secret=JBSWY3DPEHPK3PXP&issuer=Acme"),
        "otpauth://totp/Acme:bob@x.com?secret=[REDACTED]&issuer=Acme"
    );
    for given in [format!("auth:{KEY}\n"), format!("https://token:{KEY} x"), format!("token:{KEY}@x\n")] {
        assert!(!kept(&given).contains(KEY), "{given}");
    }
}

/// Fails unless a secret is taken out of what is given, and nothing else.
#[track_caller]
pub(super) fn assert_taken(given: &str, secret: &str) {
    let kept = kept(given);
    let (before, behind) = given.split_once(secret).expect("there");
    assert!(kept.starts_with(before) && kept.ends_with(behind) && !kept.contains(secret), "{given}: {kept}");
    let mask = &kept[before.len()..kept.len() - behind.len()];
    assert!(mask.starts_with("[REDACTED:") && mask.ends_with(']'), "{given}: {kept}");
}

#[test]
fn what_people_and_commands_say_of_a_name_is_taken() {
    for (given, secret) in [
        ("Hi, my api key is 8f3c9a7e1b2d and it fails", "8f3c9a7e1b2d"),
        ("the password is \"Qm7xR2v\", try it", "Qm7xR2v"),
        ("The password for the staging server is hunter2-xyz.", "hunter2-xyz"),
        ("I changed my password to Tr0ub4dor&3x, ok", "Tr0ub4dor&3x"),
        ("use API key `Qm7xR2vKp9Lw4Zt8` for it", "Qm7xR2vKp9Lw4Zt8"),
        ("Incorrect API key provided: 8f3c9a7e1b2d4f60. You can", "8f3c9a7e1b2d4f60"),
        ("use the key: Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb please", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"),
        ("my key is Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb there", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"),
        ("token = Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb in a file", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"),
        ("> setx OPENAI_API_KEY 8f3c9a7e1b2d\nSUCCESS", "8f3c9a7e1b2d"),
        ("set -gx OPENAI_API_KEY 8f3c9a7e1b2d\n", "8f3c9a7e1b2d"),
        ("$env:OPENAI_API_KEY = \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("FROM x\nENV API_KEY 8f3c9a7e1b2d\nRUN y", "8f3c9a7e1b2d"),
        ("machine h\n  login bob\n  password hunter2\n", "hunter2"),
        ("machine h login bob password hunter2-xyz\n", "hunter2-xyz"),
        ("Settings\nAPI key\nQm7xR2vKp9Lw4Zt8\nRegion", "Qm7xR2vKp9Lw4Zt8"),
        ("requirepass 8f3c9a7e1b2d\nport 6379", "8f3c9a7e1b2d"),
        ("db_pass hunter2-xyz\nproxy", "hunter2-xyz"),
        ("db_pass s3cretX9;", "s3cretX9"),
        ("lösenordet är zLE68m2U%7g4X5", "zLE68m2U%7g4X5"),
        ("my_pass Zk9mQ2vL7x; other", "Zk9mQ2vL7x"),
        ("keytool -storepass hunter2-xyz -alias x", "hunter2-xyz"),
        ("CREATE USER bob WITH PASSWORD 'hunter2';", "hunter2"),
        ("curl -ubob:hunter2 https://h/x", "hunter2"),
        ("curl -u bob+x@example.com/token:8f3c9a7e1b2d https://h/x", "8f3c9a7e1b2d"),
        ("curl -u bob:/Xk9mQ2pLr7Vt https://h/x", "/Xk9mQ2pLr7Vt"),
        ("curl -u \"bob://Q2vL7mNx\" https://h/x", "//Q2vL7mNx"),
        ("curl --oauth2-bearer Qm7xR2vKp9Lw4Zt8 https://h/x", "Qm7xR2vKp9Lw4Zt8"),
        ("password: 12345678\n", "12345678"),
        ("password=12345678 and more", "12345678"),
        ("user: bob\npassword: correct horse battery staple\nport: 80", "correct horse battery staple"),
        ("password = \"open sesame 42\"", "open sesame 42"),
        ("see: {\"api_key\": {\"S\": \"8f3c9a7e1b2d\"}, \"n\": 1} there", "8f3c9a7e1b2d"),
        ("a [{\"name\": \"db/password\", \"value\": \"hunter2\"}] of it", "hunter2"),
        ("DB_PASSWORD=swordfish\nPORT=80", "swordfish"),
        ("API_KEY=Qm7x&R2vK,p9Lw\nPORT=80", "Qm7x&R2vK,p9Lw"),
        ("password: |\n  hunter2-xyz\nport: 80", "hunter2-xyz"),
        ("api_key = \"\"\"8f3c9a7e1b2d\"\"\"\n", "8f3c9a7e1b2d"),
        ("Uid=sa;Pwd={hunter2;xyz9};Encrypt=yes", "hunter2;xyz9"),
        ("Uid=sa;Pwd={hunter2!r};Encrypt=yes", "hunter2!r"),
        ("DB_PWD=/hunter2x\n", "/hunter2x"),
        ("PWD=/Qm7xR2vKp9Lw4Zt8\n", "/Qm7xR2vKp9Lw4Zt8"),
        ("pwd: /hunter2\n", "/hunter2"),
        ("secret: /hunter22xy\n", "/hunter22xy"),
        ("secret: /aB3dE5fG7hJ9kL1mN2pQ/x7\n", "/aB3dE5fG7hJ9kL1mN2pQ/x7"),
        ("password=0xdeadbeef\n", "0xdeadbeef"),
        ("password: 0xdeadbeef\n", "0xdeadbeef"),
        ("private_key: 0x8f3c9a7e1b2d4f608f3c9a7e\n", "0x8f3c9a7e1b2d4f608f3c9a7e"),
        ("PASSWORD=*SommerRegen\n", "*SommerRegen"),
        ("f(\"password\", \"**hunter2\")", "**hunter2"),
        ("password: 1.2.3-hunter2\n", "1.2.3-hunter2"),
        ("<entry key=\"password\">hunter2-xyz</entry>", "hunter2-xyz"),
        ("<key>ApiKey</key>\n<string>8f3c9a7e1b2d</string>", "8f3c9a7e1b2d"),
        ("<password>12345678</password>", "12345678"),
        ("data:\n  password: aHVudGVyMg==\n", "aHVudGVyMg=="),
        (
            "seed phrase: \"legal winner thank year wave sausage worth useful legal winner thank yellow\"",
            "legal winner thank year wave sausage worth useful legal winner thank yellow",
        ),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn code_declares_and_wraps_what_it_assigns() {
    for (given, secret) in [
        ("process.env.DB_PASSWORD ??= 'hunter2-xyz'", "hunter2-xyz"),
        ("ENV['API_KEY'] ||= '8f3c9a7e1b2d'", "8f3c9a7e1b2d"),
        ("const ApiToken string = \"Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb\"", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"),
        ("val apiKey: String = \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("string password = @\"hunter2-xyz\";", "hunter2-xyz"),
        ("api_key = SecretStr('8f3c9a7e1b2d')", "8f3c9a7e1b2d"),
        ("$Password = ConvertTo-SecureString 'hunter2-xyz' -AsPlainText", "hunter2-xyz"),
        ("http.Header{\"X-Api-Key\":[]string{\"8f3c9a7e1b2d\"}}", "8f3c9a7e1b2d"),
        ("SNYK_TOKEN=8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a\n", "8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a"),
        ("DB_PW=hunter2-xyz\n", "hunter2-xyz"),
        ("GITHUB_PAT=8f3c9a7e1b2d\n", "8f3c9a7e1b2d"),
        ("+STRIPE=sk_live_Qm7xR2vKp9Lw4Zt8\n", "sk_live_Qm7xR2vKp9Lw4Zt8"),
        ("@@ -1 +1 @@\n+ghp_Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0Ae2Tk\n", "ghp_Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0Ae2Tk"),
        ("\u{1b}[32mAPI_KEY\u{1b}[0m=\u{1b}[33m8f3c9a7e1b2d\u{1b}[0m\n", "8f3c9a7e1b2d"),
        ("\u{1b}[1msk_live_Qm7xR2vKp9Lw4Zt8\u{1b}[0m", "sk_live_Qm7xR2vKp9Lw4Zt8"),
        ("<tr><th>API key</th><td>8f3c9a7e1b2d</td></tr>", "8f3c9a7e1b2d"),
        ("a [{\"op\": \"add\", \"path\": \"/app/password\", \"value\": \"hunter2\"}] of it", "hunter2"),
        ("a {\"Name\": \"/app/x\", \"Type\": \"SecureString\", \"Value\": \"8f3c9a7e1b2d\"} of it", "8f3c9a7e1b2d"),
        ("a {\"SecretString\": \"8f3c9a7e1b2d\"} of it", "8f3c9a7e1b2d"),
        ("a {\"user\": \"u\", \"pass\": \"8f3c9a7e1b2d\"} of it", "8f3c9a7e1b2d"),
        ("Authorization: Token token=\"8f3c9a7e1b2d\"\n", "token=\"8f3c9a7e1b2d\""),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn commands_that_store_credentials_name_them_beside() {
    for (given, secret) in [
        ("aws ssm put-parameter --name /x/password --value hunter2-xyz", "hunter2-xyz"),
        ("aws ssm put-parameter --name \"/x/api-key\" --type String --value \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("aws secretsmanager create-secret --name a --secret-string '8f3c9a7e1b2d'", "8f3c9a7e1b2d"),
        ("az keyvault secret set --vault-name v --name DbPassword --value hunter2-xyz", "hunter2-xyz"),
        ("gh secret set API_KEY --body \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("echo 8f3c9a7e1b2d | docker login -u me --password-stdin h", "8f3c9a7e1b2d"),
        ("echo 8f3c9a7e1b2d | docker login -u me --password-stdin", "8f3c9a7e1b2d"),
        ("echo -n 8f3c9a7e1b2d | docker login --password-stdin\ndocker ps", "8f3c9a7e1b2d"),
        ("echo 'Qm7&x(R 2v' | docker login --password-stdin", "Qm7&x(R 2v"),
        ("http -a bob:hunter2-xyz h/x", "hunter2-xyz"),
        ("smbclient //h/share -U bob%hunter2-xyz", "hunter2-xyz"),
        ("tool --db_password 8f3c9a7e1b2d", "8f3c9a7e1b2d"),
        ("7z x -phunter2xyz9 a.7z", "hunter2xyz9"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn what_sql_puts_into_a_column_of_credentials_is_taken() {
    for (given, secret) in [
        ("INSERT INTO t (a, password) VALUES ('x', 'hunter2-xyz');", "hunter2-xyz"),
        ("insert into `users` (`id`, `password`, `role`)\nvalues\n  (1, 'hunter2', 'admin')", "hunter2"),
        ("INSERT INTO app.users (email, \"passcode\") VALUES ('a, (b)@c', 48151623)", "48151623"),
        ("INSERT INTO u (name, password) VALUES ('O''Neil', crypt('hunter2-xyz', gen_salt('bf')))", "hunter2-xyz"),
        ("REPLACE INTO k ([name], [api_key]) VALUES (N'a', N'8f3c9a7e1b2d')", "8f3c9a7e1b2d"),
        ("INSERT INTO t (a, password) VALUES ('bob', 'Tr0ub4dor''s3cretX')", "Tr0ub4dor''s3cretX"),
        ("INSERT INTO t (a, password) VALUES (\"bob\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("INSERT INTO t (a, password) OUTPUT INSERTED.id VALUES ('bob', 'hunter2-xyz')", "hunter2-xyz"),
        ("INSERT INTO t (path, password) VALUES ('C:\\dir\\', 'hunter2')", "hunter2"),
        ("INSERT INTO t (a, password) VALUES ('it\\'s, b', 'hunter2')", "hunter2"),
        ("COPY public.users (id, password) FROM stdin;\n1\thunter2\n\\.\n", "hunter2"),
    ] {
        assert_taken(given, secret);
    }
    let rows =
        "INSERT INTO t (a, password) VALUES ('x', 'hunter2'),\n  ('y', 'Tr0ub4dor'), ('z', NULL); SELECT 'a1b2c3d4'";
    let mask = "[REDACTED:password]";
    assert_eq!(kept(rows), rows.replace("hunter2", mask).replace("Tr0ub4dor", mask));
}

#[test]
fn a_value_is_named_by_its_block_and_by_its_element() {
    for (given, secret) in [
        ("variable \"db_password\" {\n  type    = string\n  default = \"hunter2-xyz\"\n}", "hunter2-xyz"),
        ("variable \"api_key\" { default = \"8f3c9a7e1b2d\" }", "8f3c9a7e1b2d"),
        ("output \"admin_password\" {\n  sensitive = true\n  value = \"hunter2-xyz\"\n}", "hunter2-xyz"),
        ("Parameters:\n  DbPassword:\n    Type: String\n    Default: hunter2-xyz\n", "hunter2-xyz"),
        ("<input type=password value=hunter2-xyz name=p>", "hunter2-xyz"),
        ("<input value=\"hunter2-xyz\" name=\"p\" type=\"password\"/>", "hunter2-xyz"),
        ("<input type='hidden' value='Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb' name='csrf_token'>", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"),
        ("<property value=\"hunter2-xyz\" name=\"jdbc.password\" />", "hunter2-xyz"),
        ("env:\n          - name: DB_PASSWORD\n            value: hunter2-xyz\n", "hunter2-xyz"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn commands_are_told_credentials_in_many_ways() {
    for (given, secret) in [
        ("gh secret set X -b hunter2-xyz", "hunter2-xyz"),
        ("gh secret set X --repo a/b -b\"hunter2-xyz\"\n", "hunter2-xyz"),
        ("fly secrets set FOO=8f3c9a7e1b2d --app a", "8f3c9a7e1b2d"),
        ("kubectl create secret generic db --from-literal=foo=hunter2-xyz", "hunter2-xyz"),
        ("printf '%s' hunter2-xyz | gh secret set X", "hunter2-xyz"),
        ("printf '%s\\n' 'hunter2-xyz' | wrangler secret put X", "hunter2-xyz"),
        ("echo hunter2-xyz | docker login -u me --password-stdin", "hunter2-xyz"),
        ("echo \"hunter2-xyz\" | sudo -S apt update", "hunter2-xyz"),
        ("docker login -u me --password-stdin <<< \"hunter2-xyz\"", "hunter2-xyz"),
        ("echo -n 8f3c9a7e1b2d | gcloud secrets create x --data-file=-", "8f3c9a7e1b2d"),
        ("curl -su bob:hunter2-xyz https://h/x", "hunter2-xyz"),
        ("curl -fsSLu 'bob:hunter2 xyz9' https://h/x", "hunter2 xyz9"),
        ("htpasswd -b /etc/x bob hunter2-xyz", "hunter2-xyz"),
        ("htpasswd -nbB bob 'hunter2-xyz' > x", "hunter2-xyz"),
        (r#"htpasswd -b /etc/x bob \"hunter2-xyz\""#, "hunter2-xyz"),
        ("echo 'hunter2-xyz' | helm x --registry-password-stdin", "hunter2-xyz"),
        ("curl -vu bob:hunter2-xyz https://h/x", "hunter2-xyz"),
        ("curl -nvu bob:hunter2-xyz https://h/x", "hunter2-xyz"),
        ("echo hunter2-xyz | sudo -k -u bob -S ls", "hunter2-xyz"),
        ("echo hunter2-xyz | passwd --stdin bob", "hunter2-xyz"),
        ("mysql -u root -pMax274 app", "Max274"),
        ("mysql -u root -pRocket2014! app", "Rocket2014!"),
        ("sshpass -p K1tt3n! ssh h", "K1tt3n!"),
        ("slappasswd -s hunter2-xyz", "hunter2-xyz"),
        ("rpcclient -U 'bob%hunter2-xyz' h", "hunter2-xyz"),
        ("ansible-vault encrypt_string 'hunter2-xyz' --name x", "hunter2-xyz"),
        ("echo ::add-mask::hunter2-xyz\n", "hunter2-xyz"),
        ("##[add-mask]hunter2-xyz\n", "hunter2-xyz"),
        ("$ terraform output -raw db_password\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
        ("$ heroku config:get SECRET_KEY\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
        ("$ pass acme/db\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
        ("$ wg genkey\nQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9=", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9="),
        ("curl -u bob:Ab12cd! https://h/x", "Ab12cd!"),
        ("echo L3tM31n!! | sudo -S ls", "L3tM31n!!"),
        ("a {\"cmd\": [\"sshpass\", \"-p\", \"hunter2\", \"ssh\"]} of it", "hunter2"),
        ("a {\"cmd\": [\"mysql\", \"-uroot\", \"-phunter2\"]} of it", "hunter2"),
        ("a [\"docker\", \"login\", \"-u\", \"bob\", \"-p\", \"hunter2\"] of it", "hunter2"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "mysqldump -u root -p shop_v2 > x.sql; docker run --name mysql -p 3306:3306 -p 8080; ssh login -p 2222",
        "a [\"docker\", \"run\", \"--name\", \"mysql\", \"-p\", \"33060:3306\", \"mysql8\"] of it",
        "echo \"::add-mask::$TOKEN_2\"\necho ::add-mask::${{ steps.a.outputs.token_2 }}\n$ go test ./pass\nok pass2",
        "$ terraform output\ndb_password = <sensitive>\n$ pass\nPassword Store\n",
        "a [\"mysql\", \"-p\", \"shop_v2\"] and [\"mkdir\", \"-p\", \"hunter2-xyz\"] of it",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_is_encoded_ends_no_password_of_a_url() {
    for sign in ["%22", "%27", "%3C", "%3E", "%60", "%20"] {
        for password in [format!("aB3{sign}x9kQ2mZ7"), format!("{sign}aB3x9kQ2mZ7")] {
            let text = format!("DATABASE_URL=postgres://u:{password}@db/x");
            assert_eq!(kept(&text), "DATABASE_URL=postgres://[REDACTED]@db/x");
        }
        for text in [
            format!("{sign}http://host:80{sign},{sign}a@b.c"),
            format!("see {sign}http://host/a{sign},{sign}a@b.c"),
            format!("https://x.y/?u=https%3A%2F%2Fa.b%3A80{sign}me@x.de"),
        ] {
            assert_eq!(kept(&text), text);
        }
    }
}

#[test]
fn a_plus_is_a_space_in_a_query() {
    const KEY: &str = "ghp_Ab3dEf7hIj1kLm9nOp5qRs2tUv8wXy4zQ2rT";
    let in_url = |text: &str| {
        let mut text = text.to_owned();
        Redactor::under(&Rules::default()).place(At::default(), Place::Url(&mut text), false);
        text
    };
    for before in ["GET https://x/search?q=use+", "a=b&q=use+it+"] {
        let given = format!("{before}{KEY}+here");
        assert_taken(&given, KEY);
        assert!(!in_url(&given).contains(KEY), "{given}");
    }
    assert!(!in_url("https://x/?q=the+password+is+hunter2xyz").contains("hunter2xyz"));
    for url in ["https://x/search?q=password+reset+2fa&b=a+b+c", "https://x/a+b?q=the+password+is+wrong"] {
        assert_eq!(in_url(url), url);
    }
    // As base64 has it.
    let text = format!("x=abc+{KEY}");
    assert_eq!(kept(&text), text);
}

#[test]
fn a_command_that_stores_goes_on_behind_a_backslash() {
    const SECRET: &str = "Qm7xR2vKp9Lw4Zt8";
    for given in [
        "kubectl create secret generic s \\\n  --from-literal=user=bob \\\n  --from-literal=foo=Qm7xR2vKp9Lw4Zt8",
        "kubectl create secret generic s --from-literal foo=Qm7xR2vKp9Lw4Zt8",
        "kubectl create secret generic s \\\r\n  --from-literal 'foo=Qm7xR2vKp9Lw4Zt8'",
        "gh secret set FOO \\\n  --body \"Qm7xR2vKp9Lw4Zt8\"",
        "fly secrets set \\\n  FOO=Qm7xR2vKp9Lw4Zt8",
        "htpasswd -cb \\\n  file bob Qm7xR2vKp9Lw4Zt8",
        "dotnet user-secrets set \"Jwt:Key\" \"Qm7xR2vKp9Lw4Zt8\"",
    ] {
        assert_taken(given, SECRET);
    }
    for text in [
        "kubectl create secret generic s --from-file foo=Qm7xR2vKp9Lw4Zt8",
        "kubectl create secret generic s --from-literal user=bob \\\n  --from-file=x=ab12cd34ef",
        "kubectl create secret generic s\nfoo --from-literal a=Qm7xR2vKp9Lw4Zt8",
        "how to create secret generic \\ and then --body",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn keys_of_two_parts_and_hashes_of_passwords_are_taken() {
    for secret in [
        "1/1200000000000001:8f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "2/1200000000000001/1200000000000002:8f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "0.ec2c1d46-6a4b-4751-a310-af9601317f2d.C2IgxjjLF7qSshsbwe8JGcbM075YXw:X8vbvA0bduihIDe/qrzIQQ==",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ5$RdescudvJCsgt3ub+b3Rd8WnSd2sxkV6SV4",
        "$6$rounds=5000$Qm7xR2vKp9$Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
        "$1$Qm7xR2vK$Qm7xR2vKp9Lw4Zt8Yc3Nf.",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$Qm7xR2vKp9Lw4Zt8$Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8",
        "pbkdf2:sha256:600000$Qm7xR2vKp9Lw4Zt8$8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "pbkdf2_sha256$600000$Qm7xR2vKp9Lw$4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd=",
        "scrypt:32768:8:1$Qm7xR2vKp9Lw4Zt8$8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "{SSHA}Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8Yc",
    ] {
        for (before, behind) in [
            ("", ""),
            ("see ", ", please"),
            ("bob:", ":19000:0"),
            ("\"", "\""),
            ("alice,", ",2024-01-17,active,admin"),
            ("alice,", ",bob@example.com"),
            ("alice,", ",uid-1000,/home/bob"),
        ] {
            assert_taken(&format!("{before}{secret}{behind}"), secret);
        }
    }
    let scram = "SCRAM-SHA-256$4096:Qm7xR2vKp9Lw4Zt8Yc3Nfg==$Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9=:Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8Yc3Nf6=";
    assert_taken(&format!("see {scram}, please"), scram);
}

#[test]
fn codes_that_let_in_once_are_taken_one_by_one() {
    const MASK: &str = "[REDACTED:recovery-code]";
    for (given, codes) in [
        ("Your recovery codes:\n\na1b2c-d3e4f\nx7kqp-9fmbt\nThanks", &["a1b2c-d3e4f", "x7kqp-9fmbt"][..]),
        ("Backup codes (keep them safe):\n1. 12345678\n2. 87654321\n", &["12345678", "87654321"]),
        ("- recovery codes: `9f8e7d6c5b`, `1a2b3c4d5e` - done", &["9f8e7d6c5b", "1a2b3c4d5e"]),
        ("Recovery codes:\nkq3w-ptgy\nhjkw-pmrt\nzx2p-q9lm\n", &["kq3w-ptgy", "hjkw-pmrt", "zx2p-q9lm"]),
        ("Recovery codes:\nhjkw-pmrt\nkq3w-ptgy\n", &["hjkw-pmrt", "kq3w-ptgy"]),
        ("RECOVERY_CODES=12345678,87654321\n", &["12345678", "87654321"]),
        ("a {\"backup_codes\": [\"12345678\", \"x7kqp-9fmbt\"]} of it", &["12345678", "x7kqp-9fmbt"]),
    ] {
        let expected = codes.iter().fold(given.to_owned(), |text, code| text.replace(code, MASK));
        assert_eq!(kept(given), expected);
    }
}

#[test]
fn a_password_behind_its_user_is_taken() {
    for (given, secret) in [
        ("the login is bob / hunter2, try it", "hunter2"),
        ("credentials: bob / hunter2-xyz\n", "hunter2-xyz"),
        ("Credentials for staging are admin / Tr0ub4dor.", "Tr0ub4dor"),
        ("use login bob@example.com / hunter2", "hunter2"),
        ("password: bob / hunter2", "hunter2"),
        ("username/password: bob/hunter2", "bob/hunter2"),
        ("creds: `bob:x7kQp9fM`", "x7kQp9fM"),
        ("creds: bob / Ab12cd34&Xy9zQwrt", "Ab12cd34&Xy9zQwrt"),
        ("Default login: admin:Ab12cd34&Xy9zQwrt", "Ab12cd34&Xy9zQwrt"),
        ("bob@example.com / Ab12cd34&Xy9zQwrt", "Ab12cd34&Xy9zQwrt"),
        ("{user: bob, password: Ab12cd34&Xy9zQwrt}", "Ab12cd34&Xy9zQwrt"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn what_is_said_below_a_name_or_in_another_language_is_taken() {
    for (given, secret) in [
        ("here is the API key:\n\n```\n8f3c9a7e1b2d4f60\n```\nthanks", "8f3c9a7e1b2d4f60"),
        ("user: bob\npassword:\n  hunter2-xyz\n", "hunter2-xyz"),
        ("user: bob\r\npassword:\r\n  hunter2-xyz\r\n", "hunter2-xyz"),
        ("The API_KEY should be set to 8f3c9a7e1b2d.", "8f3c9a7e1b2d"),
        ("Das Passwort lautet hunter2xyz.", "hunter2xyz"),
        ("Le mot de passe est hunter2xyz", "hunter2xyz"),
        ("La contraseña es hunter2xyz", "hunter2xyz"),
        ("A senha é hunter2xyz", "hunter2xyz"),
        ("Пароль: hunter2xyz\n", "hunter2xyz"),
        ("密码：hunter2xyz。", "hunter2xyz"),
        ("password：hunter2xyz，", "hunter2xyz"),
        ("token：Qm7xR2vKp9Lw4Zt8Yc3N，下一个", "Qm7xR2vKp9Lw4Zt8Yc3N"),
        ("AccessKey ID：abc，AccessKey Secret：Qm7xR2vKp9Lw4Zt8。", "Qm7xR2vKp9Lw4Zt8"),
        ("password是hunter2xyz请保密", "hunter2xyz"),
        ("密码改成了hunter2xyz", "hunter2xyz"),
        ("Mot de passe\u{a0}: hunter2xyz", "hunter2xyz"),
        ("Identifiants\u{202f}: bob / hunter2xyz", "hunter2xyz"),
        ("la contraseña del servidor es hunter2xyz", "hunter2xyz"),
        ("la contraseña de la base de datos es hunter2xyz", "hunter2xyz"),
        ("mot de passe de bob : 2R76sdKUCXYp30", "2R76sdKUCXYp30"),
        ("senha do banco: 2R76sdKUCXYp30", "2R76sdKUCXYp30"),
        ("hasło do serwera: hunter2xyz", "hunter2xyz"),
        ("пароль для базы данных: hunter2xyz", "hunter2xyz"),
        ("hasło roota: hunter2xyz", "hunter2xyz"),
        ("паролем: hunter2xyz", "hunter2xyz"),
        ("wifi şifresi: hunter2xyz", "hunter2xyz"),
        ("비번: hunter2xyz", "hunter2xyz"),
        ("parola este hunter2xyz", "hunter2xyz"),
        ("passordet: hunter2xyz, slaptažodis: x", "hunter2xyz"),
        ("Anmeldedaten: bob / hunter2xyz", "hunter2xyz"),
        ("Passwort von bob: 2R76sdKUCXYp30", "2R76sdKUCXYp30"),
        ("initial password of admin: Wk6Gml15hEecaA49qO", "Wk6Gml15hEecaA49qO"),
        ("ich habe das Passwort auf NeCwZ6-xU5SCd geändert", "NeCwZ6-xU5SCd"),
        ("The admin password was changed to hunter2xyz.", "hunter2xyz"),
        ("パスワードをhunter2xyzに変更しました", "hunter2xyz"),
        ("パスワードは hunter2xyz です", "hunter2xyz"),
        (
            "My seed phrase: legal winner thank year wave sausage worth useful legal winner thank yellow",
            "legal winner thank year wave sausage worth useful legal winner thank yellow",
        ),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "token：每次消耗1200个Token，Key：Value2，password是必填项2，密码错误：Error123，token是用于API2的",
        "mot de passe de secours : requis\nsenha de acesso: consulte a seção 2\nparolası %.4s-%.2s\n",
        "contraseña de acceso es obligatoria\nhasło do serwera: wymagane\nпароль для базы: нет\n",
        "Passwort von bob: falsch\npassword of the user: required\ndas Passwort auf Server2 geändert",
        "パスワードをbcrypt2でハッシュ, contraseña de 8 caracteres: minimo8",
        "masło: 200g, lozinka je kratka, Mot de passe\u{a0}: requis, Каролина: 12345, skeleton: Qm7xR2vKp9Lw4Zt8",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_only_begins_like_a_tag_or_contains_a_url_is_taken() {
    for (given, secret) in [
        ("DB_PASSWORD=!Sommerregen\n", "!Sommerregen"),
        ("password: !Qwertyuiop\nport: 80", "!Qwertyuiop"),
        (
            "INFURA_API_KEY=https://mainnet.infura.io/v3/9aa3d95b3bc440fa88ea12eaa4456161\n",
            "https://mainnet.infura.io/v3/9aa3d95b3bc440fa88ea12eaa4456161",
        ),
        (
            "a {\"api_key\": \"https://mainnet.infura.io/v3/9aa3d95b3bc440fa88ea12eaa4456161\"} of it",
            "https://mainnet.infura.io/v3/9aa3d95b3bc440fa88ea12eaa4456161",
        ),
        ("a {\"password\": \"Kx9://qL2mZ8\"} of it", "Kx9://qL2mZ8"),
        ("a {\"password\": \"$ummer.2024\"} of it", "$ummer.2024"),
    ] {
        assert_taken(given, secret);
    }
}

/// Every order of what is given.
pub(super) fn orders<'t>(of: &[&'t str]) -> Vec<Vec<&'t str>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let without = |at: usize| [&of[..at], &of[at + 1..]].concat();
    let beginning = |at: usize| orders(&without(at)).into_iter().map(move |rest| [&[of[at]][..], &rest].concat());
    (0..of.len()).flat_map(beginning).collect()
}

#[test]
fn a_name_is_of_the_value_beside_it_in_whatever_order_they_come() {
    let value = "\"value\":\"8f3c9a7e1b2d4f60\"";
    for members in [
        &["\"domain\":\".e.com\"", "\"name\":\"sessionid\"", "\"path\":\"/\"", value][..],
        &[value, "\"default\":\"\"", "\"name\":\"api_key\"", "\"label\":\"Ours\""],
        &["\"Type\":\"SecureString\"", "\"Name\":\"/app/x\"", value, "\"Version\":\"1\""],
        &["\"type\":\"fill\"", "\"target\":\"api_key\"", value],
        &["\"key\":\"x\"", "\"type\":\"secret\"", value],
        &["\"op\":\"add\"", "\"path\":\"/app/password\"", value],
        &["\"property\":\"spring.datasource.password\"", value],
        &["\"id\":\"https://v.vault.azure.net/secrets/db/1\"", "\"name\":\"db\"", value],
        &["\"key\":\"x\"", "\"protected\":false", "\"masked\":true", value],
        &["\"type\":\"password\"", value],
    ] {
        for order in orders(members) {
            assert_taken(&format!("[{{{}}}]", order.join(",")), "8f3c9a7e1b2d4f60");
            assert_taken(&format!("exit 0\n{{\n  {}\n}}\n", order.join(",\n  ")), "8f3c9a7e1b2d4f60");
            assert_taken(&format!("got [\r\n\t{{ {}, ...", order.join(", ")), "8f3c9a7e1b2d4f60");
        }
    }
}

#[test]
fn a_column_of_credentials_is_taken_line_by_line() {
    for (given, secret) in [
        ("name,api_key,region\nacme,8f3c9a7e1b2d,eu\n", "8f3c9a7e1b2d"),
        ("see:\nuser\tpassword\trole\nbob\thunter2\tadmin\n2 rows", "hunter2"),
        ("| user | password |\n|---|---|\n| bob | hunter2-xyz |\n", "hunter2-xyz"),
        (" user | password \n------+----------\n bob  | hunter2\n", "hunter2"),
        ("USER   API KEY        ROLE\nbob    8f3c9a7e1b2d   admin", "8f3c9a7e1b2d"),
        ("\"User name\",\"Secret access key\"\r\n\"a, b\",\"Qm7xR2vKp9Lw4Zt8\"\r\n", "Qm7xR2vKp9Lw4Zt8"),
        ("OPENAI_KEY,8f3c9a7e1b2d\nREGION,eu\n", "8f3c9a7e1b2d"),
        ("| Password | hunter2-xyz |\n| Port | 80 |\n", "hunter2-xyz"),
        ("# mine\ndb.internal:5432:app:bob:hunter2\n", "hunter2"),
        ("db:5432:cafe:bob:12345678\n", "12345678"),
        ("db:*:*:bob:hunter2\n", "hunter2"),
        ("db:5432:app:bob:Xk9\\:mQ2vL7\n", "Xk9\\:mQ2vL7"),
        ("The file: id,api_key,role\n1,8f3c9a7e1b2d,x\n", "8f3c9a7e1b2d"),
        ("# Keys\n\nAll of them:\n\n| id | **api_key** |\n|:--|--:|\n| 1 | `8f3c9a7e1b2d` |\n\nmore", "8f3c9a7e1b2d"),
        (
            "┌────┬─────────┐\n│ id │ api_key │\n├────┼─────────┤\n│ 1  │ 8f3c9a7e1b2d │\n└────┴─────────┘",
            "8f3c9a7e1b2d",
        ),
        ("USER   API KEY\nbob    8f3c9a7e1b2d\n", "8f3c9a7e1b2d"),
        ("Hi Bob, here it is\nuser,password\nbob,hunter2\n", "hunter2"),
        ("+----+----------+\n| id | password |\n+----+----------+\n|  1 | hunter2  |\n+----+----------+\n", "hunter2"),
        ("{\"rows\":[[\"user\",\"password\"],[\"bob\",\"hunter2\"]]}", "hunter2"),
        ("a {\"columns\":[\"id\",\"password\"],\"rows\":[[1,\"hunter2\"],[2,null]]} of it", "hunter2"),
        ("# Netscape HTTP Cookie File\n.h.com\tTRUE\t/\tTRUE\t1767225600\tsid\t8f3c9a7e\n", "8f3c9a7e"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "{\"required\":[\"user\",\"password\"],\"enum\":[\"gpt-4o\",\"gpt-4o1\"],\"x\":[[\"gpt-4o\",\"gpt-4o1\"]]}",
        "{\"a\":[[\"user\",\"password\"]],\"b\":[[\"c\",\"gpt-4o1\"]]} [[\"password\",\"user\"],[\"gpt-4o1\",\"a\"]]",
        "{\"fields\":[\"id\",\"password\"],\"rows\":[[1,\"required\"],[1,2,\"gpt-4o1\"],{\"a\":\"gpt-4o1\"}],\"b\":[1,\"gpt-4o1\"]}",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_stands_before_lines_is_nothing() {
    for (given, secret) in [
        ("     1\tdb.internal:5432:app:bob:hunter2\n", "hunter2"),
        ("See:\n    2→        - name: DB_PASSWORD\n    3→          value: hunter2-xyz\n", "hunter2-xyz"),
        ("1→user,password\n2→bob,hunter2\n", "hunter2"),
        (" 8→{\n 9→  \"Type\": \"SecureString\",\n10→  \"Value\": \"8f3c9a7e1b2d\"\n11→}", "8f3c9a7e1b2d"),
        ("@@ -1,2 +1,3 @@\n a: b\n+- name: DB_PASSWORD\n+  value: hunter2-xyz\n", "hunter2-xyz"),
        ("> password: correct horse 42 staple\n", "correct horse 42 staple"),
    ] {
        assert_taken(given, secret);
    }
    let key = "-----BEGIN PRIVATE KEY-----\n  2→Qm7xR2vKp9Lw4Zt8Yc3N\n  3→-----END PRIVATE KEY-----";
    assert_eq!(kept(&format!("  1→{key}\n  4→a")), "  1→[REDACTED:private-key]\n  4→a");
    // A diff is read to its end, with all that a text may have.
    let line = "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0A";
    for (lines, left) in [
        (
            format!("-----BEGIN RSA PRIVATE KEY-----\n+{line}\n+{line}\n+-----END RSA PRIVATE KEY-----\n"),
            "[REDACTED:private-key]\n",
        ),
        ("x: cGFzc3dvcmQ6IGh1bnRlcjIteHl6\n".to_owned(), "x: [REDACTED:password]\n"),
        (
            "x = {\"cookies\":{\"a\":\"8f3c9a7e1b2d4f60\"}}\n".to_owned(),
            "x = {\"cookies\":{\"a\":\"[REDACTED:cookie]\"}}\n",
        ),
    ] {
        assert_eq!(kept(&format!("@@ -0,0 +1,4 @@\n+{lines}")), format!("@@ -0,0 +1,4 @@\n+{left}"));
        let numbered = lines.trim_end().replace('\n', "\n3→");
        assert_eq!(kept(&format!("1→@@ -0,0 +1,4 @@\n2→+{numbered}\n")), format!("1→@@ -0,0 +1,4 @@\n2→+{left}"));
    }
    for text in [
        "id\tuser\tsize\n1\tbob\ta1b2c3d4e5\n",
        "     1→# Password\n     2→\n     3→see step2of3 there\n",
        "@@ -1 +1 @@\n-variable \"region\" {\n+  default = \"eu-west-1a2b\"\n",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_key_without_its_last_line_ends_with_its_lines() {
    let line = "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0A";
    let key = format!("-----BEGIN RSA PRIVATE KEY-----\n{line}\n{line}\nXy9=");
    assert_taken(&format!("see\n{key}\nand say why it is so, thanks"), &key);
    let lines = format!("\n{line}\n{line}\nXy9=");
    assert_taken(&format!("PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 3{lines}\nPrivate-MAC: 00"), &lines);
}

#[test]
fn what_only_looks_like_one_stays() {
    for text in [
        "The password must be at least 8 characters long, and your password is hashed with sha256-crypt.",
        "The API key is base64-encoded, the token is gpt-4o-2024-11-20 and the secret is HTTP2Server.",
        "my api key is missing; the key is user_id2; primary key is orders2users",
        "Password: must contain 12 characters\npassword: string (required, min 8)",
        "cache key: aB3dE5fG7hJ9kL1mN2pQ4r, public key: aB3dE5fG7hJ9kL1mN2pQ4r",
        "key: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "see {\"key\": \"Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb\"} and <li key=\"Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb\">",
        "Password\nStep2\nSecret key\nrotation2024-01\nToken\ngpt-4o-2024-11-20",
        "S3 key: Images/aB3dE5fG7hJ9kL1mN2pQ/photo.JPG",
        "DB_PASSWORD=changeme\nDB_PASSWORD=your_password\nDB_PASSWORD=${DB_PASSWORD}\nHAS_PASSWORD=true",
        "name,age,city\nbob,42,abcd1234\n",
        "password,varchar\naddress2,text\n\npasswd  amd64\npython3  amd64\n\nforgot_password  GET\noauth2_callback  GET\n",
        "| Field | Type |\n|---|---|\n| api_key | text |\n| gpt-4o-mini | text |\n| password | text |\n| address2 | text |\n",
        "┌───────┬──────┐\n│ Field │ Type │\n├───────┼──────┤\n│ password │ text │\n│ address2 │ text │\n└───────┴──────┘\n",
        "the user, the password, and the key\nare in the file, which has 3 columns, as said2you",
        "src/a.ts:10:5: error TS2345\n12:30:45:123:99 INFO\nhost:8080:a:b:c",
        "root:x:0:0:root:/root:/bin/bash",
        "2a00:1450:4001:81b:0:0:0:200e\nDB:45:3D:1B:00:11:22:33:44:55:66:77:88:99:AA:BB\n1:2:3:4:5678",
        "docker run --user node:1000 image; localhost:8080:8080",
        "f(user=user1, password=pass01)",
        "<input type=\"password\" name=\"password\" placeholder=\"Password123\" minlength=\"8\">",
        "ENV TOKENIZERS_PARALLELISM false\nARG KEY_SERVER keys.example.com",
        "const {key} = props2; <Item key={item.id2} password={state.password1} />",
        "pagination: nextPageToken=CAESBwoFMTIzNDUaBAgBEAEiAA, clientToken: \"8f3c9a7e1b2d4f608f3c9a7e\"",
        "the token is 'hello', token: \"world12\"",
        "docker run -u 1000:1000 --user app:app image",
        "date -u +%Y-%m-%dT%H:%M:%SZ; rsync -u host1:/srv/data1 .; ffuf -u https://example.com:8443/FUZZ",
        "./oauth2-proxy -upstream=http://localhost:3000/ -x; open http://localhost:3000/login",
        "auth::User2Factory::new(), Auth: AuthProvider2(config)",
        "password = getpass.getpass(\"Password1: \")",
        "if password == other_password2: raise",
        "let api_key = env::var(\"API_KEY_1\")?;",
        "see [badge](https://h/badge.svg?style=flat) and \"AccessToken\": \"arn:aws:x:eu-west-2:123456789012:y\"",
        "def get(self, default=\"MagicCookie\", txn=None, flags=0): pass",
        "socks5h://<username>:<password>@proxy-host-1 and \"Authorization: Basic %s\" % auth",
        "f(x ? key=1 : 2) && a?.key=value",
        "def login(user, password=None, token=self.token1.value2): pass",
        "{a: 1, password: Foo&Bar} and (password: opts.first1&&opts.other2) and {auth: Base1|Other2}",
        "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END CERTIFICATE-----",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0 user@host",
        "git@github.com:acme/app.git and ssh://git@github.com/acme/app.git",
        "sha256:8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "Idempotency-Key: 8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a",
        "prompt_cache_key: user-8f3c9a7e1b2d, primary_key=id2users",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-4kXw2Q",
        "keyid:06:B5:A4:AC:A7:AA:75:44:EA:15:9C:4F, mac 5c:50:15:36:bc:03, up, sda:8:0:disk:ata1234",
        "inet6 fe80:1:2:3:4:5:6:7%en0 prefixlen 64\neth0: 5c:50:15:36:bc:03@br0\nip 10.0.0.1:80:tcp:ok:12ms34",
        "NZST-12:00:00NZDT-13:00:00,M10.1.0/02",
        "https://h:80#a@b, http://host:8080/@scope/pkg and https://[::1]:80/a@b",
        "location ~ x {\n  fastcgi_pass unix:/run/php8.2-fpm.sock;\n}\nlocation / { proxy_pass web1:8080; }",
        "compass: north42east, bypass: rule-17b, {name: 'x-api-version', value: '8f3c9a7e1b2d'}",
        "password: !vault |\nsecret: !GetAtt Other.Arn1\npassword = $cred.Password;",
        "echo \"$DOCKER_PASSWORD\" | docker login --password-stdin\necho \"$(get x1)\" | docker login --password-stdin",
        "echo \"your password\" | docker login --password-stdin\n[{\"name\":\"a\",\"path\":\"/x\",\"value\":\"8f3c9a7e1b2d\"}]",
        "INSERT INTO t (id, name) VALUES (1, 'a1b2c3d4e5'); INSERT INTO p (password_hint) VALUES ('hunter2-xyz')",
        "INSERT INTO t (a, password) VALUES (?, ?), ($1, $2), (:name, :password), (NULL, DEFAULT)",
        "SELECT password FROM t WHERE id IN (12345678, 87654321)",
        "PWD=/home/user1\nenv: HOME=/root PWD=/app SHELL=/bin/sh\nPWD=~/src2\n{\"PWD\":\"/home/user1\"}",
        "secret: projects/123/secrets/db1\nprivate_key: /etc/ssl/private/server1.key\nPrivate key: ~/.ssh/id_ed25519",
        "readonly STENCIL_PASS_DEPTH_PASS: 0x0B96;\nf\"password={password!r}\", {\"SERVICE_KEY\": \"a_secret\", **changed}",
        "{ password: \"pw\", ...rest1 }\n$api_key = $config->api_key;\n'password' => $user->password,",
        "LastModifiedSecret *time.Time\nSessionToken: *resp.Credentials.SessionToken,\n{\"password\":\"^2.0.0-beta.1\"}",
        "#proj_pat => #proj_ident::#ident\nUNRESERVED_PAT = r\"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop0123456789-._~\"",
        "variable \"region\" {\n  default = \"eu-west-1a2b\"\n}\nvariable \"password_length\" {\n  default = 1234\n}",
        "variable \"db_password\" {\n  type = string\n}\nlocals {\n  value = \"a1b2c3d4e5\"\n}",
        "<Input type=\"password\" value={password1} /> <input value=\"a1b2c3d4e5\" name=\"city\" type=\"text\">",
        "gh secret set X < file2; gh secret set X -b \"$VALUE1\"; gh secret list --env=prod1234",
        "echo \"a1b2c3d4e5\" | tee file; printf '%s' \"$PASSWORD1\" | gh secret set X",
        "htpasswd -c file bob; curl -sS https://h/a1b2c3d4; tar -xzf a1b2c3d4e5.tgz; git log -su bob2:x",
        "at 1/1200000000000001:8f3c9a7e and a/b:8f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "costs $1,000, $2b, $5$ or $6$; `$2a` and `$y` are variables of a script",
        "backup codes are created for v1beta1 and v2beta2, error codes: 12345678 and 87654321, country codes:\nDE12\nFR13",
        "The recovery codes:\nsee step2of3 there, since 2024-01-17",
        "Login / Register2 or login at 10:30, login: see docs/step2go, credentials: same-origin / include",
        "login is POST /auth/v2/session1, login: localhost:8080, credentials: \"include\" / \"omit\"",
        "| Login button | JIRA-1042 | done |\n| Login page | PROJ-1234 |\n| password field | v2.3.1 |",
        "| login fails | user42 |\nLogin error | HTTP401 response, Password policy / NIST800-63B",
        "the login flow / Figma-v2 design, Merge login bugfix/8f3c9a7e1b2d, login: bugfix/8f3c9a7e1b2d",
        "echo 'test content' | git hash-object -w --stdin; echo \"const a = 1\" | eslint --stdin",
        "echo \"SELECT 1;\" | mysql --stdin; echo \"my secret, 1\" | git hash-object --stdin",
        "echo \"[multilib]\" | sudo tee -a /etc/pacman.conf && sudo pacman -S steam",
        "echo \"[multilib1]\" | tee x && sudo -S ls; echo a1b2c3d4 | grep a1 | sudo -S ls",
        "Check that secrets set by helm match image=nginx:1.25.3; the secret set by env=production-v2 is used",
        "sed 's/a/$1$2$3$4$5$6$7$8$9$10$11$12/' and perl -pe \"s/(foo)/$1$replacement_string_value/\"",
        "$1$,$2$,$3$,$4$,$5$,$6$,$7$,$8$ and pbkdf2_sha256_with_hmac_and_default_iteration_count()",
        "Users may download recovery codes.\nOrder numbers 10023456, 10023457",
        "recovery codes: commits 8f3c9a7e, 1b2d4f60\nFixed the recovery codes: PRs 10452, 10453, 10461",
        "recovery codes:\nread-only\nlong-term",
        "INSERT INTO t (a, session_id) VALUES ('x', '8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a')",
        "<input type=\"submit\" id=\"login-auth\" value=\"Sign-in-2day\"><option name=\"secret\" value=\"us-east-1\">",
        "<li id=\"secret\" value=\"chapter-12\"><option id=\"token\" value=\"claude-sonnet-4-5-20250929\">",
        "<option id=\"password\" value=\"chapter-12\"><input type=\"submit\" id=\"password\" value=\"Sign-in-2day\">",
        "token:\n  description: x\n  default: claude-sonnet-4-5-20250929\nauth:\n  type: string\n  default: oauth2-pkce",
        "a &amp;&amp; b &lt;c&gt; &quot;quoted 1&quot; &nbsp;",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_sign_that_is_encoded_says_as_much_in_a_line_of_a_text() {
    const KEY: &str = "Qm7xR2vKp9Lw4Zt8";
    for (given, secret) in [
        ("see https%3A%2F%2Fbob%3Ahunter2-xyz%40h.example%2Fx", "bob%3Ahunter2-xyz"),
        ("see https%253A%252F%252Fbob%253Ahunter2-xyz%2540h.example", "bob%253Ahunter2-xyz"),
        ("x \\u0068ttps://bob:hunter2-xyz\\u0040h.example/", "bob:hunter2-xyz"),
        ("100% https://bob:hunter2-xyz&#64;h.example/", "bob:hunter2-xyz"),
        ("100% https://bob:hunter2-xyz&#x40;h.example/", "bob:hunter2-xyz"),
    ] {
        assert_eq!(kept(given), given.replace(secret, "[REDACTED]"));
    }
    for sign in ["=", "%3D", "%3d", "%253D", "\\u003d", "\\u003D", "&#61;", "&#x3d;", "&#x3D;", "&equals;"] {
        let given = |value: &str| format!("/a?x%&sig{sign}{value}&b");
        assert_eq!(kept(&given(KEY)), given("[REDACTED]"));
    }
    for text in ["/a?x%&state%3DQm7xR2vKp9Lw4Zt8&b", "see https%3A%2F%2Fh.example%2F%40bob%3Ahunter2"] {
        assert_eq!(kept(text), text);
    }
}
