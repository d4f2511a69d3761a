//! The catalog: every kind of node, one file each, and the list of them.

mod account;
mod address;
mod agent_flows;
mod agents;
mod aws_form;
mod cache;
mod chains;
mod chat_models;
mod chat_prompt;
mod credentials;
mod document_loaders;
mod documents;
mod embeddings;
mod engine;
mod files;
#[cfg(feature = "documents")]
mod folder;
mod graph;
mod html_text;
mod icons;
#[cfg(feature = "javascript")]
mod javascript;
mod llms;
#[cfg(feature = "local-models")]
mod local_models;
mod loose_json;
mod memory;
mod models;
mod moderation;
mod multi_agents;
mod ollama_form;
mod openai_form;
mod openapi;
mod output_parsers;
mod pictures;
mod prompt_format;
mod prompts;
#[cfg(feature = "sql")]
mod record_manager;
mod redis_form;
mod rephrasing;
mod response_synthesizer;
mod retrievers;
mod sequential_agents;
#[cfg(test)]
mod testing;
mod text_splitters;
mod tokens;
mod tool_loop;
mod tool_names;
mod tools;
#[cfg(feature = "mcp")]
mod tools_mcp;
mod utilities;
mod vector_stores;
mod vertex_form;
mod watsonx_form;

pub use cache::CachePool;
pub use credentials::CREDENTIALS;
#[cfg(feature = "documents")]
pub use folder::DocumentFolder;
pub use icons::icon;
pub use models::{Kind as ModelKind, ModelList};

use flowstone_core::Node;

/// All nodes, in the order of the palette.
///
/// A node that is not listed here is dead code, so the compiler reports it.
pub const ALL: &[&dyn Node] = &[
    &agent_flows::agent::Agent,
    &agent_flows::condition_agent::ConditionAgent,
    &agent_flows::condition::Condition,
    #[cfg(feature = "javascript")]
    &agent_flows::custom_function::CustomFunction,
    &agent_flows::direct_reply::DirectReply,
    &agent_flows::execute_flow::ExecuteFlow,
    &agent_flows::http::Http,
    &agent_flows::human_input::HumanInput,
    &agent_flows::iteration::Iteration,
    &agent_flows::llm::Llm,
    &agent_flows::loop_back::LoopBack,
    &agent_flows::retriever::Retriever,
    &agent_flows::start::Start,
    &agent_flows::sticky_note::StickyNote,
    &agent_flows::tool::ToolCall,
    &agents::anthropic_agent_llama_index::NODE,
    &agents::conversational_agent::ConversationalAgent,
    &agents::conversational_retrieval_tool_agent::ConversationalRetrievalToolAgent,
    &agents::openai_assistant::OpenAiAssistant,
    &agents::openai_tool_agent_llama_index::NODE,
    &agents::react_agent_chat::ReactAgentChat,
    &agents::react_agent_llm::ReactAgentLlm,
    &agents::tool_agent::ToolAgent,
    &agents::xml_agent::XmlAgent,
    &cache::in_memory_cache::InMemoryCache,
    &cache::in_memory_embedding_cache::InMemoryEmbeddingCache,
    &cache::momento_cache::MomentoCache,
    &cache::redis_cache::RedisCache,
    &cache::redis_embeddings_cache::RedisEmbeddingsCache,
    &cache::upstash_redis_cache::UpstashRedisCache,
    &chains::conversational_retrieval_qa_chain::ConversationalRetrievalQaChain,
    &chains::conversation_chain::ConversationChain,
    &chains::get_api_chain::GetApiChain,
    &chains::graph_cypher_qa_chain::GraphCypherQaChain,
    &chains::llm_chain::LlmChain,
    &chains::multi_prompt_chain::MultiPromptChain,
    &chains::multi_retrieval_qa_chain::MultiRetrievalQaChain,
    &chains::open_api_chain::OpenApiChain,
    &chains::post_api_chain::PostApiChain,
    &chains::retrieval_qa_chain::RetrievalQaChain,
    #[cfg(feature = "sql")]
    &chains::sql_database_chain::SqlDatabaseChain,
    &chains::vectara_qa_chain::VectaraQaChain,
    &chains::vector_db_qa_chain::VectorDbQaChain,
    &chat_models::aws_chat_bedrock::AwsChatBedrock,
    &chat_models::azure_chat_openai::AzureChatOpenAi,
    &chat_models::azure_chat_openai_llama_index::AzureChatOpenAiLlamaIndex,
    &chat_models::chat_alibaba_tongyi::NODE,
    &chat_models::chat_anthropic::ChatAnthropic,
    &chat_models::chat_anthropic_llama_index::ChatAnthropicLlamaIndex,
    &chat_models::chat_baidu_wenxin::ChatBaiduWenxin,
    &chat_models::chat_cerebras::NODE,
    &chat_models::chat_cloudflare_workers_ai::NODE,
    &chat_models::chat_cohere::NODE,
    &chat_models::chat_comet_api::NODE,
    &chat_models::chat_deepseek::NODE,
    &chat_models::chat_fireworks::NODE,
    &chat_models::chat_google_generative_ai::ChatGoogleGenerativeAi,
    &chat_models::chat_google_vertex_ai::ChatGoogleVertexAi,
    &chat_models::chat_groq_llama_index::NODE,
    &chat_models::chat_hugging_face::NODE,
    &chat_models::chat_ibm_watsonx::ChatIbmWatsonx,
    &chat_models::chat_litellm::NODE,
    #[cfg(feature = "local-models")]
    &chat_models::chat_local::ChatLocal,
    &chat_models::chat_local_ai::NODE,
    &chat_models::chat_mistral_llama_index::NODE,
    &chat_models::chat_mistral_ai::NODE,
    &chat_models::chat_nemo_guardrails::NODE,
    &chat_models::chat_nvidia_nim::NODE,
    &chat_models::chat_ollama::ChatOllama,
    &chat_models::chat_ollama_llama_index::ChatOllamaLlamaIndex,
    &chat_models::chat_openai::ChatOpenAi,
    &chat_models::chat_openai_llama_index::NODE,
    &chat_models::chat_openai_custom::NODE,
    &chat_models::chat_open_router::NODE,
    &chat_models::chat_perplexity::NODE,
    &chat_models::chat_sambanova::NODE,
    &chat_models::chat_together_ai::NODE,
    &chat_models::chat_together_ai_llama_index::NODE,
    &chat_models::chat_xai::NODE,
    &chat_models::groq_chat::NODE,
    &document_loaders::airtable::NODE,
    &document_loaders::apify_website_content_crawler::NODE,
    &document_loaders::api_loader::ApiLoader,
    &document_loaders::brave_search_api_loader::NODE,
    &document_loaders::cheerio_web_scraper::CheerioWebScraper,
    &document_loaders::confluence::NODE,
    &document_loaders::csv_file::CsvFile,
    #[cfg(feature = "javascript")]
    &document_loaders::custom_document_loader::CustomDocumentLoader,
    &document_loaders::document_store::DocumentStore,
    #[cfg(feature = "documents")]
    &document_loaders::docx_file::DocxFile,
    #[cfg(feature = "documents")]
    &document_loaders::epub_file::EpubFile,
    &document_loaders::figma::NODE,
    #[cfg(feature = "documents")]
    &document_loaders::file_loader::FileLoader,
    &document_loaders::fire_crawl::NODE,
    #[cfg(feature = "documents")]
    &document_loaders::folder_files::FolderFiles,
    &document_loaders::gitbook::NODE,
    &document_loaders::github::NODE,
    #[cfg(feature = "documents")]
    &document_loaders::google_drive::NODE,
    &document_loaders::google_sheets::NODE,
    &document_loaders::jira::NODE,
    &document_loaders::json_file::JsonFile,
    &document_loaders::jsonlines_file::JsonlinesFile,
    #[cfg(feature = "documents")]
    &document_loaders::microsoft_excel::MicrosoftExcel,
    #[cfg(feature = "documents")]
    &document_loaders::microsoft_powerpoint::MicrosoftPowerpoint,
    #[cfg(feature = "documents")]
    &document_loaders::microsoft_word::MicrosoftWord,
    &document_loaders::notion_db::NODE,
    #[cfg(feature = "documents")]
    &document_loaders::notion_folder::NotionFolder,
    &document_loaders::notion_page::NODE,
    &document_loaders::oxylabs::NODE,
    #[cfg(feature = "documents")]
    &document_loaders::pdf_file::PdfFile,
    &document_loaders::plain_text::PlainText,
    #[cfg(feature = "browser")]
    &document_loaders::playwright_web_scraper::PlaywrightWebScraper,
    #[cfg(feature = "browser")]
    &document_loaders::puppeteer_web_scraper::PuppeteerWebScraper,
    #[cfg(feature = "documents")]
    &document_loaders::s3::NODE,
    #[cfg(feature = "documents")]
    &document_loaders::s3_directory::NODE,
    &document_loaders::search_api::NODE,
    &document_loaders::serp_api::NODE,
    &document_loaders::spider_document_loaders::NODE,
    &document_loaders::text_file::TextFile,
    &document_loaders::unstructured_file_loader::NODE,
    &document_loaders::vector_store_to_document::VectorStoreToDocument,
    &embeddings::aws_bedrock_embeddings::AwsBedrockEmbeddings,
    &embeddings::azure_openai_embeddings::AzureOpenAiEmbeddings,
    &embeddings::azure_openai_embeddings_llama_index::AzureOpenAiEmbeddingsLlamaIndex,
    &embeddings::baidu_qianfan_embeddings::BaiduQianfanEmbeddings,
    &embeddings::cohere_embeddings::CohereEmbeddings,
    &embeddings::google_generative_ai_embeddings::GoogleGenerativeAiEmbeddings,
    &embeddings::google_vertex_ai_embeddings::GoogleVertexAiEmbeddings,
    &embeddings::hugging_face_inference_embeddings::HuggingFaceInferenceEmbeddings,
    &embeddings::ibm_embedding::IbmEmbedding,
    &embeddings::jina_embeddings::NODE,
    &embeddings::local_ai_embeddings::NODE,
    #[cfg(feature = "local-models")]
    &embeddings::local_embeddings::LocalEmbeddings,
    &embeddings::mistral_ai_embeddings::NODE,
    &embeddings::ollama_embedding::OllamaEmbedding,
    &embeddings::openai_embedding_llama_index::NODE,
    &embeddings::openai_embeddings::NODE,
    &embeddings::openai_embeddings_custom::NODE,
    &embeddings::together_ai_embedding::NODE,
    &embeddings::voyage_ai_embeddings::NODE,
    &engine::context_chat_engine::ContextChatEngine,
    &engine::query_engine::QueryEngine,
    &engine::simple_chat_engine::SimpleChatEngine,
    &engine::sub_question_query_engine::SubQuestionQueryEngine,
    &graph::neo4j::Neo4j,
    &llms::aws_bedrock::AwsBedrock,
    &llms::azure_openai::AzureOpenAi,
    &llms::cohere::NODE,
    &llms::fireworks::NODE,
    &llms::google_vertex_ai::GoogleVertexAi,
    &llms::hugging_face_inference::HuggingFaceInference,
    &llms::ibm_watsonx::IbmWatsonx,
    &llms::ollama::Ollama,
    &llms::openai::NODE,
    &llms::replicate::Replicate,
    &llms::sambanova::NODE,
    &llms::together_ai::NODE,
    &memory::agent_memory::AgentMemory,
    &memory::buffer_memory::BufferMemory,
    &memory::buffer_window_memory::BufferWindowMemory,
    &memory::conversation_summary_buffer_memory::ConversationSummaryBufferMemory,
    &memory::conversation_summary_memory::ConversationSummaryMemory,
    &memory::dynamodb_chat_memory::DynamoDbChatMemory,
    &memory::mem0::Mem0,
    &memory::mongodb_atlas_chat_memory::MongoDbAtlasChatMemory,
    #[cfg(feature = "sql")]
    &memory::my_sql_agent_memory::MySqlAgentMemory,
    #[cfg(feature = "sql")]
    &memory::postgres_agent_memory::PostgresAgentMemory,
    &memory::redis_backed_chat_memory::RedisBackedChatMemory,
    &memory::sqlite_agent_memory::SqliteAgentMemory,
    &memory::upstash_redis_backed_chat_memory::UpstashRedisBackedChatMemory,
    &memory::zep_memory::Zep,
    &memory::zep_memory_cloud::ZepCloud,
    &moderation::input_moderation_openai::InputModerationOpenAi,
    &moderation::input_moderation_simple::InputModerationSimple,
    &multi_agents::supervisor::Supervisor,
    &multi_agents::worker::Worker,
    &output_parsers::advanced_structured_output_parser::AdvancedStructuredOutputParser,
    &output_parsers::csv_output_parser::CsvOutputParser,
    &output_parsers::custom_list_output_parser::CustomListOutputParser,
    &output_parsers::structured_output_parser::StructuredOutputParser,
    &prompts::chat_prompt_template::ChatPromptTemplate,
    &prompts::few_shot_prompt_template::FewShotPromptTemplate,
    &prompts::prompt_template::PromptTemplate,
    #[cfg(feature = "sql")]
    &record_manager::mysql_record_manager::MySqlRecordManager,
    #[cfg(feature = "sql")]
    &record_manager::postgres_record_manager::PostgresRecordManager,
    #[cfg(feature = "sql")]
    &record_manager::sqlite_record_manager::SqliteRecordManager,
    &response_synthesizer::compact_and_refine::CompactRefine,
    &response_synthesizer::refine::Refine,
    &response_synthesizer::simple_response_builder::SimpleResponseBuilder,
    &response_synthesizer::tree_summarize::TreeSummarize,
    &retrievers::aws_bedrock_kb_retriever::AwsBedrockKbRetriever,
    &retrievers::azure_rerank_retriever::NODE,
    &retrievers::cohere_rerank_retriever::NODE,
    &retrievers::custom_retriever::CustomRetriever,
    &retrievers::embeddings_filter_retriever::EmbeddingsFilterRetriever,
    &retrievers::extract_metadata_retriever::ExtractMetadataRetriever,
    &retrievers::hyde_retriever::HydeRetriever,
    &retrievers::jina_rerank_retriever::NODE,
    &retrievers::llm_filter_retriever::LlmFilterRetriever,
    &retrievers::multi_query_retriever::MultiQueryRetriever,
    &retrievers::prompt_retriever::PromptRetriever,
    &retrievers::rrf_retriever::RrfRetriever,
    &retrievers::similarity_threshold_retriever::SimilarityThresholdRetriever,
    &retrievers::vector_store_retriever::VectorStoreRetriever,
    &retrievers::voyage_ai_rerank_retriever::NODE,
    &sequential_agents::agent::Agent,
    &sequential_agents::condition::Condition,
    &sequential_agents::condition_agent::ConditionAgent,
    #[cfg(feature = "javascript")]
    &sequential_agents::custom_function::CustomFunction,
    &sequential_agents::end::End,
    &sequential_agents::execute_flow::ExecuteFlow,
    &sequential_agents::llm_node::LlmNode,
    &sequential_agents::loop_back::LoopBack,
    &sequential_agents::start::Start,
    &sequential_agents::state::State,
    &sequential_agents::tool_node::ToolNode,
    &text_splitters::character_text_splitter::CharacterTextSplitter,
    &text_splitters::code_text_splitter::CodeTextSplitter,
    #[cfg(feature = "documents")]
    &text_splitters::html_to_markdown_text_splitter::HtmlToMarkdownTextSplitter,
    &text_splitters::markdown_text_splitter::MarkdownTextSplitter,
    &text_splitters::recursive_character_text_splitter::RecursiveCharacterTextSplitter,
    &text_splitters::token_text_splitter::TokenTextSplitter,
    &tools::agent_as_tool::AgentAsTool,
    &tools::arxiv::Arxiv,
    &tools::aws_dynamodb_kv_storage::AwsDynamoDbKvStorage,
    &tools::aws_sns::AwsSns,
    &tools::brave_search_api::BraveSearchApi,
    &tools::calculator::Calculator,
    &tools::chain_tool::ChainTool,
    &tools::chatflow_tool::ChatflowTool,
    &tools::code_interpreter_e2b::NODE,
    &tools::composio::NODE,
    &tools::current_date_time::CurrentDateTime,
    #[cfg(feature = "javascript")]
    &tools::custom_tool::CustomTool,
    &tools::exa_search::ExaSearch,
    &tools::gmail::NODE,
    &tools::google_calendar_tool::NODE,
    &tools::google_custom_search::GoogleCustomSearch,
    &tools::google_docs_tool::NODE,
    &tools::google_drive_tool::NODE,
    &tools::google_sheets_tool::NODE,
    &tools::jira_tool::NODE,
    &tools::json_path_extractor::JsonPathExtractor,
    &tools::microsoft_outlook::NODE,
    &tools::microsoft_teams::NODE,
    &tools::openapi_toolkit::OpenApiToolkit,
    &tools::query_engine_tool_llama_index::QueryEngineTool,
    &tools::read_file::ReadFile,
    &tools::requests_delete::RequestsDelete,
    &tools::requests_get::RequestsGet,
    &tools::requests_post::RequestsPost,
    &tools::requests_put::RequestsPut,
    &tools::retriever_tool::RetrieverTool,
    &tools::search_api::SearchApi,
    &tools::sear_xng::SearXng,
    &tools::serp_api::SerpApi,
    &tools::serper::Serper,
    &tools::stripe_agent_tool::NODE,
    &tools::tavily_api::TavilyApi,
    &tools::web_browser::WebBrowser,
    &tools::web_scraper_tool::WebScraperTool,
    &tools::wolfram_alpha::WolframAlpha,
    &tools::write_file::WriteFile,
    #[cfg(feature = "mcp")]
    &tools_mcp::brave_search_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::browserless_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::custom_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::custom_mcp_server_tool::CustomMcpServerTool,
    #[cfg(feature = "mcp")]
    &tools_mcp::github_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::pipedream_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::postgresql_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::sequential_thinking_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::slack_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::supergateway_mcp::NODE,
    #[cfg(feature = "mcp")]
    &tools_mcp::teradata_mcp::NODE,
    #[cfg(feature = "javascript")]
    &utilities::custom_function::CustomFunction,
    &utilities::get_variable::GetVariable,
    #[cfg(feature = "javascript")]
    &utilities::if_else_function::IfElseFunction,
    &utilities::set_variable::SetVariable,
    &utilities::sticky_note::StickyNote,
    &vector_stores::astra::NODE,
    #[cfg(feature = "sql")]
    &vector_stores::built_in_vector_store::BuiltInVectorStore,
    &vector_stores::chroma::NODE,
    &vector_stores::couchbase::NODE,
    &vector_stores::document_store_vs::DocumentStoreVs,
    &vector_stores::elasticsearch::NODE,
    &vector_stores::faiss::NODE,
    &vector_stores::kendra::Kendra,
    &vector_stores::meilisearch::NODE,
    &vector_stores::memory_vector_store::MemoryVectorStore,
    &vector_stores::milvus::NODE,
    &vector_stores::mongodb_atlas::NODE,
    &vector_stores::open_search::NODE,
    &vector_stores::pinecone::NODE,
    &vector_stores::pinecone_llama_index::NODE,
    #[cfg(feature = "sql")]
    &vector_stores::postgres::NODE,
    &vector_stores::qdrant::NODE,
    &vector_stores::redis::NODE,
    &vector_stores::simple_store_llama_index::NODE,
    #[cfg(feature = "sql")]
    &vector_stores::singlestore::NODE,
    &vector_stores::supabase::NODE,
    &vector_stores::upstash::NODE,
    &vector_stores::vectara::NODE,
    &vector_stores::vectara_upload::NODE,
    &vector_stores::weaviate::NODE,
    &vector_stores::zep::NODE,
    &vector_stores::zep_cloud::NODE,
];

/// How nodes were called before, with what they are called now: flows that name them still run.
pub const FORMER_NAMES: &[(&str, &str)] = &[
    ("conversationalRetrievalAgent", "toolAgent"),
    ("mistralAIToolAgent", "toolAgent"),
    ("openAIFunctionAgent", "toolAgent"),
    ("openAIToolAgent", "toolAgent"),
];

#[cfg(test)]
mod contracts;
#[cfg(test)]
mod laws;
