//! Texts that stand in others in parts, and parts that only look like those of one.

use super::{
    kinds::{assert_taken, kept},
    masked_json,
};

const SECRET: &str = "Qm7xR2vKp9Lw4Zt8";

/// What rules know by its lines.
const TEXTS: [&str; 7] = [
    "chpasswd:\n  list: |\n    root:Qm7xR2vKp9Lw4Zt8",
    "db.acme.com:5432:app:bob:Qm7xR2vKp9Lw4Zt8",
    "kind: Secret\nstringData:\n  a: Qm7xR2vKp9Lw4Zt8",
    "id,email,password\n1,b@x.de,Qm7xR2vKp9Lw4Zt8",
    "env:\n  - name: DB_PASSWORD\n    value: Qm7xR2vKp9Lw4Zt8",
    " id | name | password\n----+------+---------\n  1 | bob  | Qm7xR2vKp9Lw4Zt8",
    "| user | password |\n|---|---|\n| bob | Qm7xR2vKp9Lw4Zt8 |",
];

#[test]
fn a_text_is_read_without_what_stands_before_its_lines() {
    for text in TEXTS {
        for head in [
            "> ",
            ">> ",
            "> > ",
            "# ",
            "// ",
            "/// ",
            " * ",
            "; ",
            "-- ",
            "│ ",
            "E   ",
            "+",
            "1: ",
            "L1: ",
            "  1 | ",
            "  1 │ ",
            "2026-05-01T10:00:00.000Z ",
            "[2026-05-01 10:00:00] ",
            "2026-05-01 10:00:00,000 - root - DEBUG - ",
            "web_1  | ",
            "[web] ",
            "stdout: ",
            "build\tUNKNOWN\t2026-05-01T10:00:00.0000000Z ",
            "I0501 10:00:00.0   1 main.go:42] ",
        ] {
            let lines: Vec<_> = text.lines().map(|line| format!("{head}{line}")).collect();
            let given = format!("see:\n\n{}\n\nand so on", lines.join("\n"));
            assert!(!kept(&given).contains(SECRET), "{given}");
        }
        let lines: Vec<_> = text.lines().map(|line| format!("+{line}\n")).collect();
        assert_taken(&format!("*** Begin Patch\n*** Add File: a\n{}*** End Patch", lines.concat()), SECRET);
        assert_taken(
            &format!("apply_patch <<'E'\n*** Begin Patch\n*** Update File: a\n@@\n{}", lines.concat()),
            SECRET,
        );
    }
}

#[test]
fn a_text_is_read_that_is_escaped_in_another() {
    for text in TEXTS {
        let escaped = text.replace('\n', "\\n");
        for around in [["got \"", "\\n\" of it"], ["out='", "', rc=0"], ["printf '", "\\n' > a"], ["it's \"", "\""]] {
            assert_taken(&around.join(&escaped), SECRET);
        }
        assert_taken(&format!("got {:?}", format!("Error: {text:?}")), SECRET);
        for (between, end) in [("\",\n  \"", "\"]"), ("\" +\n  \"", "\";"), ("\"\n  \"", "\")"), ("\", \"", "\"")] {
            let lines: Vec<_> = text.lines().map(|line| format!("{line}\\n")).collect();
            assert_taken(&format!("x = \"{}{end}", lines.join(between)), SECRET);
        }
        let lines: Vec<_> = text.split_inclusive('\n').map(|line| serde_json::json!(line).to_string()).collect();
        let given = format!("{{\"cells\": [{{\"source\": [{}], \"id\": \"a\"}}]}}", lines.join(", "));
        let kept = masked_json(&given);
        let (before, behind) = given.split_once(SECRET).expect("there");
        assert!(kept.starts_with(before) && kept.ends_with(behind) && !kept.contains(SECRET), "{given}: {kept}");
    }
    // What goes through several lines leaves each of them a string.
    let given = r#"{"source":["recovery codes:\n","  12345678\n","  87654321\n"],"password":"a\n1"}"#;
    serde_json::from_str::<serde_json::Value>(&masked_json(given)).expect("JSON");
}

#[test]
fn a_name_begins_behind_an_escape() {
    for (given, secret) in [
        ("CompletedProcess(stdout='[db]\\npass=Qm7xR2vKp9Lw4Zt8\\n')", SECRET),
        ("out: 'user=a\\r\\npwd=Qm7xR2vKp9Lw4Zt8\\r\\n'", SECRET),
        ("\\new_password=Qm7xR2vKp9Lw4Zt8", SECRET),
    ] {
        assert_taken(given, secret);
    }
    for text in ["C:\\npass", "\\npm=Qm7xR2vKp9Lw4Zt8", "npass=Qm7xR2vKp9Lw4Zt8"] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_cell_is_read_without_its_doubled_quotes() {
    for given in [
        "id,text\n1,\"{\"\"access_token\"\":\"\"Qm7xR2vKp9Lw4Zt8\"\"}\"\n",
        "\"A=1\nDB_PASSWORD=\"\"Qm7xR2vKp9Lw4Zt8\"\"\nB=\"\"2\"\"\";x\n",
        "1,\"password: \"\"Qm7xR2vKp9Lw4Zt8\"\"\"",
    ] {
        assert_taken(given, SECRET);
    }
}

#[test]
fn signs_of_a_terminal_and_of_html_part_no_lines_and_no_names() {
    for given in [
        "DB_\u{1b}[01;31m\u{1b}[KPASSWORD\u{1b}[m\u{1b}[K=Qm7xR2vKp9Lw4Zt8\n",
        "\u{1b}[32mid,password\u{1b}[0m\n\u{1b}[32m1,Qm7xR2vKp9Lw4Zt8\u{1b}[0m",
        "a \\033[1mpassword\\033[0m: Qm7xR2vKp9Lw4Zt8",
        "kind: Secret&#10;stringData:&#10;  a: Qm7xR2vKp9Lw4Zt8",
    ] {
        assert_taken(given, SECRET);
    }
}

#[test]
fn parts_that_make_no_text_stay() {
    for text in [
        "password=\"\", user=\"bob22x\", f(\"\"\"a\"\"\", \"password\", \"\")",
        "print(\"password\\n\"); run(\"step22 of 3\\n\")",
        "// the password\n// of step22, and then\n// port8080",
        "# secret\n# key: value22\n",
        "> - the token\n> - port8080\n",
        "[\"user\", \"password\", \"token\"], [\"a\\n\", \"step22\"]",
        "{\"a\": \"password\\n\", \"b\": \"step22\"}",
        "*** Begin Patch\n*** Add File: a\n+password,\n+step22,\n*** End Patch",
    ] {
        assert_eq!(kept(text), text);
    }
}
