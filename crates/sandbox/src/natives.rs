//! What the parts of the bootstrap cannot do in JavaScript: text, addresses, hashes, chance.
//!
//! Bytes come in as base64 text, which the engine makes natively: reading its buffers in place
//! would need `unsafe`. Bytes go out as a fresh `Uint8Array` in the realm's own memory.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use rand::Rng as _;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Exception, Function, IntoJs, Object, TypedArray};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use url::{Url, form_urlencoded, quirks};

use crate::host::{Host, read_json};

type Bytes<'js> = TypedArray<'js, u8>;

/// The functions for the part called `name`; none for most.
pub(crate) fn functions<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    host: &Arc<Host>,
) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    match name {
        "console" => {
            let host = Arc::clone(host);
            object.set("log", Function::new(ctx.clone(), move |line: String| host.log(line))?)?;
        }
        "crypto" => add_crypto(ctx, &object)?,
        "encoding" => add_encoding(ctx, &object)?,
        "search" => object.set("search", Function::new(ctx.clone(), search)?)?,
        "url" => add_url(ctx, &object)?,
        _ => {}
    }
    Ok(object)
}

fn add_encoding<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let encode = |ctx: Ctx<'js>, text: String| Bytes::new_copy(ctx, text.as_bytes());
    object.set("encode", Function::new(ctx.clone(), encode)?)?;

    let decode = |ctx: Ctx<'js>, bytes: String, fatal: bool| -> rquickjs::Result<String> {
        let bytes = read_bytes(&ctx, &bytes)?;
        if !fatal {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        String::from_utf8(bytes)
            .map_err(|_| Exception::throw_type(&ctx, "The bytes are not valid UTF-8"))
    };
    object.set("decode", Function::new(ctx.clone(), decode)?)
}

/// Where `pattern` stands in `text`, in UTF-16 units, without overlaps: the first `most` places, or
/// the last ones, last first.
fn search(text: String, pattern: String, backwards: bool, most: u32) -> Vec<u32> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let units = |part: &str| u32::try_from(part.encode_utf16().count()).unwrap_or(u32::MAX);
    if backwards {
        return text
            .rmatch_indices(&pattern)
            .take(most)
            .map(|(at, _)| units(&text[..at]))
            .collect();
    }
    let (mut counted, mut place) = (0, 0);
    let mut places = Vec::new();
    for (at, _) in text.match_indices(&pattern).take(most) {
        place += units(&text[counted..at]);
        counted = at;
        places.push(place);
    }
    places
}

fn add_url<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let parse = |text: String, base: Opt<Option<String>>| -> Option<Parts> {
        let Some(base) = base.0.flatten() else { return Url::parse(&text).ok().map(Parts) };
        Url::parse(&base).and_then(|base| base.join(&text)).ok().map(Parts)
    };
    object.set("parseUrl", Function::new(ctx.clone(), parse)?)?;

    let change = |address: String, part: String, value: String| change(&address, &part, &value);
    object.set("changeUrl", Function::new(ctx.clone(), change)?)?;

    let parse_form = |text: String| {
        let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
        serde_json::to_string(&pairs).unwrap_or_else(|_| "[]".to_owned())
    };
    object.set("parseForm", Function::new(ctx.clone(), parse_form)?)?;

    let form_text = |ctx: Ctx<'js>, pairs: String| -> rquickjs::Result<String> {
        let pairs: Vec<(String, String)> =
            read_json(&pairs).map_err(|error| Exception::throw_type(&ctx, &error.to_string()))?;
        Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
    };
    object.set("formText", Function::new(ctx.clone(), form_text)?)
}

fn add_crypto<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    object.set("uuid", Function::new(ctx.clone(), || uuid::Uuid::new_v4().to_string())?)?;

    let random = |ctx: Ctx<'js>, size: f64| -> rquickjs::Result<Bytes<'js>> {
        // As the web's getRandomValues: enough for every key, too little to fill the memory with.
        if !(0.0..=65_536.0).contains(&size) {
            return Err(Exception::throw_range(
                &ctx,
                "At most 65536 random bytes are made at once",
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked above"
        )]
        let mut bytes = vec![0; size as usize];
        rand::rng().fill_bytes(&mut bytes);
        Bytes::new_copy(ctx, bytes)
    };
    object.set("random", Function::new(ctx.clone(), random)?)?;

    let digest = |ctx: Ctx<'js>, algorithm: String, data: String| -> rquickjs::Result<Bytes<'js>> {
        let data = read_bytes(&ctx, &data)?;
        let sum = match algorithm.as_str() {
            "md5" => Md5::digest(data).to_vec(),
            "sha1" => Sha1::digest(data).to_vec(),
            "sha256" => Sha256::digest(data).to_vec(),
            "sha384" => Sha384::digest(data).to_vec(),
            "sha512" => Sha512::digest(data).to_vec(),
            _ => return Err(Exception::throw_type(&ctx, "Unknown hash")),
        };
        Bytes::new_copy(ctx, sum)
    };
    object.set("digest", Function::new(ctx.clone(), digest)?)?;

    let hmac = |ctx: Ctx<'js>,
                algorithm: String,
                key: String,
                data: String|
     -> rquickjs::Result<Bytes<'js>> {
        let (key, data) = (read_bytes(&ctx, &key)?, read_bytes(&ctx, &data)?);
        let sum = match algorithm.as_str() {
            "md5" => sign::<Hmac<Md5>>(&key, &data),
            "sha1" => sign::<Hmac<Sha1>>(&key, &data),
            "sha256" => sign::<Hmac<Sha256>>(&key, &data),
            "sha384" => sign::<Hmac<Sha384>>(&key, &data),
            "sha512" => sign::<Hmac<Sha512>>(&key, &data),
            _ => None,
        };
        Bytes::new_copy(
            ctx.clone(),
            sum.ok_or_else(|| Exception::throw_type(&ctx, "Unknown hash"))?,
        )
    };
    object.set("hmac", Function::new(ctx.clone(), hmac)?)
}

fn sign<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(data);
    Some(mac.finalize().into_bytes().to_vec())
}

fn read_bytes(ctx: &Ctx<'_>, base64: &str) -> rquickjs::Result<Vec<u8>> {
    STANDARD.decode(base64).map_err(|error| Exception::throw_type(ctx, &error.to_string()))
}

/// The pieces of an address, as the `URL` class names them.
struct Parts(Url);

impl<'js> IntoJs<'js> for Parts {
    fn into_js(self, ctx: &Ctx<'js>) -> rquickjs::Result<rquickjs::Value<'js>> {
        let Parts(url) = self;
        let object = Object::new(ctx.clone())?;
        object.set("href", quirks::href(&url))?;
        object.set("origin", quirks::origin(&url))?;
        object.set("protocol", quirks::protocol(&url))?;
        object.set("username", quirks::username(&url))?;
        object.set("password", quirks::password(&url))?;
        object.set("host", quirks::host(&url))?;
        object.set("hostname", quirks::hostname(&url))?;
        object.set("port", quirks::port(&url))?;
        object.set("pathname", quirks::pathname(&url))?;
        object.set("search", quirks::search(&url))?;
        object.set("hash", quirks::hash(&url))?;
        Ok(object.into_value())
    }
}

/// The address with one part changed; `None` only for a new `href` that is not an address. What a
/// part cannot be leaves the address as it was, as the standard asks.
fn change(address: &str, part: &str, value: &str) -> Option<Parts> {
    let mut url = Url::parse(address).ok()?;
    let _kept_as_it_was = match part {
        "href" => return Url::parse(value).ok().map(Parts),
        "protocol" => quirks::set_protocol(&mut url, value),
        "username" => quirks::set_username(&mut url, value),
        "password" => quirks::set_password(&mut url, value),
        "host" => quirks::set_host(&mut url, value),
        "hostname" => quirks::set_hostname(&mut url, value),
        "port" => quirks::set_port(&mut url, value),
        "pathname" => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
        _ => Err(()),
    };
    Some(Parts(url))
}
