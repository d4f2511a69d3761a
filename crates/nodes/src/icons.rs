//! The pictures of nodes and credentials, built into the binary.

/// The picture called `file`, as nodes and credentials name it.
pub fn icon(file: &str) -> Option<&'static [u8]> {
    ICONS.iter().find(|(name, _)| *name == file).map(|(_, picture)| *picture)
}

/// Pairs each file name with the file.
macro_rules! icons {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_bytes!(concat!("../icons/", $file)))),*]
    };
}

const ICONS: &[(&str, &[u8])] = icons![
    "agent-memory.svg",
    "agentflow-agent.svg",
    "agentflow-condition-agent.svg",
    "agentflow-condition.svg",
    "agentflow-direct-reply.svg",
    "agentflow-execute-flow.svg",
    "agentflow-http.svg",
    "agentflow-human-input.svg",
    "agentflow-iteration.svg",
    "agentflow-llm.svg",
    "agentflow-loop.svg",
    "agentflow-retriever.svg",
    "agentflow-start.svg",
    "agentflow-tool.svg",
    "alibaba.svg",
    "anthropic.svg",
    "api-chain.svg",
    "api-loader.svg",
    "astra.svg",
    "aws.svg",
    "azure.svg",
    "baidu.svg",
    "cache.svg",
    "calculator.svg",
    "calendar-service.svg",
    "cerebras.svg",
    "chain-tool.svg",
    "chat-prompt.svg",
    "chat-service.svg",
    "chroma.svg",
    "cloud-service.svg",
    "cloudflare.svg",
    "code-service.svg",
    "code-splitter.svg",
    "cohere.svg",
    "comet.svg",
    "conversation-chain.svg",
    "couchbase.svg",
    "csv-file.svg",
    "current-date-time.svg",
    "custom-function.svg",
    "custom-loader.svg",
    "custom-tool.svg",
    "data-store.svg",
    "deepseek.svg",
    "document-service.svg",
    "document-store.svg",
    "docx-file.svg",
    "elasticsearch.svg",
    "epub-file.svg",
    "excel-file.svg",
    "faiss.svg",
    "file-loader.svg",
    "file-tool.svg",
    "fireworks.svg",
    "flow-tool.svg",
    "gemini.svg",
    "get-variable.svg",
    "graph-store.svg",
    "groq.svg",
    "html-splitter.svg",
    "hugging-face.svg",
    "ibm.svg",
    "if-else.svg",
    "jina.svg",
    "json-file.svg",
    "json-path.svg",
    "jsonlines-file.svg",
    "list-parser.svg",
    "litellm.svg",
    "llm-chain.svg",
    "local-ai.svg",
    "local-model.svg",
    "mail-service.svg",
    "markdown-splitter.svg",
    "mcp.svg",
    "meilisearch.svg",
    "memory-summary.svg",
    "memory-vector-store.svg",
    "memory-window.svg",
    "memory.svg",
    "milvus.svg",
    "mistral.svg",
    "moderation.svg",
    "mongodb.svg",
    "nvidia.svg",
    "observability.svg",
    "ollama.svg",
    "openai.svg",
    "openapi.svg",
    "openrouter.svg",
    "opensearch.svg",
    "output-parser.svg",
    "payment-service.svg",
    "pdf-file.svg",
    "perplexity.svg",
    "pinecone.svg",
    "plain-text.svg",
    "postgres.svg",
    "powerpoint-file.svg",
    "prompt-retriever.svg",
    "prompt.svg",
    "qdrant.svg",
    "record-manager.svg",
    "redis.svg",
    "requests.svg",
    "retrieval-chain.svg",
    "retriever-filter.svg",
    "retriever-queries.svg",
    "retriever-tool.svg",
    "retriever.svg",
    "router.svg",
    "sambanova.svg",
    "search-store.svg",
    "sequence-end.svg",
    "sequence-state.svg",
    "set-variable.svg",
    "simple-store.svg",
    "singlestore.svg",
    "speech-service.svg",
    "sql-chain.svg",
    "sql-database.svg",
    "sticky-note.svg",
    "supabase.svg",
    "supervisor.svg",
    "synthesizer.svg",
    "table-service.svg",
    "text-agent.svg",
    "text-file.svg",
    "text-splitter.svg",
    "together.svg",
    "token-splitter.svg",
    "tool-agent.svg",
    "toolbox.svg",
    "upstash.svg",
    "vectara.svg",
    "voyage.svg",
    "weaviate.svg",
    "web-page.svg",
    "web-scraper.svg",
    "web-search.svg",
    "word-file.svg",
    "worker.svg",
    "xai.svg",
    "zep.svg",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_folder_is_listed_and_is_a_picture() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/icons");
        let files = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
        let mut files: Vec<String> =
            files.map(|it| it.into_string().unwrap()).filter(|it| it != "README.md").collect();
        files.sort();
        let listed: Vec<&str> = ICONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, files, "icons.rs lists what is in the folder icons/, sorted");
        for (name, picture) in ICONS {
            let text = std::str::from_utf8(picture).unwrap();
            assert!(text.trim_start().starts_with("<svg") && text.len() < 10_000, "{name}");
            assert!(!text.contains("<script"), "{name}");
        }
    }
}
