//! Every variable that this version reads, for `--help`, for flags and for `docs/`.

use super::variables::Variable;

macro_rules! variables {
    ($($name:literal, $default:literal, $meaning:literal;)*) => {
        &[$(&Variable { name: $name, default: $default, meaning: $meaning }),*]
    };
}

/// Variables that this version obeys.
pub(crate) const KNOWN: &[&Variable] = variables! {
    "PORT", "3000", "port of the HTTP server; 0 takes a free one";
    "HOST", "all interfaces", "address the HTTP server listens on";
    "APP_URL", "http://localhost:PORT", "address under which people reach the server; https makes cookies Secure";
    "FLOWISE_FILE_SIZE_LIMIT", "50mb", "largest request body";
    "FLOWSTONE_REQUEST_PATIENCE", "60", "seconds a client may take to send a request's head and to begin with its body";
    "DATABASE_TYPE", "sqlite", "sqlite, postgres, mysql or mariadb";
    "DATABASE_PATH", "~/.flowstone", "folder of database.sqlite";
    "DATABASE_HOST", "none", "host of the database server";
    "DATABASE_PORT", "5432 or 3306", "port of the database server";
    "DATABASE_USER", "none", "user at the database server";
    "DATABASE_PASSWORD", "none", "password at the database server";
    "DATABASE_NAME", "none", "name of the database";
    "DATABASE_SSL", "false", "TLS to the database";
    "DATABASE_SSL_KEY_BASE64", "none", "certificate authority of the database in base64; wins over DATABASE_SSL";
    "DATABASE_REJECT_UNAUTHORIZED", "false", "check the database's certificate where the authority is given";
    "SECRETKEY_PATH", "~/.flowstone", "folder of the encryption key and the session secrets";
    "STORAGE_TYPE", "local", "where the files lie that users gave to forms and chats: local, s3, gcs or azure";
    "BLOB_STORAGE_PATH", "~/.flowstone/storage", "folder of those files, with STORAGE_TYPE=local";
    "S3_STORAGE_BUCKET_NAME", "none", "bucket of those files, with STORAGE_TYPE=s3";
    "S3_STORAGE_REGION", "none", "region of the bucket";
    "S3_STORAGE_ACCESS_KEY_ID", "Amazon's own variables, then the machine's role", "id of the key to the bucket";
    "S3_STORAGE_SECRET_ACCESS_KEY", "none", "secret of the key to the bucket";
    "S3_ENDPOINT_URL", "Amazon's", "address of another server that speaks S3";
    "S3_FORCE_PATH_STYLE", "false", "name the bucket in the path of addresses and not in their host";
    "GOOGLE_CLOUD_STORAGE_BUCKET_NAME", "none", "bucket of those files, with STORAGE_TYPE=gcs";
    "GOOGLE_CLOUD_STORAGE_CREDENTIAL", "Google's usual places, then the machine's account", "path of a service account's key file";
    "AZURE_BLOB_STORAGE_CONTAINER_NAME", "none", "container of those files, with STORAGE_TYPE=azure";
    "AZURE_BLOB_STORAGE_CONNECTION_STRING", "none", "connection string of the storage account";
    "AZURE_BLOB_STORAGE_ACCOUNT_NAME", "none", "storage account, where there is no connection string";
    "AZURE_BLOB_STORAGE_ACCOUNT_KEY", "none", "key of the storage account";
    "FLOWISE_SECRETKEY_OVERWRITE", "none", "text to make the encryption key from, instead of the file";
    "JWT_AUTH_TOKEN_SECRET", "generated", "signs access tokens";
    "JWT_TOKEN_EXPIRY_IN_MINUTES", "60", "life of an access token";
    "JWT_REFRESH_TOKEN_EXPIRY_IN_MINUTES", "129600", "life of a refresh token";
    "EXPIRE_AUTH_TOKENS_ON_RESTART", "false", "forget every session at start";
    "PASSWORD_RESET_TOKEN_EXPIRY_IN_MINS", "15", "life of the link for a new password";
    "FLOWISE_USERNAME", "none", "with FLOWISE_PASSWORD: a login that is asked for before the first account is made";
    "FLOWISE_PASSWORD", "none", "the password of FLOWISE_USERNAME";
    "SMTP_HOST", "none", "mail server for links to choose a new password";
    "SMTP_PORT", "465 or 587", "port of the mail server";
    "SMTP_USER", "none", "user at the mail server";
    "SMTP_PASSWORD", "none", "password at the mail server";
    "SMTP_SECURE", "true", "TLS from the start; false: STARTTLS";
    "ALLOW_UNAUTHORIZED_CERTS", "false", "take any certificate from the mail server";
    "SENDER_EMAIL", "SMTP_USER", "address mails come from";
    "SECURE_COOKIES", "true where APP_URL is https", "the Secure flag of cookies";
    "CORS_ORIGINS", "none", "comma list of origins whose pages may call the API; * allows all, without cookies";
    "CORS_ALLOW_CREDENTIALS", "false", "let the listed origins send cookies";
    "IFRAME_ORIGINS", "'self'", "comma list of sites that may frame our pages";
    "TRUST_PROXY", "one proxy at a private address", "whose X-Forwarded-For is believed: true (one proxy, anywhere), false (none) or a number of proxies";
    "DISABLED_NODES", "none", "comma list of node names that flows may not use";
    "HTTP_ALLOW_LIST", "localhost:11434", "comma list of exact host:port entries at private addresses that flows may call";
    "HTTP_DENY_LIST", "none", "comma list of further hosts, addresses and networks that flows may not call";
    "HTTP_SECURITY_CHECK", "true", "keep flows from calling private addresses";
    "NODE_EXTRA_CA_CERTS", "none", "PEM file of authorities that outgoing calls trust on top";
    "GLOBAL_AGENT_HTTP_PROXY", "none", "proxy for calls to http addresses (and https, if the next is unset)";
    "GLOBAL_AGENT_HTTPS_PROXY", "none", "proxy for calls to https addresses";
    "GLOBAL_AGENT_NO_PROXY", "none", "comma list of hosts that bypass the proxy";
    "ANTHROPIC_BASE_URL", "https://api.anthropic.com", "address of Anthropic's API, or of a gateway that speaks it";
    "GOOGLE_GEMINI_BASE_URL", "https://generativelanguage.googleapis.com", "address of the Gemini API, or of a gateway that speaks it, where a node names none";
    "SANDBOX_TIMEOUT", "300000", "milliseconds before a script is stopped";
    "FLOWSTONE_MCP_COMMANDS", "none", "programs that flows may start as MCP servers, word for word, with ; between them";
    "CUSTOM_MCP_PROTOCOL", "stdio", "anything else: MCP servers are called by address only, whatever FLOWSTONE_MCP_COMMANDS lists";
    "CUSTOM_MCP_TOOL_DESCRIPTION_MAX_LENGTH", "1024", "characters of a description of an MCP tool that a model is told";
    "CUSTOM_MCP_TOOL_NAME_MAX_LENGTH", "64", "characters of a name of an MCP tool that a model is told, at most 64";
    "CUSTOM_MCP_TOOLS_MAX_BYTES", "524288", "longest list of tools of an MCP server";
    "CUSTOM_MCP_AUTHORIZE_TIMEOUT_MS", "15000", "milliseconds an MCP server may take to tell its tools";
    "ENABLE_METRICS", "false", "count requests and flows";
    "METRICS_PROVIDER", "prometheus", "prometheus (GET /api/v1/metrics) or open_telemetry (sent to a collector)";
    "METRICS_INCLUDE_NODE_METRICS", "true", "tell memory, processor time and files of the process too";
    "METRICS_SERVICE_NAME", "Flowstone", "name under which collectors know this server";
    "METRICS_OPEN_TELEMETRY_METRIC_ENDPOINT", "http://localhost:4318/v1/metrics", "collector that numbers are sent to, with METRICS_PROVIDER=open_telemetry";
    "METRICS_OPEN_TELEMETRY_PROTOCOL", "http", "http or proto: both send protobuf over HTTP";
    "OTEL_EXPORTER_OTLP_ENDPOINT", "none", "collector that traces are sent to, such as http://localhost:4318";
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces", "the whole address for traces, where it is another";
    "OTEL_EXPORTER_OTLP_HEADERS", "none", "headers of calls to collectors, as name=value with commas between";
    "OTEL_SERVICE_NAME", "METRICS_SERVICE_NAME", "name of this server in traces";
    "LOG_LEVEL", "info", "error, warn, info, debug or trace";
    "DEBUG", "false", "the same as LOG_LEVEL=debug";
    "LOG_FORMAT", "text", "text or json";
    "FLOWSTONE_MODELS_DIR", "~/.flowstone/models", "folder of the built-in models";
    "FLOWSTONE_MODELS_MIRROR", "none", "address to pull models from instead of Hugging Face";
    "FLOWSTONE_MODEL_THREADS", "one less than the cores, at most 4", "threads of the built-in models";
    "FLOWSTONE_MODEL_QUEUE", "16", "questions that may wait for a built-in model";
    "FLOWSTONE_BROWSER", "Chromium or Chrome where systems put them", "program that reads web pages with their scripts for flows";
    "FLOWSTONE_DOCUMENT_FOLDER", "~/.flowstone/documents", "folder of the files that flows may read as documents";
    "FLOWSTONE_SQLITE_FOLDER", "~/.flowstone/sqlite", "folder of the SQLite databases that flows may read";
    "MODEL_LIST_CONFIG_JSON", "the list that ships", "file or address of a list of models and prices that replaces what ships";
    "FLOWSTONE_FLOW_VERSIONS", "100", "versions of each flow that are kept";
    "MIN_SCHEDULE_INTERVAL_SECONDS", "60", "shortest time between two runs of a flow by its schedule";
    "FLOWSTONE_RUN_HISTORY", "full", "what is kept of runs: full, outline (no questions, inputs and outputs) or off";
    "FLOWSTONE_RUN_HISTORY_DAYS", "30", "days for which runs are kept";
    "FLOWSTONE_RUN_HISTORY_RUNS", "10000", "runs that are kept at most, in all workspaces together";
    "FLOWSTONE_EXAMPLES", "true", "put the example flows into a new database";
};

/// Variables of the reference that mean something this version does not do. Setting one is answered
/// at start, so that nobody believes it works.
pub(crate) const NOT_YET: &[&str] = &[
    "MODE",
    "REDIS_URL",
    "SECRETKEY_STORAGE_TYPE",
    "SECRETKEY_AWS_NAME",
    "E2B_APIKEY",
    "JWT_REFRESH_TOKEN_SECRET",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "MCP_CORS_ORIGINS",
    "CUSTOM_MCP_SECURITY_CHECK",
    "CUSTOM_MCP_ALLOWED_COMMANDS",
    "CUSTOM_MCP_ALLOWED_ENV_VARS",
    "CUSTOM_MCP_ALLOWED_ABSOLUTE_SCRIPT_PATHS",
    "LOG_PATH",
    "TOOL_FUNCTION_BUILTIN_DEP",
    "TOOL_FUNCTION_EXTERNAL_DEP",
    "DENYLIST_URLS",
];

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = include_str!("../../../../docs/guide/configuration.md");
    /// Read by a library, before any code of ours runs.
    const FOREIGN: &str = "CANDLE_NUM_THREADS";

    #[test]
    fn the_guide_and_the_table_name_the_same_variables() {
        for name in KNOWN.iter().map(|it| it.name).chain(NOT_YET.iter().copied()) {
            assert!(GUIDE.contains(&format!("`{name}`")), "the guide does not name {name}");
        }
        let cells = GUIDE.lines().filter_map(|it| it.strip_prefix("| `")?.split_once('`'));
        for (name, _) in cells {
            let known = KNOWN.iter().any(|it| it.name == name) || name == FOREIGN;
            assert!(known, "the guide lists {name}, which nothing reads");
        }
    }
}
