//! Where the mock calls back: the loopback interface, and hosts that its operator named. A request must
//! not be able to aim the mock at anything else.

use specs::catalogue::Partner;
use std::fmt;
use url::{Host, Url};

/// The policy of one profile.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    allowed: Vec<String>,
    /// The host of the demonstration partner, in whose place the mock keeps callbacks.
    partner: Option<String>,
}

/// Where a callback goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// To this address.
    Post(Url),
    /// To nobody; the mock keeps it.
    Mailbox,
}

impl fmt::Display for Target {
    /// For the log: what follows the path may be a secret between the two who agreed on the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Post(url) => write!(f, "{}{}", url.origin().ascii_serialization(), url.path()),
            Self::Mailbox => f.write_str("mailbox"),
        }
    }
}

impl Policy {
    pub(crate) fn new(allowed: &[String], partner: &Partner) -> Self {
        let allowed = allowed.iter().map(|host| bare(host)).collect();
        Self {
            allowed,
            partner: host_of_id(&partner.sender_id),
        }
    }

    /// Where a callback to this address goes, or why it goes nowhere.
    pub(crate) fn target(&self, sender_uri: Option<&str>) -> Result<Target, String> {
        let Some(sender_uri) = sender_uri else {
            return Ok(Target::Mailbox);
        };
        let url = Url::parse(sender_uri).map_err(|e| format!("sender_uri is no URL: {e}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!(
                "sender_uri has the scheme `{}`; only http and https are called",
                url.scheme()
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("sender_uri holds credentials".to_owned());
        }
        let Some(host) = url.host() else {
            return Err("sender_uri names no host".to_owned());
        };
        let name = bare(&host.to_string());
        if is_loopback(&host) || self.allowed.contains(&name) {
            return Ok(Target::Post(url));
        }
        if self.partner.as_ref() == Some(&name) {
            return Ok(Target::Mailbox);
        }
        Err(format!(
            "callbacks to {name} are not allowed; start the mock with `--allow-callback {name}`"
        ))
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// A host in lower case and without the brackets of an IPv6 address.
fn bare(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase()
}

/// The host in an id: `spmis.example.org`, `https://spp.example.org/x`, `program@https://spp.example.org`.
fn host_of_id(id: &str) -> Option<String> {
    let address = id.split_once('@').map_or(id, |(_, address)| address);
    let url = if address.contains("://") {
        Url::parse(address)
    } else {
        Url::parse(&format!("https://{address}"))
    };
    url.ok()?.host().map(|host| bare(&host.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allowed: &[&str]) -> Policy {
        let allowed: Vec<String> = allowed.iter().map(|&h| h.to_owned()).collect();
        let sender_id = "program@https://spp.example.org".to_owned();
        Policy::new(
            &allowed,
            &Partner {
                sender_id,
                receiver_id: String::new(),
            },
        )
    }

    #[test]
    fn loopback_and_named_hosts_are_called() {
        let policy = policy(&["CI.example.net", "10.0.0.7", "[fd00::7]"]);
        for uri in [
            "http://127.0.0.1:9/cb",
            "http://127.9.9.9/",
            "https://localhost:1/x?y",
            "http://LOCALHOST/",
            "http://[::1]:8/",
            "http://ci.example.net/",
            "http://10.0.0.7:80/",
            "http://[fd00::7]/",
        ] {
            assert!(matches!(policy.target(Some(uri)), Ok(Target::Post(_))), "{uri}");
        }
    }

    #[test]
    fn nothing_else_is_called() {
        for uri in [
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1/",
            "http://192.168.1.1/",
            "http://0.0.0.0/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fe80::1]/",
            "http://example.com/",
            "http://localhost.example.com/",
            "http://localhost./",
            "http://127.0.0.1@example.com/",
            "http://user:pass@127.0.0.1/",
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "//127.0.0.1/",
            "callback",
            "",
        ] {
            assert!(policy(&[]).target(Some(uri)).is_err(), "{uri}");
        }
    }

    #[test]
    fn the_partner_and_nobody_are_answered_by_mail() {
        let policy = policy(&[]);
        for uri in [
            None,
            Some("https://spp.example.org/{namespace}/callback/on-create"),
        ] {
            assert_eq!(policy.target(uri), Ok(Target::Mailbox), "{uri:?}");
        }
    }

    #[test]
    fn ids_of_every_form_name_a_host() {
        for id in [
            "spmis.example.org",
            "https://spmis.example.org/x",
            "program@https://spmis.example.org",
        ] {
            assert_eq!(host_of_id(id).as_deref(), Some("spmis.example.org"), "{id}");
        }
        assert_eq!(host_of_id(""), None);
    }
}
