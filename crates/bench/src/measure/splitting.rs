//! The recursive splitter beside LangChain's: the same chunks, and what they cost.

use std::{fs, sync::Arc};

use anyhow::{Context, Result, ensure};
use flowstone_core::{Capability, Inputs, TextSplitter};
use serde::Serialize;
use serde_json::json;

use crate::{
    figures::{Spread, count, milliseconds},
    numbers::Numbers,
    peers::Peers,
    process,
};

const NODE: &str = "recursiveCharacterTextSplitter";
/// CPU time is counted in hundredths of a second: a round takes many of them.
const TIMES: usize = 50;

/// Megabytes split in a second of CPU.
#[derive(Debug, Serialize)]
pub(crate) struct Splitting {
    /// By ours.
    pub(crate) own: Spread,
    /// By LangChain JS, whose chunks were the same.
    pub(crate) langchain: Option<Spread>,
}

pub(super) async fn measure(peers: Peers<'_>, bytes: usize, rounds: usize) -> Result<Splitting> {
    crate::say("splitting, beside LangChain JS");
    let text = Numbers(0x00C0_FFEE).text(bytes);
    let megabytes = count(text.len()) / 1e6;
    let splitter = splitter().await?;
    let (mut own, mut chunks) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let before = process::cpu_time(std::process::id())?;
        for _ in 0..TIMES {
            chunks = splitter.split_text(&text)?;
        }
        let used = process::cpu_time(std::process::id())?.saturating_sub(before);
        own.push(megabytes * count(TIMES) * 1e3 / milliseconds(used).max(f64::EPSILON));
    }
    let file = peers.folder.join("text");
    fs::write(&file, &text)?;
    let langchain = match peers.split(&file).await? {
        Some((rounds, theirs)) => {
            let differs = chunks.iter().zip(&theirs).position(|(own, their)| own != their);
            ensure!(
                differs.is_none() && chunks.len() == theirs.len(),
                "LangChain makes {} other chunks than our {}, from {differs:?} on",
                theirs.len(),
                chunks.len()
            );
            Some(Spread::of(rounds.into_iter().map(|it| megabytes * 1e3 / it)))
        }
        None => None,
    };
    Ok(Splitting { own: Spread::of(own), langchain })
}

async fn splitter() -> Result<Arc<dyn TextSplitter>> {
    let node = flowstone_nodes::ALL.iter().find(|it| it.spec().name == NODE);
    let node = node.with_context(|| format!("there is no node {NODE}"))?;
    let mut form = Inputs::empty(Arc::new(flowstone_testkit::services()));
    let values = json!({"chunkSize": 1000, "chunkOverlap": 200});
    form.values = values.as_object().cloned().unwrap_or_default();
    match node.init(&form).await? {
        Capability::TextSplitter(splitter) => Ok(splitter),
        _ => anyhow::bail!("{NODE} is no splitter"),
    }
}
