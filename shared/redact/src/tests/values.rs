//! What a value is: a credential, or what documentation, code and prose have in its place.

use super::{
    kinds::{assert_taken, kept},
    masked_header, masked_json,
    names::kept_of,
};
use serde_json::{Value, json};

/// Fails unless a member of an object loses its whole value.
#[track_caller]
fn assert_member_taken(name: &str, value: &str) {
    let kept: Value = serde_json::from_str(&masked_json(&json!({name: value}).to_string())).expect("JSON");
    assert!(kept[name].as_str().is_some_and(|kept| kept.starts_with("[REDACTED:")), "{value}: {kept}");
}

#[track_caller]
fn assert_stays(text: &str) {
    assert_eq!(kept(text), text);
}

#[track_caller]
fn assert_member_stays(name: &str, value: &str) {
    let json = json!({name: value}).to_string();
    assert_eq!(masked_json(&json), json);
}

#[test]
fn brackets_are_of_a_password_and_not_of_code() {
    for (given, secret) in [
        ("DB_PASSWORD='T4]nW8[qZ1m<Ls!9'", "T4]nW8[qZ1m<Ls!9"),
        ("DB_PASSWORD=k8(Qz2vN5xR0wT#d\nPORT=80", "k8(Qz2vN5xR0wT#d"),
        (
            "SECRET_KEY = 'django-insecure-h3#k(2)_x&v!q0^s9+w7=(m5z@t1r8y6u4i$o2pbn'",
            "django-insecure-h3#k(2)_x&v!q0^s9+w7=(m5z@t1r8y6u4i$o2pbn",
        ),
        ("| user | password |\n|---|---|\n| bob | k8)Qz2vN5(xR0wT#d |\n", "k8)Qz2vN5(xR0wT#d"),
        ("the password is \"k8(Qz2vN5xR0wT#d\", ok", "k8(Qz2vN5xR0wT#d"),
        ("mysql --password='k8(Qz2vN5xR0wT#d' shop", "k8(Qz2vN5xR0wT#d"),
        ("connect(password=\"k8->Qz2vN5xR0w<T#d\", port=1)", "k8->Qz2vN5xR0w<T#d"),
    ] {
        assert_taken(given, secret);
    }
    assert_member_taken("password", "k8(Qz2vN5xR0wT#d");
    assert_member_taken("password", "Tr0ub4dor(3)");
    assert_member_taken("pwd", "hunter(2");
    for code in [
        "get(password2)",
        "{{ vault.password2 }}",
        "^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,}$",
        "[a-z0-9]{8,}",
        "Secret<String1>",
        "$config['password2']",
        "$user->password2[0]",
    ] {
        assert_member_stays("password", code);
    }
    for text in [
        "\"password=\"+btoa(u1+\":\"+p2)+\"&x\"",
        "SECRET_KEY=base64.b64decode(\n    data)",
        "see ^https://[-a-zA-Z0-9()@:%_+.~#?&//=]{1,1024}$",
    ] {
        assert_stays(text);
    }
}

#[test]
fn words_that_a_sign_joins_are_a_passphrase() {
    for words in ["glimmer-tundra-vocal-ostrich", "Unsaid.Grill.Wombat.Lemon", "Unsaid_Grill_Wombat_Lemon"] {
        assert_member_taken("password", words);
    }
    assert_taken("Password: Unsaid.Grill.Wombat.Lemon", "Unsaid.Grill.Wombat.Lemon");
    for words in
        ["pages.signup.inputs.hint", "reset-password-form-field", "one-two-three", "a-b-c-d", "app_user_log_in"]
    {
        assert_member_stays("password", words);
    }
    assert_stays("password: Settings.Default.Database.Password\n");
}

#[test]
fn what_people_choose_is_no_variable() {
    for chosen in ["$ummerTime2024", "ACME_2024", "%Passw0rd99%"] {
        assert_member_taken("password", chosen);
    }
    for variable in
        ["$dbPassword2", "$s3_key", "$K8S_TOKEN", "%PWD_12%", "API_KEY_2024", "AUTH0_SECRET", "env:API_KEY2"]
    {
        assert_member_stays("password", variable);
    }
    assert_member_stays("api_key", "os.environ/AZURE_API_KEY_2");
}

#[test]
fn what_ends_other_values_may_be_in_one() {
    for (given, secret) in [
        ("db:\n  password: Xk;9mQ2pLr7Vt\n", "Xk;9mQ2pLr7Vt"),
        ("DB_PASSWORD=Xk\"9mQ2pLr7Vt\n", "Xk\"9mQ2pLr7Vt"),
        ("DB_PASSWORD=Xk`9mQ2pLr7Vt\n", "Xk`9mQ2pLr7Vt"),
        ("[db]\npassword = Xk\\9mQ2pLr7Vt", "Xk\\9mQ2pLr7Vt"),
        ("msg=login user=bob password=Mq7M&AeEIVj8 ok=1", "Mq7M&AeEIVj8"),
        ("run --password=3&QseV7uTz1a --id 7", "3&QseV7uTz1a"),
        ("C(password=Mq7M&AeEIVj8, y=1)", "Mq7M&AeEIVj8"),
        ("User ID=sa;Password=kCIWY!7&gNr4;Encrypt=True", "kCIWY!7&gNr4"),
        ("Server=db;Uid=sa;Password=b5r[.9Bbv)XQ=8*;Database=x", "b5r[.9Bbv)XQ=8*"),
        ("db.password=b5r[.9Bbv)XQ=8*\nport=80", "b5r[.9Bbv)XQ=8*"),
        ("HOME=/root\0DB_PASSWORD=U2FLsdTLHq9zAqe1\0LANG=C", "U2FLsdTLHq9zAqe1"),
        ("acme login --token=7|Qwb8DwkNhFdnXsiVpzz63Ffk", "7|Qwb8DwkNhFdnXsiVpzz63Ffk"),
        (
            "-H 'Authorization: Bearer tid=02ea68ef786e4d3c;exp=17646;rt=1:3cf575dcad6ba2b0' https://h",
            "tid=02ea68ef786e4d3c;exp=17646;rt=1:3cf575dcad6ba2b0",
        ),
    ] {
        assert_taken(given, secret);
    }
    let url = kept("see https://h/me?access_token=12345678|WGYnkjiq-E5YBW2PL6jt");
    assert_eq!(url, "see https://h/me?access_token=[REDACTED]");
    assert_taken(
        "AccountKey=8f3c9a7e1b2d4f60aB3dE5fG7w==;EndpointSuffix=core.windows.net",
        "8f3c9a7e1b2d4f60aB3dE5fG7w==",
    );
    let parameters = kept("sent user=b&password=Qm7xR2vKp9Lw&b=2 and --password=Qm7xR2vKp9Lw&& ls");
    assert_eq!(parameters, "sent user=b&password=[REDACTED]&b=2 and --password=[REDACTED]&& ls");
    let entities = kept("<a x=\"jdbc:x://h/?user=b&amp;password=Qm7xR2vKp9Lw&amp;ssl=true\">");
    assert!(entities.ends_with("user=b&amp;password=[REDACTED]&amp;ssl=true\">"), "{entities}");
    let environment = "SE9NRT0vcm9vdABEQl9QQVNTV09SRD1VMkZMc2RUTEhxOXpBcWUxAExBTkc9Qw==";
    assert_taken(environment, environment);
    for text in [
        "password: ab;c\n",
        "type A = {\n  token: a | Qm7xR2vKp9Lw4Zt8;\n",
        "IDToken: &defaultIDToken,",
        "run --password=x&& ls; run --password=ab&cd=ef",
        "if(a){id=1;password=get(x1);token=a[1]}",
        "self.password=get(x1)\nconfig.password=get(x1)\n",
    ] {
        assert_stays(text);
    }
}

#[test]
fn letters_that_chance_drew_are_no_word() {
    for key in ["GNHRlvgUrYZsBEms", "hTyKqPwzBn", "xkqjzvbnmt", "ZPQXWKJVTB", "wJx/QkPzVbTg"] {
        assert_member_taken("password", key);
        assert_taken(&format!("api_key: {key}\n"), key);
        assert_taken(&format!("the password is {key}, ok"), key);
    }
    for word in ["PasswordEncoder", "SecretKeySpec", "passphrasePrompt", "XMLHttpRequest", "Wachtwoord", "Adgangskode"]
    {
        assert_member_stays("password", word);
        assert_stays(&format!("secret: {word}\n"));
    }
}

#[test]
fn random_bytes_in_base64_are_no_path() {
    for (given, secret) in [
        (
            "API key (prod): dM4FgJN+EqzA2IotJvRARRsP1VhH573NUVamBFZ8l/4=",
            "dM4FgJN+EqzA2IotJvRARRsP1VhH573NUVamBFZ8l/4=",
        ),
        (
            "$ cat api_key.txt\n7LveT9qW8KBx1RRO3T31h0J6bsJg/7M0md86Sv+IGHI=\n",
            "7LveT9qW8KBx1RRO3T31h0J6bsJg/7M0md86Sv+IGHI=",
        ),
        ("\tkey = AQY3PSpCSV6quCNCYx0yz/J30pFXkb8zbeki4w==\n", "AQY3PSpCSV6quCNCYx0yz/J30pFXkb8zbeki4w=="),
        ("\"hXMiCvb56Oc/YGzH6SZ6LpH0O0ViknrBm40qIdzR\" is my API key.", "hXMiCvb56Oc/YGzH6SZ6LpH0O0ViknrBm40qIdzR"),
    ] {
        assert_taken(given, secret);
    }
    assert_stays("key: uploads/Qm7xR2vKp9Lw4Zt8Yc3N/aB3dE5fG7hJ9kL1mN2pQ\n");
}

#[test]
fn a_token_may_have_several_parts() {
    let hex = "8f3c9a7e1b2d4f608f3c9a7e1b2d4f60";
    for token in [
        &format!("K10{hex}{hex}::server:{hex}"),
        "kubeconfig-user-x7k2p:k2z9ri19r0wyojfljooa5lqsaj08xui6d39zzzzg4zdmen",
        &format!("AstraCS:6bWHtP3fS2qHx6kwXoIIXGvO:{hex}{hex}"),
        &format!("tid={hex};exp=1764600000;rt=1:{hex}{hex}"),
    ] {
        assert_member_taken("token", token);
    }
    for id in
        [&format!("sha256:{hex}{hex}"), "urn:uuid:8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a", "user:1234:profile:settings-2"]
    {
        assert_member_stays("token", id);
    }
}

#[test]
fn words_and_names_of_code_are_looked_for_nowhere_else() {
    for (text, other) in [
        ("auth = \"Basic authentication\"\nAuthorization: Bearer authentication", "authentication fails"),
        ("pub const ERROR_INVALID_PASSWORD: WIN32_ERROR = 86u32;", "use WIN32_ERROR;"),
        ("this.password = password1", "login(password1)"),
        ("X_TOKEN: ci-smoke-test-token-abc", "run ci-smoke-test-token-abc"),
    ] {
        assert_eq!(kept_of(&[text.to_owned(), other.to_owned()])[1], other);
    }
    for secret in ["Sommerregen2024", "k8(Qz2vN5xR0wT#d", "YSBzZWNyZXQgb25l=", "glimmer tundra vocal ostrich"] {
        let texts = [format!("password: '{secret}'"), format!("run {secret} now")];
        assert_eq!(kept_of(&texts)[1], "run [REDACTED:repeated] now");
    }
}

#[test]
fn the_session_of_a_model_is_a_conversation() {
    for id in [
        "sesn_011CZkZAtmR3yMPDzynEDxu7",
        "ses_6a1b2c3d4ffeZ9kQm2Rt7",
        "01JABCDEFGHJKMNPQRSTVWXYZ1",
        "V1StGXR8_Z5jdHi6B-myT",
        "conversation-123",
        "fix-the-build-2026-01-02",
    ] {
        assert_member_stays("session_id", id);
        assert_member_stays("session.id", id);
    }
    for session in ["uXUGfdWG5yP8Yib2eNUS0hmi4Fs9Z6Yk", "8f3c9a7e1b2d4f608f3c9a7e1b2d4f60", "a_b8f3c9a7-e1b2d4f608f3c9"]
    {
        assert_member_taken("session_id", session);
    }
    assert_eq!(masked_header("session-id", "8f3c9a7e1b2d4f608f3c9a7e1b2d4f60"), "[REDACTED]");
}

#[test]
fn what_stands_behind_a_scheme_may_be_code_or_a_word() {
    for text in [
        "{\"Authorization\": f\"Bearer {self.get_token()}\"}",
        "headers[\"Authorization\"] = f\"Bearer {os.getenv('API_KEY')}\"",
        "Authorization: `Bearer ${loadApiKey({\n apiKey: options.apiKey,\n environmentVariableName: \"OPENAI_API_KEY\" })}`",
        "\"Authorization\" => \"Bearer #{token}\"",
        "Authorization: Bearer #{token}",
        "echo \"Authorization: Bearer \\${TOKEN}\"",
        "`Authorization: Bearer …` goes there",
        "fix Authorization: Basic parsing",
        "Authorization: Bearer authentication, not session authentication",
        "Authorization: Bearer parsing fails",
        "Authorization: Bearer None\nAuthorization: Bearer undefined",
        "Authorization: Bearer your-api-key\nAuthorization: Bearer NOT-NEEDED\nAuthorization: Bearer sk-ant-...",
    ] {
        assert_stays(text);
    }
    assert_member_stays("auth", "Basic authentication");
    assert_member_taken("password", "${aB3dE5fG7h");
    for secret in ["secrettoken", "top-secret-token", "your-key-8f3c", "nonesuch", "Qm7xR2vKp9Lw"] {
        assert_taken(&format!("curl -H 'Authorization: Bearer {secret}' https://h"), secret);
    }
}

#[test]
fn code_has_names_and_paths_in_the_place_of_values() {
    for text in [
        "resetPassword: '/api/v1/auth/reset-password',",
        "  secretAccessKey: env.R2_SECRET_ACCESS_KEY,",
        "  clientSecret: AUTH0_SECRET,",
        "f(api_key=settings.GPT4_API_KEY)",
        "  password: this.#password,",
        "const hasApiKey = !!process.env.OPENAI_API_KEY;",
        "password: *defaultPassword2\n",
        "client(password=password2)",
        "DB_PASSWORD=$PW2 make test2",
        "f(password: @password, password_confirmation: @password)",
        "type A struct {\n\tAccessToken *PulumiProviderSecretRef `json:\"a\"`\n}\nSECKEYPrivateKey *privKey;",
        "<DialogModal :show=\"confirmingPassword\" @close=\"closeModal\">",
        "'password' => static::$password ??= x; plug V, secret: &MyApp.Secrets.for_conn/1",
        "<input type=\"password\" value=@Model.Password1>",
        "    parse-passwd: \"npm:^1.0.0\"",
        "registry-auth-token: \"npm:3.3.2\"",
        "github.com/foo/token v0.0.0-20210101000000-8f3c9a7e1b2d",
        "OPENAI_API_KEY=sk-proj-your-openai-api-key-here",
        "use sk-ant-your-api-key-goes-here",
        "self.password = password2\nuser.password = newPassword1;",
        "await login({ email, password: password1 }); const { password: password1 } = req.body",
        "data = {\"password\": password1, \"token\": t}",
        "<Login password={password1} /> password={`${password1}`}",
        "  apiKey: apiKeyV2,\n  secret: jwtSecretV2,\n",
        "privateKey := ecdsa256Key\ntype PrivateKey = ed25519.PrivateKey\nprivate_key: ed25519::Ed25519PrivateKey",
        "authorization = TestOAuth2Authorizations\n\t.build()",
        "e.EFF(649,\" token:\"),e.k0s(),e.j41(650,\"pre\")",
        ".header(\"Authorization\", \"AccessKey \"+provider.Config.AccessKey).send(\"url\")",
        "sed -i \"s/^PASSWORD=.*/PASSWORD=$PW1/\" .env; sed -i 's/^DB_PASSWORD=.*$/DB_PASSWORD='\"$PW1\"'/g' .env",
        "#define ERROR_INVALID_PASSWORD 0x00000056\n#define INVALID_PASSWORD 0x56UL\n",
    ] {
        assert_stays(text);
    }
    assert_member_stays("mnemonic", "vfmadd231ps");
    for (given, secret) in [
        ("DB_PASSWORD=password2\n", "password2"),
        ("user: admin, password: password1, port: 80", "password1"),
        ("{user: bob, password: password1}", "password1"),
        ("login: bob, password: password1,\n", "password1"),
        ("Uid = sa; Password = password1;", "password1"),
        ("spring.datasource.password = password1\n", "password1"),
        ("PWD={password1};", "password1"),
        ("password: password123,\n", "password123"),
        ("self.password = hunter22", "hunter22"),
        ("sed -i \"s/^PASSWORD=.*/PASSWORD=hunter22/\" .env", "hunter22/"),
        ("echo \"password:\"hunter22", "hunter22"),
        ("#define WIFI_PASSWORD 12345678\n", "12345678"),
        ("#define WIFI_PASSWORD \"0x12345678\"\n", "0x12345678"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn what_somebody_masked_is_none_and_stars_may_be_chosen() {
    for text in [
        "Incorrect API key provided: sk-proj-********************abcd. You can find yours at x",
        "Invalid API key: sk-ab...9xYz",
        "API_KEY=sk-proj-****abcd\nAPI_KEY=8f3c9a7e************************1b2d\n",
        "OPENAI_API_KEY: sk-…ab9d\napi_key = ••••••••Xb9d\nDB_PASSWORD=********abcd\n",
        "Token: ghp_1a2b************",
    ] {
        assert_stays(text);
    }
    assert_member_stays("api_key", "sk-p...9xYz");
    for (given, secret) in [
        ("API_KEY=sk-proj-****Qm7xR2vK\n", "sk-proj-****Qm7xR2vK"),
        ("DB_PASSWORD=Sommer****24\n", "Sommer****24"),
        ("password: Ber-lin***24\n", "Ber-lin***24"),
        ("api_key: Qm7x...R2vKp9Lw\n", "Qm7x...R2vKp9Lw"),
        ("api_key: Qm7xR2vK...p9Lw\n", "Qm7xR2vK...p9Lw"),
        ("api_key: Qm7xR2vK.p9Lw\n", "Qm7xR2vK.p9Lw"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn what_stands_for_a_password_is_none() {
    for text in [
        "DB_PASSWORD=placeholder\nDB_PASSWORD=replace-me\nDB_PASSWORD=CHANGE_ME\nDB_PASSWORD=test\nDB_PASSWORD=dummy\n",
        "DB_PASSWORD=unset\nDB_PASSWORD=[redacted]\nDB_PASSWORD=yourpassword\nDB_PASSWORD=foo-bar\nDB_PASSWORD=fixme\n",
        "DB_PASSWORD=aws-sm://prod/db\nDB_PASSWORD=ssm:///prod/db\nDB_PASSWORD=keychain://app/db\n",
        "https://gitlab-ci-token:[MASKED]@gitlab.com/x/y.git",
    ] {
        assert_stays(text);
    }
    for (given, secret) in [
        ("DB_PASSWORD=supersecret\n", "supersecret"),
        ("DB_PASSWORD=acme\n", "acme"),
        ("DB_PASSWORD=test1\n", "test1"),
        ("DB_PASSWORD=letmein1\n", "letmein1"),
        ("DB_PASSWORD=Kx9://qL2mZ8\n", "Kx9://qL2mZ8"),
        ("DB_PASSWORD=bob://qL2mZ8\n", "bob://qL2mZ8"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn what_was_done_to_a_secret_follows_its_name() {
    for text in [
        "secret \"db-credentials-7f9c5d8b\" deleted\nError: secret \"db-auth-2025\" not found",
        "MountVolume.SetUp failed for volume \"certs\" : secret \"tls-7f9c5d8b4k\" not found",
        "Created API key 'prod-backend-v2' (id: 7)\nDeleted the API key `prod_backend_v2`",
        "API key \"ci-deploy-2025\" revoked\nAPI key \"ci-deploy-2025\" has been revoked",
        "token \"ci-2025\" revoked",
    ] {
        assert_stays(text);
    }
    for (given, secret) in [
        ("the secret \"Qm7xR2vKp9Lw\" deleted it", "Qm7xR2vKp9Lw"),
        ("the secret \"db-auth-2025\" is it", "db-auth-2025"),
        ("password \"sommer-2024\" created", "sommer-2024"),
        ("API key \"8f3c9a7e1b2d4f608f3c9a7e1b2d4f60\" created", "8f3c9a7e1b2d4f608f3c9a7e1b2d4f60"),
        ("API key \"acme-8f3c9a7e1b2d4f608f3c9a7e\" created", "acme-8f3c9a7e1b2d4f608f3c9a7e"),
        ("Created API key 'Qm7xR2vKp9Lw4Zt8'", "Qm7xR2vKp9Lw4Zt8"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn names_and_references_are_none() {
    for text in [
        "secret \"regcred-v2\" deleted\nWarning: Secret \"db-creds-v2\" not found",
        "  existingSecret: keycloak-db-01\n  secret: prod/db/creds-v2\n",
        "gcloud secrets versions access latest --secret=db-password-v2",
        "docker build --secret id=npmrc1,src=$HOME/.npmrc .",
        "password: vault:secret/data/db1#password\npassword: env:DB_PASSWORD1\npassword: file:/run/secrets/db1",
        "^arn:aws:secretsmanager:[a-z0-9-]+:\\d+:secret:[a-zA-Z0-9/_+=,.@-]+$",
        "replace example.com/password => ./generators/v1/password",
        "user.signingkey=3AA5C34371567BD2\nsigningkey = ~/.ssh/id_ed25519.pub\n",
        "upstream signing key 19882D92F5A5A6F5D8A3F2A4C6E8B0D1F3A5BE03",
        "Cache restored from key: Linux-cargo-8f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f608f3c9a7e1b2d4f60",
        "processing sessionid:0x14ede63a5a70002 type:create",
        "aws s3api list-objects --starting-token eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==",
        "Setting up passwd (1:4.13+dfsg1-1+deb12u1) ...\nUnpacking passwd (1:4.8.1-1ubuntu5.20.04.5) ...",
        "ii  passwd  1:4.13+dfsg1-1+deb12u1  amd64  change it\npasswd 4.13-r4\n",
        "10:15:29:615|INFO|elapsed:12345678 took 15ms\n2024-05-01T10:15:29:615|INFO|elapsed:12345678",
    ] {
        assert_stays(text);
    }
    assert_member_stays("lastPasswordChange", "2024-05-01T10:00:00Z");
    assert_member_stays("password", "2024-05-01T10:00:00Z");
    assert_member_stays("sha256_hash_of_signing_key", "8f3c9a7e1b2d4f608f3c9a7e1b2d4f60");
    for (name, value) in [
        ("secret", "hunter2-xyz"),
        ("secret", "my-jwt-secret-2024"),
        ("client_secret", "Qm7x-R2vK-v2"),
        ("signing_key", "8f3c9a7e1b2d4f60"),
        ("password", "vault:Xk9mQ2pLr7Vt4"),
        ("password", "4.13Xk-r4q"),
        ("password", "2024-05-01Txk9"),
        ("password", "a-zXk9mQ2"),
        ("password", "a-zA-ZkQ2vL7"),
        ("password", "2024-05-01T10:00xk9"),
        ("password", "env:Xk9"),
        ("signing_key", "19882D92F5A5A6F5D8A3F2A4C6E8B0D1F3A5BE03"),
        ("session_id", "0x8f3c9a7e1b2d4f60"),
    ] {
        assert_member_taken(name, value);
    }
    for (given, secret) in [
        ("10.0.0.5:5432:shop:bob:hunter22", "hunter22"),
        ("db1:5432:app:u,x:hunter22", "hunter22"),
        ("x:\n  password: jhv1$Od&pI1Fa{ja\n", "jhv1$Od&pI1Fa{ja"),
        ("DB_PASSWORD=a6-QZ44c|Ro+[]21Hf==\n", "a6-QZ44c"),
        ("(password: O^F^9k&/#L_-q^(A)", "O^F^9k"),
        ("api_key: rr3yakyH@4.2.1", "rr3yakyH@4.2.1"),
        ("SIGNING_KEY=19882D92F5A5A6F5D8A3F2A4C6E8B0D1F3A5BE03", "19882D92F5A5A6F5D8A3F2A4C6E8B0D1F3A5BE03"),
        ("passwd hunter22\n", "hunter22"),
        ("key: Acme-Qm7xR2vKp9Lw4Zt8Yc3N", "Acme-Qm7xR2vKp9Lw4Zt8Yc3N"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn a_sign_before_a_password_is_of_it() {
    for chosen in [
        "DB_PASSWORD=password2\n",
        "DB_PASSWORD=@Sommer\n",
        "password: @Sommer24\n",
        "password: @Sommer\n",
        "password: *Xk9mQ!r\n",
        "the password: @myHorse",
        "password: &blueSky",
        "  password: @adminPass\n",
        "password=$Summer/",
        "password: $MyHorse2/g",
    ] {
        assert_taken(chosen, chosen.trim_end().split(['=', ' ']).next_back().expect("one"));
    }
    assert_taken("the password is @Sommer", "@Sommer");
}

#[test]
fn what_locks_a_package_is_none() {
    let digest = "yki5XnKuf750l50uGTllt6kKILY4nQ1eNIQatoXEByZ5dWgnKqbnqmTrBE5B4N7lrMJKQ2ytWMiTO2o0v6Ew/w==";
    for name in ["cookie", "js-tokens", "@types/cookie"] {
        let list = format!("{{\"{name}\":[\"{name}@0.7.2\",\"\",{{}},\"sha512-{digest}\"]}}");
        assert_eq!(masked_json(&list), list);
        assert_stays(&list.replace(']', "],"));
    }
    for cookie in ["sid=Qm7xR2vKp9Lw4Zt8; a=b", "sid=hello"] {
        assert_member_taken("cookie", cookie);
    }
    assert_member_taken("token", digest);
    assert_member_taken("password", "bob@1.2.3");
}

#[test]
fn what_is_said_of_a_value_is_none_in_any_language() {
    for (name, said) in [
        ("password", "密码至少8位"),
        ("password", "パスワードは8文字以上"),
        ("password", "密码必须至少包含8个字符并且同时包含大写字母和小写字母以及数字"),
        ("api_key", "请输入API密钥v2"),
        ("passwd", "senha atualizada com sucesso"),
        ("password", "noch 3 Versuche"),
        ("password", "minst 8 tecken"),
        ("senha", "expira em 5 dias"),
    ] {
        assert_member_stays(name, said);
    }
    for text in [
        "- **password**: *Optional*. The password.",
        "- `secret`: *hidden*",
        "Encryption key: AES-256-GCM",
        "Login: GitHub / SAML2.0",
    ] {
        assert_stays(text);
    }
    assert_member_taken("password", "пароль-Xk9mQ2");
    assert_member_taken("password", "*hunter2*");
    assert_member_taken("password", "blue 7 horse table");
}

#[test]
fn a_password_has_signs_of_all_kinds_as_generators_draw_them() {
    for secret in [
        "b07p28CC[AAV}5MSQ$",
        "W3eO$jLWB)Rx_!GYBb",
        "xo)njPiaGOZB1Q2pA0",
        "k2<Zp}mQ7w!x",
        "m{Kq7!>2Zp#L9",
        "8^fT,q>J3&wZ",
    ] {
        for around in [
            ("password: ", "\nport: 5432"),
            ("db:\n  password: ", "\n"),
            ("[db]\npassword=", "\nhost=h"),
            ("DB_PASSWORD=", "\nX=1"),
            ("My password is ", " and it fails."),
            ("the password for staging is ", ""),
            ("user: bob, password: ", ", role: admin"),
            ("tool login --password ", " --user bob"),
        ] {
            let (before, behind) = around;
            assert_taken(&format!("{before}{secret}{behind}"), secret);
        }
    }
    for text in [
        "password: $row[Pw1]?.x!",
        "password: {{pw1}}!#",
        "password = hash(Salt1+pw!)[0:8]",
        "password: Vault1Client.get(x)}",
        "password: getPwd2(user1)",
        "password pattern: ^[A-Za-z0-9!@#$%^&*]{8,}$",
        "the password regex is ^(?=.*[A-Z])(?=.*\\d).{8,}$ ok",
        "password=#{ENV1[x]}!",
    ] {
        assert_eq!(kept(text), text);
    }
    for (given, secret) in [
        ("PASSWORD=Xk9#m$2pL7q.", "Xk9#m$2pL7q."),
        ("pw is Xk9#m$2p&amp;user=bob", "Xk9#m$2p"),
        ("{password:Xk9#m$2pL7,user:bob1}", "Xk9#m$2pL7"),
    ] {
        assert_taken(given, secret);
    }
    // What parts parameters ends one.
    assert_eq!(kept("password=aB1!x%2F9Kq&user=Bob2&t=3"), "password=[REDACTED]&user=Bob2&t=3");
}

#[test]
fn what_is_joined_to_an_option_may_be_in_quotes_and_a_number() {
    for (given, secret) in [
        ("mysqldump -uroot -p'horse2431' shop", "horse2431"),
        ("mysql -u root -p\"Yvveq0UErDIz\" x", "Yvveq0UErDIz"),
        ("mysql -p95489967 shop", "95489967"),
        ("sshpass -p '95489967' ssh a@b", "95489967"),
    ] {
        assert_taken(given, secret);
    }
    assert_eq!(kept("mysql -p shop2 -u x; sshpass -p 2222 x"), "mysql -p shop2 -u x; sshpass -p 2222 x");
}

#[test]
fn what_is_public_or_a_place_is_none() {
    for text in [
        "System.Core, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
        "ENV GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305",
        "const STORAGE_KEY = \"myAppUserPreferencesV1\"; storageKey = 'reactTodoListItems2'",
        "{\"storage_key\":\"attachments/2024/05/7ccc7e90-1b2d-4f60-8f3c-9a7e1b2d4f6a.pdf\"}",
        "applicationServerKey: urlBase64ToUint8Array(publicVapidKey)",
        "routing_key: 7ccc7e90-1b2d-4f60-8f3c-9a7e1b2d4f6a",
        "{\"cacheHitKey\":\"79c7a4a0a4c9d3e9b408e4efc150718c8f3c9a7e1b2d4f608f3c9a7e1b2d4f6a\"}",
        "{\"verifyKey\":\"79c7a4a0a4c9d3e9b408e4efc150718c8f3c9a7e1b2d4f608f3c9a7e1b2d4f6a\"}",
        "\"amountOutToken\":\"1234567890123456789012345678\"",
    ] {
        assert_eq!(kept(text), text);
    }
}
