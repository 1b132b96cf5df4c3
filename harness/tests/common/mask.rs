//! What differs from one run to the next without meaning anything: times and addresses, and what was made of
//! them by encryption.

/// The members of an encrypted message that follow from what is in it, which may hold times.
const SEALED: [&str; 4] = ["ciphertext", "encrypted_key", "iv", "tag"];

/// Replaces times and addresses within a text.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_digit = out.ends_with(|c: char| c.is_ascii_digit());
        let found = address(rest)
            .or_else(|| http_date(rest))
            .or_else(|| rfc3339(rest))
            .or_else(|| sealed(rest))
            .or_else(|| epoch(rest).filter(|_| !after_digit));
        let (length, name) = found.unwrap_or((first.len_utf8(), ""));
        out.push_str(if name.is_empty() { &rest[..length] } else { name });
        rest = &rest[length..];
    }
    out
}

type Found = Option<(usize, &'static str)>;

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn address(text: &str) -> Found {
    let prefix = "127.0.0.1:";
    let port = digits(text.strip_prefix(prefix)?);
    (port > 0).then_some((prefix.len() + port, "HOST"))
}

/// Whether a text begins with this shape, in which `0` stands for a digit and `a` for a letter.
fn shaped(text: &str, shape: &str) -> bool {
    let mut bytes = text.bytes();
    shape.bytes().all(|s| {
        bytes.next().is_some_and(|b| match s {
            b'0' => b.is_ascii_digit(),
            b'a' => b.is_ascii_alphabetic(),
            _ => b == s,
        })
    })
}

fn http_date(text: &str) -> Found {
    let shape = "aaa, 00 aaa 0000 00:00:00 GMT";
    shaped(text, shape).then_some((shape.len(), "DATE"))
}

fn rfc3339(text: &str) -> Found {
    let shape = "0000-00-00T00:00:00";
    if !shaped(text, shape) {
        return None;
    }
    let mut length = shape.len();
    if let Some(fraction) = text[length..].strip_prefix('.') {
        length += 1 + digits(fraction);
    }
    text[length..].starts_with('Z').then_some((length + 1, "TIME"))
}

fn sealed(text: &str) -> Found {
    let member = text.strip_prefix('"')?;
    let name = SEALED.iter().find(|name| member.starts_with(**name))?;
    let value = member[name.len()..].strip_prefix("\":\"")?;
    let length = value.find('"')?;
    Some((name.len() + length + 5, "SEALED"))
}

fn epoch(text: &str) -> Found {
    let length = digits(text);
    let seconds: i64 = text[..length].parse().ok()?;
    (length == 10 && recent(seconds)).then_some((length, "EPOCH"))
}

/// Whether this can be the present time in seconds.
fn recent(seconds: i64) -> bool {
    (jiff::Timestamp::now().as_second() - seconds).abs() < 3600
}
