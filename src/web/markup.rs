//! HTML written in Rust, for parts that are rendered thousands of times a second.
//!
//! Raw markup must be `'static`; text from a database or a person is always escaped.

use serde::Serialize;

/// A piece of HTML, the only kind of value that templates print with `safe`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Markup(String);

impl Markup {
    /// Empty markup with capacity for this many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Appends the panel's own markup.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Appends text, escaped for elements and quoted attributes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (plain, special) = rest.split_at(at);
            self.0.push_str(plain);
            let mut letters = special.chars();
            self.0.push_str(match letters.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "&#39;",
            });
            rest = letters.as_str();
        }
        self.0.push_str(rest);
        self
    }

    /// The HTML.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The HTML.
    #[cfg(any(test, feature = "testing"))]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_element_or_attribute() {
        let mut markup = Markup::default();
        markup
            .raw("<p title=\"")
            .text("\"><svg onload='x'>&amp;")
            .raw("\">");
        assert_eq!(
            markup.as_str(),
            "<p title=\"&quot;&gt;&lt;svg onload=&#39;x&#39;&gt;&amp;amp;\">"
        );
    }
}
