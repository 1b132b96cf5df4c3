//! Where the mock calls back: the loopback interface, and hosts that its operator named. A request must
//! not be able to aim the mock at anything else.

use super::address::{Network, Reach, reach};
use specs::catalogue::Partner;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

/// Whom the operator allows to be called, besides the loopback interface.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    /// Names.
    allowed: Vec<String>,
    /// Addresses, whether a request writes them or a name leads to them.
    networks: Vec<Network>,
}

/// The policy of one profile.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    hosts: Arc<Hosts>,
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
    /// The policy of a profile with this partner.
    pub(crate) fn new(hosts: &Arc<Hosts>, partner: &Partner) -> Self {
        Self {
            hosts: Arc::clone(hosts),
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
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        let name = bare(&host.to_string());
        let may = match address {
            Some(address) if is_respelt(sender_uri, address) => {
                return Err(format!(
                    "sender_uri spells the address {name} in another way; write it as usual"
                ));
            }
            Some(address) => self.hosts.may_connect(address),
            None if name == "localhost" || self.hosts.allowed.contains(&name) => Ok(()),
            None => Err(format!(
                "callbacks to {name} are not allowed; start the mock with `--allow-callback {name}`"
            )),
        };
        match may {
            Ok(()) => Ok(Target::Post(url)),
            Err(_) if self.partner.as_ref() == Some(&name) => Ok(Target::Mailbox),
            Err(why) => Err(why),
        }
    }
}

impl Hosts {
    /// Whom an operator names: each text is the name of a host, an address, or a network.
    pub(crate) fn new(allowed: &[String]) -> Result<Self, String> {
        let mut hosts = Self::default();
        for host in allowed {
            match host.parse::<Network>() {
                Ok(network) => hosts.networks.push(network),
                Err(why) if host.contains('/') => return Err(why),
                Err(_) => hosts.allowed.push(bare(host)),
            }
        }
        Ok(hosts)
    }

    /// Whether the addresses of a name may be connected to. A name that leads to several must not lead to a
    /// single one that may not.
    pub(super) fn check(&self, name: &str, addresses: &[IpAddr]) -> Result<(), String> {
        addresses.iter().try_for_each(|address| {
            let public = reach(*address) == Reach::Public;
            let may = if public {
                Ok(())
            } else {
                self.may_connect(*address)
            };
            may.map_err(|why| format!("{name} leads to {address}: {why}"))
        })
    }

    fn may_connect(&self, address: IpAddr) -> Result<(), String> {
        let named = self.networks.iter().any(|network| network.holds(address));
        let kind = match reach(address) {
            Reach::Never(kind) => {
                return Err(format!("the address {address} is {kind}; nobody is called there"));
            }
            Reach::Loopback => return Ok(()),
            _ if named => return Ok(()),
            Reach::Inner(kind) => format!("{kind} "),
            Reach::Public => String::new(),
        };
        Err(format!(
            "callbacks to the {kind}address {address} are not allowed; start the mock with \
             `--allow-callback {address}`"
        ))
    }
}

/// Whether a text writes an IPv4 address in a way that only some read as one: as a single number, in octal or
/// hexadecimal, with fewer parts, with letters that are encoded.
fn is_respelt(sender_uri: &str, address: IpAddr) -> bool {
    let IpAddr::V4(address) = address else {
        return false;
    };
    let after = sender_uri.split_once("//").map_or("", |(_, after)| after);
    let authority = after.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    host != address.to_string()
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
        let partner = Partner {
            sender_id,
            receiver_id: String::new(),
        };
        Policy::new(&Arc::new(Hosts::new(&allowed).unwrap()), &partner)
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
            "http://[::127.0.0.1]/",
            "http://[::]/",
            "http://[fe80::1]/",
            "http://224.0.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://127.0.0.%31/",
            "http://１２７.0.0.1/",
            "http:\\\\127.0.0.1/",
            "http:127.0.0.1/",
            "http://127.0.\t0.1/",
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
    fn addresses_of_no_single_machine_are_not_called_for_their_operator_either() {
        let policy = policy(&["0.0.0.0/0", "::/0"]);
        for uri in [
            "http://0.0.0.0/",
            "http://255.255.255.255/",
            "http://224.0.0.1/",
            "http://[::ffff:10.0.0.1]/",
            "http://[64:ff9b::a00:1]/",
            "http://[ff02::1]/",
        ] {
            assert!(policy.target(Some(uri)).is_err(), "{uri}");
        }
        assert!(policy.target(Some("http://10.0.0.1/")).is_ok());
    }

    #[test]
    fn a_name_may_lead_to_everybody_but_not_into_a_network_that_is_not_named() {
        let check = |allowed: &[&str], addresses: &[&str]| {
            let addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
            policy(allowed).hosts.check("ci.example.net", &addresses)
        };
        assert_eq!(check(&[], &["8.8.8.8", "127.0.0.1", "2606:4700::1"]), Ok(()));
        assert_eq!(check(&["10.0.0.0/8"], &["10.9.9.9"]), Ok(()));
        for address in [
            "10.0.0.1",
            "169.254.169.254",
            "fe80::1",
            "fd00::1",
            "0.0.0.0",
            "::ffff:127.0.0.1",
        ] {
            let why = check(&["ci.example.net"], &["8.8.8.8", address]).unwrap_err();
            assert!(
                why.starts_with(&format!("ci.example.net leads to {address}: ")),
                "{why}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_said_so() {
        let why = Hosts::new(&["10.0.0.0/99".to_owned()]).unwrap_err();
        assert!(why.contains("from 0 to 32"), "{why}");
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
