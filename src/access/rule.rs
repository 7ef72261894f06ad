//! Row rules: filter conditions that can use a person's claims.

use crate::catalog::Op;
use crate::catalog::Resource;
use crate::catalog::filter::{self, Filter, FilterError};
use crate::texts::text;
use serde_json::Value as Json;

/// A condition on rows in which `{claim.NAME}` stands for a claim of the person.
#[derive(Debug, Clone, PartialEq)]
pub struct RowRule {
    column: usize,
    op: Op,
    operands: Vec<Operand>,
    text: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Fixed(String),
    Claim(String),
}

impl RowRule {
    /// Parses `COLUMN=OP:VALUE`; checks the column, the operator and every fixed value.
    ///
    /// # Errors
    /// A [`FilterError`] that names the problem; the panel must not start with it.
    pub fn parse(resource: &Resource, text: &str) -> Result<Self, FilterError> {
        let (column, test) = text
            .split_once('=')
            .ok_or_else(|| FilterError::Form(text.to_owned()))?;
        let index = resource
            .index_of(column)
            .ok_or_else(|| FilterError::Column(column.to_owned()))?;
        let field = resource
            .fields
            .get(index)
            .ok_or_else(|| FilterError::Column(column.to_owned()))?;
        let (op, operand) = filter::parse_op(field, test)?;
        let operands: Vec<Operand> = filter::split_operand(op, operand)
            .into_iter()
            .map(|part| Operand::read(text, part))
            .collect::<Result<_, _>>()?;
        let fixed: Option<Vec<String>> = operands
            .iter()
            .map(|operand| match operand {
                Operand::Fixed(text) => Some(text.clone()),
                Operand::Claim(_) => None,
            })
            .collect();
        if op.is_relative() {
            let (op, column) = (op.name(), field.label.clone());
            return Err(FilterError::Timeless { op, column });
        }
        if let Some(fixed) = fixed {
            Filter::build(index, field, op, &fixed)?;
        }
        Ok(Self {
            column: index,
            op,
            operands,
            text: text.to_owned(),
        })
    }

    /// The rule as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its column.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Its operator.
    pub fn op(&self) -> Op {
        self.op
    }

    /// The operands in words: values, or "the claim region".
    pub fn operands_in_words(&self) -> Vec<String> {
        let operands = self.operands.iter().map(|operand| match operand {
            Operand::Fixed(text) => text.clone(),
            Operand::Claim(name) => text!("rule-claim", name = name),
        });
        operands.collect()
    }

    /// The claims it uses.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().filter_map(|operand| match operand {
            Operand::Claim(name) => Some(name.as_str()),
            Operand::Fixed(_) => None,
        })
    }

    /// The filter with the person's claims filled in.
    ///
    /// If a claim is missing, has the wrong shape or does not fit the column, no row matches. An
    /// unreadable rule never widens access. A list means any of its members with `eq`, `in` and
    /// `nin`, and matches no row with other operators.
    pub fn resolve(&self, resource: &Resource, claims: &serde_json::Map<String, Json>) -> Filter {
        let mut values = Vec::new();
        let mut op = self.op;
        for operand in &self.operands {
            match operand {
                Operand::Fixed(text) => values.push(text.clone()),
                Operand::Claim(name) => match claims.get(name) {
                    Some(Json::Array(list)) => {
                        op = match op {
                            Op::Eq | Op::In => Op::In,
                            Op::Nin => Op::Nin,
                            _ => return Filter::nothing(),
                        };
                        let texts: Option<Vec<String>> = list.iter().map(scalar).collect();
                        match texts {
                            Some(texts) => values.extend(texts),
                            None => return Filter::nothing(),
                        }
                    }
                    Some(value) => match scalar(value) {
                        Some(text) => values.push(text),
                        None => return Filter::nothing(),
                    },
                    None => return Filter::nothing(),
                },
            }
        }
        let Some(field) = resource.fields.get(self.column) else {
            return Filter::nothing();
        };
        Filter::build(self.column, field, op, &values).unwrap_or_else(|_| Filter::nothing())
    }
}

impl Operand {
    /// Accepts a claim only as the whole value. Inside other text it would be taken literally, and
    /// the rule would have another meaning.
    fn read(rule: &str, text: String) -> Result<Self, FilterError> {
        let claim = text
            .strip_prefix("{claim.")
            .and_then(|rest| rest.strip_suffix('}'));
        match claim {
            Some(name) if !name.is_empty() && !name.contains(['{', '}']) => {
                Ok(Self::Claim(name.to_owned()))
            }
            _ if text.contains("{claim.") => Err(FilterError::Form(rule.to_owned())),
            _ if is_placeholder(&text) => Err(FilterError::Placeholder(text)),
            _ => Ok(Self::Fixed(text)),
        }
    }
}

/// Whether a text has names in braces, such as `{claims.city}` or `${user}`. Taken literally, a
/// rule with `ne` would match every row.
fn is_placeholder(text: &str) -> bool {
    let mut inside = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next());
    let is_name = |name: &str| {
        let plain = |c: char| c.is_alphanumeric() || "._-: ".contains(c);
        name.chars().any(char::is_alphabetic) && name.chars().all(plain)
    };
    text.contains('}') && inside.any(is_name)
}

fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{RowRule, is_placeholder};
    use crate::access::testing::resource;
    use crate::catalog::{FilterError, Kind};

    #[test]
    fn a_rule_does_not_hang_on_the_time() {
        let orders = resource("orders", &[("id", Kind::Int), ("at", Kind::Instant)]);
        for rule in [
            "at=last:30d",
            "at=this:{claim.period}",
            "at=past",
            "at=future",
        ] {
            let told = RowRule::parse(&orders, rule);
            assert!(matches!(told, Err(FilterError::Timeless { .. })), "{rule}");
        }
    }

    #[test]
    fn names_in_braces_are_told_from_texts_with_braces() {
        for text in [
            "{claims.city}",
            "${user.region}",
            "{ claim.x }",
            "a{region}b",
            "{{city}}",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["{}", "{\"a\": 1}", "a{b", "b}a", "{1,2}", "region"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
