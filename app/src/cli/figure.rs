//! `exuvia figure`: a page or a panel as a PNG file. The same app as in the window draws it, on the
//! CPU; a guest is built and run, or the experiment, before it is drawn.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use eframe::egui::Theme;
use exuvia_runtime::experiment::{Experiment, ExperimentCommand, ExperimentConfig, ExperimentEvent};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::status::Phase;
use exuvia_runtime::session::{Event, Session, SessionConfig};

use super::args::{FigureArgs, FigureLanguage, FigureTheme, Sample, SessionArgs};
use super::{Exit, error, this_executable};
use crate::chores::{SOFTWARE, replace};
use crate::model::demo::{self, Tail};
use crate::settings::{Loaded, Settings};
use crate::text::Language;
use crate::window::offscreen::{Drawing, Figure, Studio};
use crate::window::{Connection, Desk, ExperimentConnection, Places, Start};

/// What the panels have asked for is answered within this, or has no answer: then it is drawn.
const QUIET: Duration = Duration::from_millis(400);

/// Why there is no picture, and how the process ends.
type Problem = (Exit, String);

pub(super) fn run(args: &FigureArgs) -> Exit {
    match picture(args).and_then(|bytes| write(&args.output, &bytes)) {
        Ok(()) => Exit::Done,
        Err((exit, message)) => {
            error(&message);
            exit
        }
    }
}

fn picture(args: &FigureArgs) -> Result<Vec<u8>, Problem> {
    // Known before anything is built.
    let folder = args.output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let message = format!("{} is no folder; make it, or name a file elsewhere", folder.display());
        return Err((Exit::Workbench, message));
    }
    let drawing = Drawing {
        figure: args.what,
        size: args.size,
        scale: args.scale,
        zoom: args.zoom,
        theme: match args.theme {
            FigureTheme::Light => Theme::Light,
            FigureTheme::Dark => Theme::Dark,
        },
        language: match args.language {
            FigureLanguage::En => Language::English,
            FigureLanguage::Zh => Language::Chinese,
        },
    };
    let picture = match args.sample {
        Some(sample) => of_sample(drawing, sample),
        None if args.what == Figure::Experiment => of_experiment(drawing, args)?,
        None if args.what.shows_guest() => of_guest(drawing, args)?,
        None => Studio::new(drawing, start(None, Loaded::default()), Timestamp::now).draw(),
    };
    let title = format!("{}, {}x{} points", args.what.name(), args.size[0], args.size[1]);
    picture
        .to_png_with(&[("Software", SOFTWARE), ("Title", &title)])
        .map_err(|problem| (Exit::Workbench, problem.to_string()))
}

/// Replaces the file by a whole one.
fn write(file: &Path, bytes: &[u8]) -> Result<(), Problem> {
    replace(file, bytes).map_err(|reason| (Exit::Workbench, format!("{} cannot be written: {reason}", file.display())))
}

/// A window in which nothing can be opened and nothing is kept.
fn start(session: Option<Connection>, loaded: Loaded) -> Start {
    let desk = Desk {
        open: Box::new(|_, _| Connection { events: mpsc::channel().1, send: Box::new(|_| ()) }),
        experiment: Box::new(|_| ExperimentConnection { events: mpsc::channel().1, send: Box::new(|_| ()) }),
        chore: Box::new(|_| ()),
        chores_done: mpsc::channel().1,
    };
    Start { desk, session, loaded, locale: None, places: Places::default() }
}

fn of_sample(drawing: Drawing, sample: Sample) -> exuvia_raster::Picture {
    let mut studio = sample_studio(drawing, sample);
    // What a panel asks for in the first picture is in the second.
    studio.draw();
    studio.draw()
}

fn sample_studio(drawing: Drawing, sample: Sample) -> Studio {
    let (sender, events) = mpsc::channel();
    let send = move |command| {
        for event in demo::replies(&command) {
            // The studio is there as long as its session.
            let _ = sender.send(event);
        }
    };
    let session = drawing.figure.shows_guest() || drawing.figure == Figure::Settings;
    let session = session.then(|| Connection { events, send: Box::new(send) });
    let has_session = session.is_some();
    let loaded = Loaded { remembered: demo::remembered(), ..Loaded::default() };
    let mut studio = Studio::new(drawing, start(session, loaded), || demo::NOW);
    if has_session {
        let tail = match sample {
            Sample::Good => Tail::Runs,
            Sample::Failed => Tail::BuildFailed,
        };
        for (at, event) in demo::events(tail) {
            studio.app().tell(event, at);
        }
    }
    if drawing.figure == Figure::Experiment {
        demo::experiment().into_iter().for_each(|event| studio.app().tell_experiment(event));
    }
    studio
}

fn of_experiment(drawing: Drawing, args: &FigureArgs) -> Result<exuvia_raster::Picture, Problem> {
    let program = this_executable().map_err(|exit| (exit, "this program cannot be found".to_owned()))?;
    let mut studio = Studio::new(drawing, start(None, Loaded::default()), Timestamp::now);
    let config = ExperimentConfig { program, folder: None, thread_local: false };
    // The loop below waits for the events themselves, so nobody needs to be woken.
    let (experiment, events) = Experiment::start(config, || {});
    experiment.send(ExperimentCommand::RunAll);
    let deadline = Instant::now() + args.patience;
    let result = loop {
        match wait(&events, deadline, args.patience, "the experiment") {
            Ok(ExperimentEvent::Failed { message }) => break Err((Exit::Workbench, message)),
            Ok(event) => {
                let is_last = event.is_terminal();
                studio.app().tell_experiment(event);
                if is_last {
                    break Ok(studio.draw());
                }
            }
            Err(problem) => break Err(problem),
        }
    };
    experiment.end();
    result
}

fn of_guest(drawing: Drawing, args: &FigureArgs) -> Result<exuvia_raster::Picture, Problem> {
    let runner = this_executable().map_err(|exit| (exit, "this program cannot be found".to_owned()))?;
    let config: SessionConfig = SessionArgs::at(&args.path).config_with(runner, &Settings::default());
    let (session, events) = Session::start(config, || {});
    let result = draw_session(drawing, args, &session, &events);
    session.end();
    result
}

fn draw_session(
    drawing: Drawing,
    args: &FigureArgs,
    session: &Session,
    events: &Receiver<Event>,
) -> Result<exuvia_raster::Picture, Problem> {
    let (sender, received) = mpsc::channel();
    let commands = session.commands();
    let connection = Connection { events: received, send: Box::new(move |command| commands.send(command)) };
    let mut studio = Studio::new(drawing, start(Some(connection), Loaded::default()), Timestamp::now);
    let deadline = Instant::now() + args.patience;
    loop {
        let event = wait(events, deadline, args.patience, "the first build")?;
        if let Event::OpenFailed { message } = &event {
            return Err((Exit::NotOpened, message.clone()));
        }
        let is_done = is_settled(&event);
        // The studio outlives this loop.
        let _ = sender.send(event);
        if is_done {
            break;
        }
    }
    // Panels ask for what they show when they are drawn.
    studio.draw();
    while let Ok(event) = events.recv_timeout(QUIET.min(deadline.saturating_duration_since(Instant::now()))) {
        let _ = sender.send(event);
    }
    Ok(studio.draw())
}

/// Whether the session has come to rest: whatever its first attempt came to, it was tried.
fn is_settled(event: &Event) -> bool {
    let Event::Status { status, .. } = event else { return matches!(event, Event::Ended) };
    match status.phase {
        Phase::Opening | Phase::Building { .. } | Phase::Activating => false,
        // Before its first build a session idles with nothing running.
        Phase::Idle => status.running.is_some(),
        _ => true,
    }
}

fn wait<T>(events: &Receiver<T>, deadline: Instant, patience: Duration, what: &str) -> Result<T, Problem> {
    events.recv_timeout(deadline.saturating_duration_since(Instant::now())).map_err(|reason| {
        let message = match reason {
            RecvTimeoutError::Timeout => {
                let seconds = patience.as_secs_f64();
                format!("{what} was not done within {seconds} s; give it more with --patience")
            }
            RecvTimeoutError::Disconnected => format!("{what} ended without a result; this is a bug in exuvia"),
        };
        (Exit::Workbench, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_figure_of_the_sample_is_empty() {
        let language = Language::English;
        let l = language;
        let empty = [
            l.change_none(),
            l.change_waiting(),
            l.state_none_yet(),
            l.details_none(),
            l.memory_none(),
            l.exports_not_yet(),
            l.answers_none(),
            l.pins_none(),
            l.problems_none(),
            l.problems_not_yet(),
            l.output_none(),
            l.log_none(),
            l.timeline_none(),
            l.versions_none(),
            l.welcome_no_recent(),
            l.experiment_begin(),
        ];
        for name in Figure::names() {
            let figure = Figure::named(name).unwrap();
            let drawing =
                Drawing { figure, size: [1280.0, 800.0], scale: 0.5, zoom: 1.0, theme: Theme::Light, language };
            let mut studio = sample_studio(drawing, Sample::Failed);
            studio.draw();
            let texts = studio.texts();
            assert!(texts.len() > 5, "{name} shows hardly anything: {texts:?}");
            let told: Vec<_> = texts.iter().filter(|text| empty.contains(&text.as_str())).collect();
            assert!(told.is_empty(), "{name} is empty: {told:?}");
        }
    }
}
