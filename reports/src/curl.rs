//! A recorded request as one `curl` command for any POSIX shell.
//!
//! The recorder replaced secrets by shell variables such as `$DCX_TOKEN`. They stay expandable, so that
//! whoever has the secret can paste the command; everything else is quoted, so that nothing a target
//! chose is ever run.

use std::fmt::Write;

use specs::evidence::Request;

use crate::text::is_unseen;

/// Longer bodies are piped, because one argument of a command has a limit and a pipe has none.
const LONGEST_ARGUMENT: usize = 4096;

/// Header fields that curl makes itself.
const MADE_BY_CURL: [&str; 4] = ["host", "content-length", "accept-encoding", "user-agent"];

/// The command that sends this request again.
pub fn curl_line(request: &Request) -> String {
    let body = Payload::of(request);
    let mut line = String::new();
    if let Some(bytes) = request.body.cut_from_bytes {
        let _ = write!(
            line,
            ": 'only the beginning of a body of {bytes} bytes was recorded'; "
        );
    }
    match &body {
        Payload::Piped(text) => _ = write!(line, "printf %s {} | ", single(text)),
        Payload::Encoded(base64) => _ = write!(line, "printf %s {} | base64 -d | ", single(base64)),
        Payload::None | Payload::Argument(_) => {}
    }
    line.push_str("curl -sS -i");
    if request.url.contains(['[', ']', '{', '}']) {
        line.push_str(" --globoff");
    }
    if request.url.contains("/.") {
        line.push_str(" --path-as-is");
    }
    match (request.method.as_str(), &body) {
        ("HEAD", Payload::None) => line.push_str(" --head"),
        ("GET", Payload::None) => {}
        (method, _) => _ = write!(line, " -X {}", word(method)),
    }
    let _ = write!(line, " {}", word(&request.url));
    for (name, value) in &request.headers {
        if MADE_BY_CURL.iter().any(|made| made.eq_ignore_ascii_case(name)) {
            continue;
        }
        // `name;` is how curl is told to send a field without a value.
        let field = if value.is_empty() {
            format!("{name};")
        } else {
            format!("{name}: {value}")
        };
        let _ = write!(line, " -H {}", double(&field));
    }
    let typed = request
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !typed && !matches!(body, Payload::None) {
        line.push_str(" -H 'content-type:'");
    }
    match &body {
        Payload::None => {}
        Payload::Argument(text) => _ = write!(line, " --data-raw {}", single(text)),
        Payload::Piped(_) | Payload::Encoded(_) => line.push_str(" --data-binary @-"),
    }
    line
}

/// How the body reaches curl.
enum Payload {
    None,
    /// As an argument.
    Argument(String),
    /// Through a pipe.
    Piped(String),
    /// Through a pipe, in base64, because an argument cannot hold it or a terminal would obey it.
    Encoded(String),
}

impl Payload {
    fn of(request: &Request) -> Self {
        let body = &request.body;
        if let Some(base64) = &body.base64 {
            return Self::Encoded(base64.clone());
        }
        let text = &body.text;
        match text {
            _ if text.is_empty() => Self::None,
            _ if text.contains(is_unseen) => {
                use base64::Engine as _;
                Self::Encoded(base64::engine::general_purpose::STANDARD.encode(text))
            }
            _ if text.len() > LONGEST_ARGUMENT => Self::Piped(text.clone()),
            _ => Self::Argument(text.clone()),
        }
    }
}

/// The length of a variable reference (`$DCX_NAME` or `${DCX_NAME}`) that the text begins with.
fn variable(text: &str) -> Option<usize> {
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let (open, close) = if text.starts_with("${") { (2, 1) } else { (1, 0) };
    let name = text.strip_prefix("${").or_else(|| text.strip_prefix('$'))?;
    let length = name.find(|c| !is_name(c)).unwrap_or(name.len());
    let known = name.starts_with("DCX_") && length > "DCX_".len();
    (known && (close == 0 || name[length..].starts_with('}'))).then_some(open + length + close)
}

/// Bare where the shell leaves it alone, quoted otherwise.
pub(crate) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        single(text)
    }
}

/// In single quotes; variable references of ours stand outside them.
fn single(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match c {
            '\'' => out.push_str(r"'\''"),
            '$' => match variable(rest) {
                Some(length) => {
                    taken = length;
                    let _ = write!(out, "'\"{}\"'", &rest[..length]);
                }
                None => out.push('$'),
            },
            c if is_unseen(c) => printed(&mut out, c, true),
            c => out.push(c),
        }
        rest = &rest[taken..];
    }
    out.push('\'');
    out
}

/// In double quotes; only variable references of ours are expanded.
fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match c {
            '$' => match variable(rest) {
                Some(length) => {
                    taken = length;
                    out.push_str(&rest[..length]);
                }
                None => out.push_str(r"\$"),
            },
            '"' | '\\' | '`' => out.extend(['\\', c]),
            c if is_unseen(c) => printed(&mut out, c, false),
            c => out.push(c),
        }
        rest = &rest[taken..];
    }
    out.push('"');
    out
}

/// A character that a terminal would obey, as a call of `printf` that yields its bytes.
fn printed(out: &mut String, c: char, quoted: bool) {
    let mut buffer = [0; 4];
    let bytes = c
        .encode_utf8(&mut buffer)
        .bytes()
        .fold(String::new(), |mut octal, byte| {
            let _ = write!(octal, "\\{byte:03o}");
            octal
        });
    let (open, close) = if quoted { ("'\"", "\"'") } else { ("", "") };
    let _ = write!(out, "{open}$(printf '{bytes}'){close}");
}
