//! Tables as tools print and people draw them, and lines that only look like rows.

use super::kinds::{assert_taken, kept};

#[test]
fn a_column_is_known_by_its_name_whatever_others_are_called() {
    for (given, secret) in [
        (",user,password\n0,bob,hunter2-xyz\n", "hunter2-xyz"),
        ("user,password,\nbob,hunter2-xyz,\n", "hunter2-xyz"),
        (
            "|    | user   | password    |\n|---:|:-------|:------------|\n|  0 | bob    | hunter2-xyz |\n",
            "hunter2-xyz",
        ),
        (
            "│ user ┆ password    │\n│ ---  ┆ ---         │\n╞══════╪═════════════╡\n│ bob  ┆ hunter2-xyz │\n",
            "hunter2-xyz",
        ),
        ("| Service | 2FA? | Password |\n|---|---|---|\n| Jira | no | hunter2-xyz |", "hunter2-xyz"),
        ("| Service | Password (prod) |\n|---|---|\n| Jira | hunter2-xyz |", "hunter2-xyz"),
        (
            "| [At](https://a.io/b) | What it is for, at all & more | **Password** |\n|-|-|-|\n| a | b | hunter2 |",
            "hunter2",
        ),
        ("+------+----------+\n| 2 FA | password |\n+======+==========+\n| no   | hunter2  |\n", "hunter2"),
        ("id|password\n1|hunter2-xyz", "hunter2-xyz"),
        ("INSERT INTO u (email, password) VALUES (?, ?)]\n[parameters: ('b@x.de', 'hunter2-xyz')]", "hunter2-xyz"),
        ("INSERT INTO u (email, password) VALUES (%s, %s)]\n[parameters: [('b@x.de', 'hunter2-xyz')]]", "hunter2-xyz"),
        (
            "CREATE TABLE `u` (\n  `id` int(11) NOT NULL,\n  `password` text,\n  KEY `a` (`id`)\n);\n\
             INSERT INTO `u` VALUES (1,'hunter2-xyz'),(2,'none');\n",
            "hunter2-xyz",
        ),
        ("# Cookies\nsid\tQm7xR2vKp9Lw4Zt8\t.a.com\t/\t2026-01-01T00:00:00.000Z\t60\t✓\t\tLax\n", "Qm7xR2vKp9Lw4Zt8"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn a_table_may_begin_behind_a_tag() {
    for head in ["<parameter name=\"content\">", "<stdout>", "<document_content>", "  <pre>"] {
        assert_taken(&format!("{head}id,email,password\n1,a@b.c,hunter2-xyz"), "hunter2-xyz");
    }
    for text in ["<a,password>\nb,hunter2-xyz", "a -> id,password\nb,c,hunter2-xyz", "<T>(id, password)\n1, step22x"] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_column_is_known_by_its_place_where_only_that_says_it() {
    for (given, secret) in [
        // Of Python and of R, which number the rows and name no column of the numbers.
        ("    user     password\n0    bob  hunter2-xyz\n1  alice             \n", "hunter2-xyz"),
        ("    user    password\n12 alice hunter2-xyz\n", "hunter2-xyz"),
        ("UserName Password\n-------- --------\nbob      hunter2-xyz\n", "hunter2-xyz"),
        ("UserName Password    Role\n-------- --------    ----\nlongname hunter2-xyz admin\n", "hunter2-xyz"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn a_line_that_is_no_row_ends_no_table() {
    for (given, secret) in [
        ("user,password\n\nbob,hunter2-xyz\n", "hunter2-xyz"),
        ("url,notes,password\na.io,\"one\ntwo, 3\",none\nb.io,,hunter2-xyz\n", "hunter2-xyz"),
        ("url,notes,password\na.io,\"one\ntwo\nthree\",hunter2-xyz\n", "hunter2-xyz"),
        ("user,password,notes\nbob,hunter2-xyz,a,b\n", "hunter2-xyz"),
        ("user,notes,password\nbob,a,b,hunter2-xyz\n", "hunter2-xyz"),
    ] {
        assert_taken(given, secret);
    }
    let long = format!("user,password\n{},none\nbob,hunter2-xyz\n", "a".repeat(4_000));
    assert_taken(&long, "hunter2-xyz");
    let two = "user,password\nbob,none\n\napi_key,user\n8f3c9a7e1b2d,gpt-4o-2024\n";
    assert_eq!(kept(two), two.replace("8f3c9a7e1b2d", "[REDACTED:api-key]"));
}

#[test]
fn a_name_is_only_that_of_what_is_its_value() {
    for (given, secret) in [
        (
            "| User | API key | Env | Model |\n|---|---|---|---|\n| bob | 8f3c9a7e1b2d | eu-1 | gpt-4o-2024 |",
            "8f3c9a7e1b2d",
        ),
        ("| sk-ant-api03-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb | gpt-4o-2024 |", "sk-ant-api03-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"),
        ("password: hunter22x: room2024x", "hunter22x"),
        ("user     | bob\npassword | hunter2-xyz\n", "hunter2-xyz"),
        ("cat a | b; echo x\n| 1 | password | hunter2-xyz |", "hunter2-xyz"),
        ("Name         Slot   Value\n-----------  -----  -----\nDB_PASSWORD  False  hunter2-xyz\n", "hunter2-xyz"),
        ("| Name | Type | Value |\n|---|---|---|\n| pass | x | y |\n| API_KEY | x | 8f3c9a7e1b2d |", "8f3c9a7e1b2d"),
        ("- Bob:\n> | password | hunter2-xyz |\n", "hunter2-xyz"),
        ("API key  | 8f3c9a7e1b2d\nRegion   | eu\n", "8f3c9a7e1b2d"),
        ("(\"api_key\", \"hunter2-xyz\", \"the key\")", "hunter2-xyz"),
        ("putenv('PASSWORD', 12345678)", "12345678"),
        ("config.set('db', 'password', 'hunter2-xyz')", "hunter2-xyz"),
        ("[\"mysql\", \"--password\", \"hunter2\", \"-h\", \"db\"]", "hunter2"),
        ("bob@example.com | Qm7xR2vKp9", "Qm7xR2vKp9"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "[REDACTED:secret] | 1184bytes\n| [REDACTED:password] | room2024x |",
        "echo -n \"$PASSWORD\" | sha256sum; jq -r '.password | @base64d'; {{ .Values.password | b64enc | quote }}",
        ".data.password | @base64d\n(password|passwd1|secret) pass|fail|skip3",
        "if (!user.password ||\n    !user.password_confirm) {",
        "fields = ('username', 'password1', 'password2'); ('password', 'address1', 'city22', 'zip333x')",
        "CharField(\"password\", max_length=128); warning(\"bad password\", user_id=12345); f(\"password\", *args1)",
        "| bob@example.com | INC0012345 |\n bob@example.com | INC0012345 | open\n",
        "| SIG | `d6eda3e1399cef5dfde7c4f319b0596c` |\n\n| a | Password |\n|---|---|\n| hashing | argon2id |",
        "enum {\n  DUP_TOKEN, /* 541 */\n  XML_C14N_REQUIRES_UTF8, /* 1951 */\n}\nfrom x import (\n  a, password,\n  b, address2,\n)",
        "0:0:0:0:0:ffff:127.1.2.3",
        "Reset your password, 2FA and more\n----\nThen open port8080, port8081 now",
        "user,password\nbob,none\n\nThen log in, Step22\nor so, Step23\n",
        "USER   PASSWORD\nbob    none\nsee step22 of it  a\n\nal     step23b\n",
        "Name         Slot   Commit\nDB_PASSWORD  False  8f3c9a7e1b2d\n",
        "cat user | password\ncat 1 | addr22x\n",
        "grep -E user|password\ngrep -E a|addr22x\nuser|password\naddr22x\n",
        "CREATE TABLE u (id int, password text); INSERT INTO v VALUES (1, 'addr22x'); INSERT INTO u VALUES (1, 'none')",
        "INSERT INTO u (email, password) VALUES (?, ?); set_param(1, 'addr22x')",
    ] {
        assert_eq!(kept(text), text);
    }
}
