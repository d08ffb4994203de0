//! Arguments, options and their help.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Parser};
use exuvia_runtime::build::Selection;
use exuvia_runtime::call::{Call, CallTextError};
use exuvia_runtime::experiment;
use exuvia_runtime::history::RetentionPolicy;
use exuvia_runtime::session::SessionConfig;
use exuvia_runtime::{runner, warden};

use super::{exit, stdin};
use crate::settings::Settings;
use crate::window::offscreen::Figure;

const ABOUT: &str = "\
Live-reloads Rust code: save a file, and the running program takes on the new code and keeps its state.

The code that is reloaded is a crate of crate-type \"cdylib\", called the guest here. Exuvia builds it \
with cargo whenever a file changes, loads the new version beside the running one, and switches. Each \
version is kept, and you can go back to it at any time. A build error or a crash never takes away what \
was running.";

const EXAMPLES: &str = "\
Examples:
  exuvia                                     open the window on the crate in this folder, or the
                                             welcome page where there is none
  exuvia path/to/guest --release             ... on another one, built with optimisations
  exuvia watch --call 'greet(\"World\")'       in the terminal; calls greet() after each reload
  exuvia call path/to/guest 'add(1, 2)'      build, call once, print the result, end
  exuvia list                                what was built, and when
  exuvia new hello                           write a guest of your own
  exuvia experiment                          why reloading is hard, tried for real

Where no window can be opened, `exuvia` says why and goes on as `exuvia watch`.";

const WATCH_EXAMPLES: &str = "\
Examples:
  exuvia watch --call 'greet(\"World\")'
  exuvia watch path/to/guest --json </dev/null | jq .event
  (echo 'pin greet(\"World\")'; sleep 60; echo quit) | exuvia watch

The end of piped input ends nothing; Ctrl-D at a terminal, Ctrl-C and `quit` do.
If nobody reads the output any more, the next line to write ends it.";

const CALL_EXAMPLES: &str = "\
Examples:
  exuvia call 'greet(\"World\")'
  exuvia call path/to/guest 'add(1, -2.5)' --release

The result is printed to stdout as JSON. What the guest itself prints, and the compiler's
messages, go to stderr.";

const NEW_EXAMPLES: &str = "\
Examples:
  exuvia new hello && exuvia hello
  exuvia new path/to/folder --name my-guest
  exuvia new --split big                     for much code: what a save costs is what the small hot
                                             crate costs, however large the library below it is

The SDK is not on crates.io: its sources are written beside the crate's own, so that the crate can
be moved, copied and committed as it is.";

const EXPERIMENT_HELP: &str = "\
A greeting is built, opened, called, edited, built again and opened once more. The ways, each in a
process of its own: open the same path again; overwrite the open file; close first; open a copy of
its own. The first run builds the guest (some seconds), later ones take about a second. A way whose
process dies is a result, not an error.";

const FIGURE_HELP: &str = "\
WHAT is a page (experiment, welcome, settings), the window (window, palette: with the list of commands
open) or one of its panels: versions, timeline, calls, state, change, details, memory, problems, output,
log. It is drawn as in figure mode: larger type, no machine paths, fixed times, a caption.

No screen and no graphics adapter is needed. `experiment` is run for real, unless --sample is given;
for panels the guest is built and run first.

Examples:
  exuvia figure experiment -o experiment.png
  exuvia figure versions path/to/guest --theme dark --size 800x600 -o versions.png
  exuvia figure problems --sample=failed --language zh -o problems.png";

/// Exuvia's command line.
#[derive(Debug, Parser)]
#[command(
    name = "exuvia",
    version,
    about = "Live-reloads Rust code: save a file, and the running program takes it on",
    long_about = ABOUT,
    after_help = format!("{EXAMPLES}\n\n{}", exit::HELP),
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Subcommand>,
    #[command(flatten)]
    pub(super) session: SessionArgs,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
    /// Do the whole job in the terminal: a line per event on stdout, commands on stdin
    #[command(after_help = format!("{}\n\n{WATCH_EXAMPLES}\n\n{}", stdin::help(), exit::HELP))]
    Watch(WatchArgs),
    /// Build the saved code, call one of its functions, print the result, end
    #[command(after_help = format!("{CALL_EXAMPLES}\n\n{}", exit::HELP), allow_missing_positional = true)]
    Call(CallArgs),
    /// Print the history: versions and failed builds, oldest first. Builds nothing
    #[command(after_help = exit::HELP)]
    List(ListArgs),
    /// Write a small guest of your own that builds at once
    #[command(after_help = format!("{NEW_EXAMPLES}\n\n{}", exit::HELP))]
    New(NewArgs),
    /// Try four ways of loading changed code side by side, for real, and say what came of each
    #[command(after_help = format!("{EXPERIMENT_HELP}\n\n{}", exit::HELP))]
    Experiment(ExperimentArgs),
    /// Draw a page or a panel into a PNG file, without a window
    #[command(after_help = format!("{FIGURE_HELP}\n\n{}", exit::HELP))]
    Figure(FigureArgs),
    #[command(name = runner::SUBCOMMAND, hide = true)]
    Runner,
    #[command(name = warden::SUBCOMMAND, hide = true)]
    Warden,
    #[command(name = experiment::SUBCOMMAND, hide = true)]
    ExperimentLane,
}

#[derive(Debug, clap::Args)]
pub(super) struct WatchArgs {
    #[command(flatten)]
    pub(super) session: SessionArgs,
    /// Print one JSON object per line instead of words (see README.md, "Events as JSON")
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CallArgs {
    #[command(flatten)]
    pub(super) guest: GuestArgs,
    /// What to call, with JSON values as arguments: 'greet("World")'
    #[arg(value_name = "CALL", value_parser = call_text)]
    pub(super) call: String,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) guest: GuestArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// A folder that does not exist yet, or is empty
    #[arg(value_name = "PATH", value_parser = guest_path)]
    pub(super) path: PathBuf,
    /// The package's name [default: made of the folder's]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Write two crates: a library for the bulk of the code, and a small hot one to edit on top of it
    #[arg(long)]
    pub(super) split: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExperimentArgs {
    /// Give the guest a thread-local with a destructor
    #[arg(long)]
    pub(super) thread_local: bool,
    /// Print one JSON object with every fact
    #[arg(long)]
    pub(super) json: bool,
    /// Build and run in this folder [default: one in your cache folder]
    #[arg(long, value_name = "PATH")]
    pub(super) folder: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct FigureArgs {
    /// What to draw: a page or a panel (see below)
    #[arg(value_name = "WHAT", value_parser = figure_name)]
    pub(super) what: Figure,
    /// The guest whose session is shown: its folder, its Cargo.toml or a file in it
    #[arg(value_name = "PATH", default_value = ".", value_parser = guest_path)]
    pub(super) path: PathBuf,
    /// Show a made-up session, the same on every machine: its newest version runs (good), or its newest
    /// save does not compile (failed)
    #[arg(long, value_name = "ENDING", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "good")]
    pub(super) sample: Option<Sample>,
    /// Width and height in points
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1600x900", value_parser = figure_size)]
    pub(super) size: [f32; 2],
    /// Pixels for each point, from 0.5 to 4
    #[arg(long, value_name = "N", default_value = "2", value_parser = figure_scale)]
    pub(super) scale: f32,
    /// How much larger than in a window everything is, from 0.8 to 3
    #[arg(long, value_name = "N", default_value = "1.25", value_parser = figure_zoom)]
    pub(super) zoom: f32,
    /// Light or dark
    #[arg(long, value_enum, default_value = "light")]
    pub(super) theme: FigureTheme,
    /// The language of the window's texts
    #[arg(long, value_enum, default_value = "en")]
    pub(super) language: FigureLanguage,
    /// How long the first build, or the experiment, may take
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    pub(super) patience: Duration,
    /// The file to write; one that is there is replaced
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
}

/// How the made-up session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Sample {
    Good,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FigureTheme {
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FigureLanguage {
    En,
    Zh,
}

/// What a session needs.
#[derive(Debug, clap::Args)]
pub(super) struct SessionArgs {
    #[command(flatten)]
    pub(super) guest: GuestArgs,
    /// Call this after each reload and keep the result with the version. May be repeated
    #[arg(long = "call", value_name = "CALL", value_parser = call_text)]
    pub(super) calls: Vec<String>,
    /// Find changes by looking at the files again and again (for network file systems)
    #[arg(long)]
    pub(super) poll: bool,
    /// Always build with cargo, also where running rustc again as cargo ran it would do
    #[arg(long = "no-replay", action = ArgAction::SetFalse)]
    replay: bool,
    /// Build only when asked, not when a file changes
    #[arg(long = "no-auto-reload", action = ArgAction::SetFalse)]
    pub(super) auto_reload: bool,
    /// Keep at most this many versions [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) keep_versions: Option<u32>,
    /// Keep versions of at most this many MiB together [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) keep_mib: Option<u32>,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
}

/// Which guest, and how it is built.
#[derive(Debug, clap::Args)]
pub(super) struct GuestArgs {
    /// The guest: its folder, its Cargo.toml or a file in it [default: the current folder]
    #[arg(value_name = "PATH", value_parser = guest_path)]
    pub(super) path: Option<PathBuf>,
    /// The package, where a workspace has several
    #[arg(short, long, value_name = "NAME", help_heading = "What to build")]
    package: Option<String>,
    /// Features to switch on, separated by commas. May be repeated
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = "What to build")]
    features: Vec<String>,
    /// Switch on all features
    #[arg(long, help_heading = "What to build")]
    all_features: bool,
    /// Leave out the default features
    #[arg(long, help_heading = "What to build")]
    no_default_features: bool,
    /// Cargo's profile, such as dev or release [default: dev]
    #[arg(long, value_name = "NAME", help_heading = "What to build")]
    profile: Option<String>,
    /// The same as --profile release
    #[arg(short, long, conflicts_with = "profile", help_heading = "What to build")]
    release: bool,
}

/// How long things may take.
#[derive(Debug, clap::Args)]
pub(super) struct LimitArgs {
    /// A call that takes longer counts as a hang, and the guest is started again [default: 2]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    deadline: Option<Duration>,
}

impl SessionArgs {
    /// The session that is asked for. `runner` is this executable.
    pub(super) fn config(&self, runner: PathBuf) -> SessionConfig {
        let standard = RetentionPolicy::default();
        let mut config = self.guest.config(runner, &self.limits);
        config.pins.clone_from(&self.calls);
        config.poll = self.poll;
        config.replay = self.replay;
        config.auto_reload = self.auto_reload;
        config.retention = RetentionPolicy {
            versions: self.keep_versions.map_or(standard.versions, |versions| versions as usize),
            bytes: self.keep_mib.map_or(standard.bytes, |mib| u64::from(mib) << 20),
        };
        config
    }
}

impl SessionArgs {
    /// A session on this guest, as if nothing but its path had been given.
    pub(super) fn at(path: &Path) -> Self {
        // The program's name alone gives all defaults.
        let mut args = Args::parse_from(["exuvia"]).session;
        args.guest.path = Some(path.to_owned());
        args
    }

    /// The session that is asked for; what is not said here is as in the settings.
    pub(super) fn config_with(&self, runner: PathBuf, settings: &Settings) -> SessionConfig {
        let mut config = self.config(runner);
        config.poll |= settings.poll;
        config.auto_reload &= settings.auto_reload;
        config.retention = RetentionPolicy {
            versions: self.keep_versions.unwrap_or(settings.retention.versions) as usize,
            bytes: u64::from(self.keep_mib.unwrap_or(settings.retention.mib)) << 20,
        };
        config.limits = settings.limits.into();
        if self.limits.deadline.is_none() {
            config.deadlines.request = settings.deadline();
        }
        config
    }
}

impl CallArgs {
    /// The session that is asked for. `runner` is this executable.
    pub(super) fn config(&self, runner: PathBuf) -> SessionConfig {
        let mut config = self.guest.config(runner, &self.limits);
        // What other sessions pinned or ran is not what was asked.
        config.resume = false;
        config
    }
}

impl GuestArgs {
    /// Where the guest is; the current folder if nothing was said.
    pub(super) fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new("."))
    }

    fn config(&self, runner: PathBuf, limits: &LimitArgs) -> SessionConfig {
        let mut config = SessionConfig::new(self.path(), runner);
        config.selection = self.selection();
        if let Some(deadline) = limits.deadline {
            config.deadlines.request = deadline;
        }
        config
    }

    /// Package, features and profile.
    pub(super) fn selection(&self) -> Selection {
        let features = self.features.iter().flat_map(|list| list.split([',', ' ']));
        Selection {
            package: self.package.clone(),
            features: features.filter(|feature| !feature.is_empty()).map(str::to_owned).collect(),
            all_features: self.all_features,
            no_default_features: self.no_default_features,
            profile: self.profile.clone().or_else(|| self.release.then(|| "release".to_owned())),
        }
    }
}

/// A wrong call is found before anything is built. The text is passed on as it was written.
fn call_text(text: &str) -> Result<String, CallTextError> {
    text.parse::<Call>().map(|_| text.trim().to_owned())
}

/// `exuvia --poll watch` is a slip, not a guest named watch.
fn guest_path(text: &str) -> Result<PathBuf, String> {
    match text {
        "watch" | "call" | "list" | "new" | "experiment" | "figure" => Err(format!(
            "the command comes first, its options after it: exuvia {text} …; for a folder of that name write ./{text}"
        )),
        path => Ok(path.into()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "give a number of seconds, such as 10 or 0.5".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("give a number of seconds above 0".to_owned()),
    }
}

/// Unknown names are answered with the known ones, and the nearest.
fn figure_name(text: &str) -> Result<Figure, String> {
    Figure::named(text).ok_or_else(|| {
        let near = Figure::names().map(|name| (strsim::jaro_winkler(name, text), name));
        let near = near.filter(|(nearness, _)| *nearness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
        let tip = near.map_or_else(String::new, |(_, name)| format!("; did you mean {name}?"));
        format!("there is no figure of that name; known are {}{tip}", Figure::names().collect::<Vec<_>>().join(", "))
    })
}

fn figure_size(text: &str) -> Result<[f32; 2], String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    sides
        .filter(|sides: &[u16; 2]| sides.iter().all(|side| (100..=8_000).contains(side)))
        .map(|sides| sides.map(f32::from))
        .ok_or_else(|| "give width and height in points, each from 100 to 8000, such as 1600x900".to_owned())
}

fn figure_scale(text: &str) -> Result<f32, String> {
    number_within(text, 0.5, 4.0)
}

fn figure_zoom(text: &str) -> Result<f32, String> {
    number_within(text, 0.8, 3.0)
}

fn number_within(text: &str, least: f32, most: f32) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("give a number from {least} to {most}"))
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
