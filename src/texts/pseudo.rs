//! The pseudo-language, by which a test recognises texts of message files.

/// The usual language tag for accented English.
pub(super) const TAG: &str = "en-XA";

/// A message with its marks.
pub(super) fn marked(text: &str) -> String {
    format!("\u{27e6}{text}\u{27e7}")
}

/// A part of a message with accents on its letters. Markup stays unchanged. A part may start or end
/// inside a tag, if an attribute is an argument.
pub(super) fn accented(piece: &str) -> String {
    let is_first = |sign: char, other: char| match (piece.find(sign), piece.find(other)) {
        (Some(at), Some(other)) => at < other,
        (at, _) => at.is_some(),
    };
    let mut is_in_tag = is_first('>', '<');
    let letters = piece.chars().map(|letter| {
        match letter {
            '<' => is_in_tag = true,
            '>' => is_in_tag = false,
            _ if !is_in_tag => return accent(letter),
            _ => {}
        }
        letter
    });
    letters.collect()
}

fn accent(letter: char) -> char {
    const PLAIN: &str = "aceilnosuydgAEIOUNCD";
    const ACCENTED: &str = "\u{e5}\u{e7}\u{e9}\u{ee}\u{142}\u{f1}\u{f6}\u{161}\u{fb}\u{fd}\u{f0}\u{11d}\u{c5}\u{c9}\u{ce}\u{d6}\u{db}\u{d1}\u{c7}\u{d0}";
    let at = PLAIN.chars().position(|plain| plain == letter);
    at.and_then(|at| ACCENTED.chars().nth(at)).unwrap_or(letter)
}
