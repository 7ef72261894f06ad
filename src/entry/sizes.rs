//! Sizes of tables, counted at intervals instead of for each page.

use crate::catalog::Catalog;
use crate::data::{Count, count};
use crate::store::party::{self, OnBehalfOf};
use crate::store::{Database, DatabaseError};
pub use crate::texts::grouped;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// The sizes of whole tables, by resource. They include invisible rows, so show them only to people
/// who see every row.
#[derive(Debug, Clone, Default)]
pub struct Sizes(Arc<RwLock<HashMap<String, Count>>>);

impl Sizes {
    /// The size of a resource, if it is known.
    pub fn get(&self, resource: &str) -> Option<Count> {
        self.0.read().ok()?.get(resource).copied()
    }

    /// Counts every table again; a table that cannot be counted keeps its old size.
    pub async fn refresh(&self, catalog: Arc<Catalog>, database: &Database) {
        for resource in catalog.iter().cloned() {
            let name = resource.name.clone();
            let counting = database.run(move |conn| {
                count::of_table(conn, &resource).map_err(|error| match error {
                    crate::data::DataError::Database(error) => error,
                    _ => DatabaseError::Cut,
                })
            });
            let counted = party::on_behalf_of(OnBehalfOf::Chores, counting).await;
            match (counted, self.0.write()) {
                (Ok(count), Ok(mut sizes)) => {
                    sizes.insert(name, count);
                }
                (Err(error), _) => {
                    tracing::debug!(resource = %name, error = %error, "a table was not counted");
                }
                (Ok(_), Err(_)) => {}
            }
        }
    }
}

/// A count in words: "8,200", "about 1.2 million", "more than 10,000".
pub fn in_words(count: Count) -> String {
    count.in_words()
}

/// A short count for menus: "8,200", "52k", "1.2m", "10k+".
pub fn short(count: Count) -> String {
    let (number, more) = match count {
        Count::AtLeast(number) => (number, "+"),
        Count::Exact(number) | Count::Estimate(number) => (number, ""),
    };
    let thousands = (number + 500) / 1_000;
    let tenths = (number + 50_000) / 100_000;
    match number {
        0..10_000 => format!("{}{more}", grouped(number)),
        _ if thousands < 1_000 => format!("{thousands}k{more}"),
        _ => format!("{}.{}m{more}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_people_say_them() {
        assert_eq!(in_words(Count::Exact(8_200)), "8,200");
        assert_eq!(in_words(Count::Estimate(1_234_567)), "about 1.2 million");
        assert_eq!(in_words(Count::Estimate(50_001)), "about 50,000");
        assert_eq!(in_words(Count::AtLeast(10_000)), "more than 10,000");
        assert_eq!(short(Count::Estimate(1_234_567)), "1.2m");
        assert_eq!(short(Count::Estimate(50_000)), "50k");
        // Rounded in the same way as in words.
        assert_eq!(short(Count::Estimate(109_640)), "110k");
        assert_eq!(short(Count::Exact(999_600)), "1.0m");
        assert_eq!(short(Count::AtLeast(10_000)), "10k+");
    }
}
