//! Nodes that turn text into vectors.

pub(crate) mod aws_bedrock_embeddings;
pub(crate) mod azure_openai_embeddings;
pub(crate) mod azure_openai_embeddings_llama_index;
pub(crate) mod baidu_qianfan_embeddings;
pub(crate) mod cached;
pub(crate) mod cohere_embeddings;
pub(crate) mod google_generative_ai_embeddings;
pub(crate) mod google_vertex_ai_embeddings;
pub(crate) mod hugging_face_inference_embeddings;
pub(crate) mod ibm_embedding;
pub(crate) mod jina_embeddings;
pub(crate) mod local_ai_embeddings;
#[cfg(feature = "local-models")]
pub(crate) mod local_embeddings;
pub(crate) mod mistral_ai_embeddings;
pub(crate) mod ollama_embedding;
pub(crate) mod openai_embedding_llama_index;
pub(crate) mod openai_embeddings;
pub(crate) mod openai_embeddings_custom;
pub(crate) mod together_ai_embedding;
pub(crate) mod voyage_ai_embeddings;
