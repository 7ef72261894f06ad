//! Turns database names into words for people: `order_items` becomes "Order items".

use std::collections::HashSet;

/// Words written in capitals.
const ACRONYMS: [&str; 28] = [
    "api", "bic", "css", "csv", "db", "ean", "gdpr", "gtin", "html", "http", "https", "iban", "id",
    "ip", "isbn", "json", "jwt", "pdf", "sku", "sms", "sql", "ssn", "sso", "ui", "url", "uuid",
    "vat", "xml",
];

/// Words without a vowel that are not abbreviations: units and similar.
const SMALL: [&str; 21] = [
    "cm", "cnt", "dst", "ft", "hz", "kg", "km", "lb", "mb", "mg", "ml", "mm", "msg", "nr", "pct",
    "pt", "ptr", "px", "src", "st", "vs",
];

/// Irregular plurals, and words that only look like plurals.
const SINGULARS: [(&str, &str); 32] = [
    ("people", "person"),
    ("children", "child"),
    ("men", "man"),
    ("women", "woman"),
    ("mice", "mouse"),
    ("feet", "foot"),
    ("indices", "index"),
    ("matrices", "matrix"),
    ("vertices", "vertex"),
    ("analyses", "analysis"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("calories", "calorie"),
    ("zombies", "zombie"),
    ("caches", "cache"),
    ("quizzes", "quiz"),
    ("heroes", "hero"),
    ("menus", "menu"),
    ("shelves", "shelf"),
    ("halves", "half"),
    ("gases", "gas"),
    ("biases", "bias"),
    ("canvases", "canvas"),
    ("aliases", "alias"),
    ("atlases", "atlas"),
    ("news", "news"),
    ("series", "series"),
    ("species", "species"),
    ("lens", "lens"),
    ("alias", "alias"),
    ("gas", "gas"),
    ("canvas", "canvas"),
];

/// Splits a name in snake, kebab, camel or any other case into lower-case words.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before: Option<char> = None;
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '_' || c == '-' || c == '.' || c.is_whitespace() {
            words.push(String::new());
            before = None;
            continue;
        }
        let starts = c.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || rest.peek().is_some_and(|next| next.is_lowercase())
            });
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The name in snake case, so that `FirstName` and `first_name` are the same.
pub fn snake(name: &str) -> String {
    words(name).join("_")
}

/// The name as a label: separate words, a capital at the start, acronyms in capitals.
pub fn label(name: &str) -> String {
    let words = words(name);
    if words.is_empty() {
        name.to_owned()
    } else {
        label_of(&words)
    }
}

/// These words as a label; a repeated word is written once.
pub fn label_of(words: &[String]) -> String {
    let mut words = words.to_vec();
    words.dedup();
    let mut out = String::new();
    for (index, word) in words.iter().enumerate() {
        match index {
            0 => out.push_str(&acronym(word).unwrap_or_else(|| capital(word))),
            _ => {
                out.push(' ');
                out.push_str(&acronym(word).unwrap_or_else(|| word.clone()));
            }
        }
    }
    out
}

/// The label of a single one: the last word in the singular, as far as rules for English go.
pub fn singular(label: &str) -> String {
    let (head, last) = match label.rfind(' ') {
        Some(space) => label.split_at(space + 1),
        None => ("", label),
    };
    format!("{head}{}", singular_word(last))
}

fn singular_word(word: &str) -> String {
    let lower = word.to_lowercase();
    if let Some((_, one)) = SINGULARS.iter().find(|(many, _)| *many == lower) {
        return if word.starts_with(char::is_uppercase) {
            capital(one)
        } else {
            (*one).to_owned()
        };
    }
    let cut = |ending: usize| word.get(..word.len() - ending).unwrap_or(word).to_owned();
    // "houses" and "clauses" lose an s; "statuses" and "buses" lose an es.
    let us = lower.ends_with("uses") && !lower.ends_with("ouses") && !lower.ends_with("auses");
    let es = ["sses", "xes", "ches", "shes"]
        .iter()
        .any(|ending| lower.ends_with(ending));
    // "fts" and "dns" are not plurals.
    let spoken = lower.len() > 3 || lower.contains(['a', 'e', 'i', 'o', 'u']);
    match lower.as_str() {
        w if w.len() > 4 && w.ends_with("ies") => cut(3) + "y",
        w if (us || es) && w.len() > 4 => cut(2),
        w if ["ss", "us", "is"].iter().any(|ending| w.ends_with(ending)) => word.to_owned(),
        w if spoken && w.len() > 2 && w.ends_with('s') => cut(1),
        _ => word.to_owned(),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// "ID" for `id` and "IDs" for `ids`.
fn acronym(word: &str) -> Option<String> {
    let known = |word: &str| ACRONYMS.contains(&word);
    match word.strip_suffix('s') {
        _ if known(word) => Some(word.to_uppercase()),
        Some(one) if known(one) => Some(format!("{}s", one.to_uppercase())),
        _ if is_abbreviation(word) => Some(word.to_uppercase()),
        _ => None,
    }
}

/// A label in the middle of a sentence: "Order item" becomes "order item", "SKU" stays.
pub fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            let rest = label.chars().skip(1);
            first.to_lowercase().chain(rest).collect()
        }
        _ => label.to_owned(),
    }
}

/// Whether a short word cannot be spoken: "crm".
fn is_abbreviation(word: &str) -> bool {
    let is_consonant = |c: char| c.is_ascii_lowercase() && !"aeiouy".contains(c);
    (2..=4).contains(&word.len()) && word.chars().all(is_consonant) && !SMALL.contains(&word)
}

/// Splits a one-word name into known words; `None` if it is not made of two or more of them.
pub fn split(name: &str, known: &HashSet<String>) -> Option<Vec<String>> {
    // For each position, the fewest words that reach it, and the start of the last word.
    let mut best: Vec<Option<(usize, usize)>> = vec![Some((0, 0))];
    for end in 1..=name.len() {
        let found = (0..end).filter_map(|start| {
            let (count, _) = (*best.get(start)?)?;
            let word = name.get(start..end)?;
            let is_known = word.len() > 2 && word.len() < name.len() && known.contains(word);
            is_known.then_some((count + 1, start))
        });
        let found = found.min();
        best.push(found);
    }
    let mut words = Vec::new();
    let mut end = name.len();
    while end > 0 {
        let (_, start) = (*best.get(end)?)?;
        words.push(name.get(start..end)?.to_owned());
        end = start;
    }
    words.reverse();
    (words.len() > 1).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_like_words() {
        for (name, expected) in [
            ("order_items", "Order items"),
            ("OrderItem", "Order item"),
            ("ORDER_ITEMS", "Order items"),
            ("Order Details", "Order details"),
            ("id", "ID"),
            ("vat_id", "VAT ID"),
            ("URLPath", "URL path"),
            ("sku_ids", "SKU IDs"),
            ("address2", "Address2"),
            ("größe_cm", "Größe cm"),
            ("_prisma_migrations", "Prisma migrations"),
            ("dbs", "DBs"),
            ("crm", "CRM"),
            ("crm_people", "CRM people"),
            ("user_user_permissions", "User permissions"),
            ("weight_kg", "Weight kg"),
            ("by_my_qty", "By my qty"),
            ("___", "___"),
            ("", ""),
        ] {
            assert_eq!(label(name), expected, "{name}");
        }
    }

    #[test]
    fn one_long_word_is_split_into_words_of_the_schema() {
        let known = [
            "state",
            "province",
            "country",
            "region",
            "stateprovince",
            "reg",
        ];
        let known = known.map(String::from).into();
        let words = |name| split(name, &known).map(|words| words.join(" "));
        assert_eq!(
            words("stateprovincecountryregion").as_deref(),
            Some("stateprovince country region")
        );
        assert_eq!(words("stateprovince").as_deref(), Some("state province"));
        for whole in ["state", "statex", "ion", "", "gr\u{f6}\u{df}e"] {
            assert_eq!(words(whole), None, "{whole}");
        }
    }

    #[test]
    fn one_of_many() {
        for (many, one) in [
            ("Orders", "Order"),
            ("Order items", "Order item"),
            ("Companies", "Company"),
            ("Addresses", "Address"),
            ("Address", "Address"),
            ("Statuses", "Status"),
            ("Status", "Status"),
            ("News", "News"),
            ("People", "Person"),
            ("Sales people", "Sales person"),
            ("Children", "Child"),
            ("Boxes", "Box"),
            ("Batches", "Batch"),
            ("Warehouses", "Warehouse"),
            ("Purchases", "Purchase"),
            ("Expenses", "Expense"),
            ("Invoices", "Invoice"),
            ("Analyses", "Analysis"),
            ("URLs", "URL"),
            ("Page", "Page"),
            ("Index fts", "Index fts"),
            ("Ads", "Ad"),
            ("Is", "Is"),
            ("Straße", "Straße"),
        ] {
            assert_eq!(singular(many), one, "{many}");
        }
    }
}
