//! Credentials of databases, vector stores, caches and memories.

use flowstone_core::{CredentialSpec, Field, spec::Default};

pub(super) const ASTRA_DB: CredentialSpec = CredentialSpec {
    label: "Astra DB API",
    name: "AstraDBApi",
    version: 2.0,
    description: Some(
        "A token with the Database Administrator role, and the API endpoint, both on the database page of astra.datastax.com",
    ),
    icon: "data-store.svg",
    inputs: &[
        Field::new("Astra DB Application Token", "applicationToken", "password"),
        Field::new("Astra DB Api Endpoint", "dbEndPoint", "string"),
    ],
};

pub(super) const CHROMA: CredentialSpec = CredentialSpec {
    label: "Chroma API",
    name: "chromaApi",
    version: 1.0,
    description: Some(
        "For Chroma Cloud: key, tenant and database are on the settings page of the database",
    ),
    icon: "data-store.svg",
    inputs: &[
        Field::new("Chroma Api Key", "chromaApiKey", "password"),
        Field::new("Chroma Tenant", "chromaTenant", "string"),
        Field::new("Chroma Database", "chromaDatabase", "string"),
    ],
};

pub(super) const COUCHBASE: CredentialSpec = CredentialSpec {
    label: "Couchbase API",
    name: "couchbaseApi",
    version: 1.0,
    description: Some("A database user of the cluster and its connection string, couchbases://…"),
    icon: "data-store.svg",
    inputs: &[
        Field::new("Couchbase Connection String", "connectionString", "url"),
        Field::new("Couchbase Username", "username", "string"),
        Field::new("Couchbase Password", "password", "password"),
    ],
};

pub(super) const DYNAMODB: CredentialSpec = CredentialSpec {
    label: "DynamodbMemory API",
    name: "dynamodbMemoryApi",
    version: 1.0,
    description: Some("An access key of an IAM user that may read and write the table"),
    icon: "data-store.svg",
    inputs: &[
        Field::new("Access Key", "accessKey", "password"),
        Field::new("Secret Access Key", "secretAccessKey", "password"),
    ],
};

pub(super) const ELASTICSEARCH: CredentialSpec = CredentialSpec {
    label: "Elasticsearch API",
    name: "elasticsearchApi",
    version: 1.0,
    description: Some(
        "The address of the cluster and an API key of Kibana, Stack Management, API keys",
    ),
    icon: "search-store.svg",
    inputs: &[
        Field::new("Elasticsearch Endpoint", "endpoint", "string"),
        Field::new("Elasticsearch API Key", "apiKey", "password"),
    ],
};

pub(super) const ELASTICSEARCH_USER: CredentialSpec = CredentialSpec {
    label: "ElasticSearch User Password",
    name: "elasticSearchUserPassword",
    version: 1.0,
    description: Some("The cloud id of the deployment, or its address, with a user and password"),
    icon: "search-store.svg",
    inputs: &[
        Field::new("Cloud ID", "cloudId", "string"),
        Field::new("ElasticSearch User", "username", "string"),
        Field::new("ElasticSearch Password", "password", "password"),
    ],
};

pub(super) const MEILISEARCH: CredentialSpec = CredentialSpec {
    label: "Meilisearch API",
    name: "meilisearchApi",
    version: 1.0,
    description: Some(
        "Both keys are given by the /keys route of the server, or on the project page of Meilisearch Cloud",
    ),
    icon: "search-store.svg",
    inputs: &[
        Field::new("Meilisearch Search API Key", "meilisearchSearchApiKey", "password"),
        Field {
            optional: true,
            ..Field::new("Meilisearch Admin API Key", "meilisearchAdminApiKey", "password")
        },
    ],
};

pub(super) const MEM0: CredentialSpec = CredentialSpec {
    label: "Mem0 Memory API",
    name: "mem0MemoryApi",
    version: 1.0,
    description: Some("Create a key under API Keys at app.mem0.ai"),
    icon: "memory.svg",
    inputs: &[Field::new("API Key", "apiKey", "password")],
};

pub(super) const MILVUS_AUTH: CredentialSpec = CredentialSpec {
    label: "Milvus Auth",
    name: "milvusAuth",
    version: 1.0,
    description: Some("A user of the Milvus server, or of a Zilliz Cloud cluster"),
    icon: "data-store.svg",
    inputs: &[
        Field::new("Milvus User", "milvusUser", "string"),
        Field::new("Milvus Password", "milvusPassword", "password"),
    ],
};

pub(super) const MOMENTO_CACHE: CredentialSpec = CredentialSpec {
    label: "Momento Cache API",
    name: "momentoCacheApi",
    version: 1.0,
    description: Some(
        "A cache and an API key for it, with the HTTP endpoint of its region, at console.gomomento.com",
    ),
    icon: "cache.svg",
    inputs: &[
        Field::new("Cache", "momentoCache", "string"),
        Field::new("API Key", "momentoApiKey", "password"),
        Field::new("Endpoint", "momentoEndpoint", "string"),
    ],
};

pub(super) const MONGODB: CredentialSpec = CredentialSpec {
    label: "MongoDB ATLAS",
    name: "mongoDBUrlApi",
    version: 1.0,
    description: Some(
        "The connection string of the cluster: mongodb+srv://user:password@host/database",
    ),
    icon: "data-store.svg",
    inputs: &[Field::new("ATLAS Connection URL", "mongoDBConnectUrl", "url")],
};

pub(super) const MYSQL: CredentialSpec = CredentialSpec {
    label: "MySQL API",
    name: "MySQLApi",
    version: 1.0,
    description: Some("A user that may make and write the tables that are named in nodes"),
    icon: "sql-database.svg",
    inputs: &[Field::new("User", "user", "string"), Field::new("Password", "password", "password")],
};

pub(super) const NEO4J: CredentialSpec = CredentialSpec {
    label: "Neo4j API",
    name: "neo4jApi",
    version: 1.0,
    description: Some(
        "The address of the server, neo4j+s://host or https://host, with a user and password",
    ),
    icon: "graph-store.svg",
    inputs: &[
        Field::new("Neo4j URL", "url", "string"),
        Field::new("Username", "username", "string"),
        Field::new("Password", "password", "password"),
    ],
};

pub(super) const OPENSEARCH: CredentialSpec = CredentialSpec {
    label: "OpenSearch",
    name: "openSearchUrl",
    version: 2.0,
    description: Some("The address of the cluster; user and password where it asks for them"),
    icon: "search-store.svg",
    inputs: &[
        Field::new("OpenSearch Url", "openSearchUrl", "url"),
        Field { optional: true, ..Field::new("User", "user", "string") },
        Field { optional: true, ..Field::new("Password", "password", "password") },
    ],
};

pub(super) const PINECONE: CredentialSpec = CredentialSpec {
    label: "Pinecone API",
    name: "pineconeApi",
    version: 1.0,
    description: Some("Create a key under API keys of a project at app.pinecone.io"),
    icon: "data-store.svg",
    inputs: &[Field::new("Pinecone Api Key", "pineconeApiKey", "password")],
};

pub(super) const POSTGRES: CredentialSpec = CredentialSpec {
    label: "Postgres API",
    name: "PostgresApi",
    version: 1.0,
    description: Some("A user that may make and write the tables that are named in nodes"),
    icon: "sql-database.svg",
    inputs: &[Field::new("User", "user", "string"), Field::new("Password", "password", "password")],
};

pub(super) const POSTGRES_URL: CredentialSpec = CredentialSpec {
    label: "Postgres URL",
    name: "PostgresUrl",
    version: 1.0,
    description: Some(
        "The whole address with user and password: postgresql://user:password@host:5432/database",
    ),
    icon: "sql-database.svg",
    inputs: &[Field::new("Postgres URL", "postgresUrl", "url")],
};

pub(super) const QDRANT: CredentialSpec = CredentialSpec {
    label: "Qdrant API",
    name: "qdrantApi",
    version: 1.0,
    description: Some("Needed where the server asks for a key, as Qdrant's cloud does"),
    icon: "qdrant.svg",
    inputs: &[Field::new("Qdrant API Key", "qdrantApiKey", "password")],
};

pub(super) const REDIS: CredentialSpec = CredentialSpec {
    label: "Redis API",
    name: "redisCacheApi",
    version: 1.0,
    description: Some("User and password may stay empty where the server asks for none"),
    icon: "redis.svg",
    inputs: &[
        Field {
            default: Default::Text("127.0.0.1"),
            ..Field::new("Redis Host", "redisCacheHost", "string")
        },
        Field { default: Default::Text("6379"), ..Field::new("Port", "redisCachePort", "number") },
        Field::new("User", "redisCacheUser", "string"),
        Field::new("Password", "redisCachePwd", "password"),
        Field {
            description: Some("Secures the connection; the server's certificate must be trusted"),
            ..Field::new("Use SSL", "redisCacheSslEnabled", "boolean")
        },
    ],
};

pub(super) const REDIS_URL: CredentialSpec = CredentialSpec {
    label: "Redis URL",
    name: "redisCacheUrlApi",
    version: 1.0,
    description: Some("redis://user:password@host:6379/0, or rediss:// for a secured connection"),
    icon: "redis.svg",
    inputs: &[Field {
        default: Default::Text("redis://localhost:6379"),
        ..Field::new("Redis URL", "redisUrl", "url")
    }],
};

pub(super) const SINGLESTORE: CredentialSpec = CredentialSpec {
    label: "SingleStore API",
    name: "singleStoreApi",
    version: 1.0,
    description: Some("A user of the SingleStore workspace"),
    icon: "sql-database.svg",
    inputs: &[Field::new("User", "user", "string"), Field::new("Password", "password", "password")],
};

pub(super) const SUPABASE: CredentialSpec = CredentialSpec {
    label: "Supabase API",
    name: "supabaseApi",
    version: 1.0,
    description: Some("The service_role key under Project Settings, API keys, at supabase.com"),
    icon: "sql-database.svg",
    inputs: &[Field::new("Supabase API Key", "supabaseApiKey", "password")],
};

pub(super) const TERADATA_BEARER: CredentialSpec = CredentialSpec {
    label: "Teradata Bearer Token",
    name: "teradataBearerToken",
    version: 1.0,
    description: Some("A bearer token that the Teradata MCP server takes"),
    icon: "sql-database.svg",
    inputs: &[Field::new("Token", "token", "password")],
};

pub(super) const TERADATA_USER: CredentialSpec = CredentialSpec {
    label: "Teradata TD2 Auth",
    name: "teradataTD2Auth",
    version: 1.0,
    description: Some("A database user that signs in by TD2"),
    icon: "sql-database.svg",
    inputs: &[
        Field::new("Teradata TD2 Auth Username", "tdUsername", "string"),
        Field::new("Teradata TD2 Auth Password", "tdPassword", "password"),
    ],
};

pub(super) const TERADATA_VECTOR_STORE: CredentialSpec = CredentialSpec {
    label: "Teradata Vector Store API Credentials",
    name: "teradataVectorStoreApiCredentials",
    version: 1.0,
    description: Some(
        "Host, user and base address of the vector store service of Teradata Vantage",
    ),
    icon: "data-store.svg",
    inputs: &[
        Field::new("Teradata Host IP", "tdHostIp", "string"),
        Field::new("Username", "tdUsername", "string"),
        Field::new("Password", "tdPassword", "password"),
        Field::new("Vector_Store_Base_URL", "baseURL", "string"),
        Field { optional: true, ..Field::new("JWT Token", "jwtToken", "password") },
    ],
};

pub(super) const UPSTASH_REDIS: CredentialSpec = CredentialSpec {
    label: "Upstash Redis API",
    name: "upstashRedisApi",
    version: 1.0,
    description: Some("The REST address and token of a database at console.upstash.com"),
    icon: "redis.svg",
    inputs: &[
        Field::new("Upstash Redis REST URL", "upstashConnectionUrl", "url"),
        Field::new("Token", "upstashConnectionToken", "password"),
    ],
};

pub(super) const UPSTASH_REDIS_MEMORY: CredentialSpec = CredentialSpec {
    label: "Upstash Redis Memory API",
    name: "upstashRedisMemoryApi",
    version: 1.0,
    description: Some("The REST token of a database at console.upstash.com"),
    icon: "redis.svg",
    inputs: &[Field::new("Upstash Redis REST Token", "upstashRestToken", "password")],
};

pub(super) const UPSTASH_VECTOR: CredentialSpec = CredentialSpec {
    label: "Upstash Vector API",
    name: "upstashVectorApi",
    version: 1.0,
    description: Some("The REST address and token of an index at console.upstash.com"),
    icon: "data-store.svg",
    inputs: &[
        Field::new("Upstash Vector REST URL", "UPSTASH_VECTOR_REST_URL", "url"),
        Field::new("Upstash Vector REST Token", "UPSTASH_VECTOR_REST_TOKEN", "password"),
    ],
};

pub(super) const VECTARA: CredentialSpec = CredentialSpec {
    label: "Vectara API",
    name: "vectaraApi",
    version: 1.0,
    description: Some(
        "Customer id, corpus id and a key with query and index rights, at console.vectara.com",
    ),
    icon: "search-store.svg",
    inputs: &[
        Field::new("Vectara Customer ID", "customerID", "string"),
        Field::new("Vectara Corpus ID", "corpusID", "string"),
        Field::new("Vectara API Key", "apiKey", "password"),
    ],
};

pub(super) const WEAVIATE: CredentialSpec = CredentialSpec {
    label: "Weaviate API",
    name: "weaviateApi",
    version: 1.0,
    description: Some("An API key of the cluster at console.weaviate.cloud, or of your own server"),
    icon: "data-store.svg",
    inputs: &[Field::new("Weaviate API Key", "weaviateApiKey", "password")],
};

pub(super) const ZEP: CredentialSpec = CredentialSpec {
    label: "Zep Memory API",
    name: "zepMemoryApi",
    version: 1.0,
    description: Some("A project key of app.getzep.com, or the token of your own Zep server"),
    icon: "memory.svg",
    inputs: &[Field::new("API Key", "apiKey", "password")],
};
