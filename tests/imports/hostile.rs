//! Invalid files: none causes a server error, and none is written.

use super::{counts, errors, import, send};
use crate::support::TestApp;
use crate::undo::dump;

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_where_and_why() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let before = dump(&app);
    let mb = 1024 * 1024;
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("format=csv", b"\n".to_vec(), "1 -: The file is empty."),
        (
            "format=csv",
            b"name\n\"open\n".to_vec(),
            "2 -: A quotation mark",
        ),
        (
            "format=csv",
            b"name,name\na,b\n".to_vec(),
            "1 name: Two columns",
        ),
        (
            "format=csv",
            b"name,\na,b\n".to_vec(),
            "1 -: Column 2 has no name",
        ),
        (
            "format=csv",
            ",".repeat(mb).into(),
            "1 -: Column 1 has no name",
        ),
        (
            "format=csv",
            (0..2_000)
                .map(|n| format!("c{n},"))
                .collect::<String>()
                .into(),
            "1 -: The file has more",
        ),
        (
            "format=csv",
            [b"name\n".to_vec(), b"x\n".repeat(10_001)].concat(),
            "10002 -: One import takes at most 10,000 rows",
        ),
        (
            "format=csv",
            vec![b'x'; 8 * mb + 1],
            "1 -: The file is larger than 8 MB",
        ),
        (
            "format=csv",
            b"name\ncaf\xe9\n".to_vec(),
            "1 -: The file is not UTF-8",
        ),
        (
            "format=csv",
            b"\xff\xfen\0a\0m\0e\0\0\xd8".to_vec(),
            "1 -: The file is not UTF-16",
        ),
        (
            "format=json",
            b"{\"name\": 1}".to_vec(),
            "1 -: This is not an array of objects",
        ),
        ("format=json", b"[1]".to_vec(), "1 -: This is not an object"),
        (
            "format=json",
            b"[{\"name\": }]".to_vec(),
            "1 -: This is not valid JSON",
        ),
        ("format=json", "[".repeat(mb).into(), "1 -: "),
        (
            "format=jsonl",
            b"{}\n{\"name\"\n".to_vec(),
            "2 -: This is not valid JSON",
        ),
        (
            "format=jsonl",
            b"{\"name\":\"a\",\"name\":\"b\"}".to_vec(),
            "1 -: The object names",
        ),
    ];
    for (query, file, wanted) in files {
        let dry = import(&alice, "tags", &format!("{query}&dry_run=1"), file.clone()).await;
        let told = errors(&dry);
        assert!(told[0].starts_with(wanted), "{query}: {told:?}");
        let answer = send(&alice, "tags", query, file).await.expect(422);
        assert_eq!(errors(&answer.json()), told, "{query}");
    }
    // Larger than the limit of any form.
    let answer = send(&alice, "tags", "format=csv", vec![b'x'; 17 * mb]).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert!(dump(&app) == before);
}

#[tokio::test]
async fn letters_are_read_as_the_file_or_its_sender_says() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let utf_16: Vec<u8> = [b"\xff\xfe".to_vec()]
        .into_iter()
        .chain(
            "name\ncaf\u{e9}\n"
                .encode_utf16()
                .map(|unit| unit.to_le_bytes().to_vec()),
        )
        .flatten()
        .collect();
    for (query, file) in [
        ("format=csv", utf_16),
        ("format=csv", b"\xef\xbb\xbfname\ncaf\xc3\xa9\n".to_vec()),
        (
            "format=csv&encoding=windows-1252",
            b"name\ncaf\xe9\n".to_vec(),
        ),
        ("format=csv&encoding=latin1", b"name\rcaf\xe9\r".to_vec()),
    ] {
        let told = import(&alice, "tags", query, file).await;
        assert_eq!(counts(&told), [1, 1, 0, 0], "{query}: {told}");
        let sql = "SELECT count(*) FROM tags WHERE name = 'caf\u{e9}'";
        assert_eq!(app.db.number(sql), 1, "{query}");
        app.db.execute("DELETE FROM tags WHERE name LIKE 'caf%'");
    }
}

#[tokio::test]
async fn odd_rows_are_errors_of_their_lines() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let long = "x".repeat(2_000_000);
    let file = format!(
        "key,value,description\na\0b,1,x\nonly\n1,2,3,4\nlong,1,\"{long}\"\ngood,1,x,,\n\
         '; DROP TABLE tags; --,1,x\n"
    );
    let told = import(&alice, "settings", "format=csv&dry_run=1", file).await;
    assert_eq!(
        errors(&told),
        [
            "2 key: This text holds a NUL character. Leave it out.",
            "3 -: This line has 1 of 3 values.",
            "4 -: This line has more values than the first line has columns (3).",
        ],
        "{told}"
    );
    assert_eq!(counts(&told), [6, 3, 0, 0]);
}
