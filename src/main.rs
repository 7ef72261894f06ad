//! The `bailiwick` command.

#![expect(dead_code, reason = "the commands are wired to the other layers next")]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
