//! Turns names into parts of e-mail and web addresses.

/// `text` in lower-case ASCII letters and digits, with words joined by `joint`.
pub(super) fn slug(text: &str, joint: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c == '-' || c == '.') {
        let plain: String = word
            .chars()
            .flat_map(char::to_lowercase)
            .filter_map(ascii)
            .collect();
        if !plain.is_empty() {
            words.push(plain);
        }
    }
    words.join(joint)
}

/// The ASCII form of a lower-case letter; nothing for other characters and other scripts.
fn ascii(letter: char) -> Option<&'static str> {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
    if let Some(at) = PLAIN.find(letter) {
        return PLAIN.get(at..=at);
    }
    let (_, plain) = FOLDED
        .iter()
        .find(|(letters, _)| letters.contains(letter))?;
    Some(plain)
}

const FOLDED: &[(&str, &str)] = &[
    ("äæ", "ae"),
    ("öøœ", "oe"),
    ("ü", "ue"),
    ("ß", "ss"),
    ("å", "aa"),
    ("þ", "th"),
    ("áàâãăąāạảấầẩẫậ", "a"),
    ("çćč", "c"),
    ("ďđð", "d"),
    ("éèêëęěēếềệ", "e"),
    ("ğ", "g"),
    ("íìîïīıị", "i"),
    ("ł", "l"),
    ("ñńň", "n"),
    ("óòôõőōốồộơ", "o"),
    ("řŕ", "r"),
    ("śšş", "s"),
    ("ťț", "t"),
    ("úùûũůűūưừ", "u"),
    ("ýÿ", "y"),
    ("źżž", "z"),
];

/// The two forms of a word in another script: as written, and in Latin letters.
pub(super) fn latin(word: &'static str) -> (&'static str, &'static str) {
    word.split_once('|').unwrap_or((word, word))
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_is_plain_ascii() {
        assert_eq!(
            slug("Jürgen O’Neill-Åkesson", "."),
            "juergen.oneill.aakesson"
        );
        assert_eq!(slug("İpek  Yıldız", "."), "ipek.yildiz");
        assert_eq!(slug("Łódź & Co.", "-"), "lodz-co");
    }
}
