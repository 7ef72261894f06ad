//! "Did you mean": finds the most similar valid name.

/// The name most similar to the given one, if it is similar enough.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = fold(written);
    let limit = (written.len() / 3).max(1);
    names
        .into_iter()
        .map(|name| (distance(&written, &fold(name)), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The end of an error message: `; did you mean "total"?`, or nothing.
pub fn did_you_mean<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    nearest(written, names)
        .map(|name| format!("; did you mean \"{name}\"?"))
        .unwrap_or_default()
}

/// Ignores case and the usual separators, which are the most frequent mistakes.
fn fold(text: &str) -> Vec<char> {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, '-' | ' ') { '_' } else { c })
        .collect()
}

/// The number of characters to add, remove, replace or swap with their neighbour.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=to.len()).collect();
    let mut last_from = None;
    for (row, a) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut last_to = None;
        for (column, b) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX);
            let mut best = (at(&previous, column) + usize::from(a != b))
                .min(at(&previous, column + 1) + 1)
                .min(at(&current, column) + 1);
            if last_from == Some(b) && last_to == Some(a) && a != b {
                best = best.min(at(&before, column.saturating_sub(1)).saturating_add(1));
            }
            current.push(best);
            last_to = Some(b);
        }
        before = std::mem::replace(&mut previous, current);
        last_from = Some(a);
    }
    previous.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_keyboard_are_recognised() {
        let names = ["total", "status", "placed_at", "id"];
        assert_eq!(nearest("totl", names), Some("total"));
        assert_eq!(nearest("sttaus", names), Some("status"));
        assert_eq!(nearest("Placed-At", names), Some("placed_at"));
        assert_eq!(nearest("customer", names), None);
        assert_eq!(did_you_mean("totla", names), "; did you mean \"total\"?");
        assert_eq!(did_you_mean("", ["abc"]), "");
    }

    #[test]
    fn a_swap_counts_once() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("ab"), &chars("ba")), 1);
        assert_eq!(distance(&chars("abcd"), &chars("acbd")), 1);
        assert_eq!(distance(&chars(""), &chars("abc")), 3);
        assert_eq!(distance(&chars("kitten"), &chars("sitting")), 3);
    }
}
