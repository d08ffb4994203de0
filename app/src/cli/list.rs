//! `exuvia list`: the history as it lies on disk. Builds nothing, starts nothing.

use std::io;

use exuvia_runtime::build::Project;
use exuvia_runtime::history::{self, History};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::{Event, GuestInfo};

use super::args::ListArgs;
use super::print::{Format, Printer};
use super::{Exit, colors, error, exit_of_write, note};
use crate::model::Model;

pub(super) fn run(args: &ListArgs) -> Exit {
    let project = match Project::find(args.guest.path(), &args.guest.selection()) {
        Ok(project) => project,
        Err(reason) => return not_opened(&reason.to_string()),
    };
    let History { versions, failures, pins, unreadable, pin_order: _ } = match history::read(&project) {
        Ok(history) => history,
        Err(reason) => return not_opened(&reason.to_string()),
    };
    for reason in unreadable {
        note(&format!("note: {reason}"));
    }
    let history = history::folder(&project);
    let Project { name, manifest, workspace_root, selection, .. } = project;
    let guest = GuestInfo { name, manifest, workspace_root, history, selection };
    let now = Timestamp::now();
    let mut model = Model::default();
    model.apply(Event::Opened { guest, versions, failures, pins }, now);
    let format = if args.json { Format::Json } else { Format::Words { colors: colors(&io::stdout()) } };
    exit_of_write(Printer::new(io::stdout().lock(), format).history(&model, now).map(|()| Exit::Done))
}

fn not_opened(reason: &str) -> Exit {
    error(reason);
    Exit::NotOpened
}
