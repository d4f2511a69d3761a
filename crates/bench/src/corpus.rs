//! Documents that nobody wrote: always the same texts and PDFs.

use std::fmt::Write as _;

use crate::numbers::Numbers;

/// Characters of a line of a PDF.
const LINE: usize = 90;

/// A file of a corpus.
pub(crate) struct File {
    /// Its name, which tells its type by its ending.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

/// A text of so many bytes.
pub(crate) fn text(at: usize, bytes: usize) -> File {
    let text = Numbers(seed(at)).text(bytes);
    File { name: format!("{at}.txt"), bytes: text.into_bytes() }
}

/// A PDF of so many pages, each with so many bytes of text.
pub(crate) fn pdf(at: usize, pages: usize, bytes: usize) -> File {
    let mut numbers = Numbers(seed(at));
    let pages: Vec<String> = (0..pages).map(|_| numbers.text(bytes)).collect();
    File { name: format!("{at}.pdf"), bytes: written(&pages).into_bytes() }
}

/// Never zero.
fn seed(at: usize) -> u64 {
    (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The plainest PDF there is: a font, and the lines of each page.
fn written(pages: &[String]) -> String {
    let mut objects = vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned()];
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", 4 + 2 * at)).collect();
    objects.push(format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()));
    objects.push(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    );
    for (at, page) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * at
        ));
        let mut content = "BT /F1 9 Tf 11 TL 40 800 Td\n".to_owned();
        for line in lines(page) {
            let _ = writeln!(content, "({line}) Tj T*");
        }
        content.push_str("ET");
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(
        file,
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    file
}

fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < LINE => {
                line.push_str(word);
                line.push(' ');
            }
            _ => lines.push(format!("{word} ")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_says_where_its_objects_are() {
        let file = String::from_utf8(pdf(3, 2, 500).bytes).unwrap();
        assert!(file.contains("/Count 2"));
        let start = file.rsplit_once("startxref\n").unwrap().1;
        let table: usize = start.lines().next().unwrap().parse().unwrap();
        assert!(file[table..].starts_with("xref\n0 8\n"));
        let first: usize = file[table..].lines().nth(3).unwrap()[..10].parse().unwrap();
        assert!(file[first..].starts_with("1 0 obj"));
    }
}
