//! What the window wants done and must not wait for: files, folders, the start of an editor.
//!
//! One thread, started by [`Chores::start`], does one chore after the other and tells the result; it is
//! the only one that writes the settings. It knows no toolkit: a waker is called after each result.
//! It ends when the [`ChoreSender`] is gone and what must not be lost is done.

mod complete;
mod guests;
mod new_guest;
mod pictures;
mod queue;
mod save_as;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use exuvia_raster::Picture;

use crate::editor::{self, EditorError, Launched, Origin, Place};
use crate::settings::{self, Folders, Remembered, Settings};

pub(crate) use complete::expand;
pub use guests::{FoundGuest, FoundGuests};
pub use new_guest::Sample;
pub(crate) use pictures::SOFTWARE;
use queue::Queue;
pub(crate) use save_as::replace;

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Chore {
    /// Open a place in the user's editor.
    OpenInEditor {
        /// The place.
        place: Place,
        /// The setting `editor`.
        setting: Option<String>,
    },
    /// Write the settings. A newer one takes the place of one that was not begun.
    SaveSettings(Settings),
    /// Write what the window remembers. A newer one takes the place of one that was not begun.
    SaveRemembered(Remembered),
    /// Write a new file. Never over one that exists: it then gets another name.
    WriteFile {
        /// The file.
        path: PathBuf,
        /// Its content.
        bytes: Vec<u8>,
        /// What it is, for the message: "the picture".
        what: String,
    },
    /// Write a picture as PNG into the user's folder for pictures.
    SavePicture {
        /// Name of the file, without its ending. It gets a number if it is taken.
        name: String,
        /// The picture.
        picture: Picture,
        /// What it shows, as the file itself says it.
        title: String,
        /// What it is, for the message: "the screenshot".
        what: String,
    },
    /// Look for crates that can be guests. A newer one takes the place of one that was not begun,
    /// and ends one that was. Other chores do not wait for it: it begins again after them.
    ListGuests {
        /// Where: in this folder, and three levels below.
        folder: PathBuf,
    },
    /// The folders that a path being typed may go on with. A newer one takes the place of one that
    /// was not begun.
    CompletePath {
        /// What was typed.
        text: String,
    },
    /// Write a new guest into a folder that does not exist yet, or is empty.
    CreateGuest {
        /// The folder, as it was typed.
        folder: String,
        /// The package's name.
        name: String,
        /// In two crates.
        split: bool,
    },
    /// Find the sample: the guest that the workspace around names, else a new one in our own folder.
    FindSample {
        /// Where the workbench was started.
        here: Option<PathBuf>,
    },
    /// Find out which editor is used where the setting names none.
    DetectEditor,
}

/// How a chore ended. Each that was begun has exactly one; errors are as the user is to read them,
/// or, of editors, as data that the window has words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChoreDone {
    /// Of [`Chore::OpenInEditor`].
    OpenInEditor {
        /// The place.
        place: Place,
        /// The editor's name: it was started.
        result: Result<String, EditorError>,
    },
    /// Of [`Chore::SaveSettings`].
    SaveSettings(Result<(), String>),
    /// Of [`Chore::SaveRemembered`].
    SaveRemembered(Result<(), String>),
    /// Of [`Chore::WriteFile`] and [`Chore::SavePicture`].
    WriteFile {
        /// What it is.
        what: String,
        /// The name that it got.
        result: Result<PathBuf, String>,
    },
    /// Of [`Chore::ListGuests`].
    ListGuests {
        /// The folder that was asked for.
        folder: PathBuf,
        /// What was found.
        result: Result<FoundGuests, String>,
    },
    /// Of [`Chore::CompletePath`].
    CompletePath {
        /// What was typed.
        text: String,
        /// What it may become, each ending with a separator; nothing if there is no such folder.
        result: Result<Vec<String>, String>,
    },
    /// Of [`Chore::CreateGuest`].
    CreateGuest {
        /// The folder, as it was typed.
        folder: String,
        /// The folder that was written.
        result: Result<PathBuf, String>,
    },
    /// Of [`Chore::FindSample`].
    FindSample(Result<Sample, String>),
    /// Of [`Chore::DetectEditor`]: the editor's name and who chose it.
    DetectEditor(Result<(String, Origin), EditorError>),
}

/// Starts the thread.
#[derive(Debug)]
pub struct Chores;

impl Chores {
    /// Starts the thread. `waker` is called on it after each result.
    ///
    /// `folders` is where the settings are kept; without them, saving says that it cannot.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(
        folders: Option<Folders>,
        waker: impl Fn() + Send + 'static,
    ) -> std::io::Result<(ChoreSender, Receiver<ChoreDone>)> {
        let (sender, chores) = mpsc::channel();
        let (results, done) = mpsc::channel();
        let ending = Arc::new(AtomicBool::new(false));
        let mut worker = Worker { folders, ending: Arc::clone(&ending), launched: Vec::new() };
        let thread = std::thread::Builder::new().name("chores".to_owned()).spawn(move || {
            worker.run(&chores, |result| {
                // Nobody reads any more when the window is closed; what is left is done all the same.
                if results.send(result).is_ok() {
                    waker();
                }
            });
        })?;
        Ok((ChoreSender { sender: Some(sender), ending, thread: Some(thread) }, done))
    }
}

/// Hands chores to the thread. When it is dropped, the thread does what must not be lost (saves, files, the
/// editor), leaves out the rest, and ends.
#[derive(Debug)]
pub struct ChoreSender {
    sender: Option<Sender<Chore>>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ChoreSender {
    /// Has something done. Does not wait.
    pub fn send(&self, chore: Chore) {
        if let Some(sender) = &self.sender {
            // The thread outlives this sender: it has ended only if the process is going down.
            let _ = sender.send(chore);
        }
    }

    /// Waits until everything that must not be lost is done. Not for the GUI thread while its window is open.
    pub fn finish(mut self) {
        self.close();
        if let Some(thread) = self.thread.take() {
            // A panic was told by the panic hook.
            let _ = thread.join();
        }
    }

    fn close(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        self.sender = None;
    }
}

impl Drop for ChoreSender {
    fn drop(&mut self) {
        self.close();
    }
}

struct Worker {
    folders: Option<Folders>,
    ending: Arc<AtomicBool>,
    /// Editors that may still run. Asked now and then, so that ended ones do not stay as zombies.
    launched: Vec<Launched>,
}

impl Worker {
    fn run(&mut self, chores: &Receiver<Chore>, tell: impl Fn(ChoreDone)) {
        let ending = Arc::clone(&self.ending);
        let queue = RefCell::new(Queue::default());
        let take_in = || chores.try_iter().for_each(|chore| queue.borrow_mut().push(chore));
        loop {
            // What came meanwhile is looked at first: a newer save takes the older one's place.
            take_in();
            if ending.load(Ordering::Relaxed) {
                queue.borrow_mut().leave_out_questions();
            }
            let next = queue.borrow_mut().next();
            match next {
                Some(chore) => {
                    let interrupted = Cell::new(false);
                    let stop = || {
                        take_in();
                        interrupted.set(!queue.borrow().is_empty());
                        interrupted.get() || ending.load(Ordering::Relaxed)
                    };
                    let scan = matches!(chore, Chore::ListGuests { .. }).then(|| chore.clone());
                    let result = self.done(chore, &stop);
                    let scan = scan.filter(|_| interrupted.get());
                    if !scan.is_some_and(|scan| queue.borrow_mut().put_back(scan)) {
                        tell(result);
                    }
                }
                None => match chores.recv() {
                    Ok(chore) => queue.borrow_mut().push(chore),
                    Err(mpsc::RecvError) => return,
                },
            }
            self.launched.retain_mut(|launched| !launched.has_ended());
        }
    }

    /// Does it. A panic is a result, too: the next chore, perhaps a save, is not lost with it.
    /// What may take long asks `stop` now and then.
    fn done(&mut self, chore: Chore, stop: &dyn Fn() -> bool) -> ChoreDone {
        match chore {
            Chore::OpenInEditor { place, setting } => {
                let result = caught_by_editor(|| {
                    let launched = editor::open(&place, setting.as_deref())?;
                    let editor = launched.editor.clone();
                    self.launched.push(launched);
                    Ok(editor)
                });
                ChoreDone::OpenInEditor { place, result }
            }
            Chore::SaveSettings(settings) => ChoreDone::SaveSettings(caught(|| {
                settings::save_settings(self.folders()?, &settings)
                    .map_err(|error| format!("the settings were not saved: {error}"))
            })),
            Chore::SaveRemembered(remembered) => ChoreDone::SaveRemembered(caught(|| {
                settings::save_remembered(self.folders()?, &remembered)
                    .map_err(|error| format!("recent guests and the layout were not saved: {error}"))
            })),
            Chore::WriteFile { path, bytes, what } => {
                let result = caught(|| {
                    save_as::write_new(&path, &bytes)
                        .map_err(|error| format!("{what} was not written to {}: {error}", path.display()))
                });
                ChoreDone::WriteFile { what, result }
            }
            Chore::SavePicture { name, picture, title, what } => {
                let result = caught(|| {
                    let failed = |reason: String| format!("{what} was not saved: {reason}");
                    let folder = pictures::folder().ok_or_else(|| failed("HOME is not set; set it".to_owned()))?;
                    let texts = [("Software", SOFTWARE), ("Title", title.as_str())];
                    let bytes = picture.to_png_with(&texts).map_err(|error| failed(error.to_string()))?;
                    let path = folder.join(format!("{name}.png"));
                    save_as::write_new(&path, &bytes)
                        .map_err(|error| failed(format!("{} cannot be written: {error}", path.display())))
                });
                ChoreDone::WriteFile { what, result }
            }
            Chore::ListGuests { folder } => {
                let result = caught(|| {
                    let home = std::env::home_dir();
                    let looked_in =
                        folder.to_str().map_or_else(|| folder.clone(), |text| expand(text, home.as_deref()));
                    guests::list(&looked_in, stop)
                        .map_err(|error| format!("{} cannot be looked through: {error}", folder.display()))
                });
                ChoreDone::ListGuests { folder, result }
            }
            Chore::CompletePath { text } => {
                let result = caught(|| complete::complete(&text));
                ChoreDone::CompletePath { text, result }
            }
            Chore::CreateGuest { folder, name, split } => {
                let home = std::env::home_dir();
                let result = caught(|| new_guest::create(&expand(&folder, home.as_deref()), name, split));
                ChoreDone::CreateGuest { folder, result }
            }
            Chore::FindSample { here } => {
                ChoreDone::FindSample(caught(|| new_guest::sample(here.as_deref(), self.folders.as_ref())))
            }
            Chore::DetectEditor => ChoreDone::DetectEditor(caught_by_editor(editor::detected)),
        }
    }

    fn folders(&self) -> Result<&Folders, String> {
        self.folders.as_ref().ok_or_else(no_folder)
    }
}

fn no_folder() -> String {
    format!("not saved: there is no folder for it; set HOME, or {} to a folder of yours", settings::FOLDER_VARIABLE)
}

/// As [`caught`], for what is told as an editor's error.
fn caught_by_editor<T>(work: impl FnOnce() -> Result<T, EditorError>) -> Result<T, EditorError> {
    caught(|| Ok(work())).unwrap_or_else(|message| Err(EditorError::Mistake { message }))
}

fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    // Nothing is shared with the work but flags and a list that is pushed to last.
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("Exuvia made a mistake (a panic; see stderr)".to_owned()))
}
