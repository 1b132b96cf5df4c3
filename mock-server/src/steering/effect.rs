//! The words, and what each does.

use http::StatusCode;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The longest time that anything is held back.
const LONGEST: f64 = 300.0;

/// One thing to be done to an exchange.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Effect {
    /// Answered with this status, without being looked at.
    Status(StatusCode),
    /// Left lying for a while before it is looked at.
    Delay(Duration),
    /// Answered with this `Retry-After`, and with status 429 where no other is wished for.
    RetryAfter(u32),
    /// Something about its callback.
    Callback(Callback),
    /// The answer breaks off in the middle.
    Truncated,
    /// The connection is reset instead of an answer.
    Reset,
    /// The answer takes this long to arrive.
    Drip(Duration),
    /// The answer names the journal's entry and the violated requirements.
    Explain,
}

/// What is done to a callback.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Callback {
    Twice,
    Never,
    /// Before the acknowledgement.
    Early,
    Late(Duration),
    /// With a correlation_id that nobody was told.
    Uncorrelated,
    /// After the next one to the same address.
    OutOfOrder,
    /// Without a signature, where messages are signed.
    Unsigned,
    /// With a signature that proves nothing.
    BadlySigned,
}

impl Effect {
    /// Whether two effects are about the same thing, so that only one of them can be had.
    pub(crate) fn rivals(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl FromStr for Effect {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
            None => (word.trim(), None),
        };
        let wanted = |what: &str| format!("`{name}` wants {what}");
        let seconds = |text: Option<&str>| {
            let number = text.and_then(|text| text.parse::<f64>().ok());
            let number = number.filter(|n| *n >= 0.0 && *n <= LONGEST);
            let wanted = || wanted(&format!("a number of seconds, at most {LONGEST}"));
            number.map(Duration::from_secs_f64).ok_or_else(wanted)
        };
        let name_in_lower_case = name.to_ascii_lowercase();
        match (name_in_lower_case.as_str(), value) {
            ("dcx-status", value) => {
                let status = value.and_then(|text| text.parse().ok());
                let status = status.filter(|code| (200..=599).contains(code));
                let status = status.and_then(|code: u16| StatusCode::from_u16(code).ok());
                status
                    .map(Self::Status)
                    .ok_or_else(|| wanted("a status from 200 to 599"))
            }
            ("dcx-delay", value) => seconds(value).map(Self::Delay),
            ("dcx-drip", value) => seconds(value).map(Self::Drip),
            ("dcx-retry-after", value) => {
                let number = value.and_then(|text| text.parse().ok());
                number
                    .map(Self::RetryAfter)
                    .ok_or_else(|| wanted("a whole number of seconds"))
            }
            ("dcx-callback", Some(value)) => callback(value, seconds).map(Self::Callback),
            ("dcx-callback", None) => Err(wanted(CALLBACKS)),
            ("dcx-body", Some("truncated")) => Ok(Self::Truncated),
            ("dcx-body", _) => Err(wanted("truncated")),
            ("dcx-reset", None | Some("")) => Ok(Self::Reset),
            ("dcx-explain", None | Some("")) => Ok(Self::Explain),
            ("dcx-reset" | "dcx-explain", Some(_)) => Err(format!("`{name}` takes no value")),
            _ => Err(unknown(&name_in_lower_case)),
        }
    }
}

const CALLBACKS: &str =
    "twice, never, early, uncorrelated, out-of-order, unsigned, badly-signed or late=SECONDS";

fn callback(
    value: &str,
    seconds: impl Fn(Option<&str>) -> Result<Duration, String>,
) -> Result<Callback, String> {
    Ok(match value {
        "twice" => Callback::Twice,
        "never" => Callback::Never,
        "early" => Callback::Early,
        "uncorrelated" => Callback::Uncorrelated,
        "out-of-order" => Callback::OutOfOrder,
        "unsigned" => Callback::Unsigned,
        "badly-signed" => Callback::BadlySigned,
        _ => {
            let late = value
                .strip_prefix("late=")
                .ok_or(format!("`dcx-callback` wants {CALLBACKS}"))?;
            Callback::Late(seconds(Some(late))?)
        }
    })
}

fn unknown(name: &str) -> String {
    const NAMES: [&str; 8] = [
        "dcx-status",
        "dcx-delay",
        "dcx-retry-after",
        "dcx-callback",
        "dcx-body",
        "dcx-reset",
        "dcx-drip",
        "dcx-explain",
    ];
    let bare = |name: &str| name.trim_start_matches("dcx-").to_owned();
    let distance = |known: &str| strsim::damerau_levenshtein(&bare(known), &bare(name));
    let near = NAMES.iter().min_by_key(|known| distance(known));
    let near = near.filter(|known| distance(known) <= 2);
    match near {
        Some(known) => format!("there is no `{name}` — did you mean `{known}`?"),
        None => format!("there is no `{name}`; there are {}", NAMES.join(", ")),
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "dcx-status={}", status.as_u16()),
            Self::Delay(time) => write!(f, "dcx-delay={}", time.as_secs_f64()),
            Self::RetryAfter(seconds) => write!(f, "dcx-retry-after={seconds}"),
            Self::Callback(Callback::Twice) => f.write_str("dcx-callback=twice"),
            Self::Callback(Callback::Never) => f.write_str("dcx-callback=never"),
            Self::Callback(Callback::Early) => f.write_str("dcx-callback=early"),
            Self::Callback(Callback::Uncorrelated) => f.write_str("dcx-callback=uncorrelated"),
            Self::Callback(Callback::OutOfOrder) => f.write_str("dcx-callback=out-of-order"),
            Self::Callback(Callback::Unsigned) => f.write_str("dcx-callback=unsigned"),
            Self::Callback(Callback::BadlySigned) => f.write_str("dcx-callback=badly-signed"),
            Self::Callback(Callback::Late(time)) => write!(f, "dcx-callback=\"late={}\"", time.as_secs_f64()),
            Self::Truncated => f.write_str("dcx-body=truncated"),
            Self::Reset => f.write_str("dcx-reset"),
            Self::Drip(time) => write!(f, "dcx-drip={}", time.as_secs_f64()),
            Self::Explain => f.write_str("dcx-explain"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_written_alike() {
        for word in [
            "dcx-status=503",
            "dcx-delay=2.5",
            "dcx-retry-after=7",
            "dcx-callback=twice",
            "dcx-callback=never",
            "dcx-callback=early",
            "dcx-callback=uncorrelated",
            "dcx-callback=out-of-order",
            "dcx-callback=unsigned",
            "dcx-callback=badly-signed",
            "dcx-callback=\"late=3\"",
            "dcx-body=truncated",
            "dcx-reset",
            "dcx-drip=0.5",
            "dcx-explain",
        ] {
            assert_eq!(
                word.parse::<Effect>().map(|effect| effect.to_string()).as_deref(),
                Ok(word)
            );
        }
        assert_eq!(
            "dcx-callback=late=3".parse(),
            Ok(Effect::Callback(Callback::Late(Duration::from_secs(3))))
        );
    }

    #[test]
    fn what_means_nothing_is_said_so() {
        for (word, hint) in [
            ("dcx-status", "from 200 to 599"),
            ("dcx-status=99", "from 200 to 599"),
            ("dcx-status=-1", "from 200 to 599"),
            ("dcx-delay=1e9", "at most 300"),
            ("dcx-delay=NaN", "at most 300"),
            ("dcx-drip=-1", "at most 300"),
            ("dcx-retry-after=soon", "whole number"),
            ("dcx-callback=later", "late=SECONDS"),
            ("dcx-callback", "late=SECONDS"),
            ("dcx-body=cut", "truncated"),
            ("dcx-reset=1", "no value"),
            ("dcx-statsu=1", "did you mean `dcx-status`"),
            ("dcx-explode", "there are dcx-status,"),
        ] {
            let error = word.parse::<Effect>().unwrap_err();
            assert!(error.contains(hint), "{word}: {error}");
        }
    }
}
