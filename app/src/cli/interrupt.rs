//! Ctrl-C, and the polite end that `kill`, `timeout` and service managers ask for.
//!
//! Neither may leave cargo or a runner behind, so they end the session instead of the process.
//! SIGHUP is left alone: `nohup` counts on it, and without a terminal cargo ends by itself.

/// Runs `first` on a thread of its own when the process is asked to end. If it is asked again,
/// the process ends at once.
#[cfg(unix)]
pub(super) fn on_interrupt(first: impl FnOnce() + Send + 'static) {
    use std::time::{Duration, Instant};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// `timeout` signals both the process and its group: that is one wish, not two.
    const ONE_WISH: Duration = Duration::from_millis(500);

    // Where it cannot be had, the signals end the process at once, and the next start sweeps up.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    let _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        let mut signals = signals.forever();
        if signals.next().is_none() {
            return;
        }
        let since = Instant::now();
        // On a thread of its own: what it waits for must not make the second Ctrl-C deaf.
        let _ = std::thread::Builder::new().name("interrupted".to_owned()).spawn(first);
        for _ in signals {
            if since.elapsed() > ONE_WISH {
                std::process::exit(i32::from(super::Exit::Interrupted.code()));
            }
        }
    });
}

/// There is nothing but the system's own handling.
#[cfg(not(unix))]
pub(super) fn on_interrupt(_first: impl FnOnce() + Send + 'static) {}
