//! What kind of network an address belongs to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// What is known of an address before anybody calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// This machine.
    Loopback,
    /// Everybody.
    Public,
    /// A network of somebody's own, or one link of it. The word says which.
    Inner(&'static str),
    /// No single machine under a name of its own; nobody is called there.
    Never(&'static str),
}

/// Where an address leads.
pub(super) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    let [first, second, ..] = address.octets();
    match first {
        127 => Reach::Loopback,
        0 => Reach::Never("unspecified"),
        224..=239 => Reach::Never("multicast"),
        240..=255 => Reach::Never("reserved"),
        169 if second == 254 => Reach::Inner("link-local"),
        100 if second & 0xc0 == 64 => Reach::Inner("private"),
        _ if address.is_private() => Reach::Inner("private"),
        _ => Reach::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    let [first, second, ..] = address.segments();
    if address.is_loopback() {
        return Reach::Loopback;
    }
    if address.is_unspecified() {
        return Reach::Never("unspecified");
    }
    if address.is_multicast() {
        return Reach::Never("multicast");
    }
    // Addresses that hold one of IPv4: mapped, compatible, translated (RFC 6052), 6to4.
    if address.to_ipv4().is_some() || (first, second) == (0x64, 0xff9b) || first == 0x2002 {
        return Reach::Never("another spelling of an IPv4 address");
    }
    match first {
        0xfe80..=0xfebf => Reach::Inner("link-local"),
        0xfec0..=0xfeff | 0xfc00..=0xfdff => Reach::Inner("private"),
        _ => Reach::Public,
    }
}

/// Addresses that begin alike, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    first: IpAddr,
    length: u8,
}

impl Network {
    /// One address.
    pub(super) fn of_one(address: IpAddr) -> Self {
        let length = if address.is_ipv4() { 32 } else { 128 };
        Self {
            first: address,
            length,
        }
    }

    /// Whether an address belongs to it.
    pub(super) fn holds(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.length)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.length)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, length) = text.split_once('/').unwrap_or((text, ""));
        let first: IpAddr = (first.trim_matches(['[', ']']).parse())
            .map_err(|_| format!("`{first}` is no address; write a network like `10.0.0.0/8`"))?;
        let whole = Self::of_one(first);
        if !text.contains('/') {
            return Ok(whole);
        }
        let length = length.parse().ok().filter(|length| *length <= whole.length);
        let length =
            length.ok_or_else(|| format!("`{text}` wants a number of bits from 0 to {}", whole.length))?;
        Ok(Self { first, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_leads_somewhere() {
        for (address, expected) in [
            ("127.0.0.1", Reach::Loopback),
            ("127.255.0.9", Reach::Loopback),
            ("::1", Reach::Loopback),
            ("8.8.8.8", Reach::Public),
            ("100.128.0.1", Reach::Public),
            ("172.32.0.1", Reach::Public),
            ("2001:4860:4860::8888", Reach::Public),
            ("10.0.0.1", Reach::Inner("private")),
            ("172.31.255.255", Reach::Inner("private")),
            ("192.168.1.1", Reach::Inner("private")),
            ("100.64.0.1", Reach::Inner("private")),
            ("fd00::7", Reach::Inner("private")),
            ("fec0::1", Reach::Inner("private")),
            ("169.254.169.254", Reach::Inner("link-local")),
            ("fe80::1", Reach::Inner("link-local")),
            ("0.0.0.0", Reach::Never("unspecified")),
            ("0.1.2.3", Reach::Never("unspecified")),
            ("::", Reach::Never("unspecified")),
            ("224.0.0.1", Reach::Never("multicast")),
            ("ff02::1", Reach::Never("multicast")),
            ("255.255.255.255", Reach::Never("reserved")),
            (
                "::ffff:127.0.0.1",
                Reach::Never("another spelling of an IPv4 address"),
            ),
            ("::127.0.0.1", Reach::Never("another spelling of an IPv4 address")),
            (
                "64:ff9b::a00:1",
                Reach::Never("another spelling of an IPv4 address"),
            ),
            (
                "2002:a00:1::",
                Reach::Never("another spelling of an IPv4 address"),
            ),
        ] {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn networks_hold_what_begins_alike() {
        for (network, address, held) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("172.16.0.0/12", "172.31.0.1", true),
            ("172.16.0.0/12", "172.32.0.1", false),
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7", "10.0.0.8", false),
            ("0.0.0.0/0", "9.9.9.9", true),
            ("0.0.0.0/0", "fd00::1", false),
            ("fd00::/8", "fd12::1", true),
            ("[fd00::7]", "fd00::7", true),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(
                network.holds(address.parse().unwrap()),
                held,
                "{network:?} {address}"
            );
        }
        for wrong in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "ten/8", "fd00::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
