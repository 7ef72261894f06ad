//! The `bailiwick` command.

// A page is made of thousands of small texts, so the allocator decides its cost.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    bailiwick::cli::main()
}
