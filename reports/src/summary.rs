//! The summary that a terminal shows at the end of a run, for a tired person: what was certified, what
//! failed and what to do about it, and last the sentence that decides.

mod notes;
mod table;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Paint};
use specs::evidence::Verdict;

use crate::aggregate::{Run, Violation};
use crate::text::{duration, one_line, plural, shorten, wrap};
use crate::words::{self, Line};

/// Findings told in full per section; the rest are named.
const TOLD_IN_FULL: usize = 20;
/// Readings and notices told; the rest are counted.
const TOLD_BRIEFLY: usize = 8;
/// Longer commands are for files, not for a terminal.
const LONGEST_COMMAND: usize = 2000;
/// Where the text of a labelled line begins.
const LABEL: usize = 10;

/// How the summary is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to write colours.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
        }
    }
}

/// Writes the summary of a run.
pub fn render(run: &Run, out: &mut impl Write, style: Style) -> io::Result<()> {
    let mut page = Page {
        out,
        style: Style {
            width: style.width.max(40),
            ..style
        },
    };
    page.head(run)?;
    page.cut_warning(run)?;
    page.quality(run)?;
    page.configuration(run)?;
    page.violations(run, Verdict::Fail, "FAILED")?;
    page.violations(run, Verdict::Error, "OUR OWN ERRORS")?;
    page.unexplained(run)?;
    page.violations(run, Verdict::Warn, "WARNINGS")?;
    page.reasons(run)?;
    page.readings(run)?;
    page.notices(run)?;
    page.table(run)?;
    page.cut(run)?;
    page.gate(run)
}

struct Page<'w, W> {
    out: &'w mut W,
    style: Style,
}

fn bold() -> Paint {
    Paint::new().bold()
}

fn dim() -> Paint {
    Paint::new().dimmed()
}

fn paint_of(verdict: Verdict) -> Paint {
    match verdict {
        Verdict::Pass => AnsiColor::Green.on_default(),
        Verdict::Fail | Verdict::Error => AnsiColor::Red.on_default().bold(),
        Verdict::Warn => AnsiColor::Yellow.on_default(),
        Verdict::Inconclusive => AnsiColor::Magenta.on_default(),
        Verdict::Skipped => dim(),
    }
}

impl<W: Write> Page<'_, W> {
    fn paint(&self, text: &str, paint: Paint) -> String {
        if self.style.colour {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }

    /// A block of text at an indent; the first line has `first` before it.
    fn block(&mut self, first: &str, indent: usize, text: &str, paint: Paint) -> io::Result<()> {
        for (i, line) in wrap(text, self.style.width.saturating_sub(indent))
            .iter()
            .enumerate()
        {
            let line = self.paint(line, paint);
            if i == 0 {
                writeln!(self.out, "{first}{line}")?;
            } else {
                writeln!(self.out, "{:indent$}{line}", "")?;
            }
        }
        Ok(())
    }

    fn labelled(&mut self, line: &Line) -> io::Result<()> {
        let label = self.paint(&format!("{:<LABEL$}", line.label), dim());
        let first = format!("    {label}");
        if line.verbatim {
            return writeln!(self.out, "{first}{}", line.text);
        }
        self.block(&first, 4 + LABEL, &line.text, Paint::new())
    }

    fn title(&mut self, title: &str, detail: &str, paint: Paint) -> io::Result<()> {
        let title = self.paint(title, paint.bold());
        writeln!(self.out, "\n{title}  {detail}")
    }

    fn head(&mut self, run: &Run) -> io::Result<()> {
        let Some(start) = &run.start else {
            return writeln!(self.out, "The log does not say how the run began.");
        };
        let tool = self.paint(&one_line(&format!("{} {}", start.tool, start.version)), bold());
        let digest: String = start.requirement_digest.chars().take(12).collect();
        writeln!(
            self.out,
            "{tool}  seed {}  requirements {}",
            start.seed,
            one_line(&digest)
        )?;
        if !start.selection.is_empty() {
            self.block("selected  ", 10, &start.selection.join(" "), Paint::new())?;
        }
        for target in &start.targets {
            let profile = self.paint(&one_line(&target.profile), bold());
            let title = one_line(&target.title);
            let specification = one_line(&target.specification);
            writeln!(self.out, "certified {profile}  {title} ({specification})")?;
            let note = words::target_note(target)
                .map(|n| format!(" — {n}"))
                .unwrap_or_default();
            self.block(
                "          ",
                10,
                &format!("{}{note}", one_line(&target.url)),
                Paint::new(),
            )?;
        }
        Ok(())
    }

    /// Before anything else, that this is not the whole of it.
    fn cut_warning(&mut self, run: &Run) -> io::Result<()> {
        let Some(reason) = run
            .cut()
            .filter(|_| words::configuration_problems(run).is_empty())
        else {
            return Ok(());
        };
        let title = self.paint("CUT SHORT", paint_of(Verdict::Error));
        writeln!(self.out)?;
        self.block(&format!("{title}  "), 11, &one_line(&reason), Paint::new())
    }

    /// After everything else, what that means.
    fn cut(&mut self, run: &Run) -> io::Result<()> {
        // A fault of the configuration has been told already, and the last line says what it means.
        let Some(words) = words::cut(run).filter(|_| words::configuration_problems(run).is_empty()) else {
            return Ok(());
        };
        let paint = paint_of(Verdict::Error);
        let title = self.paint("CUT SHORT", paint);
        writeln!(self.out)?;
        self.block(&format!("{title}  "), 11, &words, paint)
    }

    fn configuration(&mut self, run: &Run) -> io::Result<()> {
        let problems = words::configuration_problems(run);
        if problems.is_empty() {
            return Ok(());
        }
        let count = plural(problems.len() as u64, "problem", "problems");
        self.title(
            "CONFIGURATION",
            &format!("{count}, to be solved before conformance can be judged"),
            AnsiColor::Cyan.on_default(),
        )?;
        for (profile, check) in problems {
            let name = self.paint(&one_line(&check.name), bold());
            writeln!(self.out, "\n✕ {name}  {}", one_line(profile))?;
            self.block("    ", 4, &one_line(&check.detail), Paint::new())?;
            if let Some(remedy) = &check.remedy {
                self.labelled(&Line {
                    label: "remedy",
                    text: one_line(remedy),
                    verbatim: false,
                })?;
            }
        }
        Ok(())
    }

    fn violations(&mut self, run: &Run, verdict: Verdict, title: &str) -> io::Result<()> {
        let violations = run.violations_grouped(verdict);
        if violations.is_empty() {
            return Ok(());
        }
        let count = words::requirements(&violations);
        self.title(title, &count, paint_of(verdict))?;
        for violation in violations.iter().take(TOLD_IN_FULL) {
            self.violation(violation, verdict)?;
        }
        let rest: Vec<String> = (violations.iter().skip(TOLD_IN_FULL))
            .map(|v| one_line(&v.requirement.id))
            .collect();
        if !rest.is_empty() {
            writeln!(self.out)?;
            let text = format!(
                "{} more, in full in every report: {}",
                rest.len(),
                rest.join(", ")
            );
            self.block("  ", 2, &text, Paint::new())?;
        }
        Ok(())
    }

    fn violation(&mut self, violation: &Violation<'_>, verdict: Verdict) -> io::Result<()> {
        let requirement = violation.requirement;
        let id = self.paint(&one_line(&requirement.id), bold());
        let glyph = self.paint(words::glyph(verdict), paint_of(verdict));
        let level = words::level(requirement.level());
        writeln!(
            self.out,
            "\n{glyph} {id}  {level}  {}",
            one_line(&requirement.profile)
        )?;
        if let Some(fact) = &requirement.fact {
            self.block("    ", 4, &one_line(&fact.statement), Paint::new())?;
        }
        let Some(first) = violation.occurrences.first() else {
            return Ok(());
        };
        for line in words::finding(first) {
            self.labelled(&line)?;
        }
        let mut others: Vec<String> = (violation.occurrences.iter().skip(1))
            .map(|o| one_line(&o.case.case))
            .filter(|case| *case != one_line(&first.case.case))
            .collect();
        others.dedup();
        if !others.is_empty() {
            let shown = others.len().min(TOLD_BRIEFLY);
            let more = match others.len() - shown {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            let text = format!("{}{more}", others[..shown].join(", "));
            self.labelled(&Line {
                label: "also in",
                text,
                verbatim: false,
            })?;
        }
        for line in words::alike(violation)
            .into_iter()
            .chain(words::remedy(requirement, verdict))
        {
            self.labelled(&line)?;
        }
        match words::curl(first) {
            Some(line) if line.text.len() > LONGEST_COMMAND => self.labelled(&Line {
                text: format!(
                    "{} characters, too long to show here; every report file has it",
                    line.text.len()
                ),
                verbatim: false,
                ..line
            })?,
            Some(line) => self.labelled(&line)?,
            None => {}
        }
        self.labelled(&Line {
            label: "more",
            text: words::explain(requirement),
            verbatim: true,
        })
    }

    fn unexplained(&mut self, run: &Run) -> io::Result<()> {
        for case in run.unexplained() {
            let verdict = case.verdict.unwrap_or(Verdict::Error);
            let glyph = self.paint(words::glyph(verdict), paint_of(verdict));
            let (name, profile) = (one_line(&case.case), one_line(&case.profile));
            writeln!(self.out, "\n{glyph} {name}  {profile}")?;
            let text = format!(
                "The case came out as {}; none of its checks says why.",
                verdict.word()
            );
            self.block("    ", 4, &text, Paint::new())?;
        }
        Ok(())
    }

    fn reasons(&mut self, run: &Run) -> io::Result<()> {
        let reasons = run.reasons(Verdict::Inconclusive);
        if reasons.is_empty() {
            return Ok(());
        }
        let count = plural(run.check_counts().inconclusive, "check", "checks");
        let paint = paint_of(Verdict::Inconclusive);
        self.title("INCONCLUSIVE", &format!("{count} could not be decided"), paint)?;
        for (reason, cases) in &reasons {
            let glyph = self.paint(words::glyph(Verdict::Inconclusive), paint);
            self.block(&format!("{glyph} "), 2, &one_line(reason), Paint::new())?;
            let count = plural(cases.len() as u64, "case", "cases");
            let text = format!("{count}: {}", words::case_names(run, cases, 5));
            self.block("    ", 4, &text, dim())?;
        }
        Ok(())
    }

    fn gate(&mut self, run: &Run) -> io::Result<()> {
        writeln!(self.out)?;
        if let Some(finish) = &run.finish {
            let traffic = run.traffic();
            let (sent, came) = (traffic.sent, traffic.callbacks);
            writeln!(
                self.out,
                "{}, {}, {}",
                plural(sent, "request", "requests"),
                plural(came, "callback", "callbacks"),
                duration(finish.elapsed_us)
            )?;
            self.paces(finish)?;
        }
        let good = run.finish.as_ref().is_some_and(|f| f.exit_code == 0) && run.cut().is_none();
        let paint = paint_of(if good { Verdict::Pass } else { Verdict::Fail }).bold();
        let gate = words::gate(run);
        let gate = shorten(&gate, 2_000);
        writeln!(self.out, "{}", self.paint(&gate, paint))?;
        match words::next(run).filter(|_| good) {
            Some(next) => writeln!(self.out, "{}", self.paint(next, dim())),
            None => Ok(()),
        }
    }
}
