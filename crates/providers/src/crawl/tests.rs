//! Crawls of a site of our own.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use flowstone_core::{Error, Result};
use flowstone_testkit::{FakeSite, SitePage};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

use super::{links, page, sitemap};
use crate::{HttpClient, HttpSettings};

fn client(site: &FakeSite) -> HttpClient {
    let allow = vec![site.address().to_owned()];
    HttpClient::new(HttpSettings { allow, ..HttpSettings::default() }).unwrap()
}

/// The paths of what was found on `site`.
fn paths(site: &FakeSite, found: Result<Vec<String>>) -> Vec<String> {
    let root = site.url("");
    let path = |url: String| url.strip_prefix(&root).map_or(url.clone(), str::to_owned);
    found.unwrap().into_iter().map(path).collect()
}

async fn library() -> FakeSite {
    let site = FakeSite::start([
        (
            "/",
            SitePage::html(
                "<a href='/hours#today'>Hours</a> <a href=map>Map</a> <a href='/hours/'>Again</a>
                 <a href='https://elsewhere.example/'>Away</a> <a href='mailto:a@b.example'>Mail</a>
                 <a href='/old'>Moved</a> <a href='/gone'>Gone</a> <a href='/plan.pdf'>Plan</a>
                 <a href='//['>Broken</a> <area href='/rooms'> <a name=top>
                 <script>'<a href=/script>'</script><title><a href=/title></title>",
            ),
        ),
        ("/hours", SitePage::html("<base href='/deep/'><a href='page'>Deep</a><a href='/'>Up</a>")),
        ("/hours/", SitePage::html("Hours")),
        ("/map", SitePage::html("Map")),
        ("/rooms", SitePage::html("Rooms")),
        ("/old", SitePage::redirect("/map")),
        ("/plan.pdf", SitePage::new("application/pdf", "%PDF-1.4")),
        ("/deep/page", SitePage::html("Deep")),
    ])
    .await;
    site.put("/away", SitePage::redirect("https://elsewhere.example/"));
    site
}

#[tokio::test]
async fn a_crawl_finds_the_pages_of_its_host_nearest_first() {
    let site = library().await;
    let found = links(&client(&site), &site.url("/"), 0).await;
    assert_eq!(paths(&site, found), ["", "/hours", "/map", "/rooms", "/deep/page"]);
}

#[tokio::test]
async fn a_crawl_ends_at_its_limit() {
    let site = library().await;
    let client = client(&site);
    assert_eq!(paths(&site, links(&client, &site.url("/"), 1).await), [""]);
    assert_eq!(site.calls().len(), 1, "no page is read that is not wanted");
    assert_eq!(paths(&site, links(&client, &site.url("/"), 3).await), ["", "/hours", "/map"]);
}

#[tokio::test]
async fn a_start_that_cannot_be_read_is_told() {
    let site = library().await;
    let client = client(&site);
    let said = |it: Result<Vec<String>>| it.unwrap_err().to_string();
    assert!(said(links(&client, "library", 0).await).contains("is no address such as"));
    assert!(said(links(&client, "file:///etc/passwd", 0).await).contains("is no address such as"));
    let gone = links(&client, &site.url("/gone"), 0).await;
    assert!(matches!(gone, Err(Error::Provider { status: 404, .. })), "{gone:?}");
    let refused = links(&client, "http://169.254.169.254/latest", 0).await;
    assert!(matches!(refused, Err(Error::AddressRefused(_))), "{refused:?}");
    let refused = sitemap(&client, "http://127.0.0.1:1/sitemap.xml", 0).await;
    assert!(matches!(refused, Err(Error::AddressRefused(_))), "{refused:?}");
}

#[tokio::test]
async fn a_page_is_decoded_as_it_is_written() {
    let latin = |text: &str| Bytes::from(text.chars().map(|it| it as u8).collect::<Vec<_>>());
    let site = FakeSite::start([
        ("/header", SitePage::new("text/html; charset=ISO-8859-1", latin("café"))),
        ("/meta", SitePage::new("text/html", latin("<meta charset=\"latin1\"><p>café"))),
        ("/mark", SitePage::new("text/html", Bytes::from_static(b"\xff\xfec\0a\0f\0\xe9\0"))),
        ("/none", SitePage::new("text/html", "café")),
        ("/picture", SitePage::new("image/png", "x")),
        ("/error", SitePage::html("x").status(500)),
    ])
    .await;
    let client = client(&site);
    for path in ["/header", "/meta", "/mark", "/none"] {
        let read = page(&client, &site.url(path)).await.unwrap().unwrap();
        assert!(read.html.ends_with("café"), "{path}: {}", read.html);
        assert_eq!(read.url, site.url(path));
    }
    assert_eq!(page(&client, &site.url("/picture")).await.unwrap(), None);
    assert_eq!(page(&client, &site.url("/error")).await.unwrap(), None);
}

fn urls(pages: &[String]) -> Bytes {
    let entries = pages.iter().map(|it| format!("<url><loc> {it} </loc></url>"));
    let entries: String = entries.collect();
    format!("<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{entries}</urlset>").into()
}

#[tokio::test]
async fn a_sitemap_lists_its_pages_and_those_of_the_sitemaps_it_names() {
    let site = FakeSite::start([]).await;
    let index = format!(
        "<sitemapindex><sitemap><loc>{0}</loc></sitemap><sitemap><loc>{1}</loc></sitemap>\
         <sitemap><loc>{2}</loc></sitemap><sitemap><loc>{0}</loc></sitemap></sitemapindex>",
        site.url("/a.xml"),
        site.url("/gone.xml"),
        site.url("/b.xml.gz"),
    );
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&urls(&["https://a.example/3".to_owned()])).unwrap();
    let packed = SitePage::new("application/octet-stream", packed.finish().unwrap());
    let pages =
        ["https://a.example/1?x=1&amp;y=&#50;".to_owned(), "https://a.example/2".to_owned()];
    site.put("/index.xml", SitePage::new("text/xml", index));
    site.put("/a.xml", SitePage::new("application/xml", urls(&pages)));
    site.put("/b.xml.gz", packed);
    site.put("/page", SitePage::html("<a href='/x'>no sitemap</a>"));
    site.put("/bad.xml", SitePage::new("text/xml", "<urlset><url></urlset>"));
    let client = client(&site);
    let all = sitemap(&client, &site.url("/index.xml"), 0).await.unwrap();
    assert_eq!(all, ["https://a.example/1?x=1&y=2", "https://a.example/2", "https://a.example/3"]);
    let some = sitemap(&client, &site.url("/index.xml"), 2).await.unwrap();
    assert_eq!(some, all[..2]);
    assert!(sitemap(&client, &site.url("/page"), 0).await.unwrap().is_empty());
    let said = sitemap(&client, &site.url("/bad.xml"), 0).await.unwrap_err().to_string();
    assert!(said.contains("is damaged"), "{said}");
}

#[tokio::test]
async fn a_crawl_that_is_led_to_another_host_does_not_read_on_there() {
    let other = FakeSite::start([
        ("/", SitePage::html("<a href='/secret'>Secret</a>")),
        ("/secret", SitePage::html("Secret")),
    ])
    .await;
    let site = library().await;
    site.put("/gone", SitePage::redirect(&other.url("/")));
    let allow = vec![site.address().to_owned(), other.address().to_owned()];
    let client = HttpClient::new(HttpSettings { allow, ..HttpSettings::default() }).unwrap();
    let found = links(&client, &site.url("/"), 0).await;
    assert_eq!(paths(&site, found), ["", "/hours", "/map", "/rooms", "/deep/page"]);
    let asked: Vec<String> = other.calls().into_iter().map(|it| it.path).collect();
    assert_eq!(asked, ["/"], "only what the redirect named");
}

#[tokio::test]
async fn a_page_that_never_ends_is_cut_off_and_the_others_are_read() {
    // It sends as long as somebody reads.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut server = JoinSet::new();
    server.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or_default();
            let asked = String::from_utf8_lossy(&head[..read]).into_owned();
            let ok = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(ok.as_bytes()).await;
            if asked.starts_with("GET /endless") {
                while stream.write_all(&[b' '; 1 << 14]).await.is_ok() {}
            } else {
                let _ = stream.write_all(b"<a href=/endless>1</a> <a href=/short>2</a>").await;
            }
        }
    });
    let settings = HttpSettings { allow: vec![address.clone()], ..HttpSettings::default() };
    let client = HttpClient::new(settings).unwrap();
    let said = page(&client, &format!("http://{address}/endless")).await.err().unwrap();
    assert!(said.to_string().contains("is longer than 10485760 bytes"), "{said}");
    let found = links(&client, &format!("http://{address}/"), 0).await.unwrap();
    assert_eq!(found, [format!("http://{address}"), format!("http://{address}/short")]);
}
