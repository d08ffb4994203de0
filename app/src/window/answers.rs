//! How chores ended, and what the window makes of it.

use std::path::PathBuf;

use eframe::egui::Context;
use exuvia_runtime::session::Event;

use super::actions::Action;
use super::app::WindowApp;
use super::pages::welcome::Code;
use super::view_state::Overlay;
use crate::chores::ChoreDone;
use crate::editor::{EditorError, Place};
use crate::model::LogLine;

impl WindowApp {
    /// Takes in how chores ended.
    pub(super) fn take_chores(&mut self, ctx: &Context) {
        while let Ok(done) = self.desk.chores_done.try_recv() {
            let failed = match done {
                ChoreDone::OpenInEditor { place, result } => {
                    self.editor_answered(&place, result);
                    None
                }
                ChoreDone::SaveSettings(result) | ChoreDone::SaveRemembered(result) => result.err(),
                ChoreDone::WriteFile { result: Err(message), .. } => Some(message),
                ChoreDone::WriteFile { result: Ok(path), .. } => {
                    let path = path.display().to_string();
                    if self.view.settings.toasts {
                        self.view.guest.toasts.say_saved(&self.view.language.screenshot_saved(&path));
                    }
                    self.model.log.note(LogLine::PictureSaved { path }, (self.clock)());
                    None
                }
                ChoreDone::ListGuests { folder, result } => {
                    self.view.guest.open_guest.take_guests(&folder, result);
                    None
                }
                ChoreDone::CompletePath { text, result } => {
                    self.view.guest.new_guest.take_folders(&text, result.clone());
                    self.view.guest.open_guest.take_folders(&text, result);
                    None
                }
                ChoreDone::CreateGuest { folder, result } => {
                    let open = self.view.guest.overlay == Some(Overlay::NewGuest);
                    let waited = open && self.view.guest.new_guest.waits_for(&folder);
                    match result {
                        Ok(path) => {
                            let source = path.join("src/lib.rs");
                            self.open_or_note(ctx, path, waited);
                            if waited {
                                self.view.guest.welcome.code = Some(Code { source, is_sample: false });
                            }
                            None
                        }
                        Err(message) => {
                            if waited {
                                self.view.guest.new_guest.fail(message.clone());
                            }
                            Some(message)
                        }
                    }
                }
                ChoreDone::FindSample(result) => {
                    let waited = self.view.guest.welcome.take_sample(&result);
                    match result {
                        Ok(sample) => {
                            self.open_or_note(ctx, sample.path, waited);
                            if waited {
                                self.view.guest.welcome.code =
                                    sample.source.map(|source| Code { source, is_sample: true });
                            }
                            None
                        }
                        Err(message) => Some(message),
                    }
                }
                ChoreDone::DetectEditor(result) => {
                    self.view.guest.settings_page.detected = Some(result);
                    None
                }
            };
            if let Some(message) = failed {
                self.hear(Event::CommandRefused { message });
            }
        }
    }

    /// A late answer takes nobody's guest away: where it lies is only said.
    fn open_or_note(&mut self, ctx: &Context, path: PathBuf, waited: bool) {
        if waited {
            self.act(ctx, Action::OpenGuest(path));
        } else {
            let message = self.view.language.ready_not_opened(&path.display().to_string());
            self.model.apply(Event::Notice { message }, (self.clock)());
        }
    }

    /// That a file was opened is seen elsewhere; that it was not is said in a notice and in the log.
    fn editor_answered(&mut self, place: &Place, result: Result<String, EditorError>) {
        let line = match result {
            Ok(editor) => {
                // Whoever has the code before them need not be told where it lies.
                self.view.guest.toasts.forget_editor();
                self.view.guest.welcome.code.take_if(|code| code.source == place.file);
                let root = self.model.guest.as_ref().map(|guest| guest.workspace_root.as_path());
                let file = root.and_then(|root| place.file.strip_prefix(root).ok()).unwrap_or(&place.file);
                LogLine::EditorOpened { place: format!("{}:{}:{}", file.display(), place.line, place.column), editor }
            }
            Err(error) => {
                if self.view.settings.toasts {
                    self.view.guest.toasts.say_editor_failed(error.clone(), place.file.clone());
                }
                LogLine::EditorFailed { error }
            }
        };
        self.model.log.note(line, (self.clock)());
    }
}
