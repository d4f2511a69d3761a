//! What loaders, embeddings and retrievers were held to their contracts against, as the guide tells:
//! a node that has no entry fails.

const LOADERS: &[(&str, &str)] = &[
    ("airtable", "double"),
    ("apifyWebsiteContentCrawler", "double"),
    ("apiLoader", "a web server of the test"),
    ("braveSearchApiLoader", "double"),
    ("cheerioWebScraper", "a web server of the test"),
    ("confluence", "double"),
    ("csvFile", "files"),
    ("customDocumentLoader", "itself"),
    ("documentStore", "itself"),
    ("docxFile", "files that other programs wrote"),
    ("epubFile", "files that other programs wrote"),
    ("figma", "double"),
    ("fileLoader", "files"),
    ("fireCrawl", "double"),
    ("folderFiles", "files"),
    ("gitbook", "double"),
    ("github", "double"),
    ("googleDrive", "double"),
    ("googleSheets", "double"),
    ("jira", "double"),
    ("jsonFile", "files"),
    ("jsonlinesFile", "files"),
    ("microsoftExcel", "files that other programs wrote"),
    ("microsoftPowerpoint", "files that other programs wrote"),
    ("microsoftWord", "files that other programs wrote"),
    ("notionDB", "double"),
    ("notionFolder", "files"),
    ("notionPage", "double"),
    ("oxylabs", "double"),
    ("pdfFile", "files that other programs wrote"),
    ("plainText", "itself"),
    ("playwrightWebScraper", "Chromium, over a web server of the test"),
    ("puppeteerWebScraper", "Chromium, over a web server of the test"),
    ("S3", "double"),
    ("s3Directory", "double"),
    ("searchApi", "double"),
    ("serpApi", "double"),
    ("spiderDocumentLoaders", "double"),
    ("textFile", "files"),
    ("unstructuredFileLoader", "double"),
    ("vectorStoreToDocument", "itself"),
];

const EMBEDDINGS: &[(&str, &str)] = &[
    ("AWSBedrockEmbeddings", "double"),
    ("azureOpenAIEmbeddings", "double, and exchanges recorded with the vendor"),
    ("azureOpenAIEmbeddingsLlamaIndex", "its wire is that of Azure OpenAI Embedding"),
    ("baiduQianfanEmbeddings", "double"),
    ("cohereEmbeddings", "double"),
    ("googleGenerativeAiEmbeddings", "double"),
    ("googlevertexaiEmbeddings", "double"),
    ("huggingFaceInferenceEmbeddings", "double"),
    ("ibmEmbedding", "double"),
    ("jinaEmbeddings", "double"),
    ("localAIEmbeddings", "double"),
    ("localEmbeddings", "the model itself"),
    ("mistralAIEmbeddings", "double, and exchanges recorded with the vendor"),
    ("ollamaEmbedding", "double"),
    ("openAIEmbedding_LlamaIndex", "double, and exchanges recorded with the vendor"),
    ("openAIEmbeddings", "double, and exchanges recorded with the vendor"),
    ("openAIEmbeddingsCustom", "double, and exchanges recorded with the vendor"),
    ("togetherAIEmbedding", "double"),
    ("voyageAIEmbeddings", "double, and exchanges recorded with the vendor"),
];

const RETRIEVERS: &[(&str, &str)] = &[
    ("awsBedrockKBRetriever", "double"),
    ("AzureRerankRetriever", "double"),
    ("cohereRerankRetriever", "double, and exchanges recorded with the vendor"),
    ("customRetriever", "passages in a store"),
    ("embeddingsFilterRetriever", "passages in a store"),
    ("extractMetadataRetriever", "passages in a store"),
    ("HydeRetriever", "passages in a store"),
    ("JinaRerankRetriever", "double"),
    ("llmFilterRetriever", "passages in a store"),
    ("multiQueryRetriever", "passages in a store"),
    ("promptRetriever", "passages in a store"),
    ("RRFRetriever", "passages in a store"),
    ("similarityThresholdRetriever", "passages in a store"),
    ("vectorStoreRetriever", "passages in a store"),
    ("voyageAIRerankRetriever", "double, and exchanges recorded with the vendor"),
];

#[test]
fn the_guide_says_what_each_node_was_tested_against() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/tested-against.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let lists =
        [("Document Loaders", LOADERS), ("Embeddings", EMBEDDINGS), ("Retrievers", RETRIEVERS)];
    for (category, list) in lists {
        for spec in crate::ALL.iter().map(|it| it.spec()).filter(|it| it.category == category) {
            let against = list.iter().find(|it| it.0 == spec.name);
            let against = against.unwrap_or_else(|| panic!("{} is in no list", spec.name)).1;
            let row = format!("| {} (`{}`) | {against} |", spec.label, spec.name);
            assert!(guide.contains(&row), "the guide lacks the row {row}");
        }
    }
}
