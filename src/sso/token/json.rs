//! Parses JSON and refuses duplicate members. Two parsers must not read different values from the
//! same text (RFC 8259, section 4; RFC 7519, section 4).

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Parses an object.
///
/// # Errors
/// When the text is not JSON, not an object, or has a duplicate member.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::from_slice::<Strict>(bytes)?.0 {
        Value::Object(map) => Ok(map),
        _ => Err(serde_json::Error::custom("it is not an object")),
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Strict)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("an object has a member twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn a_member_twice_is_refused_at_any_depth() {
        assert!(object(br#"{"a":1,"b":[1,2.5,null,true,"x",{"c":-1}]}"#).is_ok());
        for bad in [
            r#"{"sub":"a","sub":"b"}"#,
            r#"{"a":{"x":1,"x":1}}"#,
            r#"{"a":[{"x":1,"x":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
            "[1]",
            "1",
            "",
            "{",
            r#"{"a":1} x"#,
            &format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200)),
            &format!(r#"{}1{}"#, r#"{"a":"#.repeat(30_000), "}".repeat(30_000)),
        ] {
            assert!(object(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
