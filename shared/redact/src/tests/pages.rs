//! What tools for browsers, consoles of clouds and shells give back: a value beside what says what it is.

use super::kinds::{assert_taken, kept, orders};

const KEY: &str = "Qm7xR2vKp9Lw4Zt8Yc3Nf6HbW2sD5gJ8";
const PASSWORD: &str = "hunter2-Xy9";

#[test]
fn what_a_script_types_or_a_page_shows_in_a_field_is_its_value() {
    for given in [
        "await page.getByRole('textbox', { name: 'Password' }).fill('§');",
        "page.getByRole('textbox', { name: 'Enter your password', exact: true }).first().fill('§')",
        "page.getByTestId('password-input').fill(\"§\")",
        "page.getByTestId('loginPasswordField')\n  .pressSequentially('§')",
        "page.locator('input[name=\"password\"]').fill('§')",
        "- textbox \"Password\" [active] [ref=e12]: §\n- button \"Log in\"",
        "- textbox \"Password\" [ref=e12]: \"§\"",
        "- textbox \"Your password\" [ref=e12]:\n    - /placeholder: Password\n    - text: §",
        "uid=1_5 textbox \"Password\" focusable value=\"§\"",
    ] {
        assert_taken(&given.replace('§', PASSWORD), PASSWORD);
    }
    for given in [
        "page.getByLabel('API key').fill('§')",
        "- generic [ref=e8]:\n  - text: Secret key\n  - code [ref=e6]: §\n",
        "uid=1_7 StaticText \"API key\"\nuid=1_8 StaticText \"§\"",
    ] {
        assert_taken(&given.replace('§', KEY), KEY);
    }
    for text in [
        "page.getByRole('textbox', { name: 'Password' }).click();\npage.getByLabel('Name').fill('hunter2-Xy9')",
        "await page.getByLabel('Password').click()\nawait field.fill('hunter2-Xy9')",
        "page.getByRole('textbox', { name: 'Password' }).fill(process.env.X1); page.getByLabel('Password').fill('')",
        "page.getByLabel('API key name').fill('prod-ci-2025'); page.getByTestId('password-hint').fill('hunter2-Xy9')",
        "- textbox \"Password\" [ref=e12]\n- textbox \"Password\" [ref=e13]: ••••••••\n- text: hunter2-Xy9",
        "- textbox \"Password\" [ref=e12]:\n    - /placeholder: Password\n- text: hunter2-Xy9",
        "uid=1 textbox \"Password\" required\nuid=2 textbox \"Name\" value=\"hunter2-Xy9\"",
        "- text: API key\n- button \"Revoke\" [ref=e3]: Revoke2025\n- button \"Generate API key\"\n- text: prod-ci-2025",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_label_says_more_than_a_name() {
    for label in [
        "Password input field",
        "Password text field",
        "Password field (required)",
        "Password field on the login page",
        "Log in password field",
        "Password input element",
    ] {
        assert_taken(&format!("{{\"element\":\"{label}\",\"ref\":\"e12\",\"text\":\"{PASSWORD}\"}}"), PASSWORD);
    }
    for (label, value) in [
        ("\"OutputKey\":\"DbPassword\"", "\"OutputValue\":\"§\""),
        ("\"_id\":\"smtp_password\"", "\"value\":\"§\""),
        ("\"name\":\"Password\"", "\"input_value\":\"§\""),
        ("\"type\":\"CONCEALED\"", "\"value\":\"§\""),
        ("\"type\":\"SECRET\"", "\"value\":\"§\""),
    ] {
        for members in orders(&[label, value, "\"x\":[]"]) {
            assert_taken(&format!("{{{}}}", members.join(",")).replace('§', PASSWORD), PASSWORD);
        }
    }
    assert_taken(&format!("{{\"label\":\"Password\",\"answer\":{{\"text\":\"{PASSWORD}\"}}}}"), PASSWORD);
    let data = "UW03eFIydktwOUx3NFp0OFljM05m";
    let version = format!("{{\"name\":\"projects/1/secrets/x/versions/1\",\"payload\":{{\"data\":\"{data}\"}}}}");
    assert_taken(&version, data);
    for text in [
        "{\"element\":\"Password strength meter\",\"text\":\"Strong12x\"}",
        "{\"element\":\"Show password button\",\"text\":\"Strong12x\"}",
        "{\"element\":\"API key name field\",\"text\":\"Strong12x\"}",
        "{\"OutputKey\":\"BucketName\",\"OutputValue\":\"acme-x1y2z3\"}",
        "{\"type\":\"encrypted\",\"value\":\"eyJ2IjoidjIiLCJlcG9jaCI6MTcwMDAwMDAwMH0=\"}",
        "{\"type\":\"STRING\",\"value\":\"hunter2-Xy9\"}",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_a_command_shows_stands_beside_it() {
    for members in orders(&["\"command\":\"printenv DB_PASSWORD\"", "\"stdout\":\"Hunter2Xy9\\n\"", "\"exit_code\":0"])
    {
        assert_taken(&format!("{{{}}}", members.join(",")), "Hunter2Xy9");
    }
    assert_taken(&format!("{{\"cmd\":\"cat /run/secrets/x\",\"output\":\"{KEY}\"}}"), KEY);
    for text in [
        "{\"command\":\"printenv DB_PASSWORD\",\"stdout\":\"\",\"stderr\":\"Hunter2Xy9\"}",
        "{\"command\":\"printenv DB_HOST\",\"stdout\":\"db1-Hunter2Xy9\"}",
        "{\"command\":\"cat token.ts\",\"stdout\":\"import x1\\nHunter2Xy9\\n\"}",
        "{\"command\":\"git rev-parse HEAD\",\"stdout\":\"8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e\"}",
        "[{\"command\":\"printenv DB_PASSWORD\"},{\"stdout\":\"Hunter2Xy9\"}]",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn names_that_tools_have_for_credentials_are_known() {
    let long = format!("{KEY}{KEY}");
    for (given, secret) in [
        (format!("{{\"credential\":\"{KEY}\"}}"), KEY),
        (format!("creds: {KEY}"), KEY),
        (format!("cred = \"{KEY}\""), KEY),
        (format!("az devops login --pat {long}"), &long),
        ("{\"totp\":\"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"}".to_owned(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        (format!("{{\"stringData\":{{\"stripe\":\"{KEY}\"}}}}"), KEY),
        (format!("metadata:\n  name: x\nstringData:\n  stripe: {KEY}\n"), KEY),
    ] {
        assert_taken(&given, secret);
    }
    for text in [
        "creds = load_creds(); cred: db-creds-v2; {\"credential\":\"8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a\"}",
        "AWS4-HMAC-SHA256 Credential=AKID/20240101/eu-west-1/s3/aws4_request, SignedHeaders=host",
        "sacred = \"Qm7xR2vKp9Lw4Zt8Yc3N\"; pat = 'abc123-def456'",
        "{\"totp\":\"urn:acr:totp2024\"}",
        "data:\n  stripe: Qm7xR2vKp9Lw4Zt8Yc3N\n{\"data\":{\"stripe\":\"Qm7xR2vKp9Lw4Zt8Yc3N\"}}",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_only_looks_like_them_is_judged_as_it_was() {
    for (given, secret) in [
        ("stringData:\n  password: Sommer2024!\n", "Sommer2024!"),
        ("https://token:Qm7xR2vKp9Lw4Zt8Yc3N\tbob@x.com", "Qm7xR2vKp9Lw4Zt8Yc3N"),
        ("token://Qm7xR2vKp9Lw4Zt8Yc3N", "Qm7xR2vKp9Lw4Zt8Yc3N"),
        ("Created API key 'acme-k3j9d8f7s6-x8d7f6g5h4'", "acme-k3j9d8f7s6-x8d7f6g5h4"),
        ("Created API key 're_k3j9d8f7s6'", "re_k3j9d8f7s6"),
    ] {
        let kept = kept(given);
        assert!(!kept.contains(&secret[secret.len() - 6..]) && kept.contains("[REDACTED:"), "{given}: {kept}");
    }
    for text in [
        "{\"command\":\"git show -s --format=%H origin/fix-token\",\"output\":\"8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e\"}",
        "{\"command\":\"cat src/token.rs | wc -c\",\"output\":\"12345\"}",
        "{\"command\":\"terraform output db_secret_name\",\"output\":\"prod-db-x7k2\"}",
        "{\"functionResponse\":{\"name\":\"get_password\",\"response\":{\"content\":\"Updated main2.rs\"}}}",
        "{\"prompt\":\"Invent a password\",\"response\":\"Correct-Horse-42\"}",
        "{\"type\":\"encrypted\",\"data\":\"gAAAAABQm7xR2vKp9Lw4Zt8Yc3N\"}",
        "{\"key\":\"password\",\"data\":\"min8chars\"} {\"_name\":\"password\",\"text\":\"Choose8chars\"}",
        "> We read the token\nRFC7519\n",
        "+ read the token\nRFC7519",
        "~ secret = \"db-creds-v1\" -> \"db-creds-v2\"",
        "INSERT INTO secrets (key, value) VALUES ('DB_HOST1', 'db-host')",
    ] {
        assert_eq!(kept(text), text);
    }
}
