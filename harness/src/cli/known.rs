//! What the configuration says that the target holds.

use crate::config::{Config, ConfigError};
use crate::target::Target;
use suites::known::{Known, is_scalar};

/// The section `[known]`, where it fits the profile.
pub(super) fn held(config: &Config, target: &Target) -> Result<Known, Box<ConfigError>> {
    let section = &config.file.known;
    let wrong = |member: &str, message: String, help: String| {
        Err(Box::new(config.value_error(
            &format!("known.{member}"),
            message,
            help,
        )))
    };
    if section.identifiers.is_empty() && section.values.is_empty() {
        return Ok(Known::default());
    }
    let Some(registry) = &target.profile.registry else {
        let message = format!("{} is no registry", target.profile.id);
        let help = "leave [known] out: only a registry is asked for people".to_owned();
        return wrong("identifiers", message, help);
    };
    if section
        .identifiers
        .iter()
        .any(|identifier| identifier.trim().is_empty())
    {
        let help = format!(
            "give identifiers of type {} that the target holds",
            registry.id_type
        );
        return wrong("identifiers", "an identifier is empty".to_owned(), help);
    }
    for (attribute, values) in &section.values {
        let member = format!("values.{attribute}");
        if !registry.attributes.contains_key(attribute) {
            let names: Vec<&str> = registry.attributes.keys().map(String::as_str).collect();
            let message = format!("{} has no attribute {attribute}", target.profile.id);
            return wrong(
                &member,
                message,
                format!("its attributes are {}", names.join(", ")),
            );
        }
        if !values.iter().all(is_scalar) {
            let help = "give a list of texts, numbers, true or false; dates as texts".to_owned();
            return wrong(
                &member,
                "a value is none that a search can compare with".to_owned(),
                help,
            );
        }
    }
    Ok(Known::default().and(Known {
        identifiers: section.identifiers.clone(),
        values: section.values.clone(),
    }))
}
