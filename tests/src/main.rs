//! The binary `leeway` as tests start it: the same program, with points at which it can be stopped (`FAILPOINTS`).

use std::process::ExitCode;

fn main() -> ExitCode {
    let points = fail::FailScenario::setup();
    let exit = leeway::main();
    points.teardown();
    exit
}
