//! Documents that we made (`tests/files/make.py`) and documents that are wrong in every way.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod bad;
mod good;

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

/// A zip archive of texts by name.
fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A book of two chapters with a table of contents.
fn book() -> Vec<u8> {
    archive(&[
        ("mimetype", "application/epub+zip"),
        (
            "META-INF/container.xml",
            "<container><rootfiles><rootfile full-path=\"OEBPS/book.opf\"/></rootfiles></container>",
        ),
        (
            "OEBPS/book.opf",
            "<package><manifest>\
             <item id=\"two\" href=\"text/chapter%202.xhtml\" media-type=\"application/xhtml+xml\"/>\
             <item id=\"one\" href=\"text/one.xhtml\" media-type=\"application/xhtml+xml\"/>\
             <item id=\"cover\" href=\"cover.xhtml\" media-type=\"application/xhtml+xml\"/>\
             <item id=\"ncx\" href=\"toc.ncx\" media-type=\"application/x-dtbncx+xml\"/>\
             </manifest><spine toc=\"ncx\"><itemref idref=\"cover\"/><itemref idref=\"one\"/>\
             <itemref idref=\"two\"/></spine></package>",
        ),
        (
            "OEBPS/toc.ncx",
            "<ncx><navMap><navPoint><navLabel><text>One &amp; only</text></navLabel>\
             <content src=\"text/one.xhtml#top\"/></navPoint></navMap></ncx>",
        ),
        ("OEBPS/cover.xhtml", "<html><body><img src=\"cover.png\"/></body></html>"),
        (
            "OEBPS/text/one.xhtml",
            "<?xml version=\"1.0\"?><!DOCTYPE html><html><head><title>no</title></head><body>\
             <h1>One</h1>\n<p>A  line\n of <i>text</i>&nbsp;&#8212; here.</p><ul><li>a</li>\
             <li>b</li></ul><pre>x\n  y</pre></body></html>",
        ),
        ("OEBPS/text/chapter 2.xhtml", "<html><body><div>Two</div><div>Three</div></body></html>"),
    ])
}
