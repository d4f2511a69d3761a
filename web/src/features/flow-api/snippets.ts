// The texts that people copy to call a flow or to put it on a page. Pure, and held by snapshots.
import { pythonLiteral } from "~/lib/python";

export interface Call {
  /** Where the server is, such as `https://example.com`. */
  origin: string;
  flowId: string;
  /** Whether the flow asks for a key. */
  needsKey: boolean;
  streaming: boolean;
  /** What goes into `overrideConfig`; empty where nothing does. */
  overrides: Readonly<Record<string, unknown>>;
  question: string;
}

export const KEY_PLACEHOLDER = "YOUR_API_KEY";

export const LANGUAGES = ["curl", "python", "javascript", "typescript"] as const;
export type Language = (typeof LANGUAGES)[number];

export function addressOf({ origin, flowId }: Pick<Call, "origin" | "flowId">): string {
  return `${origin}/api/v1/prediction/${flowId}`;
}

/** The body of the call. */
export function bodyOf({ question, streaming, overrides }: Pick<Call, "question" | "streaming" | "overrides">): Record<string, unknown> {
  return { question, ...(streaming ? { streaming: true } : {}), ...(Object.keys(overrides).length > 0 ? { overrideConfig: overrides } : {}) };
}

export function snippet(language: Language, call: Call): string {
  switch (language) {
    case "curl":
      return curl(call);
    case "python":
      return python(call);
    case "javascript":
      return javascript(call);
    case "typescript":
      return typescript(call);
  }
}

function curl(call: Call): string {
  const body = JSON.stringify(bodyOf(call), null, 2).replaceAll("'", `'\\''`);
  return [
    `curl ${call.streaming ? "-N " : ""}${addressOf(call)} \\`,
    '  -H "Content-Type: application/json" \\',
    ...(call.needsKey ? [`  -H "Authorization: Bearer ${KEY_PLACEHOLDER}" \\`] : []),
    `  -d '${body}'`,
    "",
  ].join("\n");
}

function python(call: Call): string {
  const headers = call.needsKey ? `headers = {"Authorization": "Bearer ${KEY_PLACEHOLDER}"}\n` : "";
  const passed = call.needsKey ? ", headers=headers" : "";
  const head = `import json\nimport requests\n\nurl = ${pythonLiteral(addressOf(call))}\n${headers}body = ${pythonLiteral(bodyOf(call))}\n\n`;
  if (!call.streaming) return `${head.replace("import json\n", "")}response = requests.post(url, json=body${passed}, timeout=120)\nresponse.raise_for_status()\nprint(response.json()["text"])\n`;
  return `${head}with requests.post(url, json=body${passed}, stream=True, timeout=120) as response:
    response.raise_for_status()
    response.encoding = "utf-8"
    for line in response.iter_lines(decode_unicode=True):
        if not line.startswith("data:"):
            continue
        event = json.loads(line[len("data:"):])
        if event["event"] == "token":
            print(event["data"], end="", flush=True)
        elif event["event"] == "error":
            raise RuntimeError(event["data"])
`;
}

function javascript(call: Call): string {
  const headers = [`"Content-Type": "application/json"`, ...(call.needsKey ? [`Authorization: "Bearer ${KEY_PLACEHOLDER}"`] : [])].join(", ");
  const head = `const response = await fetch(${JSON.stringify(addressOf(call))}, {
  method: "POST",
  headers: { ${headers} },
  body: JSON.stringify(${indented(JSON.stringify(bodyOf(call), null, 2), 2)}),
});
if (!response.ok) throw new Error(await response.text());
`;
  if (!call.streaming) return `${head}const answer = await response.json();\nconsole.log(answer.text);\n`;
  return `${head}
const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
let rest = "";
for (;;) {
  const { value, done } = await reader.read();
  if (done) break;
  const lines = (rest + value).split("\\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    if (!line.startsWith("data:")) continue;
    const { event, data } = JSON.parse(line.slice("data:".length));
    if (event === "token") process.stdout.write(data);
    if (event === "error") throw new Error(data);
  }
}
`;
}

function typescript(call: Call): string {
  const options = [`baseUrl: ${JSON.stringify(call.origin)}`, ...(call.needsKey ? [`apiKey: "${KEY_PLACEHOLDER}"`] : [])].join(", ");
  const request = indented(JSON.stringify({ chatflowId: call.flowId, ...bodyOf(call) }, null, 2), 0);
  const head = `// npm install flowise-sdk\nimport { FlowiseClient } from "flowise-sdk";\n\nconst client = new FlowiseClient({ ${options} });\n`;
  if (!call.streaming) return `${head}const answer = await client.createPrediction(${request});\nconsole.log(answer.text);\n`;
  return `${head}const chunks = await client.createPrediction(${request});\nfor await (const chunk of chunks) {\n  if (chunk.event === "token") process.stdout.write(chunk.data);\n}\n`;
}

export const EMBEDS = ["popup", "page", "reactPopup", "reactPage"] as const;
export type Embed = (typeof EMBEDS)[number];

/** What puts the chat on a web page. */
export function embed(kind: Embed, { origin, flowId, overrides }: Pick<Call, "origin" | "flowId" | "overrides">): string {
  const config = Object.keys(overrides).length > 0 ? overrides : undefined;
  const html = (call: string, before = "") => `${before}<script type="module">\n  import Chatbot from ${JSON.stringify(`${origin}/embed.js`)};\n  Chatbot.${call}({\n    chatflowid: ${JSON.stringify(flowId)},\n    apiHost: ${JSON.stringify(origin)},${config ? `\n    chatflowConfig: ${indented(JSON.stringify(config, null, 2), 4)},` : ""}\n  });\n</script>\n`;
  const react = (component: string) =>
    `// npm install flowise-embed flowise-embed-react\nimport { ${component} } from "flowise-embed-react";\n\nexport function Chat() {\n  return <${component} chatflowid=${JSON.stringify(flowId)} apiHost=${JSON.stringify(origin)}${config ? ` chatflowConfig={${indented(JSON.stringify(config, null, 2), 2)}}` : ""} />;\n}\n`;
  switch (kind) {
    case "popup":
      return html("init");
    case "page":
      return html("initFull", "<flowise-fullchatbot></flowise-fullchatbot>\n");
    case "reactPopup":
      return react("BubbleChat");
    case "reactPage":
      return react("FullPageChat");
  }
}

/** `text` with every line but the first moved in. */
function indented(text: string, spaces: number): string {
  return text.replaceAll("\n", `\n${" ".repeat(spaces)}`);
}
