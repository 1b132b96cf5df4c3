//! The text of a configuration file for a server of a profile: what the profile needs is there to be filled
//! in, what it can do without stands behind a `#`, and what it has no use for is left out.

use crate::target::calls_back;
use specs::catalogue::Profile;
use specs::wire::scheme;
use std::fmt::Write as _;
use std::net::SocketAddr;

/// What is known of the server.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Its base URL.
    pub url: String,
    /// Our client id.
    pub client_id: Option<String>,
    /// The environment variable that holds our client secret.
    pub client_secret_env: String,
    /// Where callbacks are received.
    pub callback_listen: Option<SocketAddr>,
    /// How the server reaches that address.
    pub callback_url: Option<String>,
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A line that sets a member: to what is given, or to an example behind a `#`.
fn set(name: &str, given: Option<&str>, example: &str) -> String {
    match given {
        Some(value) => format!("{name} = {}", quoted(value)),
        None => format!("# {name} = {}", quoted(example)),
    }
}

/// The file.
pub fn text(profile: &Profile, answers: &Answers) -> String {
    let mut file = String::from(
        "# What dcx certifies, and how. Flags override this file.\n# A secret never stands here: name the variable or the file that holds it.\n",
    );
    let mut section = |name: &str, what: &str, lines: &[String]| {
        // Writing to a String cannot fail.
        let _ = write!(file, "\n# {what}\n[{name}]\n{}\n", lines.join("\n"));
    };
    section(
        "target",
        "The server: what stands before /registry/… or /v1/exchange/…, and what it claims to be.",
        &[
            format!("url = {}", quoted(&answers.url)),
            format!("profile = {}", quoted(&profile.id)),
        ],
    );
    if profile.wants_token() {
        let mut lines = vec![
            set("client_id", answers.client_id.as_deref(), "partner-1"),
            format!("client_secret_env = {}", quoted(&answers.client_secret_env)),
            set("client_secret_file", None, "client.secret"),
        ];
        if profile.authentication.db_name {
            lines.push(set("db_name", None, "production"));
        }
        section(
            "credentials",
            "How access tokens are obtained. DCX_CLIENT_ID and DCX_CLIENT_SECRET do as well.",
            &lines,
        );
    }
    section(
        "identity",
        "Who we are to the server, if not the profile's usual partner.",
        &[
            set("sender_id", None, &profile.partner.sender_id),
            set("receiver_id", None, &profile.partner.receiver_id),
        ],
    );
    if let Some(algorithm) = scheme::algorithm(profile.signature.scheme) {
        section(
            "keys",
            &format!(
                "Messages are signed with {}: PEM files beside this one. Without them, the demonstration keys are used.",
                algorithm.name()
            ),
            &[
                set("sender", None, "partner.key.pem"),
                set("receiver", None, "node.pub.pem"),
            ],
        );
    }
    if calls_back(profile) {
        let listen = answers.callback_listen.map(|address| address.to_string());
        section(
            "callback",
            "Where the server reaches us, when it is not on this machine.",
            &[
                set("listen", listen.as_deref(), "0.0.0.0:9090"),
                set(
                    "url",
                    answers.callback_url.as_deref(),
                    "http://tester.example.org:9090",
                ),
            ],
        );
    }
    if profile.operations.contains_key("subscribe") {
        section(
            "events",
            "Where {\"reg_event_type\": …, \"record\": …} makes an event happen. Without it, notifications are not judged.",
            &[set("trigger", None, "https://registry.example.org/test/events")],
        );
    }
    if profile.registry.is_some() {
        section(
            "known",
            "People of test whom the registry holds. Without them, the run learns from a search for everybody.",
            &[r#"# identifiers = ["1234567890"]"#.to_owned()],
        );
    }
    section(
        "run",
        "How the run goes: times in seconds, at most; they follow the server's own pace.",
        &[
            "# seed = 1".to_owned(),
            "# examples = 50".to_owned(),
            "# timeout = 10.0".to_owned(),
            "# callback_timeout = 10.0".to_owned(),
            "# jobs = 8".to_owned(),
            "# rate = 20.0".to_owned(),
        ],
    );
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use specs::catalogue::Catalogue;

    fn answers() -> Answers {
        Answers {
            url: "http://127.0.0.1:8069/a\"b".to_owned(),
            client_id: Some("partner \"1\"".to_owned()),
            client_secret_env: "REGISTRY_SECRET".to_owned(),
            callback_listen: Some(SocketAddr::from(([0, 0, 0, 0], 9090))),
            callback_url: Some("http://tester.example.org:9090".to_owned()),
        }
    }

    /// The file with every member that stands behind a `#` in force.
    fn in_force(text: &str) -> String {
        let line = |line: &str| match line.strip_prefix("# ") {
            Some(member)
                if member
                    .split_once(" = ")
                    .is_some_and(|(name, _)| !name.contains(' ')) =>
            {
                member.to_owned()
            }
            _ => line.to_owned(),
        };
        text.lines().map(|l| line(l) + "\n").collect()
    }

    #[test]
    fn every_profile_gets_a_file_that_can_be_read_with_and_without_what_is_behind_a_hash() {
        for profile in Catalogue::bundled().profiles() {
            let text = text(profile, &answers());
            let file = Config::of_text(&text).expect("a configuration").file;
            assert_eq!(file.target.url.as_deref(), Some("http://127.0.0.1:8069/a\"b"));
            assert_eq!(file.target.profile.as_ref(), Some(&profile.id));
            let wants = profile.wants_token();
            assert_eq!(file.credentials.client_id.is_some(), wants, "{}", profile.id);
            assert_eq!(file.credentials.client_secret_env.is_some(), wants);
            assert_eq!(file.callback.listen.is_some(), calls_back(profile));
            let all = Config::of_text(&in_force(&text)).expect("a configuration").file;
            assert!(all.run.seed.is_some() && all.run.rate.is_some());
            assert_eq!(all.identity.sender_id.as_ref(), Some(&profile.partner.sender_id));
            let signs = profile.signature.scheme.signs();
            assert_eq!(all.keys.sender.is_some(), signs, "{}", profile.id);
            assert_eq!(
                all.credentials.db_name.is_some(),
                wants && profile.authentication.db_name
            );
        }
    }
}
