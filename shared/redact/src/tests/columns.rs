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
        ("# Cookies\nsid\tQm7xR2vKp9Lw4Zt8\t.a.com\t/\t2026-01-01T00:00:00.000Z\t60\t✓\t\tLax\n", "Qm7xR2vKp9Lw4Zt8"),
    ] {
        assert_taken(given, secret);
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
