//! `require`, and the stand-ins it gives.

use serde_json::json;

use super::{fails, returns};

#[tokio::test]
async fn hashes_are_those_of_the_standards() {
    returns(&[
        ("return require('crypto').createHash('md5').update('abc').digest('hex')", json!("900150983cd24fb0d6963f7d28e17f72")),
        (
            "return require('node:crypto').createHash('sha1').update('a').update(Buffer.from('bc')).digest('hex')",
            json!("a9993e364706816aba3e25717850c26c9cd0d89d"),
        ),
        ("return require('crypto').createHash('SHA256').update('').digest('base64')", json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")),
        ("return require('crypto').createHash('sha512').update('abc').digest().length", json!(64)),
        (
            "return require('crypto').createHmac('sha256', 'key').update('The quick brown fox jumps over the lazy dog').digest('hex')",
            json!("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"),
        ),
        (
            "const c = require('crypto'); const n = c.randomInt(5, 8);
            return [c.randomBytes(8).length, n >= 5 && n < 8, c.timingSafeEqual(Buffer.from('a'), Buffer.from('a'))]",
            json!([8, true, true]),
        ),
        ("return new (require('url').URL)('http://a').href + require('buffer').Buffer.from('x')", json!("http://a/x")),
    ])
    .await;
    fails(&[(
        "require('crypto').createHash('crc32')",
        "Unknown hash 'crc32'. Hashes available here: md5, sha1",
    )])
    .await;
}

#[tokio::test]
async fn other_modules_are_refused_with_the_list() {
    let names = [
        "fs",
        "node:fs",
        "child_process",
        "http",
        "https",
        "net",
        "vm",
        "os",
        "process",
        "puppeteer",
        "lodash",
        "./x",
        "__proto__",
        "constructor",
        "",
    ];
    for name in names {
        let code = format!("require('{name}')");
        let expected = format!(
            "Cannot find module '{name}'. Modules available here: axios, buffer, crypto, node-fetch, url"
        );
        fails(&[(&code, &expected)]).await;
    }
    returns(&[(
        "try { require('fs') } catch (error) { return error.code }",
        json!("MODULE_NOT_FOUND"),
    )])
    .await;
}
