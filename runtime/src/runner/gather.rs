//! Captured output on its way to the session: gathered into few pieces, and no more than a person
//! could read, so that a guest that prints without end costs neither memory nor the session's time.
//!
//! The readers put text in and never wait; one thread gives it out.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::process::OutputSink;
use crate::ids::VersionNumber;
use crate::session::Stream;

/// Text is given out at most this often; the first piece after a pause at once.
const PACE: Duration = Duration::from_millis(33);

/// How much a stream may write at once, in bytes: several windows full.
const BURST: u64 = 1 << 20;

/// How much a stream may write for long, in bytes per second.
const STEADY: u64 = 256 << 10;

/// How many bytes may still pass.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    bytes: u64,
    at: Instant,
}

impl Allowance {
    fn new(now: Instant) -> Self {
        Self { bytes: BURST, at: now }
    }

    /// Takes what may pass of this many bytes.
    fn take(&mut self, wanted: u64, now: Instant) -> u64 {
        let since = now.duration_since(self.at);
        let more = u64::try_from(since.as_micros()).unwrap_or(u64::MAX).saturating_mul(STEADY) / 1_000_000;
        if more > 0 {
            self.bytes = self.bytes.saturating_add(more).min(BURST);
            self.at = now;
        }
        let passes = wanted.min(self.bytes);
        self.bytes -= passes;
        passes
    }
}

#[derive(Debug)]
struct Piece {
    version: VersionNumber,
    stream: Stream,
    text: String,
}

#[derive(Debug)]
struct Pending {
    pieces: Vec<Piece>,
    /// Readers that have not ended.
    readers: usize,
}

type Shared = Arc<(Mutex<Pending>, Condvar)>;

fn lock(shared: &Shared) -> MutexGuard<'_, Pending> {
    // Plain values; a panic while they were held cannot have left them half-written.
    shared.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where one reader puts what it has read.
#[derive(Debug)]
pub(super) struct Gatherer {
    shared: Shared,
    stream: Stream,
    allowance: Allowance,
    left_out: u64,
}

/// Starts the thread that gives out. The receiver is disconnected once all readers have ended and
/// all of their text was given out.
pub(super) fn gather<const N: usize>(streams: [Stream; N], sink: OutputSink) -> ([Gatherer; N], mpsc::Receiver<()>) {
    let shared: Shared = Arc::new((Mutex::new(Pending { pieces: Vec::new(), readers: N }), Condvar::new()));
    let now = Instant::now();
    let gatherers = streams.map(|stream| Gatherer {
        shared: Arc::clone(&shared),
        stream,
        allowance: Allowance::new(now),
        left_out: 0,
    });
    let (giving, given) = mpsc::channel();
    std::thread::spawn(move || {
        give_out(&shared, &sink);
        drop::<mpsc::Sender<()>>(giving);
    });
    (gatherers, given)
}

fn give_out(shared: &Shared, sink: &OutputSink) {
    loop {
        let waits = |pending: &mut Pending| pending.pieces.is_empty() && pending.readers > 0;
        let mut pending = shared.1.wait_while(lock(shared), waits).unwrap_or_else(PoisonError::into_inner);
        let pieces = std::mem::take(&mut pending.pieces);
        let is_last = pending.readers == 0;
        drop(pending);
        for Piece { version, stream, text } in pieces {
            sink(version, stream, text);
        }
        if is_last {
            return;
        }
        let paced = shared.1.wait_timeout_while(lock(shared), PACE, |pending| pending.readers > 0);
        drop(paced.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Gatherer {
    /// Puts text in, as far as the allowance goes; what is left out is counted and said.
    pub(super) fn put(&mut self, version: VersionNumber, text: &str) {
        let passes = self.allowance.take(text.len() as u64, Instant::now());
        let mut end = usize::try_from(passes).unwrap_or(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        if end > 0 {
            self.say_left_out(version);
            self.append(version, &text[..end]);
        }
        self.left_out += (text.len() - end) as u64;
    }

    fn say_left_out(&mut self, version: VersionNumber) {
        if self.left_out > 0 {
            let note = format!("\n[{} bytes left out: too much at once]\n", self.left_out);
            self.left_out = 0;
            self.append(version, &note);
        }
    }

    fn append(&self, version: VersionNumber, text: &str) {
        let mut pending = lock(&self.shared);
        let newest = pending.pieces.iter_mut().rev().find(|piece| piece.stream == self.stream);
        match newest {
            Some(piece) if piece.version == version => piece.text.push_str(text),
            _ => pending.pieces.push(Piece { version, stream: self.stream, text: text.to_owned() }),
        }
        drop(pending);
        self.shared.1.notify_all();
    }

    /// The stream has ended. `version` is what it last belonged to.
    pub(super) fn end(mut self, version: Option<VersionNumber>) {
        if let Some(version) = version {
            self.say_left_out(version);
        }
    }
}

impl Drop for Gatherer {
    fn drop(&mut self) {
        lock(&self.shared).readers -= 1;
        self.shared.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_is_a_burst_and_a_steady_rate() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        for (wanted, seconds, passes) in
            [(BURST - 10, 0, BURST - 10), (100, 0, 10), (100, 0, 0), (STEADY * 2, 1, STEADY), (BURST * 9, 1_000, BURST)]
        {
            assert_eq!(allowance.take(wanted, start + Duration::from_secs(seconds)), passes, "{wanted} at {seconds} s");
        }
    }

    #[test]
    fn a_flood_is_cut_and_says_so_and_all_ends_are_given_out() {
        let (send, texts) = mpsc::channel();
        let send = Mutex::new(send);
        let sink: OutputSink = Arc::new(move |version, stream, text: String| {
            send.lock().unwrap().send((version, stream, text)).unwrap();
        });
        let ([mut out, mut err], given) = gather([Stream::Stdout, Stream::Stderr], sink);
        let version = VersionNumber(1);
        err.put(version, "error");
        let line = "汉字\n".repeat(1000);
        for _ in 0..2000 {
            out.put(version, &line);
        }
        out.end(Some(version));
        err.end(Some(version));
        assert!(given.recv().is_err(), "disconnected at the end");
        let all: Vec<_> = texts.try_iter().collect();
        let of = |wanted| {
            let texts = all.iter().filter(|(_, stream, _)| *stream == wanted).map(|(_, _, text)| text.as_str());
            texts.collect::<String>()
        };
        assert_eq!(of(Stream::Stderr), "error");
        let out = of(Stream::Stdout);
        assert!(out.ends_with("too much at once]\n"), "{}", &out[out.len() - 60..]);
        assert!((out.len() as u64) < 4 * BURST, "{} bytes", out.len());
        assert!(out.starts_with("汉字\n汉字\n"));
    }
}
