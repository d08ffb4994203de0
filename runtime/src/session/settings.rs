//! The project's settings, read anew when a manifest or cargo's configuration has changed, and what
//! follows from the ones that differ.

use std::sync::Arc;

use super::Event;
use super::actor::{Actor, Input};
use super::status::Phase;
use crate::build::{Cancel, Project, ProjectError, SETTINGS_TABLE, Selection};
use crate::history::record::Cause;
use crate::swap::Job;
use crate::watch::Inputs;

impl<T: Fn(Event)> Actor<T> {
    /// Whether the project has to be read anew.
    pub(super) fn changes_settings(&self, cause: &Cause) -> bool {
        let Cause::Saved { paths } = cause else { return false };
        let settings = self.project.settings_files();
        paths.iter().any(|path| settings.contains(&self.project.absolute(path)))
    }

    pub(super) fn read_project_anew(&self) {
        let (path, given, inbox) = (self.project.manifest.clone(), self.config.selection.clone(), self.inbox.clone());
        let cancel = Cancel::new(self.warden.clone());
        std::thread::spawn(move || {
            let found = Project::find_until(&path, &given, Some(&cancel));
            drop(inbox.send(Input::Project(Box::new(found))));
        });
    }

    pub(super) fn project_read(&mut self, project: Result<Project, ProjectError>) {
        match project {
            Ok(project) if project == *self.project => {}
            // Its history lies elsewhere: another guest, as far as we are concerned.
            Ok(project) if project.name != self.project.name => {
                let message = format!(
                    "the package is called {} now, its history is that of {}; open it again",
                    project.name, self.project.name
                );
                (self.tell)(Event::Notice { message });
            }
            Ok(project) => self.take_project(project),
            // The build has failed for the same reason, and that is shown.
            Err(error) if self.phase == Phase::BuildFailed && !matches!(error, ProjectError::Settings { .. }) => {}
            Err(error) => {
                (self.tell)(Event::Notice { message: format!("{error}\nwhat was set before stays") });
            }
        }
    }

    fn take_project(&mut self, project: Project) {
        let old = std::mem::replace(&mut self.project, Arc::new(project));
        let new = Arc::clone(&self.project);
        let _ = self.host.send(Job::Project(Arc::clone(&new)));
        self.inputs = Inputs::new(&new, &self.read);
        self.arm(true);
        self.look(&std::collections::BTreeSet::new());
        let what_follows = follow(&old, &new, self.config.resume);
        for message in what_follows.notices {
            (self.tell)(Event::Notice { message });
        }
        if !what_follows.pins.is_empty() {
            let _ = self.host.send(Job::PinAlso(what_follows.pins));
        }
        if what_follows.build && self.auto_reload {
            self.build(Cause::Saved { paths: vec![new.shown(&new.manifest)] }, None);
            // That build is made with what has just been read.
            self.is_stale = false;
        } else {
            self.consider(None, false);
        }
    }
}

/// What follows from settings that have changed.
#[derive(Debug, PartialEq, Eq, Default)]
struct WhatFollows {
    notices: Vec<String>,
    pins: Vec<String>,
    /// Whether cargo would build something else from the same files.
    build: bool,
}

/// What follows from the new settings. Pure, but for a look whether watched paths are there.
fn follow(old: &Project, new: &Project, with_calls: bool) -> WhatFollows {
    let known = doubts(old);
    let mut notices: Vec<String> = doubts(new).into_iter().filter(|doubt| !known.contains(doubt)).collect();
    if new.selection != old.selection {
        notices.push(format!("from the next build on: {}", in_words(&new.selection)));
    }
    let environment = new.settings.environment != old.settings.environment;
    if environment {
        notices.push(
            "the environment in the manifest has changed: cargo has it from the next build on, the guest's process when it is restarted"
                .to_owned(),
        );
    }
    let mut pins = Vec::new();
    if with_calls {
        let (before, now) = (&old.settings.calls, &new.settings.calls);
        pins.extend(now.iter().filter(|call| !before.contains(call)).cloned());
        let gone = before.iter().filter(|call| !now.contains(call));
        notices.extend(gone.map(|call| {
            format!("{call} is no longer in the manifest; it stays pinned until it is unpinned, or the guest is opened again")
        }));
    }
    WhatFollows { notices, pins, build: environment || new.selection != old.selection }
}

fn in_words(selection: &Selection) -> String {
    let options = selection.to_string();
    if options.is_empty() { "the default features and profile".to_owned() } else { options }
}

/// What is doubtful about a manifest's settings, though they can be understood.
pub(super) fn doubts(project: &Project) -> Vec<String> {
    let missing = project.settings.watch.iter().filter(|path| !path.exists()).map(|path| {
        format!(
            "`watch` in {SETTINGS_TABLE} names {}, which is not there; it is awaited",
            project.shown(path).display()
        )
    });
    project.settings.unknown.iter().cloned().chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::build::ManifestSettings;

    #[test]
    fn what_follows_from_changed_settings() {
        let with = |profile: Option<&str>, settings: ManifestSettings| Project {
            selection: Selection { profile: profile.map(str::to_owned), ..Selection::default() },
            settings,
            ..Project::sample(Path::new("/w"), Vec::new())
        };
        let calls = |calls: &[&str]| ManifestSettings {
            calls: calls.iter().map(|call| (*call).to_owned()).collect(),
            ..ManifestSettings::default()
        };
        let none = ManifestSettings::default();
        let level = ManifestSettings { environment: [("LEVEL".to_owned(), "1".to_owned())].into(), ..none.clone() };
        let odd = ManifestSettings { unknown: vec!["odd".to_owned()], ..none.clone() };
        let missing = ManifestSettings { watch: vec!["/w/nowhere/x".into()], ..none.clone() };
        for (old, new, notices, pins, build) in [
            (with(None, none.clone()), with(None, none.clone()), &[][..], &[][..], false),
            (with(None, none.clone()), with(Some("fast"), none.clone()), &["on: --profile=fast"], &[], true),
            (with(Some("fast"), none.clone()), with(None, none.clone()), &["on: the default features"], &[], true),
            (with(None, none.clone()), with(None, level), &["when it is restarted"], &[], true),
            (
                with(None, calls(&["a()", "b()"])),
                with(None, calls(&["b()", "c()"])),
                &["a() is no longer"],
                &["c()"],
                false,
            ),
            (with(None, none.clone()), with(None, odd.clone()), &["odd"], &[], false),
            (with(None, odd.clone()), with(None, odd), &[], &[], false),
            (with(None, none), with(None, missing), &["names nowhere/x, which is not there"], &[], false),
        ] {
            let found = follow(&old, &new, true);
            assert_eq!(
                (found.pins.iter().map(String::as_str).collect::<Vec<_>>(), found.build),
                (pins.to_vec(), build)
            );
            assert_eq!(found.notices.len(), notices.len(), "{found:?}");
            for (notice, part) in found.notices.iter().zip(notices) {
                assert!(notice.contains(part), "{notice}");
            }
            assert_eq!(follow(&old, &new, false).pins, Vec::<String>::new());
        }
    }
}
