//! Mistakes in the user's files: each is named with its file, its line and a remedy.

use super::{CASE, REQUIREMENT, folder};
use crate::process::run;
use tempfile::tempdir;

/// What is wrong, the file, and the words of the message: place, fault and remedy.
struct Ruin {
    files: Vec<(&'static str, String)>,
    place: &'static str,
    says: &'static str,
    remedy: &'static str,
}

fn ruins() -> Vec<Ruin> {
    let case = |from: &str, to: &str| {
        let ruined = CASE.replacen(from, to, 1);
        assert!(ruined != CASE, "{from}");
        vec![("acme.locale.toml", ruined)]
    };
    let ruin = |files, place, says, remedy| Ruin {
        files,
        place,
        says,
        remedy,
    };
    let first = "acme.locale.toml";
    vec![
        ruin(
            case("title =", "titel ="),
            "acme.locale.toml:1:",
            "unknown field `titel`",
            "schema cases",
        ),
        ruin(
            case("\"capitals\"", "capitals"),
            "acme.locale.toml:11:",
            "",
            "schema cases",
        ),
        ruin(
            case("\"sync-search\"", "\"sink-search\""),
            "toml:3:",
            "no operation `sink-search`",
            "sync-search",
        ),
        ruin(
            case("[\"sync-search\"]", "[]"),
            "toml:3:",
            "no operation",
            "sync-search",
        ),
        ruin(
            case("[\"acme.locale\"]", "[\"acme.lokale\"]"),
            "toml:2:",
            "no requirement `acme.lokale`",
            "acme.locale",
        ),
        ruin(
            case(
                "requirement = \"acme.locale\"",
                "requirement = \"dci.bearer.required\"",
            ),
            "toml:12:",
            "does not list",
            "add",
        ),
        ruin(
            case("[\"acme.locale\"]", "[\"acme.locale\", \"dci.bearer.required\"]"),
            "toml:2:",
            "no fault is about",
            "remove it",
        ),
        ruin(
            case(
                "set = [[\"/message/search_request/0/locale\", \"ENGLISH\"]]\n",
                "",
            ),
            "toml:11:",
            "changes nothing",
            "`set`",
        ),
        ruin(
            case("\"/message/search", "\"message/search"),
            "toml:13:",
            "no JSON pointer",
            "slashes",
        ),
        ruin(
            case("set =", "sign = \"backwards\"\nset ="),
            "toml:13:",
            "no way to sign",
            "other-key",
        ),
        ruin(
            case("set =", "statuses = [4000]\nset ="),
            "toml:13:",
            "no status",
            "three digits",
        ),
        ruin(
            case(
                "statement = \"A locale in capitals is refused.\"",
                "statement = \" \"",
            ),
            "toml:6:",
            "empty statement",
            "sentence",
        ),
        ruin(
            case("[[twins.fault]]", "[twins]\n[[other.fault]]"),
            "toml:",
            "missing field `fault`",
            "schema cases",
        ),
        ruin(
            case("title =", "law = \"pagess\"\ntitle ="),
            "toml:1:",
            "exactly one",
            "twins",
        ),
        ruin(
            vec![("bearer.toml", CASE.to_owned())],
            "bearer.toml:1:",
            "built-in cases",
            "another name",
        ),
        ruin(
            vec![("My Case.toml", CASE.to_owned())],
            "My Case.toml:1:",
            "is no id",
            "lower-case",
        ),
        ruin(
            vec![(first, CASE.replace("acme.locale", "dci.bearer.required"))],
            "toml:2:",
            "built-in requirements",
            "word of your own",
        ),
        ruin(
            vec![
                (first, CASE.to_owned()),
                ("requirements/acme.locale.toml", REQUIREMENT.to_owned()),
            ],
            "acme.locale.toml:",
            "another requirement of yours",
            "word of your own",
        ),
        ruin(
            vec![
                (first, CASE.to_owned()),
                ("requirements/acme.idle.toml", REQUIREMENT.to_owned()),
            ],
            "requirements/acme.idle.toml:1:",
            "no case of yours is about acme.idle",
            "list it",
        ),
        ruin(
            vec![
                (first, CASE.to_owned()),
                ("requirements/acme.x.toml", REQUIREMENT.replace("role", "rolle")),
            ],
            "requirements/acme.x.toml:3:",
            "unknown field `rolle`",
            "schema requirements",
        ),
        ruin(
            vec![(
                first,
                "title = \"x\"\nrequirements = []\noperations = [\"search\"]\nlaw = \"pagess\"\n".to_owned(),
            )],
            "toml:4:",
            "no law `pagess`",
            "pages",
        ),
        ruin(Vec::new(), "own", "", "ID.toml"),
    ]
}

#[test]
fn mistakes_are_named_with_file_line_and_remedy_before_anything_is_sent() {
    for ruin in ruins() {
        let files: Vec<(&str, &str)> = ruin
            .files
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect();
        let dir = folder(&files);
        let ended = run(dir.path(), &["test", "--cases", "own"]).expect(96);
        ended.says(ruin.place).says(ruin.says).says("→").says(ruin.remedy);
    }
    let dir = tempdir().unwrap();
    run(dir.path(), &["test", "--only-cases"])
        .expect(2)
        .says("--cases");
}
