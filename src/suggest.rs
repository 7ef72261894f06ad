//! "Did you mean": the known word nearest to a misspelt one.

/// The word that this one was probably meant to be: at most a third of its letters (and at least
/// one) away, upper and lower case alike. The first of several equally near.
pub fn nearest<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    among
        .map(|known| (distance(&word, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The number of letters to add, drop or replace (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut row = vec![left];
        for (other, up) in to.iter().zip(above.iter().skip(1)) {
            left = (diagonal + usize::from(letter != *other))
                .min(up + 1)
                .min(left + 1);
            diagonal = *up;
            row.push(left);
        }
        above = row;
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_its_neighbour() {
        let known = ["issuer", "client_id", "client_secret", "scopes"];
        let find = |word| nearest(word, known.into_iter());
        assert_eq!(find("isuer"), Some("issuer"));
        assert_eq!(find("isseur"), Some("issuer"));
        assert_eq!(find("Scopes"), Some("scopes"));
        assert_eq!(find("clientsecret"), Some("client_secret"));
        assert_eq!(find("zebra"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("größe", "grosse"), 3);
    }
}
