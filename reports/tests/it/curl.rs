//! Commands for curl, checked by a real shell: each argument must arrive as it was recorded.

use std::process::Command;

use proptest::prelude::*;
use reports::curl::curl_line;
use specs::evidence::{Body, Request};

/// Runs the command with a `curl` that shows its arguments and its input, separated by NUL.
#[cfg(unix)]
fn heard(line: &str) -> Vec<String> {
    let script =
        format!("curl() {{ printf '%s\\0' \"$@\"; case \" $* \" in *' @- '*) cat;; esac; }}\n{line}");
    // A script of any length: from a file, because an argument has a limit.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("line.sh");
    std::fs::write(&path, script).unwrap();
    let output = Command::new("sh")
        .arg(&path)
        .env("DCX_TOKEN", "s3cret")
        .env("HOME_X", "no")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .map(str::to_owned)
        .collect()
}

fn request(url: &str, headers: &[(&str, &str)], body: Body) -> Request {
    Request {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        body,
    }
}

#[test]
fn a_plain_request() {
    let request = request(
        "http://127.0.0.1:8080/search?page=1&size=2",
        &[
            ("host", "x"),
            ("content-type", "application/json"),
            ("authorization", "Bearer $DCX_TOKEN"),
            ("x-empty", ""),
        ],
        Body::text("{\"name\":\"O'Neill\",\"cost\":\"$5 `id`\"}"),
    );
    insta::assert_snapshot!(curl_line(&request));
}

#[test]
fn a_cut_body_says_so() {
    let body = Body {
        cut_from_bytes: Some(9_000_000),
        ..Body::text("{\"a\":")
    };
    insta::assert_snapshot!(curl_line(&request("http://[::1]:8080/a/../b", &[], body)));
}

#[cfg(unix)]
#[test]
fn secrets_expand_and_nothing_else_does() {
    let headers = [(
        "authorization",
        "Bearer $DCX_TOKEN $HOME_X $(id) \\ \" `id` ${DCX_TOKEN}",
    )];
    let heard = heard(&curl_line(&request(
        "http://h/$(id)?t=$DCX_TOKEN",
        &headers,
        Body::text("$HOME_X=$DCX_TOKEN"),
    )));
    assert!(heard.contains(&"http://h/$(id)?t=s3cret".to_owned()), "{heard:?}");
    assert!(
        heard.contains(&"authorization: Bearer s3cret $HOME_X $(id) \\ \" `id` s3cret".to_owned()),
        "{heard:?}"
    );
    assert!(heard.contains(&"$HOME_X=s3cret".to_owned()), "{heard:?}");
}

#[cfg(unix)]
#[test]
fn long_and_binary_bodies_arrive_whole() {
    let long = "it's long; ".repeat(30_000);
    assert_eq!(
        heard(&curl_line(&request("http://h/", &[], Body::text(&*long)))).last(),
        Some(&long)
    );
    let binary = Body {
        base64: Some("AQID/w==".to_owned()),
        ..Body::default()
    };
    let line = curl_line(&request("http://h/", &[], binary));
    assert!(
        line.starts_with("printf %s 'AQID/w==' | base64 -d | curl "),
        "{line}"
    );
}

#[cfg(unix)]
proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives_as_recorded(value in "\\PC{0,40}", body in "[^\0]{1,60}", path in "[ -~]{0,40}") {
        prop_assume!(!format!("{value}{path}{body}").contains("DCX_") && !value.is_empty());
        let url = format!("http://h/{path}");
        let heard = heard(&curl_line(&request(&url, &[("x-any", &value)], Body::text(&*body))));
        prop_assert!(heard.contains(&url), "{:?}", heard);
        prop_assert!(heard.contains(&format!("x-any: {value}")), "{:?}", heard);
        prop_assert!(heard.contains(&body), "{:?}", heard);
    }
}
