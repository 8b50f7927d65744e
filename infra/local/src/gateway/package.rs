//! What `sam package` does, and no more: each function becomes a zip file, and a copy of the template names it.

use anyhow::{Context, Result};
use serde_json::Value;
use serde_yaml_ng::{Mapping, Value as Yaml};
use std::{
    fs::{self, File},
    io,
    path::Path,
    thread,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{binaries::Profile, template::TEMPLATE};

/// Packs every function of the template into `folder`, beside the template that names them as objects
/// of `bucket`. Gives that template's name.
pub(super) fn package(folder: &Path, bucket: &str, profile: Profile) -> Result<&'static str> {
    let name = "template.yaml";
    fs::create_dir_all(folder)?;
    let mut template: Yaml = serde_yaml_ng::from_str(TEMPLATE)?;
    let operations = name_objects(&mut template, bucket)?;
    thread::scope(|scope| {
        let packing: Vec<_> =
            operations.iter().map(|operation| scope.spawn(|| zip(operation, profile, folder))).collect();
        packing.into_iter().try_for_each(|it| it.join().unwrap_or_else(|_| anyhow::bail!("A package was not made.")))
    })?;
    fs::write(folder.join(name), quoted(&serde_yaml_ng::to_string(&template)?))?;
    Ok(name)
}

/// Words that the emulator, which reads YAML 1.1, takes for booleans when they are not quoted, whatever their case; to
/// who writes them they are texts.
const BOOLEANS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];

fn quoted(yaml: &str) -> String {
    let is_taken = |word: &str| BOOLEANS.iter().any(|boolean| word.eq_ignore_ascii_case(boolean));
    let lines = yaml.lines().map(|line| match line.rsplit_once(' ') {
        Some((before, word)) if before.ends_with([':', '-']) && is_taken(word) => format!("{before} '{word}'\n"),
        _ => format!("{line}\n"),
    });
    lines.collect::<Vec<_>>().concat()
}

/// Says of every function where its package lies; gives the operations.
fn name_objects(template: &mut Yaml, bucket: &str) -> Result<Vec<String>> {
    let resources = template.get_mut("Resources").and_then(Yaml::as_mapping_mut).context("There are no resources.")?;
    let mut operations = Vec::new();
    for (name, resource) in resources {
        if resource.get("Type").and_then(Yaml::as_str) != Some("AWS::Serverless::Function") {
            continue;
        }
        let binary = resource.get("Metadata").and_then(|it| it.get("BuildProperties")?.get("Binary")?.as_str());
        let binary = binary.with_context(|| format!("{name:?} does not say which binary it is."))?.to_owned();
        let properties = resource.get_mut("Properties").and_then(Yaml::as_mapping_mut);
        let properties: &mut Mapping = properties.with_context(|| format!("{name:?} has no properties."))?;
        properties.insert("CodeUri".into(), format!("s3://{bucket}/{binary}.zip").into());
        operations.push(binary);
    }
    Ok(operations)
}

/// A function's package: its binary under the name that Lambda starts.
fn zip(operation: &str, profile: Profile, folder: &Path) -> Result<()> {
    let mut binary = File::open(profile.binary(operation)?)?;
    let mut package = ZipWriter::new(File::create(folder.join(format!("{operation}.zip")))?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o755);
    package.start_file("bootstrap", options)?;
    io::copy(&mut binary, &mut package)?;
    package.finish()?;
    Ok(())
}

/// The CORS configuration of the template's API, for one origin.
pub(super) fn cors(origin: &str) -> Result<Value> {
    let template: Yaml = serde_yaml_ng::from_str(TEMPLATE)?;
    let resources = template.get("Resources").and_then(Yaml::as_mapping).context("There are no resources.")?;
    let is_api = |it: &&Yaml| it.get("Type").and_then(Yaml::as_str) == Some("AWS::ApiGatewayV2::Api");
    let api = resources.values().find(is_api).context("The template has no API.")?;
    let configuration = api.get("Properties").and_then(|it| it.get("CorsConfiguration"));
    // `!If [there are origins, this, nothing]`
    let configuration = match configuration {
        Some(Yaml::Tagged(choice)) => choice.value.get(1),
        plain => plain,
    };
    let mut configuration = configuration.context("The template's API has no CORS configuration.")?.clone();
    if let Some(members) = configuration.as_mapping_mut() {
        members.insert("AllowOrigins".into(), vec![Yaml::from(origin)].into());
    }
    Ok(serde_json::to_value(configuration)?)
}
