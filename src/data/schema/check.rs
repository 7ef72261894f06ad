//! The allowed values of a column, read from CHECK constraints.
//!
//! Parses only constraints that list values or demand JSON. It reads SQLite's form (the text of
//! CREATE TABLE) and PostgreSQL's (`= ANY (ARRAY[...])` with casts). A constraint that is not
//! parsed to its last token gives no choices. Too few choices would prevent people from storing
//! valid values.

/// An SQL token.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A bare word or number.
    Word(String),
    /// A quoted identifier.
    Name(String),
    /// A string literal.
    Text(String),
    /// Anything else.
    Symbol(char),
}

/// What a constraint allows in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// The column, as the constraint writes it.
    pub(super) column: String,
    /// The allowed content.
    pub(super) allowed: Allowed,
}

/// What a column may hold besides NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Allowed {
    /// One of these values, in the constraint's order.
    Values(Vec<String>),
    /// JSON, as Django declares it on SQLite.
    Json,
}

/// Every CHECK in a CREATE TABLE statement that can be parsed.
pub(super) fn in_create_table(sql: &str) -> Vec<Rule> {
    let Some(tokens) = tokens(sql) else {
        return Vec::new();
    };
    let is_check =
        |token: &Token| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case("check"));
    (0..tokens.len())
        .filter(|index| tokens.get(*index).is_some_and(is_check))
        .filter_map(|index| parenthesised(tokens.get(index + 1..)?))
        .filter_map(listed)
        .collect()
}

/// The column and values of a constraint as `pg_get_constraintdef` prints it, if it only lists
/// values.
pub(super) fn in_definition(sql: &str) -> Option<(String, Vec<String>)> {
    match in_create_table(sql).into_iter().next()? {
        Rule {
            column,
            allowed: Allowed::Values(values),
        } => Some((column, values)),
        _ => None,
    }
}

/// The tokens between the first parenthesis and its match.
fn parenthesised(tokens: &[Token]) -> Option<&[Token]> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return tokens.get(1..index);
        }
    }
    None
}

fn listed(tokens: &[Token]) -> Option<Rule> {
    let mut parser = Parser { tokens, at: 0 };
    let (column, allowed) = parser.alternatives()?;
    let allowed = allowed.filter(|_| parser.at == tokens.len())?;
    Some(Rule { column, allowed })
}

/// Splits SQL into tokens; `None` if a quote or comment is never closed.
fn tokens(sql: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..)?;
        rest = match c {
            '\'' => quoted(after, '\'', Token::Text, &mut out)?,
            '"' | '`' => quoted(after, c, Token::Name, &mut out)?,
            '[' if bracket_name(after) => {
                let (name, after) = after.split_once(']')?;
                out.push(Token::Name(name.to_owned()));
                after
            }
            '-' if after.starts_with('-') => after.split_once('\n').map_or("", |(_, after)| after),
            '/' if after.starts_with('*') => after.get(1..)?.split_once("*/")?.1,
            c if c.is_whitespace() => after,
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                out.push(Token::Word(word.to_owned()));
                after
            }
            c => {
                out.push(Token::Symbol(c));
                after
            }
        };
    }
    Some(out)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// `[name]` is an identifier to SQLite; `ARRAY['a']` and `text[]` are PostgreSQL's arrays.
fn bracket_name(after: &str) -> bool {
    !after.trim_start().starts_with(['\'', ']', '('])
}

fn quoted<'a>(
    after: &'a str,
    quote: char,
    token: fn(String) -> Token,
    out: &mut Vec<Token>,
) -> Option<&'a str> {
    let mut text = String::new();
    let mut rest = after;
    loop {
        let (part, after) = rest.split_once(quote)?;
        text.push_str(part);
        match after.strip_prefix(quote) {
            Some(after) => {
                text.push(quote);
                rest = after;
            }
            None => {
                out.push(token(text));
                return Some(after);
            }
        }
    }
}

/// Parses the few forms that list values. Each method leaves `at` unchanged on failure.
struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

/// A column and its allowed content; `None` means only NULL.
type Test = (String, Option<Allowed>);

/// What either of two alternatives allows; `None` if that cannot be expressed.
fn either(one: Option<Allowed>, other: Option<Allowed>) -> Option<Option<Allowed>> {
    match (one, other) {
        (Some(Allowed::Values(mut values)), Some(Allowed::Values(more))) => {
            values.extend(more);
            Some(Some(Allowed::Values(values)))
        }
        (only, None) | (None, only) => Some(only),
        _ => None,
    }
}

impl Parser<'_> {
    /// `test OR test ...`, all on one column.
    fn alternatives(&mut self) -> Option<Test> {
        let start = self.at;
        let found = self.alternatives_from_here();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn alternatives_from_here(&mut self) -> Option<Test> {
        let (column, mut allowed) = self.test()?;
        while self.word("or") {
            let (other, more) = self.test()?;
            if !other.eq_ignore_ascii_case(&column) {
                return None;
            }
            allowed = either(allowed, more)?;
        }
        Some((column, allowed))
    }

    fn test(&mut self) -> Option<Test> {
        let start = self.at;
        if let Some(test) = self.bare_test() {
            return Some(test);
        }
        self.at = start;
        if self.symbol('(')
            && let Some(test) = self.alternatives()
            && self.symbol(')')
        {
            return Some(test);
        }
        self.at = start;
        None
    }

    fn bare_test(&mut self) -> Option<Test> {
        if self.word("json_valid") {
            self.symbol('(').then_some(())?;
            let column = self.column()?;
            return self.symbol(')').then_some((column, Some(Allowed::Json)));
        }
        let column = self.column()?;
        if self.word("is") {
            return self.word("null").then_some((column, None));
        }
        Some((column, Some(Allowed::Values(self.values()?))))
    }

    /// `IN ('a', 'b')`, `= ANY (...)` or `= 'a'`.
    fn values(&mut self) -> Option<Vec<String>> {
        if self.word("in") {
            return self.texts('(', ')');
        }
        self.symbol('=').then_some(())?;
        if !self.word("any") {
            return Some(vec![self.text()?]);
        }
        self.symbol('(').then_some(())?;
        let values = self.array()?;
        self.symbol(')').then_some(values)
    }

    fn column(&mut self) -> Option<String> {
        let start = self.at;
        let name = if self.symbol('(') {
            self.column().filter(|_| self.symbol(')'))
        } else {
            match self.tokens.get(self.at) {
                Some(Token::Word(name) | Token::Name(name)) => {
                    self.at += 1;
                    Some(name.clone())
                }
                _ => None,
            }
        };
        match name.filter(|_| self.casts()) {
            Some(name) => Some(name),
            None => {
                self.at = start;
                None
            }
        }
    }

    /// `ARRAY['a', 'b']`, optionally in parentheses and cast.
    fn array(&mut self) -> Option<Vec<String>> {
        let values = if self.symbol('(') {
            let values = self.array()?;
            self.symbol(')').then_some(values)?
        } else {
            self.word("array").then_some(())?;
            self.texts('[', ']')?
        };
        self.casts().then_some(values)
    }

    fn texts(&mut self, open: char, close: char) -> Option<Vec<String>> {
        self.symbol(open).then_some(())?;
        let mut values = vec![self.text()?];
        while self.symbol(',') {
            values.push(self.text()?);
        }
        self.symbol(close).then_some(values)
    }

    fn text(&mut self) -> Option<String> {
        if self.symbol('(') {
            let text = self.text()?;
            return (self.symbol(')') && self.casts()).then_some(text);
        }
        let Some(Token::Text(text)) = self.tokens.get(self.at) else {
            return None;
        };
        self.at += 1;
        self.casts().then(|| text.clone())
    }

    /// Any number of `::type`; false if one cannot be parsed.
    fn casts(&mut self) -> bool {
        while self.symbol(':') {
            if !self.symbol(':') || !self.type_name() {
                return false;
            }
        }
        true
    }

    fn type_name(&mut self) -> bool {
        // Casts between text types do not change the value.
        if self.word("character") {
            if !self.word("varying") {
                return false;
            }
        } else if !(self.word("text") || self.word("varchar") || self.word("bpchar")) {
            return false;
        }
        !self.symbol('[') || self.symbol(']')
    }

    fn word(&mut self, word: &str) -> bool {
        self.take(|token| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case(word)))
    }

    fn symbol(&mut self, symbol: char) -> bool {
        self.take(|token| *token == Token::Symbol(symbol))
    }

    fn take(&mut self, wanted: impl Fn(&Token) -> bool) -> bool {
        let found = self.tokens.get(self.at).is_some_and(wanted);
        self.at += usize::from(found);
        found
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
