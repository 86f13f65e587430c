//! Why a subcommand ended early: the exit code and one clear message, already in the language of the run.

use std::io;

use super::exit::Exit;
use crate::text::{Lang, Say};

/// What ends a run before its time.
#[derive(Debug)]
pub enum Failure {
    /// A message on standard error and an exit code.
    Message(Exit, String),
    /// The reader of our output has gone away: quiet, and no failure.
    BrokenPipe,
}

impl Failure {
    /// Something failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Message(Exit::Failed, message.into())
    }

    /// The command line or the settings are wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Message(Exit::Usage, message.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::failed(error.to_string()) }
    }
}

/// Turns an error that can say itself into a failure.
pub trait OrFail<T> {
    /// Exit code 1, the error said in `lang`.
    fn or_fail(self, lang: Lang) -> Result<T, Failure>;
    /// Exit code 2.
    fn or_usage(self, lang: Lang) -> Result<T, Failure>;
}

impl<T, E: Say> OrFail<T> for Result<T, E> {
    fn or_fail(self, lang: Lang) -> Result<T, Failure> {
        self.map_err(|error| Failure::failed(error.say(lang)))
    }
    fn or_usage(self, lang: Lang) -> Result<T, Failure> {
        self.map_err(|error| Failure::usage(error.say(lang)))
    }
}
