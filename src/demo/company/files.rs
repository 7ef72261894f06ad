//! Small valid files: a PDF of one page and a PNG with a bar chart.

/// A PDF (ISO 32000-1) of one page with a headline and lines of text.
pub(super) fn pdf(title: &str, lines: &[String]) -> Vec<u8> {
    let mut page = String::from("BT /F1 20 Tf 64 760 Td 28 TL ");
    page.push_str(&format!("({}) Tj T* /F1 11 Tf 17 TL ", pdf_text(title)));
    for line in lines {
        page.push_str(&format!("({}) Tj T* ", pdf_text(line)));
    }
    page.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R \
         /Resources << /Font << /F1 4 0 R >> >> >>"
            .to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut offsets = String::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let size = objects.len() + 1;
    let start = file.len();
    file.push_str(&format!(
        "xref\n0 {size}\n0000000000 65535 f \n{offsets}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

/// A PDF string, with octal escapes for Latin-1 characters outside ASCII, and `?` for all others.
fn pdf_text(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '(' | ')' | '\\' => out.extend(['\\', letter]),
            ' '..='~' => out.push(letter),
            '\u{a0}'..='\u{ff}' => out.push_str(&format!("\\{:03o}", u32::from(letter))),
            _ => out.push('?'),
        }
    }
    out
}

const WIDTH: u32 = 192;
const HEIGHT: u32 = 96;

/// A PNG (ISO/IEC 15948) with one bar for each value from 0 to 80.
pub(super) fn png(bars: &[u32]) -> Vec<u8> {
    let mut pixels = Vec::new();
    let count = u32::try_from(bars.len()).unwrap_or(1).max(1);
    for y in 0..HEIGHT {
        pixels.push(0); // no filter on this line
        for x in 0..WIDTH {
            let slot = WIDTH / count;
            let value = usize::try_from(x / slot)
                .ok()
                .and_then(|nth| bars.get(nth))
                .copied()
                .unwrap_or(0);
            let in_bar = x % slot >= 2 && HEIGHT - y <= value + 4 && HEIGHT - y > 4;
            pixels.push(if in_bar {
                1
            } else if HEIGHT - y == 4 {
                2
            } else {
                0
            });
        }
    }
    let mut header = Vec::new();
    header.extend(WIDTH.to_be_bytes());
    header.extend(HEIGHT.to_be_bytes());
    header.extend([8, 3, 0, 0, 0]); // eight bits a pixel, by palette
    let palette = [0xFB, 0xFB, 0xF9, 0x17, 0x69, 0x4C, 0x85, 0x88, 0x7E];
    let mut file = vec![0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n'];
    for (kind, data) in [
        (b"IHDR", header),
        (b"PLTE", palette.to_vec()),
        (b"IDAT", zlib(&pixels)),
        (b"IEND", Vec::new()),
    ] {
        chunk(&mut file, kind, &data);
    }
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let mut body = kind.to_vec();
    body.extend(data);
    file.extend(&body);
    file.extend(crc32(&body).to_be_bytes());
}

/// A zlib stream (RFC 1950) of stored blocks, without compression.
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler32(data).to_be_bytes());
    out
}

fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16) | low
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksums_are_the_known_ones() {
        assert_eq!(super::crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(super::adler32(b"Wikipedia"), 0x11E6_0398);
    }
}
