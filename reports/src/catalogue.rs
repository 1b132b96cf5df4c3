//! The catalogue as one self-contained page that can be searched: no resource from elsewhere, no network,
//! and readable without scripts. It shows what it is given, and knows no requirement by name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use maud::{DOCTYPE, Markup, html};
use specs::evidence::Level;

use crate::html::{head, script};
use crate::text::one_line;

const STYLE: &str = include_str!("catalogue/catalogue.css");
const SCRIPT: &str = include_str!("catalogue/catalogue.js");

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// The tool and its version, e.g. `dcx 0.1.0`.
    pub tool: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// Entries of one kind.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Anchor, a plain word, e.g. `requirements`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// What such an entry is, in a sentence.
    pub lead: String,
    /// The entries, in order.
    pub entries: Vec<Entry>,
}

/// One entry, with its id as anchor.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// Its id, unique on the page.
    pub id: String,
    /// What it says, in a sentence. Text in backticks is code, or a link where it is an id.
    pub statement: String,
    /// How binding it is, or what it is about.
    pub level: Option<Level>,
    /// Short words beside its id, e.g. `behaviour`.
    pub marks: Vec<String>,
    /// The profiles that it concerns.
    pub profiles: Vec<String>,
    /// What else there is to say.
    pub facts: Vec<Fact>,
}

/// A named fact of an entry.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// Its name, e.g. `remedy`.
    pub name: String,
    /// What it says: text, or ids. An id that the page shows becomes a link.
    pub values: Vec<Words>,
}

/// A part of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// Text in a paragraph of its own. Text in backticks is code, or a link where it is an id.
    Text(String),
    /// The id of another entry.
    Id(String),
}

/// Writes the page.
pub fn render(catalogue: &Catalogue, out: &mut impl Write) -> io::Result<()> {
    out.write_all(page(catalogue).into_string().as_bytes())?;
    out.write_all(b"\n")
}

fn page(catalogue: &Catalogue) -> Markup {
    let entries = || catalogue.sections.iter().flat_map(|s| &s.entries);
    let anchors: BTreeSet<&str> = entries().map(|e| e.id.as_str()).collect();
    let profiles: BTreeSet<&str> = entries()
        .flat_map(|e| e.profiles.iter().map(String::as_str))
        .collect();
    let tool = one_line(&catalogue.tool);
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("Catalogue of {tool}"), STYLE))
            body {
                a.skip href="#main" { "Skip to the catalogue" }
                header {
                    div.bar {
                        p.brand { (tool) }
                        button #theme type="button" hidden { "Theme" }
                    }
                    h1 { "Catalogue" }
                    p.lead { "What is checked and why, what is left open, and where our documents depart from the published ones." }
                    ul.parts aria-label="Sections" {
                        @for section in &catalogue.sections {
                            li { a href={ "#" (section.id) } { (section.title) } " " span.count { (section.entries.len()) } }
                        }
                    }
                }
                (tools(&profiles))
                main #main {
                    @for section in &catalogue.sections { (part(section, &anchors)) }
                    p.nothing #nothing hidden { "Nothing fits. Search for fewer words, or choose any level and any profile." }
                }
                footer { p { "Written by " code { "dcx render catalogue" } ". " code { "dcx explain ID" } " says the same in a terminal." } }
                (script(SCRIPT))
            }
        }
    }
}

/// The filters; shown by the script.
fn tools(profiles: &BTreeSet<&str>) -> Markup {
    html! {
        div.finder #tools role="search" hidden {
            div.tools {
                label.words { span.hidden { "Search" } input #words type="search" placeholder="Search ids and words  ( / )" autocomplete="off" spellcheck="false"; }
                label { span.hidden { "Level" }
                    select #level {
                        option value="" { "Any level" }
                        @for level in [Level::Must, Level::Should, Level::May] { option value=(level.word()) { (level.word()) } }
                    }
                }
                label { span.hidden { "Profile" }
                    select #profile {
                        option value="" { "Any profile" }
                        @for profile in profiles { option value=(profile) { (one_line(profile)) } }
                    }
                }
                output #shown aria-live="polite" {}
            }
        }
    }
}

fn part(section: &Section, anchors: &BTreeSet<&str>) -> Markup {
    let heading = format!("{}-title", section.id);
    html! {
        section #(section.id) aria-labelledby=(heading) {
            h2 #(heading) { (section.title) " " span.muted data-count=(section.entries.len()) { (section.entries.len()) } }
            p.lead { (one_line(&section.lead)) }
            @for entry in &section.entries { (card(entry, anchors)) }
        }
    }
}

fn card(entry: &Entry, anchors: &BTreeSet<&str>) -> Markup {
    html! {
        article.card.entry #(entry.id) data-level=(entry.level.map_or("", Level::word)) data-profiles=(entry.profiles.join(" ")) {
            p.eyebrow {
                a.id.mono href={ "#" (entry.id) } { (entry.id) }
                @if let Some(level) = entry.level { " " span.level { (level.word()) } }
                @for mark in &entry.marks { " " span.chip { (one_line(mark)) } }
            }
            h3 { (prose(&entry.statement, anchors)) }
            @let facts: Vec<&Fact> = entry.facts.iter().filter(|f| !f.values.is_empty()).collect();
            @if !facts.is_empty() {
                dl.told {
                    @for fact in facts { div { dt { (fact.name) } dd { (values(&fact.values, anchors)) } } }
                }
            }
        }
    }
}

fn values(values: &[Words], anchors: &BTreeSet<&str>) -> Markup {
    html! {
        @for value in values {
            @match value {
                Words::Text(text) => p { (prose(text, anchors)) },
                Words::Id(id) if anchors.contains(id.as_str()) => a.mono href={ "#" (id) } { (id) },
                Words::Id(id) => span.mono { (one_line(id)) },
            }
            " "
        }
    }
}

/// Text whose parts between backticks are code, or links where they are ids.
fn prose(text: &str, anchors: &BTreeSet<&str>) -> Markup {
    let text = one_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    // A backtick without its twin means itself.
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index % 2 == 0 { (part) }
            @else if anchors.contains(part) { a.mono href={ "#" (part) } { (part) } }
            @else { code { (part) } }
        }
    }
}

impl Catalogue {
    /// The ids that stand more than once on the page, and the ids of sections among them: links to them
    /// would be ambiguous.
    pub fn ambiguous(&self) -> Vec<&str> {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for section in &self.sections {
            let ids = section.entries.iter().map(|e| e.id.as_str());
            for id in ids.chain([section.id.as_str()]) {
                *seen.entry(id).or_default() += 1;
            }
        }
        seen.into_iter()
            .filter(|(_, n)| *n > 1)
            .map(|(id, _)| id)
            .collect()
    }
}
