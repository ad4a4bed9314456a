//! How every command ends: the exit codes of the contract, and errors as people read them.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use textwrap::{WordSeparator, WordSplitter};

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It went well; a proposal is allowed.
    Success,
    /// What was looked at has errors.
    Errors,
    /// The command line is wrong, or something cannot be read or written.
    Usage,
    /// The proposal needs approval.
    ApprovalRequired,
    /// The proposal is forbidden.
    Forbidden,
    /// Something is newly permitted.
    NewlyPermitted,
    /// The operation failed.
    Failed,
    /// The evidence does not say how the operation turned out.
    Inconclusive,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Errors => 1,
            Exit::Usage => 2,
            Exit::ApprovalRequired => 3,
            Exit::Forbidden => 4,
            Exit::NewlyPermitted => 5,
            Exit::Failed => 6,
            Exit::Inconclusive => 7,
        })
    }
}

/// Why a command could not do its work: what, and what next.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    help: Option<String>,
}

/// What every command returns.
pub(crate) type CommandResult = Result<Exit, Failure>;

impl Failure {
    /// The command line is wrong, or something cannot be read or written.
    pub(crate) fn usage(message: impl Display) -> Failure {
        Failure { exit: Exit::Usage, message: message.to_string(), help: None }
    }

    /// What was looked at has errors.
    pub(crate) fn errors(message: impl Display) -> Failure {
        Failure { exit: Exit::Errors, message: message.to_string(), help: None }
    }

    /// Says what to do next.
    pub(crate) fn help(mut self, help: impl Display) -> Failure {
        self.help = Some(help.to_string());
        self
    }

    /// Prints it to standard error and gives its exit code.
    pub(crate) fn print(self) -> ExitCode {
        let report = miette::MietteDiagnostic::new(self.message);
        let report = match self.help {
            Some(help) => report.with_help(help),
            None => report,
        };
        // Lines break at spaces alone: a time, a path or an address is to be copied as it stands.
        let _ = miette::set_hook(Box::new(|_| {
            let options = miette::MietteHandlerOpts::new().break_words(false);
            let options = options.word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation);
            Box::new(options.build())
        }));
        // Where nobody can be told, the exit code still does.
        let _ = writeln!(std::io::stderr(), "{:?}", miette::Report::new(report));
        self.exit.into()
    }
}
