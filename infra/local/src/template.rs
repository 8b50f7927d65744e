//! The table as `infra/template.yaml` defines it, so that no key is typed twice.
//!
//! It reads one resource, the template's only table, and refuses a template with none or several.
//! What AWS alone can do with a table, backups and the like, stays unread.

use anyhow::{Context, Result, bail};
use dynoxide::actions::{create_table::CreateTableRequest, update_time_to_live::UpdateTimeToLiveRequest};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// The template that is deployed.
pub(crate) const TEMPLATE: &str = include_str!("../../template.yaml");

/// The members of `AWS::DynamoDB::Table` that `CreateTable` takes by the same name and in the same form.
const CREATED_WITH: [&str; 5] =
    ["AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"];

/// The definition of a table that has no name yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    definition: Map<String, Value>,
    time_to_live: Option<Value>,
}

impl Table {
    /// The table of `infra/template.yaml`.
    pub(crate) fn of_template() -> Result<Self> {
        Self::parse(TEMPLATE).context("infra/template.yaml does not define the table")
    }

    fn parse(template: &str) -> Result<Self> {
        // CloudFormation's short tags (`!Ref`, `!Sub`) are YAML tags and stay where they are, unread.
        let template: Yaml = serde_yaml_ng::from_str(template)?;
        let resources = template.get("Resources").and_then(Yaml::as_mapping).context("It has no `Resources`.")?;
        let is_table = |resource: &&Yaml| resource.get("Type").and_then(Yaml::as_str) == Some("AWS::DynamoDB::Table");
        let mut tables = resources.values().filter(is_table);
        let (Some(table), None) = (tables.next(), tables.next()) else {
            bail!("It should have one resource of the type AWS::DynamoDB::Table.");
        };
        let property = |name: &str| table.get("Properties")?.get(name);
        let mut definition = Map::new();
        for name in CREATED_WITH {
            if let Some(value) = property(name) {
                definition.insert(name.to_owned(), serde_json::to_value(value)?);
            }
        }
        let time_to_live = property("TimeToLiveSpecification").map(serde_json::to_value).transpose()?;
        Ok(Self { definition, time_to_live })
    }

    /// The request that creates the table under `name`.
    pub fn create(&self, name: &str) -> Result<CreateTableRequest> {
        let mut request = self.definition.clone();
        request.insert("TableName".to_owned(), name.into());
        serde_json::from_value(request.into()).context("The table's definition in infra/template.yaml is not valid")
    }

    /// The request that lets its items expire, when they do.
    pub fn expire(&self, name: &str) -> Result<Option<UpdateTimeToLiveRequest>> {
        let request = |specification| json!({"TableName": name, "TimeToLiveSpecification": specification});
        let request = self.time_to_live.as_ref().map(|it| serde_json::from_value(request(it))).transpose();
        request.context("The table's TimeToLiveSpecification in infra/template.yaml is not valid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_table_can_be_created() {
        let table = Table::of_template().unwrap();
        let request = table.create("some-name").unwrap();
        let keys: Vec<_> = request.key_schema.iter().map(|key| key.attribute_name.as_str()).collect();
        assert_eq!((request.table_name.as_str(), keys), ("some-name", vec!["pk", "sk"]));
        assert_eq!(request.billing_mode.as_deref(), Some("PAY_PER_REQUEST"));
        let expiry = table.expire("some-name").unwrap().unwrap();
        assert_eq!(expiry.time_to_live_specification.attribute_name, "expires_at");
    }

    #[test]
    fn short_tags_anywhere_in_the_template_are_no_obstacle() {
        let template = r#"
Resources:
  Alarm: {Type: "AWS::CloudWatch::Alarm", Properties: {TopicArn: !Sub "${Topic}-x", Of: !GetAtt Table.Arn}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !If [Named, !Ref Name, !Ref AWS::NoValue]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      BillingMode: PAY_PER_REQUEST
"#;
        let table = Table::parse(template).unwrap();
        assert_eq!(table.create("table").unwrap().key_schema.len(), 1);
        assert!(table.expire("table").unwrap().is_none());
    }

    #[test]
    fn a_template_with_no_table_or_with_two_is_refused() {
        let table = "{Type: 'AWS::DynamoDB::Table', Properties: {}}";
        assert!(Table::parse("Resources: {}").is_err());
        assert!(Table::parse(&format!("Resources: {{A: {table}, B: {table}}}")).is_err());
        assert!(Table::parse(&format!("Resources: {{A: {table}}}")).is_ok());
    }
}
