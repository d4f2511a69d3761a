//! Runs the JavaScript people write on the canvas, with nothing in reach but what it was given.
//!
//! A [`Script`] is the body of an async function. [`Sandbox::run`] gives it a fresh QuickJS realm,
//! the variables and functions of the script, the usual web globals, and takes back what it
//! returned ([`Outcome`]) or a sentence about what went wrong ([`ScriptError`]).
//!
//! # What a script has
//! - the language: ES2024 with `BigInt`, `Promise`, regular expressions; no `Intl`, no WebAssembly;
//! - `console`, `setTimeout`/`setInterval` and their ends, `queueMicrotask`, `URL`,
//!   `URLSearchParams`, `TextEncoder`/`TextDecoder` (UTF-8), `atob`/`btoa`, `structuredClone`,
//!   `crypto` (`randomUUID`, `getRandomValues`, `subtle.digest`), `Buffer` (everyday part),
//!   `AbortController`, `fetch` with `Headers`, `Request` and `Response`;
//! - `require` of `axios`, `buffer`, `crypto` (`createHash`, `createHmac`, `randomBytes`, …),
//!   `node-fetch` and `url`: short stand-ins over the above, not the packages themselves.
//!
//! # What it has not
//! There is no file system, process, environment, thread, native module or `import`: the realm
//! holds no such function, so nothing has to be forbidden. The only way out is the [`Fetch`]
//! handed to [`Sandbox::new`], and the [`HostFunction`]s of the script.
//!
//! `eval` and `Function` throw. They would add no rights, but they start the engine's parser, and
//! QuickJS-ng 0.16 crashes when its parser runs out of memory; for the same reason the bigger
//! globals are there only if the code names them as they are (`URL`, not `globalThis["U" + "RL"]`).
//!
//! # Limits
//! See [`Limits`]. The engine asks the host at least every 10,000 steps whether it may go on. One
//! step is short, but a single native operation (multiplying two huge numbers) is not interrupted:
//! known ways to make one step endless are closed in `bootstrap/core.js`; beyond that the caller
//! gets its answer in bounded time while the script's thread may need longer to notice. At most
//! one thread per core ever runs scripts, so the rest of the process is not affected.

mod bytecode;
mod control;
mod engine;
mod error;
mod fetch;
mod host;
mod natives;
mod sandbox;
mod script;
mod workers;

pub use error::ScriptError;
pub use fetch::{Fetch, FetchRequest, FetchResponse};
pub use sandbox::Sandbox;
pub use script::{HostFunction, Limits, Outcome, Script};
