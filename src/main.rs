//! The `bailiwick` command.

// A page is made of thousands of small pieces of text: the allocator is what it costs most.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    bailiwick::cli::main()
}
