//! Documents from web pages as a browser of this server shows them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use flowstone_browser::{
    Answer, Browser, Call, Error as BrowserError, Network, Seen, Session, Visit, Wait,
};
use flowstone_core::{Document, Error, Input, Inputs, Result};
use flowstone_providers::{HttpClient, crawl, http::Fetch};
use serde_json::json;

use super::{
    cheerio_web_scraper::{METHOD, SELECTED, SITEMAP, URL, WEB_CRAWL, limit, passed_over},
    remote::{document, filled, required},
};
use crate::{documents, html_text};

pub(super) const WAIT_FOR: Input<Option<String>> =
    Input::text("Wait for selector to load", "waitForSelector")
        .describe("An element that must be on a page before it is read, as a CSS selector")
        .placeholder(".content")
        .optional()
        .additional();
pub(super) const SELECTOR: Input<Option<String>> =
    Input::text("CSS Selector (Optional)", "cssSelector")
        .describe("Takes only the first element that this CSS selector finds; else the whole page")
        .placeholder("main article")
        .optional()
        .additional();

/// How long a page may take until it is there.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longest answer to a call of a page, in bytes.
const LONGEST: usize = 20 << 20;

/// The pages that a form names. `wait` is its row of when a page is there, with what its choices mean.
pub(super) async fn load(
    inputs: &Inputs,
    wait: &Input<Option<String>>,
    choices: &[(&str, Wait)],
) -> Result<Vec<Document>> {
    let http = inputs.services.get::<HttpClient>()?;
    let wait = match filled(inputs.get(wait)?) {
        None => Wait::Load,
        Some(name) => match choices.iter().find(|(it, _)| *it == name) {
            Some((_, wait)) => *wait,
            None => return Err(Error::invalid(&wait.field, format!("{name} is no choice of it"))),
        },
    };
    let (wait_for, selector) = (filled(inputs.get(&WAIT_FOR)?), filled(inputs.get(&SELECTOR)?));
    for (row, text) in [(&WAIT_FOR, &wait_for), (&SELECTOR, &selector)] {
        let Some(text) = text else { continue };
        let parsed = html_text::Page::parse("")?.texts_of(text).map(drop);
        parsed.map_err(|error| Error::invalid(&row.field, error.to_string()))?;
    }
    let mut urls = urls(&http, inputs).await?;
    // A browser shows such files in a way that holds no text.
    urls.retain(|it| !it.to_ascii_lowercase().ends_with(".pdf"));
    if urls.is_empty() {
        return Ok(Vec::new());
    }
    let browser = inputs.services.get::<Browser>()?;
    let guarded = Arc::new(Guarded { http, refused: Mutex::default() });
    let mut session = browser.open(guarded.clone()).await.map_err(|it| told(it, &browser))?;
    let alone = urls.len() == 1;
    let mut made = Vec::new();
    for url in urls {
        let visit = Visit {
            url: url.clone(),
            wait,
            wait_for: wait_for.clone(),
            selector: selector.clone(),
            patience: PATIENCE,
        };
        match seen(&mut session, &visit, &guarded, &browser).await {
            Ok(seen) => {
                let whole = visit.selector.is_none();
                made.push(documents::blocking(move || document_of(seen, &url, whole)).await?);
            }
            Err(error) => passed_over(error, alone)?,
        }
    }
    made.retain(|it| !it.page_content.is_empty());
    Ok(made)
}

async fn seen(
    session: &mut Session,
    visit: &Visit,
    guarded: &Guarded,
    browser: &Browser,
) -> Result<Seen> {
    match session.visit(visit).await {
        Ok(seen) => Ok(seen),
        // The browser only knows that there is no answer; why, knows who made the call.
        Err(error) => match guarded.refusal(&visit.url) {
            Some(refusal) => Err(refusal),
            None => Err(told(error, browser)),
        },
    }
}

fn document_of(seen: Seen, url: &str, whole: bool) -> Result<Document> {
    let text = if whole {
        html_text::Page::parse(&seen.html)?.text()
    } else {
        seen.text.unwrap_or_default().trim().to_owned()
    };
    Ok(document(text, json!({"source": url})))
}

async fn urls(http: &HttpClient, inputs: &Inputs) -> Result<Vec<String>> {
    let url = required(inputs, &URL)?;
    let limit = limit(inputs)?;
    let selected = inputs.value(&SELECTED).and_then(|it| serde_json::from_value(it).ok());
    let selected: Vec<String> = selected.unwrap_or_default();
    if !selected.is_empty() {
        let most = if limit == 0 { selected.len() } else { limit };
        return Ok(selected.into_iter().take(most).collect());
    }
    match inputs.get(&METHOD)?.as_deref() {
        None => Ok(vec![url]),
        Some(WEB_CRAWL) => match crawl::links(http, &url, limit).await {
            Ok(urls) => Ok(urls),
            Err(error) => passed_over(error, true).map(|()| Vec::new()),
        },
        Some(SITEMAP) => {
            let urls = crawl::sitemap(http, &url, limit).await?;
            if urls.is_empty() {
                let reason = "there is no sitemap at this address, or it lists no pages";
                return Err(Error::invalid(&URL.field, reason));
            }
            Ok(urls)
        }
        Some(other) => {
            let reason = format!("{other} is neither {WEB_CRAWL} nor {SITEMAP}");
            Err(Error::invalid(&METHOD.field, reason))
        }
    }
}

fn told(error: BrowserError, browser: &Browser) -> Error {
    match error {
        BrowserError::Missing => Error::Unsupported(
            "there is no browser on this server: its operator installs Chromium, or names a browser \
             by FLOWSTONE_BROWSER"
                .to_owned(),
        ),
        BrowserError::Broken(_) => {
            tracing::error!(%error, program = ?browser.program(), "the browser fails");
            Error::Transport(error.to_string())
        }
        other => Error::Transport(other.to_string()),
    }
}

/// The one client makes the calls of pages, so that they go where flows may call and nowhere else.
struct Guarded {
    http: Arc<HttpClient>,
    /// Calls without an answer, by address.
    refused: Mutex<Vec<(String, Error)>>,
}

impl Guarded {
    fn refusal(&self, url: &str) -> Option<Error> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let name = |it: &str| it.split('#').next().unwrap_or(it).trim_end_matches('/').to_owned();
        let found = refused.iter().position(|(it, _)| name(it) == name(url));
        let found = found.map(|at| refused.swap_remove(at).1);
        refused.clear();
        found
    }
}

#[async_trait]
impl Network for Guarded {
    async fn answer(&self, call: Call) -> Result<Answer, String> {
        let fetch = Fetch {
            method: call.method,
            url: call.url.clone(),
            headers: call.headers,
            body: call.body.map(Into::into),
            limit: LONGEST,
        };
        match self.http.fetch(fetch).await {
            Ok(fetched) => Ok(Answer {
                status: fetched.status,
                url: fetched.url,
                headers: fetched.headers,
                body: fetched.body.to_vec(),
            }),
            Err(error) => {
                let reason = error.to_string();
                let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                refused.push((call.url, error));
                Err(reason)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::Node;
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::Value;

    use super::{
        super::{
            playwright_web_scraper::PlaywrightWebScraper,
            puppeteer_web_scraper::PuppeteerWebScraper,
        },
        *,
    };
    use crate::testing::{documents, form, services_with};

    fn form_for(site: &FakeSite, values: &Value) -> Inputs {
        let values = values.to_string().replace("SITE", &site.url(""));
        let mut form = form(&serde_json::from_str(&values).unwrap());
        let browser = Arc::new(Browser::new(None, 1));
        form.services = services_with(site.address(), |it| it.with(browser));
        form
    }

    async fn site() -> FakeSite {
        let page = "<body><main>Hours</main><p id=late></p><a href='/b'>B</a><a href='/c.pdf'>C</a>\
            <script>document.querySelector('#late').textContent = 'at nine';\
            fetch('http://169.254.169.254/keys').catch(() => { document.body.id = 'tried'; });\
            </script></body>";
        FakeSite::start([
            ("/a", SitePage::html(page)),
            ("/b", SitePage::html("<p>Rooms</p>")),
            ("/c.pdf", SitePage::new("application/pdf", "%PDF")),
        ])
        .await
    }

    #[tokio::test]
    async fn pages_are_read_as_a_browser_shows_them() {
        let site = site().await;
        let crawl =
            form_for(&site, &json!({"url": "SITE/a", "waitUntilGoToOption": "networkidle2"}));
        let made = documents(PuppeteerWebScraper.init(&crawl).await);
        let texts: Vec<&str> = made.iter().map(|it| it.page_content.as_str()).collect();
        assert_eq!(texts, ["Hours\n\nat nine\n\nBC", "Rooms"]);
        assert_eq!(made[0].metadata["source"], site.url("/a"));
        let one = json!({
            "url": "SITE/a", "relativeLinksMethod": "", "waitForSelector": "#tried", "cssSelector": "#late",
        });
        let one = form_for(&site, &one);
        let made = documents(PlaywrightWebScraper.init(&one).await);
        assert_eq!(made[0].page_content, "at nine", "and the address of keys was refused");
    }

    #[tokio::test]
    async fn what_may_not_be_called_or_chosen_is_told() {
        let site = site().await;
        let load = async |values: Value| {
            let form = form_for(&site, &values);
            PlaywrightWebScraper.init(&form).await.err().map(|it| (it.kind(), it.to_string()))
        };
        let alone = |url: &str| json!({"url": url, "relativeLinksMethod": ""});
        let (kind, _) = load(alone("http://169.254.169.254/")).await.unwrap();
        assert_eq!(kind, "address_refused");
        let mut wrong = alone("SITE/b");
        wrong["cssSelector"] = "p[".into();
        assert!(load(wrong).await.unwrap().1.starts_with("CSS Selector (Optional): "));
        let mut wrong = alone("SITE/b");
        wrong["waitUntilGoToOption"] = "networkidle0".into();
        let (_, said) = load(wrong).await.unwrap();
        assert_eq!(said, "Wait Until: networkidle0 is no choice of it");
        assert!(load(alone("SITE/c.pdf")).await.is_none(), "nothing, and no failure");
        let mut form = form_for(&site, &alone("SITE/b"));
        let nowhere = Arc::new(Browser::new(Some("/nowhere".into()), 1));
        form.services = services_with(site.address(), |it| it.with(nowhere));
        assert!(PlaywrightWebScraper.init(&form).await.is_err());
    }
}
