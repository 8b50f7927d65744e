//! An embedded DynamoDB behind a port of its own, in memory or in a file.
//!
//! It speaks DynamoDB's HTTP, so the code under it is the code that runs in AWS: the endpoint is the
//! only difference. It never throttles, every read is consistent, and it lives as long as its value.

use crate::template::Table;
use anyhow::{Context, Result, bail};
use dynoxide::Database;
use std::path::Path;
use tokio::{net::TcpListener, sync::oneshot};

/// A running engine. Dropping it ends the server; what is in a file stays.
pub struct Engine {
    endpoint: String,
    database: Database,
    /// The server ends when this is dropped; nothing is ever sent.
    _running: oneshot::Sender<()>,
}

impl Engine {
    /// An engine that forgets everything when it is dropped.
    pub async fn memory() -> Result<Self> {
        Self::serve(Database::memory()?).await
    }

    /// An engine that keeps its data in a file, which is made when it is missing.
    pub async fn file(path: &Path) -> Result<Self> {
        let name = path.to_str().context("The path of the database must be UTF-8.")?;
        let database = Database::new(name).with_context(|| format!("{name} cannot be opened as a database"))?;
        Self::serve(database).await
    }

    /// An engine over a database that was made elsewhere, with a clock of its own for instance.
    pub async fn serve(database: Database) -> Result<Self> {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.context("No port is free for the embedded DynamoDB")?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (running, dropped) = oneshot::channel::<()>();
        let stop = async { drop(dropped.await) };
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database.clone(), stop));
        Ok(Self { endpoint, database, _running: running })
    }

    /// Where it answers: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The database itself, for what DynamoDB's API cannot say: sweeping what has expired, now.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Creates the table of `infra/template.yaml` under `name`, unless it exists. One that
    /// has other keys than the template's is refused.
    pub fn create_table(&self, name: &str) -> Result<()> {
        let table = Table::of_template()?;
        let wanted = table.create(name)?;
        if let Some(existing) = self.database.get_table_metadata(name)? {
            let keys: serde_json::Value = serde_json::from_str(&existing.key_schema)?;
            if keys != serde_json::to_value(&wanted.key_schema)? {
                bail!(
                    "The table {name} was made with other keys than infra/template.yaml now has. `make reset` clears it."
                );
            }
            return Ok(());
        }
        self.database.create_table(wanted)?;
        if let Some(expiry) = table.expire(name)? {
            self.database.update_time_to_live(expiry)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    fn put(engine: &Engine) {
        let item = json!({"TableName": "table", "Item": {"pk": {"S": "CHAT#1"}, "sk": {"S": "CHAT"}}});
        engine.database().put_item(serde_json::from_value(item).unwrap()).unwrap();
    }

    fn count(engine: &Engine) -> usize {
        let scan = json!({"TableName": "table"});
        engine.database().scan(serde_json::from_value(scan).unwrap()).unwrap().count
    }

    #[tokio::test]
    async fn a_table_is_created_once_and_expires_as_the_template_says() {
        let engine = Engine::memory().await.unwrap();
        engine.create_table("table").unwrap();
        put(&engine);
        engine.create_table("table").unwrap();
        assert_eq!(count(&engine), 1, "creating it again changes nothing");
        let existing = engine.database().get_table_metadata("table").unwrap().unwrap();
        assert_eq!((existing.ttl_enabled, existing.ttl_attribute.as_deref()), (true, Some("expires_at")));
    }

    #[tokio::test]
    async fn a_table_with_other_keys_is_refused() {
        let engine = Engine::memory().await.unwrap();
        let other = json!({
            "TableName": "table", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        });
        engine.database().create_table(serde_json::from_value(other).unwrap()).unwrap();
        assert!(engine.create_table("table").unwrap_err().to_string().contains("make reset"));
    }

    #[tokio::test]
    async fn it_answers_at_its_endpoint_until_it_is_dropped() {
        let engine = Engine::memory().await.unwrap();
        let address = engine.endpoint().strip_prefix("http://").unwrap().to_owned();
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        drop(engine);
        let refused = async { while TcpStream::connect(&address).await.is_ok() {} };
        tokio::time::timeout(Duration::from_secs(5), refused).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_keeps_its_items() {
        let file = std::env::temp_dir().join(format!("engine-{}.sqlite", std::process::id()));
        for expected in [1, 1] {
            let engine = Engine::file(&file).await.unwrap();
            engine.create_table("table").unwrap();
            put(&engine);
            assert_eq!(count(&engine), expected);
        }
        let engine = Engine::file(&file).await.unwrap();
        assert_eq!(count(&engine), 1);
        drop(engine);
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
        }
    }
}
