//! `bailiwick man`: the manual page.

use super::{Cli, Outcome};
use clap::{Command, CommandFactory};
use std::process::ExitCode;

/// Print the manual page
///
/// To read it: bailiwick man | man -l -
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(_args: Args) -> Outcome {
    super::print(format_args!("{}", page()?))?;
    Ok(ExitCode::SUCCESS)
}

/// The page of the program, followed by the options of each command.
fn page() -> std::io::Result<String> {
    let mut program = Cli::command();
    program.build();
    let mut text = Vec::new();
    clap_mangen::Man::new(program.clone()).render(&mut text)?;
    let commands = program.get_subcommands();
    for command in commands.filter(|command| command.get_name() != "help") {
        of_command(command, &mut text)?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn of_command(command: &Command, text: &mut Vec<u8>) -> std::io::Result<()> {
    let name = command.get_name().to_uppercase();
    text.extend_from_slice(format!(".SH {name}\n").as_bytes());
    let man = clap_mangen::Man::new(command.clone());
    man.render_synopsis_section(text)?;
    man.render_description_section(text)?;
    man.render_options_section(text)
}
