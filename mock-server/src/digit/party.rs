//! Ids of senders and receivers: `service@url`.

/// Whether two ids name the same party. An id without a service means `program`; a slash at the end does
/// not matter; everything else does, case included.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    parts(a) == parts(b)
}

fn parts(id: &str) -> (&str, &str) {
    let (service, url) = id.split_once('@').unwrap_or(("program", id));
    (service, url.strip_suffix('/').unwrap_or(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_as_the_reference_does() {
        let id = "program@https://spp.example.org";
        for same in [id, "program@https://spp.example.org/", "https://spp.example.org"] {
            assert!(is_same(id, same), "{same}");
        }
        for other in [
            "sanction@https://spp.example.org",
            "program@https://spp.example.org/x",
            "program@https://SPP.example.org",
            "program@http://spp.example.org",
            "program@https://spp.example.org//",
            "",
        ] {
            assert!(!is_same(id, other), "{other}");
        }
    }
}
