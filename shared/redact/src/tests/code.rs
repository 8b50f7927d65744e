//! What code, pages and tools give to a name that is not directly behind it.

use super::kinds::{assert_taken, kept};

#[test]
fn a_type_or_a_call_may_be_between_a_name_and_its_value() {
    for (given, secret) in [
        ("const API_KEY: &str = \"8f3c9a7e1b2d\";", "8f3c9a7e1b2d"),
        ("static API_KEY: &'static str = \"8f3c9a7e1b2d\";", "8f3c9a7e1b2d"),
        ("api_key: Optional[str] = '8f3c9a7e1b2d'", "8f3c9a7e1b2d"),
        ("apiKey: string | undefined = \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("static const char password[] = \"hunter2-xyz\";", "hunter2-xyz"),
        ("Const PASSWORD As String = \"hunter2-xyz\"", "hunter2-xyz"),
        ("std::string token{\"Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb\"};", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"),
        ("api_key <- \"8f3c9a7e1b2d\"", "8f3c9a7e1b2d"),
        ("let api_key = String::from(\"8f3c9a7e1b2d\");", "8f3c9a7e1b2d"),
        ("let key: Option<String> = None; let secret = r#\"8f3c9a7e1b2d\"#;", "8f3c9a7e1b2d"),
        ("api_key: str = Field(default=\"Qm7xR2vKp9Lw4Zt8\")", "Qm7xR2vKp9Lw4Zt8"),
        ("parser.add_argument(\"--api-key\", default='Qm7xR2vKp9Lw4Zt8')", "Qm7xR2vKp9Lw4Zt8"),
        ("api_key = os.environ.get(\"SERVICE\", \"Qm7xR2vKp9Lw4Zt8\")", "Qm7xR2vKp9Lw4Zt8"),
        ("client = Client(api_key=os.getenv(\"OPENAI_API_KEY\") or \"Qm7xR2vKp9Lw4Zt8\")", "Qm7xR2vKp9Lw4Zt8"),
        ("password: process.env.DB_PASSWORD ?? \"hunter2-xyz\"", "hunter2-xyz"),
        ("const secret = process.env.JWT_SECRET || 'hunter2xyz';", "hunter2xyz"),
        ("SECRET_KEY = os.environ.get(\"SECRET_KEY\") or \"hunter2-xyz\"", "hunter2-xyz"),
        ("let secret = env::var(\"X\").unwrap_or(\"Qm7xR2vK\".into());", "Qm7xR2vK"),
        ("let secret = env::var(\"X\").unwrap_or_else(|_| \"Qm7xR2vK\".into());", "Qm7xR2vK"),
        ("val secret = System.getenv(\"JWT_SECRET\") ?: \"hunter2xyz\"", "hunter2xyz"),
        ("secret_key: str = Field(\"Qm7xR2vKp9Lw\")", "Qm7xR2vKp9Lw"),
        ("parser.add_argument(\"--api-key\", default=\"Qm7xR2vK\")", "Qm7xR2vK"),
        ("ENV.fetch(\"SECRET_KEY\") { \"Qm7xR2vKp9Lw4Zt8\" }", "Qm7xR2vKp9Lw4Zt8"),
        ("const apiKey = isProd ? \"Qm7xR2vKp9Lw4Zt8\" : \"\";", "Qm7xR2vKp9Lw4Zt8"),
        ("api_key = (\n    \"Qm7xR2vKp9Lw4Zt8\"\n)", "Qm7xR2vKp9Lw4Zt8"),
        ("const apiKey =\n  \"Qm7xR2vKp9Lw4Zt8\";", "Qm7xR2vKp9Lw4Zt8"),
        ("CREATE LOGIN bob WITH PASSWORD = N'hunter2-xyz'", "hunter2-xyz"),
        ("GRANT ALL ON *.* TO a IDENTIFIED BY \"hunter2-xyz\"", "hunter2-xyz"),
        ("SET PASSWORD FOR a = PASSWORD('hunter2-xyz')", "hunter2-xyz"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "const API_KEY: &str = \"api_key\"; api_key: str = Field(description=\"the key of user_1234\")",
        "token: str = tokenizer.decode(\"gpt-4o-2024-11-20\"); password: Annotated[str, Len(\"8\")] = \"\"",
        "api_key = os.environ.get(\"SERVICE_API_KEY_2\", \"\")\nrequest_id = \"Qm7xR2vKp9Lw4Zt8\"",
        "f(token=token, id=\"Qm7xR2vKp9Lw4Zt8Yc\"); f(get_token(a), \"Qm7xR2vKp9Lw4Zt8Yc\")",
        "see {\"token\": \"hello\", \"id\": \"Qm7xR2vKp9Lw4Zt8Yc\"} and (\"token\", a, \"Qm7xR2vKp9Lw4Zt8Yc\")",
        "const secret = process.env.JWT_SECRET || 'undefined'; b.secret = process.env.SECRET || 'your-secret-key-2'",
        "secret = await get(process.env.SECRET_ID || 'prod-db-1'); c.secret = os.getenv('A') or 'prod/db-2024'",
        "token = os.getenv('TOKEN') or 'gpt-4o-2024'; secret_key: str = Field(description='used in v2')",
        "password = input(\"Password2: \") or getpass(\"Enter 1 password1\")",
        "api_key = vault.read(\"secret/data/8f3c9a7e-1b2d\"), token = load(\"8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a\")",
        "if (token === null) { id = \"Qm7xR2vKp9Lw4Zt8Yc\" }; x.token ? y : z; id = \"Qm7xR2vKp9Lw4Zt8Yc\"",
        "<input name=\"token\" data-id=\"Qm7xR2vKp9Lw4Zt8Yc\"> <a token=x href=\"Qm7xR2vKp9Lw4Zt8Yc\">",
        "const X_METADATA_TOKEN: &str = \"x-aws-ec2-metadata-token\"; const KEY: &str = \"user-2024\"",
        "interface A { password: string }\nconst b = \"Qm7xR2vKp9Lw4Zt8\"",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_a_variable_is_by_default_is_its_value() {
    for secret in ["Xk29fjQ2mmZ", "hunter2", "-Xk9mQ2p!r", "$ecret9!x"] {
        let kept = kept(&format!("DB_PASSWORD: ${{DB_PASSWORD:-{secret}}}\nnext"));
        assert_eq!(kept, "DB_PASSWORD: ${DB_PASSWORD:-[REDACTED:password]}\nnext", "{secret}");
    }
    for text in ["${DB_PASSWORD:-}", "${DB_PASSWORD:-postgres}", "${DB_PASSWORD:-${PG_PASSWORD1}}", "${TOKEN:?set it}"]
    {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn code_behind_a_name_that_ends_a_string_is_no_value() {
    for text in [
        "console.error(\"Error updating API key:\",e),t.f.fromError(e)}finally{m(!1)}};return(0,t.jsx)(N,{title:\"x\"})",
        "print(C.output(header=\"Cookie:\"))\n   \nprint(C.output(attrs=[a=b], header=\"Cookie:\"))",
        "const passwd={algo:'sha256',rounds:12};f()",
        "var PW={\"@\":\"%40\",\"/\":\"%2F\"}, <Form password={{min:8}}>, password={...rules.p8}",
    ] {
        assert_eq!(kept(text), text);
    }
    for (given, secret) in [
        ("it's {'password': ',Xk29(fjQ2mmZ'}", ",Xk29(fjQ2mmZ"),
        ("Uid=sa;Pwd={a:b9;c1!x};", "a:b9;c1!x"),
        ("PWD={abc:9x!Q};Database=x", "abc:9x!Q"),
        ("PWD={Xk9:mQ2p!}", "Xk9:mQ2p!"),
    ] {
        assert_taken(given, secret);
    }
}

#[test]
fn what_a_call_is_named_after_it_is_given() {
    for (given, secret) in [
        ("ds.setPassword(\"hunter2-xyz\");", "hunter2-xyz"),
        ("builder.with_password('hunter2')", "hunter2"),
        ("OpenAI.builder().apiKey(\"8f3c9a7e1b2d\").build()", "8f3c9a7e1b2d"),
        ("api.set_token(\"Qm7xR2vKp9Lw4Zt8Yc3N\")", "Qm7xR2vKp9Lw4Zt8Yc3N"),
        (".bearer_auth(\"8f3c9a7e1b2d\")", "8f3c9a7e1b2d"),
        ("new AzureKeyCredential(\"8f3c9a7e1b2d\")", "8f3c9a7e1b2d"),
        ("curl_easy_setopt(c, CURLOPT_PASSWORD, \"hunter2-xyz\");", "hunter2-xyz"),
        ("curl_easy_setopt(c, CURLOPT_USERPWD, \"bob:hunter2-xyz\");", "hunter2-xyz"),
        ("jwt.sign({id: 1}, \"8f3c9a7e1b2d\", {expiresIn: \"1h\"})", "8f3c9a7e1b2d"),
        ("crypto.createHmac(\"sha256\", '8f3c9a7e1b2d')", "8f3c9a7e1b2d"),
        ("Fernet(b\"QxUA0LceuAv0SCMR-D1XW-iznMNGE7nb=\")", "QxUA0LceuAv0SCMR-D1XW-iznMNGE7nb="),
        ("pyotp.TOTP(\"O2ZYX73WSJYIL6UP\").now()", "O2ZYX73WSJYIL6UP"),
        ("bcrypt.hash(\"hunter2-xyz\", 10)", "hunter2-xyz"),
        ("mysqli_connect(\"h\", \"root\", \"hunter2\")", "hunter2"),
        ("new PDO(\"mysql:host=h\", \"root\", \"hunter2\")", "hunter2"),
        ("WiFi.begin(\"home\", \"20240117\");", "20240117"),
        ("session.login(\"bob\", \"hunter4\")", "hunter4"),
        ("f(\"a\", password=\"+hunter22\"); '{\"password\": \"x\"}'", "+hunter22"),
        ("f({\"password\": \"+hunter22\", x: 1})", "+hunter22"),
        ("\"secret=\"+aB3dE5fG7hJ9kL1mN2pQ", "+aB3dE5fG7hJ9kL1mN2pQ"),
        ("wandb.login(key=\"8f3c9a7e1b2d4f60\")", "8f3c9a7e1b2d4f60"),
        ("requests.get(url, auth=(\"bob\", \"hunter2\"))", "hunter2"),
        ("HTTPBasicAuth(\"bob\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("server.login(\"bob@example.com\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("new NetworkCredential(\"bob\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("signInWithEmailAndPassword(auth, \"a@example.com\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("DriverManager.getConnection(\"jdbc:mysql://db/app\", \"root\", \"hunter2-xyz\");", "hunter2-xyz"),
        ("ConvertTo-SecureString \"hunter2-xyz\" -AsPlainText -Force", "hunter2-xyz"),
        ("new mysqli('h', 'root', 'hunter2-xyz');", "hunter2-xyz"),
        ("mysqli_connect('h', 'root', 'hunter2-xyz', 'db')", "hunter2-xyz"),
        (".basic_auth(\"bob\", Some(\"hunter2-xyz\"))", "hunter2-xyz"),
        ("new PasswordAuthentication(\"bob\", \"hunter2-xyz\".toCharArray())", "hunter2-xyz"),
        ("new UsernamePasswordCredentials(\"bob\", \"hunter2\")", "hunter2"),
        ("Credentials.basic(\"bob\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("smtp.PlainAuth(\"\", \"bob\", \"hunter2-xyz\", host)", "hunter2-xyz"),
        ("ftp_login($c, 'bob', 'hunter2-xyz')", "hunter2-xyz"),
        ("DBI->connect(\"dbi:Pg:dbname=x\", \"bob\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("new Sequelize('db', 'bob', 'hunter2-xyz', { dialect: 'mysql' })", "hunter2-xyz"),
        ("'auth' => ['bob', 'hunter2'],", "hunter2"),
        ("new ClientSecretCredential(tenant, client, \"8f3c9a7e1b2d\")", "8f3c9a7e1b2d"),
        ("new SecretKeySpec(\"8f3c9a7e1b2d4f60\".getBytes(), \"AES\")", "8f3c9a7e1b2d4f60"),
        ("hmac.new(b\"8f3c9a7e1b2d4f60\", message, sha256)", "8f3c9a7e1b2d4f60"),
        ("Db.builder().user(\"bob\").password(\"pizza7353\").build()", "pizza7353"),
        ("public string Password { get; set; } = \"hunter2-xyz\";", "hunter2-xyz"),
        ("client.username_pw_set(\"bob\", \"hunter2\")", "hunter2"),
        ("User.objects.create_user('bob', 'b@x.de', 'hunter2')", "hunter2"),
        ("bcrypt.hashpw(b\"hunter2\", bcrypt.gensalt())", "hunter2"),
        ("generate_password_hash(\"hunter2\")", "hunter2"),
        ("token.SignedString([]byte(\"8f3c9a7e1b2d\"))", "8f3c9a7e1b2d"),
        (
            "Client('AC00490d7f15f2f6d3c72a19272c71b5ca', '2c7b1bf408300bd37b43fbae3c76d2c4')",
            "2c7b1bf408300bd37b43fbae3c76d2c4",
        ),
        ("#0 /a.php(3): PDO->__construct('mysql:host=db', 'root', 'hunter2')\n", "hunter2"),
        ("  [\"password\"]=>\n  string(11) \"hunter2-xyz\"\n", "hunter2-xyz"),
        ("a:1:{s:8:\"password\";s:11:\"hunter2-xyz\";}", "hunter2-xyz"),
        ("    [password:protected] => hunter2-xyz\n", "hunter2-xyz"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "secrets.get_secret(\"prod/db-password-1\"); password(\"Choose password1\"); t(\"form.password.hint8\")",
        "withCredentials([string(credentialsId: 'x1')]) { credentials('jenkins-aws-2') }",
        "setPassword(password1); setToken(\"hello\"); hashKey(\"user:1234:profile\"); cacheKey(\"Qm7xR2vKp9Lw4Zt8Yc\")",
        "f(API_KEY, \"description_2\", x); [PASSWORD, \"name\"]",
        "jwt.sign(payload, secret1, {x: \"a1b2c3d4\"}); bcrypt.hash(password2, 10); auth=(user1, password1)",
        "Joi.password(\"invalid-password-2\"); x.password(\"auth.v22\"); hmac.new(key2, \"sha256-v22\", sha256)",
        "mysqli($h, $u, $p2, \"db_prod_2024\"); new SecretKeySpec(bytes1, \"AES-256-GCM\"); auth = [\"jwt\", \"session-v2\"]",
        "public string Token { get; set; } public string Name { get; set; } = \"hunter2-xyz\";",
        "log(\"password=\"+password1); \"API key: \"+api_key+\"!\"; 'password='+encodeURIComponent(pw)",
        "\"api_key=\"+apiKeyValue2+\"&x=\"+y; \"Password:\"+this.state.password+\",\"",
        "Hash::make('password'); new Sequelize('database', 'username', 'password', {}); WiFi.begin(\"ssid\", \"pass\")",
        "mysqli_connect(\"localhost\", \"root\", \"\"); DBI->connect(\"dbi:Pg:dbname=x\", \"user\", \"passwd\")",
        "check_password_hash(user2.hash, password2); create_user(\"bob\", \"b@x.de\"); Client('AC1', token2)",
        "  [\"token_count\"]=>\n  int(1200)\na:1:{s:8:\"password\";b:1;s:4:\"name\";s:11:\"hunter2-xyz\";}",
        "page.login(\"bob\", password2); login(\"Sign in\", \"Forgot it?\"); createHmac(\"sha256\", key2)",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_is_typed_into_a_field_is_its_value() {
    for (given, secret) in [
        ("await page.getByLabel(\"Password\").fill(\"hunter2\")", "hunter2"),
        ("page.locator('#password').fill('hunter2-xyz')", "hunter2-xyz"),
        ("cy.get(\"[name=password]\").type(\"hunter2-xyz\")", "hunter2-xyz"),
        ("driver.find_element(By.ID, \"password\").send_keys(\"hunter2\")", "hunter2"),
        ("fill_in 'Password', with: 'hunter2'", "hunter2"),
        ("expect \"password:\"\nsend \"hunter2-xyz\\r\"", "hunter2-xyz"),
        ("a {\"element\":\"Password field\",\"ref\":\"e12\",\"text\":\"hunter2\"} of it", "hunter2"),
        ("a {\"label\":\"password\",\"content\":\"hunter2\"} of it", "hunter2"),
        ("{\"fill\":[\"#password\",\"hunter2\"]}", "hunter2"),
        ("a {'element': 'Password field', 'is_ok': True, 'text': 'hunter2'} of it", "hunter2"),
        ("failed: \"{\\\"label\\\":\\\"password\\\",\\\"content\\\":\\\"hunter2\\\"}\"", "hunter2"),
        ("failed: \"[{\\\"a\\\": {\\n  \\\"stdout\\\": \\\"requirepass hunter2-xyz\\\"}}]\" at 1", "hunter2-xyz"),
        ("a {\"question\":\"API key?\",\"answer\":\"8f3c9a7e1b2d\"} of it", "8f3c9a7e1b2d"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "page.getByLabel(\"Password\").click(); page.getByLabel(\"Name\").fill(\"hunter2-xyz\")",
        "page.locator(\"#password\").fill(process.env.PASSWORD_1)",
        "fill_in 'Name', with: 'hunter2-xyz'; fill_in 'Password', with: 'password'",
        "a {\"title\":\"Passwords\",\"content\":\"why 2FA?\"} {\"element\":\"Search field\",\"text\":\"hunter2-xyz\"}",
        "[\"#password\",\".button-2\"] [\"#password\",\"password2\"] {\"type\":\"secret\",\"value\":\"db/prod/one\"}",
        "a[\"{\\\"b\"] {'title': 'Passwords', 'text': 'why 2FA?'}, {'label': password, 'text': 'hunter2-xyz'}",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_is_in_an_element_may_be_around_its_name() {
    for (given, secret) in [
        ("<wsse:Password Type=\"http://x.org/a#PasswordText\">hunter2-xyz</wsse:Password>", "hunter2-xyz"),
        ("<secret><![CDATA[8f3c9a7e1b2d]]></secret>", "8f3c9a7e1b2d"),
        ("<Password>\n  hunter2-xyz\n</Password>", "hunter2-xyz"),
        ("<data name=\"DbPassword\" xml:space=\"preserve\">\n  <value>hunter2-xyz</value>\n</data>", "hunter2-xyz"),
        ("<param-name>password</param-name><param-value>hunter2-xyz</param-value>", "hunter2-xyz"),
        ("<AutoLogon><Password><Value>hunter2-xyz</Value></Password></AutoLogon>", "hunter2-xyz"),
        ("<entry><string>api_key</string><string>8f3c9a7e1b2d</string></entry>", "8f3c9a7e1b2d"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        "<label for=\"password\" class=\"a\">Password2go</label><data name=\"city\">\n  <value>abcd1234</value>",
        "<key name=\"id2\">8f3c9a7e1b2d</key> <a href=\"/password\">reset2024</a>",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_a_container_of_credentials_has_are_some() {
    for (given, secret) in [
        ("a {\"apiKeys\":{\"openai\":\"8f3c9a7e1b2d4f60\"}} of it", "8f3c9a7e1b2d4f60"),
        ("a {\"tokens\":[\"Qm7xR2vKp9Lw4Zt8Yc3N\"]} of it", "Qm7xR2vKp9Lw4Zt8Yc3N"),
        ("a {\"apiKey\":{\"prod\":\"Qm7xR2vKp9Lw4Zt8\"}} of it", "Qm7xR2vKp9Lw4Zt8"),
        ("api_keys:\n  - Qm7xR2vKp9Lw4Zt8\nport: 80\n", "Qm7xR2vKp9Lw4Zt8"),
        ("secrets:\n  openai: \"Qm7xR2vKp9Lw4Zt8\"\nport: 80\n", "Qm7xR2vKp9Lw4Zt8"),
        ("a {\"credentials\":{\"bob\":\"Qm7xR2vKp9Lw4Zt8\"}} of it", "Qm7xR2vKp9Lw4Zt8"),
        ("[secrets]\nfoo = \"Qm7xR2vKp9Lw4Zt8\"\n\n[a]\n", "Qm7xR2vKp9Lw4Zt8"),
        ("api_keys:\n- bob: Qm7xR2vKp9Lw4Zt8\n", "Qm7xR2vKp9Lw4Zt8"),
        ("apiVersion: v1\nkind: Secret\nstringData:\n  admin: \"hunter2-xyz\"\n", "hunter2-xyz"),
        ("kind: Secret\nstringData:\n  admin: Tr0ub4dor&3x\n", "&3x"),
        ("kind: Secret\r\ntype: Opaque\r\ndata:\r\n  pg: VHIwdWI0ZG9yJjM=\r\n", "VHIwdWI0ZG9yJjM="),
        ("data:\n  pg: VHIwdWI0ZG9yJjM=\nkind: Secret\nstringData:\n  a: b\n", "VHIwdWI0ZG9yJjM="),
        ("items:\n- data:\n    pg: VHIwdWI0ZG9yJjM=\n  kind: Secret\n", "VHIwdWI0ZG9yJjM="),
        (
            "{\"items\":[{\"data\":{\"pg\":\"VHIwdWI0ZG9yJjM=\"},\"kind\":\"Secret\"}],\"kind\":\"List\"}",
            "VHIwdWI0ZG9yJjM=",
        ),
        ("{\"kind\":\"Secret\",\"metadata\":{},\"stringData\":{\"pg\":\"hunter2-xyz\"}}", "hunter2-xyz"),
        (
            "new BasicAWSCredentials(\"AKIAQDLQJXGAUYW3BF2E\", \"OVLDJuapbER12pbj3+lNP15sBIlvaOK37tOxxU7G\")",
            "OVLDJuapbER12pbj3+lNP15sBIlvaOK37tOxxU7G",
        ),
        ("AKIAQDLQJXGAUYW3BF2E\nOVLDJuapbER12pbj3+lNP15sBIlvaOK37tOxxU7G", "OVLDJuapbER12pbj3+lNP15sBIlvaOK37tOxxU7G"),
    ] {
        let kept = kept(given);
        assert!(!kept.contains(secret), "{given}: {kept}");
    }
    for text in [
        "a {\"secrets\":{\"name\":\"Qm7xR2vKp9Lw4Zt8\",\"openai\":\"see-vault-1\"}} of it",
        "a {\"tokens\":[\"hello\",\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"],\"ids\":[\"Qm7xR2vKp9Lw4Zt8Yc3N\"]}",
        "a {\"token\":{\"id\":\"Qm7xR2vKp9Lw4Zt8Yc3N\",\"symbol\":\"USDC\"}} of it",
        "a {\"js-tokens\":{\"integrity\":\"sha512-RdJUflcE3cUzKiMqQgsCu06FPu9UdIJO0beYbPhHN4k6apgJtifcoCtT9bcxOpYBtpD2kCM6\"}}",
        "a {\"credentials\":{\"type\":\"oauth2\",\"realm\":\"users-of-server-12\"}} of it",
        "[secrets]\nname = \"see-vault-1\"\n[ids]\nfoo = \"Qm7xR2vKp9Lw4Zt8\"\nx[token]\nfoo = \"Qm7xR2vKp9Lw4Zt8\"\n",
        "secrets:\n  name: Qm7xR2vKp9Lw4Zt8\n  - inherit\nid: Qm7xR2vKp9Lw4Zt8\n",
        "kind: ConfigMap\ndata:\n  admin: a1b2c3d4e5\n---\nkind: Secret\nmetadata:\n  name: db-1234abc\n",
        "data:\n  admin: a1b2c3d4e5\nkind: ConfigMap\nmetadata:\n  name: a\nkind: Secret\nimmutable: a1b2c3d4e5\n",
        "- data:\n    a: a1b2c3d4e5\n  kind: ConfigMap\n- kind: Secret\n- data:\n    a: a1b2c3d4e5\n  kind: Pod\n",
        "{\"data\":{\"a\":\"a1b2c3d4e5\",\"b\":{\"kind\":\"Secret\"}},\"kind\":\"ConfigMap\",\"x\":\"a1b2c3d4e5\"}",
        "[{\"kind\":\"Secret\",\"metadata\":{\"name\":\"a1b2c3d4e5\"}},{\"data\":{\"a\":\"a1b2c3d4e5\"}}]",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn a_call_says_what_it_is_given() {
    for (given, secret) in [
        ("headers.setBearerAuth(\"uwBq7fXd0pSKuwBq7fXd0pSK\");", "uwBq7fXd0pSKuwBq7fXd0pSK"),
        ("Keys.hmacShaKeyFor(\"uwBq7fXd0pSK\".getBytes())", "uwBq7fXd0pSK"),
        ("new SymmetricSecurityKey(Encoding.UTF8.GetBytes(\"uwBq7fXd0pSK\"))", "uwBq7fXd0pSK"),
        ("sessions.NewCookieStore([]byte(\"uwBq7fXd0pSK\"))", "uwBq7fXd0pSK"),
        ("require('stripe')('uwBq7fXd0pSK')", "uwBq7fXd0pSK"),
        ("JWT.encode(payload, \"uwBq7fXd0pSK\", 'HS256')", "uwBq7fXd0pSK"),
        ("req.basic_auth \"bob\", \"hunter2-xyz\"", "hunter2-xyz"),
        ("new UsernamePasswordAuthenticationToken(\"bob\", \"hunter2-xyz\")", "hunter2-xyz"),
        ("  ks.load(in, \"hunter2-xyz\".toCharArray());", "hunter2-xyz"),
        ("keyStore.load(new FileInputStream(\"a\"), \"hunter2-xyz\".toCharArray());", "hunter2-xyz"),
        ("request.setValue(\"uwBq7fXd0pSK\", forHTTPHeaderField: \"X-API-Key\")", "uwBq7fXd0pSK"),
        ("UPDATE settings SET value = 'uwBq7fXd0pSK' WHERE name = 'stripe_secret_key';", "uwBq7fXd0pSK"),
        ("update o set `option_value`='hunter2-xyz' where `option_name`='smtp_password'", "hunter2-xyz"),
        ("INSERT INTO api_keys (user_id, key) VALUES (7, 'uwBq7fXd0pSK')", "uwBq7fXd0pSK"),
        ("SELECT crypt('hunter2-xyz', gen_salt('bf'))", "hunter2-xyz"),
        (
            "resource \"random_password\" \"db\" {\n    id     = \"none\"\n    result = \"hunter2-xyz\"\n}",
            "hunter2-xyz",
        ),
        ("  ~ password = \"\" -> \"hunter2-xyz\"", "hunter2-xyz"),
        ("  ~ \"DB_PASSWORD\" = \"changeme\" -> \"hunter2-xyz\"", "hunter2-xyz"),
        ("  ~ password: \"changeme\" => \"hunter2-xyz\"", "hunter2-xyz"),
        ("  ~ password = null -> \"hunter2-xyz\"", "hunter2-xyz"),
    ] {
        assert_taken(given, secret);
    }
    let both = "[REDACTED:password]\" -> \"[REDACTED:password]";
    assert_eq!(kept("~ password = \"Sommer2024!\" -> \"hunter2-xyz\""), format!("~ password = \"{both}\""));
    for text in [
        "Client(\"my-service\"), setBearerAuth(token2), require('stripe')(process.env.STRIPE_KEY_2)",
        "request.setValue(\"application/json2\", forHTTPHeaderField: \"Accept\"), f(value2, forHTTPHeaderField: \"X-API-Key\")",
        "crypt(password, salt), decrypt('abc123def', 'x'), req.basic_auth user, pass2",
        "UPDATE settings SET value = 'abc123def' WHERE name = 'site_title'",
        "UPDATE settings SET status = 'abc123def' WHERE name = 'api_key'",
        "SELECT * FROM t WHERE value = 'abc123def' AND name = 'api_key'",
        "INSERT INTO translations (lang, key) VALUES ('de', 'home.title2x')",
        "INSERT INTO cache_keys (id, key) VALUES (7, 'abc123def')",
        "INSERT INTO api_keys (id, name) VALUES (7, 'abc123def')",
        "resource \"random_id\" \"db\" {\n  result = \"abc123def\"\n}",
        "resource \"random_password\" \"db\" {\n  length = 24\n}\nlocals {\n  result = \"abc123def\"\n}",
        "  ~ password = (sensitive value)\n  ~ password_length = \"12\" -> \"abc123def\"",
        "  password = a.get(\"b\") -> \"abc123def\"",
        "keyStore.load(in, password2.toCharArray()), new UsernamePasswordAuthenticationToken(user2, password2)",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_is_compared_is_a_value_if_it_is_in_quotes() {
    for (given, secret) in [
        ("if (user === 'admin' && pass === 'Winter2024!') {", "Winter2024!"),
        ("if (password !== 'Winter2024!') return", "Winter2024!"),
        ("if (password.equals(\"Winter2024!\")) {", "Winter2024!"),
        ("h.set('Authorization', 'Basic ' + btoa('bob:Winter2024!'))", "Winter2024!"),
        ("base64.b64encode(b'bob:Winter2024!')", "Winter2024!"),
        (
            "if (req.headers['x-api-key'] !== '75a404dfa1a650c766a8689f5a330d1e') return",
            "75a404dfa1a650c766a8689f5a330d1e",
        ),
        ("if request.headers['X-Api-Key'] != 'Qm7xR2vKp9Lw4Zt8':", "Qm7xR2vKp9Lw4Zt8"),
        ("User.builder().password(\"OChcV_VTb4#t1\")", "OChcV_VTb4#t1"),
        ("ssh.connect(\"10.0.0.4\", 22, \"root\", \"Winter2024!\")", "Winter2024!"),
        ("neo4j.auth.basic('neo4j', 'Winter2024!')", "Winter2024!"),
        ("s.cookies.set(\"session\", \"Qm7xR2vKp9Lw4Zt8Hn3Jd6Qm7x\")", "Qm7xR2vKp9Lw4Zt8Hn3Jd6Qm7x"),
        ("get(url, params={\"key\": \"Qm7xR2vKp9Lw4Zt8Hn3Jd6Qm7xR2vKp9Lw\"})", "Qm7xR2vKp9Lw4Zt8Hn3Jd6Qm7xR2vKp9Lw"),
    ] {
        assert_taken(given, secret);
    }
    for text in ["if sig != stringEndArchive64Locator:", "if (password !== form.password2) {"] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn names_of_types_and_variables_are_no_values() {
    for text in [
        "interface Keys { secret: Uint8Array, refreshToken: OAuth2Token | null; privateKey: X25519PrivateKey }",
        "val accessToken: OAuth2AccessToken = c.accessToken\n// see OAuth2AccessTokenResponseClient",
        "return { hasApiKey: !!apiKey, accessToken: response.Result!.AccessToken! }",
        "r.refreshToken = &refreshToken\nsecrets.liteLlmApiKey = remoteLiteLlmApiKey\n",
        "cmd = f(\"SELECT 1 WHERE name = @name AND password = @password\")",
        "Here it is:\n{\"password\": \"\\u5bc6\\u7801\"}",
        "p = key.replace(\"-----BEGIN PRIVATE KEY-----\", \"\");\nreturn f(new PKCS8EncodedKeySpec(der));",
        "authorization = \"Basic \\(encoded)\", val userAndPassword = \"$username:$password\"",
        "btoa('bob:password'), Buffer.from('utf8:text1'), if (password.equals(\"password\")) {",
        "# get token\nclient.v1beta1()",
    ] {
        assert_eq!(kept(text), text);
    }
}
