//! Exit codes.

use std::process::ExitCode;

use exuvia_runtime::call::Answer;

/// How a command ended. [`Exit::code`] is part of the command line's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked for.
    Done,
    /// The guest said no: the call returned `Err`, panicked or was refused.
    GuestSaidNo,
    /// The command line is wrong.
    Usage,
    /// The path is no guest, or its history cannot be used.
    NotOpened,
    /// The guest's saved code could not be built or loaded.
    NotBuilt,
    /// The guest ended its process or did not answer.
    Faulted,
    /// The workbench itself could not go on.
    Workbench,
    /// Interrupted before the job was done.
    Interrupted,
}

/// The section of `--help`.
pub(super) const HELP: &str = "\
Exit codes:
  0    done; for the window and `watch`: ended by the user
  1    the guest said no: the call returned Err, panicked or was refused
  2    the command line is wrong, or the path is taken (`new`)
  3    PATH is no guest, or its history cannot be used
  4    the saved code could not be built or loaded (`call`)
  5    the guest ended its process or did not answer (`call`)
  6    the workbench itself could not go on
  130  interrupted before the job was done (`call`, `experiment`)";

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::GuestSaidNo => 1,
            Self::Usage => 2,
            Self::NotOpened => 3,
            Self::NotBuilt => 4,
            Self::Faulted => 5,
            Self::Workbench => 6,
            // 128 + SIGINT, as shells have it.
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<&Answer> for Exit {
    fn from(answer: &Answer) -> Self {
        match answer {
            Answer::Returned { .. } => Self::Done,
            Answer::ReturnedErr { .. } | Answer::Panicked { .. } | Answer::Refused { .. } => Self::GuestSaidNo,
            Answer::Faulted { .. } => Self::Faulted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_code() {
        use Exit::{Done, Faulted, GuestSaidNo, Interrupted, NotBuilt, NotOpened, Usage, Workbench};
        let named: Vec<u8> =
            HELP.lines().skip(1).map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect();
        let all = [Done, GuestSaidNo, Usage, NotOpened, NotBuilt, Faulted, Workbench, Interrupted];
        assert_eq!(named, all.map(Exit::code));
    }

    #[test]
    fn answers_have_codes() {
        let (value, text) = (serde_json::Value::Null, String::new);
        for (answer, code) in [
            (Answer::Returned { value: value.clone() }, 0),
            (Answer::ReturnedErr { value }, 1),
            (Answer::Panicked { message: text(), file: text(), line: 1 }, 1),
            (Answer::Refused { message: text() }, 1),
            (Answer::Faulted { fault: text() }, 5),
        ] {
            assert_eq!(Exit::from(&answer).code(), code);
        }
    }
}
