//! The binary `leeway`.

use std::process::ExitCode;

fn main() -> ExitCode {
    leeway::main()
}
