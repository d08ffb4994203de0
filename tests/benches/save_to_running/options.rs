//! What the command line asks for.

use std::path::PathBuf;

/// All options.
#[derive(Debug)]
pub(crate) struct Options {
    /// What `cargo bench` asks for, in contrast to `cargo test`.
    pub measured: bool,
    /// Instead of each guest's own number.
    pub runs: Option<u64>,
    pub warm_ups: u64,
    pub guests: Vec<String>,
    /// Parts of names of contestants; empty: all of them.
    pub only: Vec<String>,
    /// Also what kept versions cost, and how soon a killed runner answers.
    pub standing: bool,
    pub json: Option<PathBuf>,
    pub svg: Option<PathBuf>,
    /// What must not grow, instead of the contest.
    pub growth: Option<Growth>,
}

/// What is made to grow, each in the sizes that are compared; the first is what the others are compared with.
#[derive(Debug, Clone)]
pub(crate) struct Growth {
    pub versions: Vec<u64>,
    pub files: Vec<u64>,
    pub packages: Vec<u64>,
}

const KNOWN: &str = "--runs N, --warm-ups N, --guests A,B, --only A,B, --json FILE, --svg FILE, --growth, \
     --versions N,M, --files N,M, --packages N,M";

impl Options {
    pub(crate) fn read(arguments: &[String]) -> Result<Self, String> {
        let measured = arguments.iter().any(|argument| argument == "--bench");
        let all = if measured { "small,medium,large,split" } else { "small" };
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        // The test is a quick one, of what is ours.
        let only: &[&str] = if measured { &[] } else { &["Exuvia", "bare"] };
        let mut options = Self {
            measured,
            runs: (!measured).then_some(1),
            warm_ups: if measured { 2 } else { 0 },
            guests: list(all),
            only: only.iter().map(|part| (*part).to_owned()).collect(),
            standing: true,
            json: None,
            svg: None,
            growth: None,
        };
        let mut growth = Growth { versions: vec![1, 100, 1_000], files: vec![100, 100_000], packages: vec![1, 50] };
        let mut is_growth = false;
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{option} wants a value"));
            let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{option} wants a number, not `{text}`"));
            let numbers = |text: &String| text.split(',').map(number).collect::<Result<Vec<u64>, String>>();
            match option.as_str() {
                "--bench" => {}
                "--runs" => options.runs = Some(number(value()?)?),
                "--warm-ups" => options.warm_ups = number(value()?)?,
                "--guests" => options.guests = list(value()?),
                "--only" => (options.only, options.standing) = (list(value()?), false),
                "--json" => options.json = Some(PathBuf::from(value()?)),
                "--svg" => options.svg = Some(PathBuf::from(value()?)),
                "--growth" => is_growth = true,
                "--versions" => growth.versions = numbers(value()?)?,
                "--files" => growth.files = numbers(value()?)?,
                "--packages" => growth.packages = numbers(value()?)?,
                other => return Err(format!("`{other}` is none of {KNOWN}")),
            }
        }
        if growth.versions.contains(&0) {
            return Err("--versions wants at least 1: what runs is kept".to_owned());
        }
        options.growth = is_growth.then_some(growth);
        match options.runs {
            Some(0) => Err("--runs wants at least 1".to_owned()),
            _ => Ok(options),
        }
    }

    /// Whether a contestant takes part.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}
