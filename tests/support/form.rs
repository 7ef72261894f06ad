//! A form as a browser sends it.

use scraper::{ElementRef, Selector};

/// The fields to send, in order.
#[derive(Debug, Clone)]
pub struct Form {
    /// The target.
    pub action: String,
    /// Whether it is sent as multipart.
    pub is_multipart: bool,
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// File inputs: name, file name and content. An empty one is sent too.
    pub files: Vec<(String, String, Vec<u8>)>,
    /// Required fields that are empty, so that a browser would not send the form.
    pub insisted: Vec<String>,
}

impl Form {
    pub(super) fn of(form: ElementRef<'_>) -> Self {
        let controls = Selector::parse("input, select, textarea").unwrap();
        let mut found = Self {
            action: form.attr("action").unwrap_or_default().to_owned(),
            is_multipart: form.attr("enctype") == Some("multipart/form-data"),
            fields: Vec::new(),
            files: Vec::new(),
            insisted: Vec::new(),
        };
        for control in form.select(&controls) {
            let Some(name) = control.attr("name").filter(|name| !name.is_empty()) else {
                continue;
            };
            if control.attr("disabled").is_some() {
                continue;
            }
            match (control.value().name(), control.attr("type")) {
                ("input", Some("file")) => {
                    found
                        .files
                        .push((name.to_owned(), String::new(), Vec::new()));
                }
                ("input", Some("checkbox" | "radio")) if control.attr("checked").is_none() => {}
                ("input", Some("submit" | "button" | "image" | "reset")) => {}
                ("input", Some("checkbox" | "radio")) => {
                    found.push(name, control.attr("value").unwrap_or("on"));
                }
                ("select", _) => {
                    if let Some(value) = selected(control) {
                        found.push(name, &value);
                    }
                }
                ("textarea", _) => found.push(name, &control.text().collect::<String>()),
                ("input", kind) => {
                    let value = control.attr("value").unwrap_or_default();
                    found.push(name, &sanitised(kind.unwrap_or("text"), value));
                }
                _ => {}
            }
            let sent = found.fields.last().filter(|(last, _)| last == name);
            if control.attr("required").is_some() && sent.is_some_and(|(_, value)| value.is_empty())
            {
                found.insisted.push(name.to_owned());
            }
        }
        found
    }

    fn push(&mut self, name: &str, value: &str) {
        // Browsers send line breaks as CR LF.
        let value = value.replace("\r\n", "\n").replace('\n', "\r\n");
        self.fields.push((name.to_owned(), value));
    }

    /// The last value with this name, which is the one that counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter().rev();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Types into an existing field.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let field = self
            .fields
            .iter_mut()
            .rev()
            .find(|(known, _)| known == name);
        let field = field.unwrap_or_else(|| panic!("there is no field {name}"));
        field.1 = value.to_owned();
        self
    }

    /// Adds a field that does not exist, such as the pressed button.
    pub fn add(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.files.retain(|(known, _, _)| known != name);
        self
    }

    /// Chooses a file.
    pub fn choose(mut self, name: &str, file: &str, content: &[u8]) -> Self {
        let field = self.files.iter_mut().find(|(known, _, _)| known == name);
        *field.unwrap() = (name.to_owned(), file.to_owned(), content.to_vec());
        self
    }

    /// Its content type and body.
    pub(super) fn encode(&self) -> (String, Vec<u8>) {
        if !self.is_multipart {
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(&self.fields);
            return (
                "application/x-www-form-urlencoded".into(),
                body.finish().into_bytes(),
            );
        }
        let boundary = "----boundary7d1f9a";
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(head.as_bytes());
        }
        for (name, file, content) in &self.files {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; \
                 filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

/// How a browser sanitizes the `value` of an input (HTML Standard, section 4.10.5.1).
fn sanitised(kind: &str, value: &str) -> String {
    let is = |format: &str| chrono::NaiveDateTime::parse_from_str(value, format).ok();
    let digits = |count: usize| value.bytes().take(count).all(|b| b.is_ascii_digit());
    let date = digits(4) && value.len() == 10;
    match kind {
        "hidden" | "checkbox" | "radio" => value.to_owned(),
        "number" => match value.parse::<f64>() {
            Ok(number)
                if number.is_finite() && !value.starts_with('+') && !value.ends_with('.') =>
            {
                value.to_owned()
            }
            _ => String::new(),
        },
        "date" => match chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d") {
            Ok(_) if date => value.to_owned(),
            _ => String::new(),
        },
        "time" => {
            let read = |format| chrono::NaiveTime::parse_from_str(value, format).is_ok();
            if digits(2) && (read("%H:%M") || read("%H:%M:%S%.f")) {
                value.to_owned()
            } else {
                String::new()
            }
        }
        "datetime-local" => {
            let separated = value.replacen(' ', "T", 1);
            let short = separated
                .strip_suffix(":00")
                .filter(|rest| rest.len() == 16);
            let is_known = digits(4)
                && [
                    "%Y-%m-%dT%H:%M",
                    "%Y-%m-%d %H:%M",
                    "%Y-%m-%dT%H:%M:%S%.f",
                    "%Y-%m-%d %H:%M:%S%.f",
                ]
                .iter()
                .any(|format| is(format).is_some());
            if is_known {
                short.unwrap_or(&separated).to_owned()
            } else {
                String::new()
            }
        }
        _ => value.replace(['\r', '\n'], ""),
    }
}

fn selected(select: ElementRef<'_>) -> Option<String> {
    let all = Selector::parse("option").unwrap();
    let options: Vec<ElementRef<'_>> = select.select(&all).collect();
    let chosen = options
        .iter()
        .find(|option| option.attr("selected").is_some());
    let option = chosen.or(options.first())?;
    Some(option.attr("value").unwrap_or_default().to_owned())
}
