//! Takes an old state over into a type that may have changed: what fits is kept, and what does not
//! costs only itself.
//!
//! A visitor is used up when it fails, so a failure inside cannot be mended on the spot. What does
//! not fit is therefore seen *before* the visitor is called, and something is put in its place
//! (`place`). What only the visitor knows (a missing field, a variant that is gone, a check of the
//! author's own) ends the attempt with a lesson, by type where that is possible, and the next attempt
//! knows better (`lessons`). Attempts and work are bounded.

mod inside;
mod lessons;
mod node;
mod place;
#[cfg(test)]
mod random_tests;
#[cfg(test)]
pub(crate) mod random_types;
mod report;
#[cfg(test)]
mod tests;

use std::cell::{Cell, OnceCell, RefCell};

use inside::Decode;
use lessons::{Failure, Lesson, Lessons};
pub(crate) use node::Node;
use place::{At, Pass, place_of};
pub(crate) use report::Report;

/// Attempts; most states need one, a changed type a few.
const ATTEMPTS: u32 = 2000;

/// Places that are looked at, in all attempts together, until whole fields are given up at once: so many,
/// and so many times the state's own. After as many again the whole state is. In a debug build of the
/// guest a place costs some 2 microseconds.
const WORK: (u64, u64) = (50_000, 4);

/// Takes the old state over. `fresh` makes the bytes of a fresh one; it is called at most once, and
/// only if something does not fit.
///
/// # Errors
///
/// Nothing could be taken over: why.
pub(crate) fn salvage<D: Decode>(
    decode: &D,
    old: &Node<'_>,
    fresh: &mut dyn FnMut() -> Option<Vec<u8>>,
) -> Result<(D::Out, Report), String> {
    let mut decoded = None;
    let mut attempt = |root: At<'_, '_>| match decode.decode(root) {
        Ok(state) => {
            decoded = Some(state);
            Ok(())
        }
        Err(failure) => Err(failure),
    };
    let told = attempts(&mut attempt, old, fresh);
    match (told, decoded) {
        (Ok(report), Some(decoded)) => Ok((decoded, report)),
        (Ok(_), None) => Err("nothing was decoded".to_owned()),
        (Err(why), _) => Err(why),
    }
}

/// Attempts until one does not fail.
fn attempts(
    attempt: &mut dyn FnMut(At<'_, '_>) -> Result<(), Failure>,
    old: &Node<'_>,
    fresh: &mut dyn FnMut() -> Option<Vec<u8>>,
) -> Result<Report, String> {
    let bytes: OnceCell<Option<Vec<u8>>> = OnceCell::new();
    // `None` inside: there is no fresh state to be had.
    let tree: OnceCell<Option<Node<'_>>> = OnceCell::new();
    let mut lessons = Lessons::default();
    let fine = WORK.0 + WORK.1 * old.count();
    let mut work = 0;
    let mut why = String::new();
    for _ in 0..ATTEMPTS {
        let known = tree.get();
        let pass = Pass {
            lessons: &lessons,
            has_fresh: known.is_some(),
            path: RefCell::default(),
            report: RefCell::default(),
            work: Cell::new(work),
            untyped: Cell::default(),
            making: RefCell::default(),
        };
        let root = At {
            pass: &pass,
            value: Some(old),
            fresh: known.and_then(Option::as_ref),
            place: place_of(old),
            depth: 0,
            settled: false,
            key_of: None,
            option: None,
            distrust: 0,
        };
        let failure = match attempt(root) {
            Ok(()) => return Ok(pass.report.into_inner()),
            Err(failure) => failure,
        };
        work = pass.work.get();
        if work > 2 * fine {
            return Err(format!("too much of it does not fit; lastly, {failure}"));
        }
        why.clone_from(&failure.message);
        match failure.lesson.clone() {
            Some(Lesson::Defaults) if known.is_none() => {
                let made = bytes.get_or_init(&mut *fresh);
                tree.get_or_init(|| made.as_ref().and_then(|bytes| Node::read(bytes).ok()));
            }
            None | Some(Lesson::GiveUp | Lesson::Defaults) => break,
            Some(lesson) if work < fine && lessons.learn(lesson.clone()) => {}
            // Then what lies around it: the nearest place that can still be replaced, or at once the
            // outermost field.
            Some(_) => {
                let mut replace = |place: &u64| lessons.learn(Lesson::Replace(*place, why.clone()));
                let is_learned = if work < fine {
                    failure.trail.iter().any(&mut replace)
                } else {
                    failure.trail.iter().rev().any(&mut replace)
                };
                if !is_learned {
                    break;
                }
            }
        }
    }
    Err(why)
}
