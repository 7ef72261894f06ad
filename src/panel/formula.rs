//! Protects text from being run as a formula by a spreadsheet.

/// Puts a `'` before what would be a formula: at the start, and after separators of fields or
/// lines. A spreadsheet that splits at semicolons ignores our quotes.
pub fn guarded(text: String) -> String {
    marked(text, |safe, told| {
        // A text that starts with `'` gets another one, so that it survives reading the file.
        if is_risky(told.trim_start_matches('\'')) {
            safe.push('\'');
        }
        safe.push_str(told);
    })
}

/// Removes every guard from a [`guarded`] text.
pub fn unguarded(text: String) -> String {
    marked(text, |bare, told| {
        let is_guarded = told.starts_with('\'') && is_risky(told.trim_start_matches('\''));
        bare.push_str(told.get(usize::from(is_guarded)..).unwrap_or_default());
    })
}

/// Splits a text into parts that a spreadsheet could read as cells; `mark` writes each.
fn marked(text: String, mark: impl Fn(&mut String, &str)) -> String {
    if !text.contains(RISKY) {
        return text;
    }
    let mut marked = String::with_capacity(text.len() + 1);
    let mut rest = text.as_str();
    // A separator at the very start counts as the start of a formula.
    if text
        .trim_start_matches('\'')
        .starts_with(['\t', '\r', '\n'])
    {
        let end = text.find(SEPARATORS).map_or(text.len(), |at| at + 1);
        let (first, after) = text.split_at(end);
        mark(&mut marked, first);
        rest = after;
    }
    let mut is_first = rest.len() == text.len();
    while !rest.is_empty() {
        let end = rest.find(SEPARATORS).map_or(rest.len(), |at| at + 1);
        let (part, after) = rest.split_at(end);
        let bare = part.trim_end_matches(SEPARATORS);
        let blank = bare.len() - bare.trim_start_matches([' ', '"']).len();
        // At the very start, leading spaces prevent a spreadsheet from reading a formula.
        let (space, told) = bare.split_at(if is_first { 0 } else { blank });
        marked.push_str(space);
        mark(&mut marked, told);
        marked.push_str(part.get(bare.len()..).unwrap_or_default());
        is_first = false;
        rest = after;
    }
    marked
}

/// Separators of fields or lines, with some settings of some spreadsheets.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// How formulas start in spreadsheets, including full-width forms.
const RISKY: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Words in intervals, and in infinite times.
const UNITS: [&str; 16] = [
    "ago", "day", "days", "hour", "hours", "infinity", "mins", "minute", "minutes", "mon", "mons",
    "month", "months", "secs", "year", "years",
];

/// The minimum number of digits in a telephone number with a country code.
const TELEPHONE: usize = 6;

/// Whether it starts like a formula, and is not one of the harmless texts that do.
pub fn is_risky(text: &str) -> bool {
    text.starts_with(RISKY) && !is_plain(text)
}

/// A number, an amount of money, an interval, an infinite time, or a telephone number. None of
/// these can name a cell or a function.
fn is_plain(text: &str) -> bool {
    let is_mark = |c: char| c.is_ascii_digit() || ".,:()/+-$\u{20ac}\u{a3}\u{a5}%".contains(c);
    let is_number = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let is_unit = |word: &str| {
        let word = word.trim_start_matches(['+', '-']).to_ascii_lowercase();
        UNITS.contains(&word.as_str())
    };
    // "-1.5e-7": how Rust and databases write small numbers.
    let is_power = |word: &str| word.parse::<f64>().is_ok_and(f64::is_finite);
    let is_fine = |word: &str| {
        (word.chars().all(is_mark) && (is_number(word) || word.chars().count() == 1))
            || is_unit(word)
            || is_power(word)
    };
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    // A telephone number has a minimum of digits.
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_long = !text.starts_with('+') || digits >= TELEPHONE;
    is_long
        && text.starts_with(['+', '-'])
        && text.contains(|c: char| c.is_ascii_alphanumeric())
        && words.all(is_fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_text() {
        for text in [
            "=1+1",
            "+A1",
            "-A1",
            "+",
            "-",
            "+1",
            "+49",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "\u{ff1d}1",
            "-2+3+cmd|' /C calc'!A0",
            "+1 day!A1",
            "-days()",
            "+49 30 =1",
        ] {
            assert_eq!(guarded(text.into()), format!("'{text}"));
        }
        assert_eq!(guarded("SO-10001".into()), "SO-10001");
        assert_eq!(guarded("a=b".into()), "a=b");
    }

    #[test]
    fn numbers_times_and_telephone_numbers_are_left_alone() {
        for text in [
            "-1",
            "-1.5e-7",
            "-$2.00",
            "-1,234.50 \u{20ac}",
            "-infinity",
            "-Infinity",
            "-1 days +02:03:00",
            "-1 years -2 mons",
            "-00:00:01",
            "+49 (30) 123-456/7",
            "+1-202-555-0100",
            "a - b",
            "a;b",
            "a\nb",
        ] {
            assert_eq!(guarded(text.into()), text);
        }
    }

    #[test]
    fn a_formula_behind_another_separator_is_made_text() {
        for (text, safe) in [
            ("a;=1+1", "a;'=1+1"),
            ("a;=1+1;@x", "a;'=1+1;'@x"),
            ("a; \"=1+1\"", "a; \"'=1+1\""),
            ("a\n=1+1", "a\n'=1+1"),
            ("a\t+cmd", "a\t'+cmd"),
            ("x;-5;+49 30 123", "x;-5;+49 30 123"),
        ] {
            assert_eq!(guarded(text.into()), safe);
        }
    }

    #[test]
    fn what_was_guarded_is_read_as_it_was() {
        for text in [
            "=1+1",
            "'=1+1",
            "''=1",
            "'",
            "''",
            "'a",
            "\tx",
            "'\tx",
            "''\tx",
            "\n=1",
            "a;=1",
            "a;'=1",
            "a; \"'=1\"",
            "'-1",
            "-1",
            "\r\n@x",
            "x\r\n'@x",
            "' =1",
            "a;b;'c;=",
            "'\t'=1;'+x",
        ] {
            let safe = guarded(text.into());
            assert_eq!(unguarded(safe.clone()), text, "{safe:?}");
        }
        // A `'` that a person wrote.
        assert_eq!(unguarded("'=1+1".into()), "=1+1");
        assert_eq!(unguarded("'quoted'".into()), "'quoted'");
    }
}
