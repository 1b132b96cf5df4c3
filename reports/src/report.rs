//! Report formats by name, as the command line gives them: `html=report.html`.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use crate::aggregate::Run;

/// A format that a run can be reported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One self-contained page.
    Html,
    /// JUnit XML.
    Junit,
    /// The event log itself, as JSON Lines.
    Jsonl,
    /// One JSON document of results.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Html, Self::Junit, Self::Jsonl, Self::Json];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The names of all formats, for messages.
fn known() -> String {
    Format::ALL.map(Format::name).join(", ")
}

/// Why a report cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// There is no such format.
    #[error("unknown report format `{0}`; known formats are {known}", known = known())]
    UnknownFormat(String),
    /// The path is missing.
    #[error("`{0}` does not say where to write; use FORMAT=PATH, with one of the formats {known}", known = known())]
    NoPath(String),
}

impl FromStr for Format {
    type Err = ReportError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        (Self::ALL.into_iter().find(|f| f.name() == text))
            .ok_or_else(|| ReportError::UnknownFormat(text.to_owned()))
    }
}

/// A report asked for: what, and where to. Whether a path such as `-` means something else is for the
/// caller to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The format.
    pub format: Format,
    /// The file to write.
    pub path: PathBuf,
}

impl FromStr for Report {
    type Err = ReportError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((format, path)) = text.split_once('=') else {
            // A format alone lacks its path; anything else is more likely a wrong format.
            let format: Format = text.parse()?;
            return Err(ReportError::NoPath(format.name().to_owned()));
        };
        let format = format.parse()?;
        if path.is_empty() {
            return Err(ReportError::NoPath(text.to_owned()));
        }
        Ok(Self {
            format,
            path: PathBuf::from(path),
        })
    }
}

/// Writes a report about a run. `log` writes the log itself, where that is what was asked for.
pub fn render<W: Write>(
    format: Format,
    run: &Run,
    out: &mut W,
    log: impl FnOnce(&mut W) -> io::Result<()>,
) -> io::Result<()> {
    match format {
        Format::Html => crate::html::render(run, out),
        Format::Junit => crate::junit::render(run, out),
        Format::Json => crate::json::render(run, out),
        Format::Jsonl => log(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_format_and_a_path() {
        assert_eq!(
            "html=a=b.html".parse(),
            Ok(Report {
                format: Format::Html,
                path: "a=b.html".into()
            })
        );
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(text.parse::<Report>().unwrap_err().to_string(), message);
    }

    #[test]
    fn errors_name_the_formats() {
        refused(
            "pdf=x",
            "unknown report format `pdf`; known formats are html, junit, jsonl, json",
        );
        refused(
            "html",
            "`html` does not say where to write; use FORMAT=PATH, with one of the formats html, junit, jsonl, json",
        );
        refused(
            "json=",
            "`json=` does not say where to write; use FORMAT=PATH, with one of the formats html, junit, jsonl, json",
        );
    }
}
