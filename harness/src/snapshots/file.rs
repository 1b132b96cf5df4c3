//! The file format of `insta`: metadata between two lines of dashes, and the contents after them.

/// A file with these contents. `expression` is what a reviewer sees as its title.
pub(super) fn write(expression: &str, contents: &str) -> String {
    let expression = serde_json::Value::from(expression);
    format!("---\nsource: dcx test --snapshots\nexpression: {expression}\n---\n{contents}\n")
}

/// The contents of a file, whoever wrote it.
pub(super) fn contents(file: &str) -> String {
    let file = file.replace("\r\n", "\n");
    let rest = file
        .strip_prefix("---\n")
        .and_then(|rest| match rest.strip_prefix("---\n") {
            Some(contents) => Some(contents),
            None => rest.split_once("\n---\n").map(|(_, contents)| contents),
        });
    rest.unwrap_or(&file).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_survive_the_file() {
        for text in ["", "a\nb", "---\na\n---\nb"] {
            assert_eq!(contents(&write("an \"odd\" title", text)), text);
        }
        assert_eq!(contents("no header at all\n"), "no header at all");
        assert_eq!(contents("---\n---\nx\n"), "x");
        assert_eq!(contents("---\nnever closed"), "---\nnever closed");
    }
}
