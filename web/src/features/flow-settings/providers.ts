// Services that a flow's settings can name, under the names that flows store them by.

export interface ProviderField {
  name: string;
  /** Key of its label among the texts. */
  label: "language" | "prompt" | "temperature" | "model" | "baseUrl" | "profanity" | "channels" | "projectName" | "release" | "voice" | "experimentName";
  kind: "text" | "long" | "number" | "model" | "voice" | "options";
  options?: readonly string[];
  placeholder?: string;
  initial?: string | number;
}

export interface Provider {
  name: string;
  /** Its own name, the same in every language. */
  label: string;
  /** Kinds of credentials that fit; none where it needs none. */
  credentials: readonly string[];
  fields: readonly ProviderField[];
}

const LANGUAGE: ProviderField = { name: "language", label: "language", kind: "text", placeholder: "en" };
const PROMPT: ProviderField = { name: "prompt", label: "prompt", kind: "long" };
const TEMPERATURE: ProviderField = { name: "temperature", label: "temperature", kind: "number" };

export const SPEECH_TO_TEXT: readonly Provider[] = [
  { name: "openAIWhisper", label: "OpenAI Whisper", credentials: ["openAIApi"], fields: [LANGUAGE, PROMPT, TEMPERATURE] },
  { name: "assemblyAiTranscribe", label: "AssemblyAI", credentials: ["assemblyAIApi"], fields: [] },
  {
    name: "localAISTT",
    label: "LocalAI",
    credentials: ["localAIApi"],
    fields: [{ name: "baseUrl", label: "baseUrl", kind: "text", placeholder: "http://127.0.0.1:8080/v1" }, LANGUAGE, { name: "model", label: "model", kind: "text", placeholder: "whisper-1" }, PROMPT, TEMPERATURE],
  },
  {
    name: "azureCognitive",
    label: "Azure AI Speech",
    credentials: ["azureCognitiveServices"],
    fields: [
      { ...LANGUAGE, placeholder: "en-US" },
      { name: "profanityFilterMode", label: "profanity", kind: "options", options: ["None", "Masked", "Removed"], initial: "Masked" },
      { name: "channels", label: "channels", kind: "text", placeholder: "0,1", initial: "0,1" },
    ],
  },
  { name: "groqWhisper", label: "Groq Whisper", credentials: ["groqApi"], fields: [{ name: "model", label: "model", kind: "text", placeholder: "whisper-large-v3" }, LANGUAGE, TEMPERATURE] },
];

export const TEXT_TO_SPEECH: readonly Provider[] = [
  { name: "openai", label: "OpenAI", credentials: ["openAIApi"], fields: [{ name: "voice", label: "voice", kind: "voice", initial: "alloy" }] },
  { name: "elevenlabs", label: "ElevenLabs", credentials: ["elevenLabsApi"], fields: [{ name: "voice", label: "voice", kind: "voice", initial: "21m00Tcm4TlvDq8ikWAM" }] },
];

const ASK: readonly ProviderField[] = [{ name: "modelName", label: "model", kind: "model" }, PROMPT, { ...TEMPERATURE, initial: 0.9 }];

/** Each is the name of a chat model, but for Ollama. */
export const FOLLOW_UPS: readonly Provider[] = [
  { name: "chatAnthropic", label: "Anthropic Claude", credentials: ["anthropicApi"], fields: ASK },
  { name: "azureChatOpenAI", label: "Azure OpenAI", credentials: ["azureOpenAIApi"], fields: ASK },
  { name: "chatGoogleGenerativeAI", label: "Google Gemini", credentials: ["googleGenerativeAI"], fields: ASK },
  { name: "groqChat", label: "Groq", credentials: ["groqApi"], fields: ASK },
  { name: "chatMistralAI", label: "Mistral AI", credentials: ["mistralAIApi"], fields: ASK },
  { name: "chatOpenAI", label: "OpenAI", credentials: ["openAIApi"], fields: ASK },
  {
    name: "ollama",
    label: "Ollama",
    credentials: [],
    fields: [{ name: "baseUrl", label: "baseUrl", kind: "text", placeholder: "http://127.0.0.1:11434", initial: "http://127.0.0.1:11434" }, { name: "modelName", label: "model", kind: "text", placeholder: "llama3.2" }, PROMPT, { ...TEMPERATURE, initial: 0.7 }],
  },
];

const PROJECT: ProviderField = { name: "projectName", label: "projectName", kind: "text", placeholder: "default" };

export const ANALYTICS: readonly Provider[] = [
  { name: "langSmith", label: "LangSmith", credentials: ["langsmithApi"], fields: [PROJECT] },
  { name: "langFuse", label: "Langfuse", credentials: ["langfuseApi"], fields: [{ name: "release", label: "release", kind: "text" }] },
  { name: "lunary", label: "Lunary", credentials: ["lunaryApi"], fields: [] },
  { name: "langWatch", label: "LangWatch", credentials: ["langwatchApi"], fields: [] },
  { name: "arize", label: "Arize", credentials: ["arizeApi"], fields: [PROJECT] },
  { name: "phoenix", label: "Phoenix", credentials: ["phoenixApi"], fields: [PROJECT] },
  { name: "opik", label: "Opik", credentials: ["opikApi"], fields: [{ ...PROJECT, name: "opikProjectName" }] },
];

/** What a provider begins with when it is first chosen. */
export function initialsOf(provider: Provider): Record<string, unknown> {
  return Object.fromEntries(provider.fields.flatMap((field) => (field.initial === undefined ? [] : [[field.name, field.initial]])));
}
