//! What can be typed after `dcx prove`.

use crate::prove::Trial;
use clap::Args;

pub(in crate::cli) const PROVE_EXAMPLES: &str = "\
Examples:
  dcx prove                                         what CI proves: one seed for each defect, five clean ones
  dcx prove --profile dci-social --defect 'ge-*'    one defect, after a change of what should catch it
  dcx prove --reading 'dci.no-match=*'              the mock that takes another reading is not blamed for it,
                                                    whatever the profile
  dcx prove --reading '*' --reading-seeds 0 --seeds 200
                                                    nor are mixtures of readings, as servers have them
  dcx prove --kill-seeds 20 --examples 200 --seeds 200
                                                    whether the proof depends on luck; this takes hours
  dcx prove --kill-seeds 20 --shard 2/4             the second quarter of it, on the second of four machines

Progress and what is not proven stand on stderr as they come. Ctrl-C ends the proof and prints what was found.

Exit codes: 0 proven, 100 not proven, 101 interrupted before anything spoke against it.";

#[derive(Debug, Args)]
pub(in crate::cli) struct ProveArgs {
    /// Prove only this profile; repeatable [default: all]
    #[arg(long, value_name = "PROFILE")]
    pub(in crate::cli) profile: Vec<String>,
    /// Prove only the defects whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) defect: Vec<String>,
    /// On how many seeds the compliant mock has to stay clean, under each profile: as it is, with as many other
    /// legal readings at once as go together, and with a mixture of them.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(in crate::cli) seeds: u64,
    /// On how many seeds the compliant mock has to stay clean that takes one other legal reading alone, under one of
    /// the profiles that show it, in turn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(in crate::cli) reading_seeds: u64,
    /// Prove only that these other readings are not blamed, e.g. 'dci.no-match=*', but under every profile that
    /// shows them; repeatable.
    #[arg(long, value_name = "GLOB", conflicts_with = "defect")]
    pub(in crate::cli) reading: Vec<String>,
    /// Under how many seeds each defect is committed: it has to be caught under every one of them. What is caught
    /// under some only is caught by luck.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(in crate::cli) kill_seeds: u64,
    /// The first of these seeds, to prove again what failed under one of them.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(in crate::cli) first_seed: u64,
    /// Random valid requests per operation, as in `dcx test`.
    #[arg(long, value_name = "N", default_value_t = crate::prove::EXAMPLES)]
    pub(in crate::cli) examples: u32,
    /// Prove only this part of everything, e.g. 2/4; the parts of all machines are the whole.
    #[arg(long, value_name = "K/N", value_parser = part)]
    pub(in crate::cli) shard: Option<(usize, usize)>,
    /// Print the kill matrix as JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl ProveArgs {
    /// So many trials, each with the seed after that of the one before.
    pub(in crate::cli) fn trials(&self, many: u64) -> impl Iterator<Item = Trial> + use<> {
        let (first, examples) = (self.first_seed, self.examples);
        (0..many).map(move |nth| Trial {
            seed: first.wrapping_add(nth),
            examples,
        })
    }
}

fn part(text: &str) -> Result<(usize, usize), String> {
    let read = text
        .split_once('/')
        .and_then(|(nth, of)| Some((nth.parse().ok()?, of.parse().ok()?)));
    match read {
        Some((nth, of)) if (1..=of).contains(&nth) => Ok((nth, of)),
        _ => Err("give which part of how many, e.g. 2/4".to_owned()),
    }
}
