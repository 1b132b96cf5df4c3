//! The catalogue page.

use reports::catalogue::{Catalogue, Entry, Fact, Section, Words, render};
use specs::evidence::Level;

fn entry(id: &str, statement: &str, values: Vec<Words>) -> Entry {
    Entry {
        id: id.to_owned(),
        statement: statement.to_owned(),
        level: Some(Level::Must),
        marks: vec!["form".to_owned()],
        profiles: vec!["one".to_owned(), "two".to_owned()],
        facts: vec![Fact {
            name: "see".to_owned(),
            values,
        }],
    }
}

fn sample() -> Catalogue {
    let section = |id: &str, entries| Section {
        id: id.to_owned(),
        title: id.to_owned(),
        lead: "What these are.".to_owned(),
        entries,
    };
    let id = |id: &str| Words::Id(id.to_owned());
    Catalogue {
        tool: "dcx 0.0.0".to_owned(),
        sections: vec![
            section(
                "requirements",
                vec![
                    entry("a.first", "It answers `{}`.", vec![id("b.case"), id("c.gone")]),
                    entry("a.second", "A <b>bold</b> & `lonely claim", Vec::new()),
                ],
            ),
            section(
                "cases",
                vec![entry(
                    "b.case",
                    "It tries `a.first`.",
                    vec![Words::Text("as `b.case` says".to_owned())],
                )],
            ),
        ],
    }
}

fn page(catalogue: &Catalogue) -> String {
    let mut page = Vec::new();
    render(catalogue, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

#[test]
fn each_entry_is_an_anchor_that_links_lead_to() {
    let page = page(&sample());
    for anchor in ["a.first", "a.second", "b.case", "requirements", "cases"] {
        assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
        assert!(page.contains(&format!("href=\"#{anchor}\"")), "{anchor}");
    }
    // From a fact, from a statement, and from the text of a fact; what is not on the page is no link.
    assert_eq!(page.matches("<a class=\"mono\" href=\"#b.case\">").count(), 2);
    assert_eq!(page.matches("<a class=\"mono\" href=\"#a.first\">").count(), 1);
    assert!(page.contains("<span class=\"mono\">c.gone</span>"));
    assert!(!page.contains("#c.gone"));
    assert!(page.contains("data-level=\"MUST\" data-profiles=\"one two\""));
    assert!(page.contains("<option value=\"two\">"));
}

#[test]
fn text_is_text_and_nothing_is_fetched() {
    let page = page(&sample());
    assert!(page.contains("A &lt;b&gt;bold&lt;/b&gt; &amp; `lonely claim"));
    assert!(page.contains("It answers <code>{}</code>."));
    for foreign in ["src=", "http:", "https:", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn ids_that_stand_twice_are_told() {
    let mut catalogue = sample();
    assert_eq!(catalogue.ambiguous(), Vec::<&str>::new());
    catalogue.sections[1].entries[0].id = "a.first".to_owned();
    catalogue.sections[0].entries[1].id = "cases".to_owned();
    assert_eq!(catalogue.ambiguous(), ["a.first", "cases"]);
}
