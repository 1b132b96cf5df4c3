//! What can go wrong before and after a run, with its remedy and its exit code.

use crate::config::ConfigError;
use crate::run::SetupError;
use crate::run::gate::exit;
use crate::target::TargetError;
use reports::bundle::BundleError;
use reports::log::LogError;
use specs::document::DocumentError;

/// A fault that ends the command.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The selection matches nothing.
    #[error("the selection matches no case")]
    NothingSelected,
    /// An earlier run has nothing of what is asked for.
    #[error("{0}")]
    NothingThere(String),
    /// The command was used wrongly.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do about it.
        remedy: String,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] Box<ConfigError>),
    /// The target cannot be set up.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The run could not begin.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The user's own cases cannot be used.
    #[error("{message}")]
    Cases {
        /// Where, and what is wrong.
        message: String,
        /// What to do about it.
        remedy: String,
    },
    /// An OpenAPI document cannot be used.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The embedded mock could not be certified.
    #[error(transparent)]
    Embedded(#[from] crate::embedded::EmbeddedError),
    /// A proof could not be carried out.
    #[error(transparent)]
    Prove(#[from] crate::prove::ProveError),
    /// The mock could not be started.
    #[error("failed to start the mock: {0}")]
    Mock(String),
    /// A file cannot be read.
    #[error("failed to read {path}: {message}")]
    Read {
        /// The file.
        path: String,
        /// Why not.
        message: String,
    },
    /// A log cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A bundle cannot be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A report cannot be written.
    #[error("{0}")]
    Report(String),
}

impl Fault {
    /// A wrong use of the command.
    pub(super) fn usage(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// The exit code that says what kind of fault this is.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } => exit::USAGE,
            Self::NothingSelected | Self::NothingThere(_) => exit::NOTHING_SELECTED,
            Self::Config(_)
            | Self::Target(_)
            | Self::Setup(_)
            | Self::Cases { .. }
            | Self::Document(_)
            | Self::Embedded(_)
            | Self::Prove(_)
            | Self::Mock(_)
            | Self::Read { .. }
            | Self::Log(_)
            | Self::Bundle(_) => exit::SETUP,
            Self::Report(_) => exit::REPORT,
        }
    }

    /// What to do about it.
    pub(super) fn remedy(&self) -> Option<String> {
        match self {
            Self::Usage { remedy, .. } | Self::Cases { remedy, .. } => Some(remedy.clone()),
            Self::NothingSelected => {
                Some("see `dcx list cases` and `dcx list requirements` for the ids".to_owned())
            }
            Self::Document(e) => Some(e.remedy.clone()),
            Self::Mock(message) if message.contains("listen") => {
                Some("choose another address with --listen; port 0 picks a free one".to_owned())
            }
            Self::Setup(SetupError::Listen { .. }) => Some(
                "choose a free address of this machine with --callback-listen, e.g. 127.0.0.1:0".to_owned(),
            ),
            Self::Report(message) if is_full(message) => Some(
                "make room; then `--resume LOG` completes a log, and `dcx render` writes other reports from it"
                    .to_owned(),
            ),
            Self::Report(_) => Some("choose a path in a directory that exists and is writable".to_owned()),
            _ => None,
        }
    }

    /// The fault as a diagnostic that shows the place in the file, where there is one.
    pub(super) fn diagnostic(&self) -> Option<miette::Report> {
        match self {
            Self::Config(e) => Some(miette::Report::new((**e).clone())),
            _ => None,
        }
    }
}

/// Whether a message says that there is no room left.
fn is_full(message: &str) -> bool {
    let says = |words: &str| message.contains(words);
    says("No space left") || says("File too large") || says("quota exceeded")
}
