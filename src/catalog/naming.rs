//! Words for people out of names for databases: `order_items` becomes "Order items".

/// Words written in capitals.
const ACRONYMS: [&str; 27] = [
    "api", "bic", "css", "csv", "ean", "gdpr", "gtin", "html", "http", "https", "iban", "id", "ip",
    "isbn", "json", "jwt", "pdf", "sku", "sms", "sql", "ssn", "sso", "ui", "url", "uuid", "vat",
    "xml",
];

/// Plurals that follow no rule below, and words that only look like plurals.
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

/// The words of a name in snake, kebab, camel or any other case, in lower case.
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

/// The name as a label: words, the first with a capital, acronyms in capitals.
pub fn label(name: &str) -> String {
    let words = words(name);
    match words.is_empty() {
        true => name.to_owned(),
        false => label_of(&words),
    }
}

/// These words as a label.
pub fn label_of(words: &[String]) -> String {
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

/// What one of these is called: the last word in the singular, as far as English has rules.
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
        return match word.starts_with(char::is_uppercase) {
            true => capital(one),
            false => (*one).to_owned(),
        };
    }
    let cut = |ending: usize| word.get(..word.len() - ending).unwrap_or(word).to_owned();
    // "houses" and "clauses" lose an s; "statuses" and "buses" lose an es.
    let us = lower.ends_with("uses") && !lower.ends_with("ouses") && !lower.ends_with("auses");
    let es = ["sses", "xes", "ches", "shes"]
        .iter()
        .any(|ending| lower.ends_with(ending));
    // "fts" and "dns" are no plurals.
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
        _ => None,
    }
}

/// A label in the middle of a sentence: "Order item" as "order item", but "SKU" as it is.
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
            ("___", "___"),
            ("", ""),
        ] {
            assert_eq!(label(name), expected, "{name}");
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
