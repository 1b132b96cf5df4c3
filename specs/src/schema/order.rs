//! The order in which violations are reported: that of the instance's items, and of names within it.

use std::cmp::Ordering;

/// Compares two JSON pointers, items of an array by their number.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('/'), right.split('/'));
    loop {
        let ordering = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(l), Some(r)) => match (l.parse::<u64>(), r.parse::<u64>()) {
                (Ok(l), Ok(r)) => l.cmp(&r),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => l.cmp(r),
            },
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_ordered_by_number() {
        let mut pointers = ["/b/10/x", "/b/9", "/a", "", "/b"];
        pointers.sort_by(|a, b| compare(a, b));
        assert_eq!(pointers, ["", "/a", "/b", "/b/9", "/b/10/x"]);
    }
}
