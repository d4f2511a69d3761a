// A site of somebody else that embeds the chat widget. It prints its origin, and serves until it is ended.
// The page is told its server and flow in its address (?apiHost=…&chatflowid=…), and where the widget comes
// from, when it is not the npm package (?widget=…).
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const widget = readFileSync(fileURLToPath(import.meta.resolve("flowise-embed/dist/web.js")));
const page = `<!doctype html><title>Another site</title><script type="module">
  const { widget = "/web.js", ...props } = Object.fromEntries(new URLSearchParams(location.search));
  const { default: Chatbot } = await import(widget);
  Chatbot.init(props);
</script>`;

const site = createServer((request, response) => {
  const script = request.url === "/web.js";
  response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" }).end(script ? widget : page);
});
site.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${site.address().port}`));
