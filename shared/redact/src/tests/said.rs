//! What people say and pages show of a credential, in more words than a name and its value.

use super::kinds::{assert_taken, kept};

#[test]
fn what_a_page_has_around_a_name_and_its_value_is_nothing() {
    for (given, secret) in [
        ("Password: <b>hunter2-xyz</b>", "hunter2-xyz"),
        ("<strong>Password:</strong> <code>hunter2</code>", "hunter2"),
        ("<strong>API key</strong>: Qm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("*Password:* `hunter2`", "hunter2"),
        ("__Password__: Berlin9283!", "Berlin9283!"),
        ("Password&nbsp;: Berlin9283!", "Berlin9283!"),
        ("Password ............: Berlin9283!", "Berlin9283!"),
        ("API key (prod): Qm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("API key for prod: Qm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("mot de passe : « hunter2-xyz »", "hunter2-xyz"),
        ("A temporary password is generated for root@localhost: zJfDxnfc!?7", "zJfDxnfc!?7"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "Password: <your-password-1>, password: <b>required</b>, API key (see below): none",
        "Password (optional): string, password for user: bob2@example.com, token is for: gpt-4o-2024-11-20",
        "API key for id: 8f3c9a7e1b2d4f60, secret is in file: Qm7xR2vKp9Lw4Zt8, password is valid: Step2",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_a_later_line_has_is_the_value() {
    for (given, secret) in [
        ("Your temporary password is:\n\nBerlin7927!", "Berlin7927!"),
        ("Your API key is:\nQm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("## Password\nTiger6449!", "Tiger6449!"),
        ("### API Key\n```\nQm7xR2vKp9Lw4Zt8\n```", "Qm7xR2vKp9Lw4Zt8"),
        ("Email\nbob\nPassword\nFalcon3225!\nLog in", "Falcon3225!"),
        ("password: >-\n  hunter2-xyz\n", "hunter2-xyz"),
        ("api_key: >\n  8f3c9a7e1b2d\n", "8f3c9a7e1b2d"),
        ("secret = \"\"\"\n8f3c9a7e1b2d\n\"\"\"", "8f3c9a7e1b2d"),
        ("Q: What is the api key?\nA: Qm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("use the following password to proceed:\n\n8f3c9a7e1b2d4f60\n\nThis is in x", "8f3c9a7e1b2d4f60"),
        ("--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--b--", "hunter2"),
        ("$ cat /run/secrets/db_password\nQm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("$ aws ssm get-parameter --name /p/password --query Parameter.Value --output text\nt1ger395$", "t1ger395$"),
        ("$ kubectl get secret db -o jsonpath='{.data.password}' | base64 -d\ntiger4287\n$ ls", "tiger4287"),
        ("$ kubectl get secret db -o jsonpath=\"{.data.password}\" | base64 -d\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
        ("bob@host:~/app$ printenv DB_PASSWORD\nhunter2x\nbob@host:~/app$ ls", "hunter2x"),
        ("[root@web ~]# printenv DB_PASSWORD\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
        ("bob@mac app % pass show mail/password\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
        ("/ # cat /run/secrets/db_password\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
        ("PS C:\\my app> $env:API_KEY\nQm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("$ echo \"$API_KEY\"\nQm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("$ gh auth token\nQm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("$ gcloud auth print-access-token\nQm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("$ kubectl create token app\nQm7xR2vKp9Lw4Zt8", "Qm7xR2vKp9Lw4Zt8"),
        ("$ php artisan key:generate --show\nbase64:Qm7xR2vKp9Lw4Zt8/x=", "base64:Qm7xR2vKp9Lw4Zt8/x="),
        ("$ etcdctl get /app/password\n/app/password\nQm7xR2vKp9Lw", "Qm7xR2vKp9Lw"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "To reset the password run:\n\n./reset2.sh\n\nPassword rules:\n\nMinimum8\n\n## Password\nRequired!",
        "The password hash is:\n8f3c9a7e1b2d4f60\nUse the API key like this:\n\nclient2.connect()",
        "What is a password?\nA: see2it\nHow do I get the API key?\nMoreOfIt",
        "$ git add secret\nabcd1234x5y6\n$ cat secret.txt\nno such file2\n$ ls token\nQm7xR2vKp9Lw4Zt8.txt",
        "password: >\n  at least 8 characters\n",
        "bob@host:~$ echo $TOKEN\nbob@host:~$ cat token.ts\nimport { x1 } from 'y'\n$ gh auth token\nno oauth2 token found",
        "bob@host:~$ kubectl get secret\nNAME TYPE DATA1\n$ git rev-parse token\n8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e",
        "You get it: 5 % show the token\nQm7xR2vKp9Lw4Zt8\nit -> get token\nQm7xR2vKp9Lw4Zt9\n<a/b> get token\nQm7xR2vKp9Lw4Zt7",
        "bob@host:~$ cat password\nuser1234\nuser5678\n",
        "$ git show token2\ncommit1\nAuthor: a\n$ cat password\nuser1234\nuser5678\n# cat secret\nno2\n",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_a_sentence_says_of_a_password_is_taken() {
    for (given, secret) in [
        ("The passcode is hunter2", "hunter2"),
        ("pw: hunter2-xyz\n", "hunter2-xyz"),
        ("my pw is hunter2", "hunter2"),
        ("my password is still hunter2", "hunter2"),
        ("the new password is now hunter2", "hunter2"),
        ("Set the admin password as hunter2-xyz.", "hunter2-xyz"),
        ("the pass is Tiger6456!", "Tiger6456!"),
        ("use password Tiger8259! to log in", "Tiger8259!"),
        ("log in with user bob and password Winter8892!", "Winter8892!"),
        ("here is my key Qm7xR2vKp9Lw4Zt8Yc3N for the api", "Qm7xR2vKp9Lw4Zt8Yc3N"),
        ("bob@example.com / Winter4655!", "Winter4655!"),
        ("username/password: bob/Qm7xR2vKp9Lw", "bob/Qm7xR2vKp9Lw"),
        ("bob@example.com:6yriW7ATIZFs98", "6yriW7ATIZFs98"),
        ("sql.Open(\"mysql\", \"root:hunter2-xyz@tcp(127.0.0.1:3306)/db\")", "hunter2-xyz"),
        ("USER bob\r\nPASS hunter2-xyz\r\n", "hunter2-xyz"),
        ("password: open sesame 42!", "open sesame 42!"),
        ("password: 1234 5678 9012", "1234 5678 9012"),
        ("PASS: hunter22\n", "hunter22"),
        ("PASS: Summer/2024\n", "Summer/2024"),
        ("pass: summer/time24\n", "summer/time24"),
        ("pass: test_1234\n", "test_1234"),
        ("| pass | summer/time24 |", "summer/time24"),
        ("aws ssm put-parameter --name /prod/db --type SecureString --value \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("vault login s.Q2pMU0nYLf4h7wa6p6SLyEzB", "s.Q2pMU0nYLf4h7wa6p6SLyEzB"),
        ("cqlsh db 9042 -u cassandra -p hunter2-xyz", "hunter2-xyz"),
        ("my password is 482916", "482916"),
        ("use password abc228", "abc228"),
        ("for bob@example.com the password is 482916", "482916"),
        ("Password:\nL3tM3n!", "L3tM3n!"),
        ("the password is pass1234", "pass1234"),
        ("the password is \"Secret2024\"", "Secret2024"),
        ("password\tMyPassword2024", "MyPassword2024"),
        ("the password is Ab12cd34&Xy9zQwrt", "Ab12cd34&Xy9zQwrt"),
        ("Password for admin: tiger5649", "tiger5649"),
        ("Password (admin): tiger6386", "tiger6386"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "use password Step2; with password SHA-512 and password reset-2024, the pass is 100% done, pw 2",
        "the password is still valid, a password as strong as Fort1, the passcode is optional",
        "git@github.com:Org1/Repo2.git, bob@example.com:8080, scp a bob@example.com:folder2024, bob@example.com / Team42",
        "&quot;Password is correct.&quot; passwd  1:4.13+dfsg1-1\nsecret  1.2.3-rc1\npassword: bump a 4.4.2",
        "passphrase: ssh-keygen -t rsa -b 2048 -N\nPassword: 5 tests passed\nman/readpassphrase.3 | 165 +++++---",
        "fmt.Println(\"Cookies:\")\nfor i := 0; {\n\tf(\"x\") }\nprint(header=\"Cookie:\")\nrocky = road1 \"x\"\n=== Cookie =====",
        "Cookie: consent=true\nSet-Cookie: name=value; Path=/\nUSER bob\nPASS src/a1b2c3d4.test.ts done",
        "PASS: ld-elf/pr14156c\nPASS: gdb.arch/amd64-byte.exp: set %ah\nPASS: test_login2\nPASS  t/01-basic2.t",
        "--- PASS: TestHTTP2 (0.00s)\n    --- PASS: TestHTTP2/Close_4xx (0.00s)\n| PASS | test_http2_ok |",
        "user login 507f1f77bcf86cd799439011, checkout login 8f3c9a7e1b2d4f60, my key points2024",
        "my password hash\nThe password is DB_PASSWORD_2\nthe password is config.password2\npassword\tconfirmPassword",
        "my password manager is 1Password8, use password version-12\nPassword for user: bob2024\nPassword (username): bob2024\nPassword for app: v1.2.3",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_password_is_said_beside_its_user_and_in_other_languages() {
    for (given, secret) in [
        ("utilise Qm7xR2vKp9Lw4Zt8 comme mot de passe", "Qm7xR2vKp9Lw4Zt8"),
        ("use Qm7xR2vKp9Lw4Zt8 como senha", "Qm7xR2vKp9Lw4Zt8"),
        ("Login with username bob, password hunter22xyz", "hunter22xyz"),
        ("mit dem Passwort Sommer2024! anmelden", "Sommer2024!"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "utilise bcrypt comme mot de passe",
        "use bcrypt2 como senha do hash",
        "username and password v2",
        "the username field, password field2",
        "mit dem Passwort anmelden",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_stands_before_its_name_is_taken() {
    for (given, secret) in [
        ("Use Tr0ub4dor&3 as the password", "Tr0ub4dor&3"),
        ("Nimm Tr0ub4dor&3 als Passwort.", "Tr0ub4dor&3"),
        ("use Qm7xR2vKp9Lw4Zt8 as the API key for it", "Qm7xR2vKp9Lw4Zt8"),
        ("Qm7xR2vKp9Lw4Zt8 is my API key, thanks", "Qm7xR2vKp9Lw4Zt8"),
        ("so `hunter22` is my password.", "hunter22"),
        ("(log in with Tr0ub4dor!3!! as password)", "Tr0ub4dor!3!!"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "use bcrypt2 as the password hash, \"sha256\" as the password and user_id2 as the API key; 1Password is the password",
        "Qm7xR2vKp9Lw4Zt8 is the token type, src/Qm7xR2vK.ts is the secret and OAuth2.0 is the secret of it",
        "8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a is the session token, [1] is the password, $DB_PASS1 as the password",
        "pass DB_PASSWORD_2 as the password, or getSecret2() as the secret, or settings.secret2 as the password",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_second_value_of_a_sentence_is_taken_if_it_looks_like_one() {
    for (given, secrets) in [
        ("the db password is uwBq7fXd0pSK and the redis one is Zk29fjQ2mmZt", ["uwBq7fXd0pSK", "Zk29fjQ2mmZt"]),
        ("The old password was Berlin9283! and the new one is Tiger64#19.", ["Berlin9283!", "Tiger64#19"]),
        ("I changed the root password from uwBq7fXd0pSK to Zk29fjQ2mmZt", ["uwBq7fXd0pSK", "Zk29fjQ2mmZt"]),
        ("changed the password from `Berlin9283!` to `Tiger6449!`", ["Berlin9283!", "Tiger6449!"]),
        ("password for staging: uwBq7fXd0pSK, for prod: Zk29fjQ2mmZt", ["uwBq7fXd0pSK", "Zk29fjQ2mmZt"]),
        ("password for staging is uwBq7fXd0pSK, for prod it's Zk29fjQ2mmZt", ["uwBq7fXd0pSK", "Zk29fjQ2mmZt"]),
        (
            "the secret key should be \"uwBq7fXd0pSK\" not the old one \"Zk29fjQ2mmZt\"",
            ["uwBq7fXd0pSK", "Zk29fjQ2mmZt"],
        ),
        ("old password uwBq7fXd0pSK new password Zk29fjQ2mmZt", ["uwBq7fXd0pSK", "Zk29fjQ2mmZt"]),
    ] {
        let kept = kept(given);
        assert!(
            kept.matches("[REDACTED:").count() == 2 && !secrets.iter().any(|secret| kept.contains(secret)),
            "{kept}"
        );
    }
    for text in [
        "the old password and the new one is expired2025, the password hash from 8f3c9a7e1b2d to 1b2d4f608f3c",
        "moved the password from config.a1b2c3 to vault2, the secret from 8f3c9a7e1b2d to 1b2d4f608f3c",
        "changed the password from MD5crypt2x to SHA512crypt9y, old password Step2 new password Step3",
    ] {
        assert_eq!(kept(text), text);
    }
    let text = "the password is Berlin9283!, for details see Zk29fjQ2mmZt, and the user is bob4x2y";
    assert_eq!(kept(text), text.replace("Berlin9283!", "[REDACTED:password]"));
}

#[test]
fn what_was_done_and_whose_it_is_may_be_between() {
    for (given, secret) in [
        ("Password for 'bob': uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("Password for https://bob@git.example.com: uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("the password for bob@example.com is uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("Enter passphrase for key '/root/.ssh/id_rsa': uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("API key created: uwBq7fXd0pSKuwBq7fXd0pSK", "uwBq7fXd0pSKuwBq7fXd0pSK"),
        ("Your access token has been created: 8f3c9a7e1b2d4f608f3c9a7e1b2d4f60", "8f3c9a7e1b2d4f608f3c9a7e1b2d4f60"),
        ("Password again: uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("root password has been set to: Berlin92#83", "Berlin92#83"),
        ("Paste your API token here: Qm7xR2vKp9Lw4Zt8Yc3N", "Qm7xR2vKp9Lw4Zt8Yc3N"),
        ("✔ Enter your API key … uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("? Enter your API key › uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("add a secret named API_KEY with the value uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("create secret DB_PASSWORD with value uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("API_KEY (value uwBq7fXd0pSK)", "uwBq7fXd0pSK"),
        ("enter uwBq7fXd0pSK in the password field", "uwBq7fXd0pSK"),
        ("type uwBq7fXd0pSK into the password box", "uwBq7fXd0pSK"),
        ("use Berlin9283! for the password", "Berlin9283!"),
        ("db.internal, user app, password uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("usuário bob, senha uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("ssh root@10.0.0.5, password Kestrel-12#4", "Kestrel-12#4"),
        ("The PIN is 483920 and the password uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("I tried the password uwBq7fXd0pSK but it says wrong", "uwBq7fXd0pSK"),
        ("Le mot de passe admin est : uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("das neue Passwort ist jetzt uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("kata sandi saya adalah uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("mật khẩu của tôi là uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("mật khẩu mới là uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("API key là uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("1) \"requirepass\"\n2) \"uwBq7fXd0pSK\"", "uwBq7fXd0pSK"),
        ("Unseal Key 3: dzhqd0+Xg1B5N6eQ7aF2mK4vT8yRcL0sPjUe3iWoZbQ4", "dzhqd0+Xg1B5N6eQ7aF2mK4vT8yRcL0sPjUe3iWoZbQ4"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "password for user bob updated in 123ms, token \"ci-2025\" revoked, user bob, password expired2025",
        "Successfully created token named 'ci-deploy-2025'. API key is read from ~/.config/app2/x.json",
        "API key created: 2025-01-01\nAPI key created: prod-backend-v2\nToken created: 2025-05-01T10:00:00Z",
        "Password set: 1701234567\nToken generated: 12345678\nsecret created: 8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a",
        "Password for 'bob': required\nPassword for 'bob': vault/prod-2\nthe password for bob@example.com is expired2025",
        "Settings › Password › Step2\nChecking password … OK!\nEnter password … 8 characters\nLoading token … done!",
        "set the key with value 42, the API key with the value prod-db-2, password (value required)",
        "enter Step2 in the password field, type text into the password field, put it in the password box",
        "use PBKDF2WithHmacSHA256 for the password, use AES-256-GCM for the password",
        "login as bob, password is required\nusers, password Sha256Hasher, and the password v1.2.3",
        "I tried the password reset2024 flow. le mot de passe est : requis. kata sandi adalah wajib",
        "1) \"password\"\n2) \"username\"\n1) \"api_key\"\n2) \"user-2024\"\n1) \"a:password\"\n2) \"session:abc123\"",
        "Unseal Key 2: pending\nUnseal Progress 2/3\npassword 2: must match",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn hosts_remarks_and_labels_are_no_end_of_a_sentence() {
    for (given, secret) in [
        ("The root password on web1 is uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("The password (for staging) is uwBq7fXd0pSK.", "uwBq7fXd0pSK"),
        ("the password of the production database, which we rotated today, is uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("the password is definitely Berlin9283!", "Berlin9283!"),
        ("Username\nbob\nPassword\nuwBq7fXd0pSK\nSign in", "uwBq7fXd0pSK"),
        ("Secret access key\nuwBq7fXd0pSKuwBq7fXd0pSKuwBq7fXd0pSKx123", "uwBq7fXd0pSKuwBq7fXd0pSKuwBq7fXd0pSKx123"),
        ("webhook token is 9fK2mXq7Zt4Lw8Rv", "9fK2mXq7Zt4Lw8Rv"),
        ("curl -H \"X-Token: 9fK2mXq7Zt4Lw8Rv\" https://h", "9fK2mXq7Zt4Lw8Rv"),
        ("passwords:\n  bob: uwBq7fXd0pSK\nusers: 2", "uwBq7fXd0pSK"),
        ("az sql server create -u sqladmin -p uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("security add-generic-password -a bob -w uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("db, err := sql.Open(\"mysql\", \"root:Berlin9283!@/shop\")", "Berlin9283!"),
        ("{\"passwords\": {\"bob\": \"uwBq7fXd0pSK\"}}", "uwBq7fXd0pSK"),
        ("{\"secrets\": {\"db\": \"uwBq7fXd0pSK\"}}", "uwBq7fXd0pSK"),
    ] {
        assert_taken(given, secret);
    }
    for (given, left) in [
        ("my password was Berlin9283! or Berlin9284!", "my password was [REDACTED:password] or [REDACTED:password]"),
        (
            "the passwords are Berlin9283! and Kestrel12#4",
            "the passwords are [REDACTED:password] and [REDACTED:password]",
        ),
        ("my password is Berlin9283! and Sha256Hasher", "my password is [REDACTED:password] and Sha256Hasher"),
    ] {
        assert_eq!(kept(given), left);
    }
    for text in [
        "the password on web1 is required, the password (v2) is Sha256Hasher, the token on node-2 is rotated2024",
        "Password\nuser2\nPassword\nconfirmPassword2\nAPI key\nprod-backend-v2\nAccess key\nlast used 2024-01-01",
        "the password is either too short or expired2024, the passwords are hashed and v2Salted",
        "{\"secrets\": {\"db\": \"db-creds-v2\", \"id\": \"uwBq7fXd0pSK\"}, \"passwords\": {\"policy\": \"strong2024\"}}",
        "passwords:\n  policy: strong-2024\n  hint: MinLength8\nsecrets:\n  - source: web-cert-v2",
        "token: msg_9fK2mXq7Zt4Lw8\nnext_token: 9fK2mXq7Zt4Lw8Rv",
        "az sql db list -p westeurope && scp bob:build2@/srv",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_is_behind_a_variable_is_another_word() {
    for text in [
        "docker run -e MYSQL_ROOT_PASSWORD=$PW mysql:8.0 && docker run -e API_KEY=$API_KEY ghcr.io/acme/web:v0.5.4",
        "mysql -uroot -p$MYSQL_ROOT_PASSWORD shop2024; mysqldump --password=\"$DB_PASSWORD\" shop2024",
        "OPENAI_API_KEY=$OPENAI_API_KEY MODEL=gpt-4o-2024-08-06 python run.py",
        "openssl enc -aes-256-cbc -pass env:PASSWORD file2024.txt; zip -P $PASSWORD archive2024.zip file",
        "mysqldump -u root -p shop_db2024 > dump.sql; wget https://h/data.zip -P datasets2024",
        "cd mysql && mkdir -p backups2024; docker compose -f docker-compose.mongo.yml -p project2024 up",
        "rclone sync -u gdrive:photos2024 ./photos; docker run --rm -u node:node2024 web",
        "const STORAGE_KEY = 'app-state-v3'; x = {\"storageKey\": \"chat.messages.v3\"}",
        "private key: RSA-2048, privateKey: Ed25519-SHA512, encryptionKey: aes256-gcm, master key: AES-256/GCM",
        "alice@example.com | cus_NffrFeUfNV2Hib | active",
    ] {
        assert_eq!(kept(text), text);
    }
    for (given, secret) in [
        ("ENV API_KEY uwBq7fXd0pSKx", "uwBq7fXd0pSKx"),
        ("mysql -u root -p uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("cd db && sshpass -p Berlin9283 ssh h", "Berlin9283"),
        ("/usr/bin/zip -P Berlin9283 a.zip b", "Berlin9283"),
        ("storageKey: \"Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0=\"", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0="),
        ("$conn = mysql_connect(\"localhost\", \"root\", \"uwBq7fXd0pSK\");", "uwBq7fXd0pSK"),
        ("ldap_bind($c, \"cn=a\", \"uwBq7fXd0pSK\")", "uwBq7fXd0pSK"),
        // What only looks like those.
        ("kubectl exec es-0 -- curl -u elastic:Berlin9283 http://h", "Berlin9283"),
        ("curl https://docker.example.com/v2/ -u bob:S3cret-99x", "S3cret-99x"),
        ("docker exec web ab -u bob:uwBq7fXd0pSK", "uwBq7fXd0pSK"),
        ("mysql -u root -p Berlin9283!", "Berlin9283!"),
        ("pulumi config set app:dbPassword Berlin9283!", "Berlin9283!"),
        ("bob@example.com / my_P4ssword9", "my_P4ssword9"),
        (
            "{\"secrets\": {\"db\": \"wJa7rXUt/FEMI9K7MDENGbPxRf8CYzKq2LmN5pQ1\"}}",
            "wJa7rXUt/FEMI9K7MDENGbPxRf8CYzKq2LmN5pQ1",
        ),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn what_people_choose_shows_itself_behind_a_name_a_user_and_a_link() {
    for (given, secret) in [
        ("connect as root using password Winter2024!", "Winter2024!"),
        ("user bob password kR7wq2LmZ9p4", "kR7wq2LmZ9p4"),
        ("ssh as root with the password Coffee#8917", "Coffee#8917"),
        ("mit Benutzer root und Passwort Winter2024!", "Winter2024!"),
        ("My password's Winter2024!", "Winter2024!"),
        ("pass is 20ZlaOLjY8GxynS", "20ZlaOLjY8GxynS"),
        ("I tried Winter2024! as the password but it fails", "Winter2024!"),
        ("the password of the shop: Pizza@5143", "Pizza@5143"),
        ("my gmail app password is zjqx wvky abcd efgh", "zjqx wvky abcd efgh"),
        ("bob / Winter2024!", "Winter2024!"),
        ("// TODO remove: admin / Winter2024!", "Winter2024!"),
        ("the account (bob / Winter2024!) is locked", "Winter2024!"),
        ("creds: bob:Orange2019!x", "Orange2019!x"),
        ("CREDENTIALS=bob:Orange2019!x", "Orange2019!x"),
        ("root:kR7wq2LmZ9p4", "kR7wq2LmZ9p4"),
        ("- admin: Winter2024!", "Winter2024!"),
        ("Logins:\nadmin - Winter2024!", "Winter2024!"),
        ("Here are my credentials:\nbob@example.com\nWinter2024!", "Winter2024!"),
        ("账号bob 密码Turtle!3104", "Turtle!3104"),
        ("Use key Qm7xR2vKp9Lw4Zt8Hn3Jd6 for the API", "Qm7xR2vKp9Lw4Zt8Hn3Jd6"),
        ("run it with my key 75a404dfa1a650c766a8689f5a330d1e", "75a404dfa1a650c766a8689f5a330d1e"),
        ("Here's the api key\n\nQm7xR2vKp9Lw4Zt8\n\nplease add it", "Qm7xR2vKp9Lw4Zt8"),
        ("I got this token from the dashboard: Qm7xR2vKp9Lw4Zt8Hn3Jd6", "Qm7xR2vKp9Lw4Zt8Hn3Jd6"),
        ("mi token es Qm7xR2vKp9Lw4Zt8Hn3Jd6", "Qm7xR2vKp9Lw4Zt8Hn3Jd6"),
        ("Client-Geheimnis: Qm7xR2vKp9Lw4Zt8Hn3Jd6", "Qm7xR2vKp9Lw4Zt8Hn3Jd6"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "the password manager2 and the password react@18, in the cache key 75a404dfa1a650c766a8689f5a330d1e",
        "an IPv6address / IPvFuture, K1 / K1!=K2, total / maxCount*100, a weak-key / 8f3c9a7e1b2d4f60",
        "root:x:0:0:root:/root:/bin/bash\nadmin: see Step2!Now",
        "my key 8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a is the row's, the password's strength is Level4",
    ] {
        assert_eq!(kept(text), text);
    }
}
