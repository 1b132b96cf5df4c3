//! What each renderer makes of each sample.

use reports::aggregate::Run;
use reports::event::Event;
use reports::summary::{self, Style};
use reports::{Format, render};
use specs::evidence::Observation;

use crate::sample;

fn rendered(format: Format, sample: &str) -> String {
    let entries = sample::all()
        .into_iter()
        .find(|(name, _)| *name == sample)
        .unwrap()
        .1;
    let run = Run::from_entries(entries.clone().into_iter());
    let mut out = Vec::new();
    render(format, &run, &mut out, |out| sample::write_log(&entries, out)).unwrap();
    String::from_utf8(out).unwrap()
}

fn summarised(run: &Run, style: Style) -> String {
    let mut out = Vec::new();
    summary::render(run, &mut out, style).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn summaries() {
    for (name, entries) in sample::all() {
        let run = Run::from_entries(entries.into_iter());
        insta::assert_snapshot!(format!("summary_{name}"), summarised(&run, Style::default()));
    }
}

#[test]
fn a_clean_run_is_short() {
    let run = Run::from_entries(sample::all_pass().into_iter());
    let lines = summarised(&run, Style::default()).lines().count();
    assert!(lines <= 20, "{lines} lines");
}

#[test]
fn colour_adds_only_colour() {
    for (_, entries) in sample::all() {
        let run = Run::from_entries(entries.into_iter());
        let plain = summarised(
            &run,
            Style {
                colour: false,
                width: 72,
            },
        );
        let coloured = summarised(
            &run,
            Style {
                colour: true,
                width: 72,
            },
        );
        assert!(coloured.contains('\u{1b}'));
        let stripped = coloured
            .split('\u{1b}')
            .enumerate()
            .fold(String::new(), |text, (i, part)| {
                text + if i == 0 {
                    part
                } else {
                    part.split_once('m').unwrap().1
                }
            });
        assert_eq!(stripped, plain);
    }
}

#[test]
fn nothing_a_target_sends_reaches_the_terminal_as_a_command() {
    let run = Run::from_entries(sample::failures().into_iter());
    assert!(!summarised(&run, Style::default()).contains('\u{1b}'));
}

#[test]
fn junit_reports() {
    for (name, _) in sample::all() {
        let xml = rendered(Format::Junit, name);
        quick_junit::Report::deserialize_from_str(&xml).unwrap();
        insta::assert_snapshot!(format!("junit_{name}"), xml);
    }
}

#[test]
fn json_reports() {
    for (name, _) in sample::all() {
        insta::assert_snapshot!(format!("json_{name}"), rendered(Format::Json, name));
    }
}

#[test]
fn logs() {
    for (name, _) in sample::all() {
        insta::assert_snapshot!(format!("jsonl_{name}"), rendered(Format::Jsonl, name));
    }
}

/// The style sheet and the script are files of their own; the snapshots hold what the renderer makes.
fn without_assets(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    let (body, _) = body.rsplit_once("<script>").unwrap();
    // One element a line, so that a change shows as the lines it changes.
    format!("{head}{body}").replace("><", ">\n<")
}

#[test]
fn html_pages() {
    for (name, _) in sample::all() {
        let page = rendered(Format::Html, name);
        if let Ok(dir) = std::env::var("DCX_SAMPLE_PAGES") {
            std::fs::write(std::path::Path::new(&dir).join(format!("{name}.html")), &page).unwrap();
        }
        insta::assert_snapshot!(format!("html_{name}"), without_assets(&page));
    }
}

#[test]
fn a_page_loads_nothing() {
    for (name, _) in sample::all() {
        let page = rendered(Format::Html, name);
        for loading in [
            " src=",
            "@import",
            "url(",
            "<iframe",
            "<object",
            "<img",
            "href=\"http",
            "<script>alert",
        ] {
            assert!(!page.contains(loading), "{name} has {loading}");
        }
        assert_eq!(page.matches("<link").count(), 1, "only the empty icon");
    }
}

/// A generated case can have thousands of exchanges with long bodies; the page stays one that opens.
#[test]
fn a_page_of_a_huge_run_stays_small() {
    let mut entries = sample::failures();
    let seen: Vec<_> = entries
        .iter()
        .filter(|e| matches!(e.event, Event::Observed(_)))
        .cloned()
        .collect();
    let end = entries.pop();
    for round in 0..100 {
        for mut entry in seen.iter().cloned() {
            if let Event::Observed(observed) = &mut entry.event {
                observed.case = format!("search-sync.huge-{}", round % 10);
                if let Observation::Exchange(exchange) = &mut observed.observation {
                    exchange.request.body.text = format!("[{}]", vec!["\"xxxxxxxxxxxx\""; 5_000].join(","));
                }
            }
            entries.push(entry);
        }
    }
    entries.extend(end);
    let run = Run::from_entries(entries.clone().into_iter());
    let mut page = Vec::new();
    render(Format::Html, &run, &mut page, |out| {
        sample::write_log(&entries, out)
    })
    .unwrap();
    assert!(page.len() < 12_000_000, "{} bytes", page.len());
}
