// usage: sdk.mjs ORIGIN FLOW. Asks by the npm package flowise-sdk, as its documentation shows it.
import assert from "node:assert/strict";
import sdk from "flowise-sdk";

const [, , baseUrl, chatflowId] = process.argv;
const client = new sdk.FlowiseClient({ baseUrl });
const question = "What is the capital of France?";
const passed = (text) => console.log(`ok   ${text}`);

const whole = await client.createPrediction({ chatflowId, question });
assert.match(whole.text, /Paris/);
assert.equal(whole.question, question);
assert.ok(whole.chatId && whole.chatMessageId && whole.sessionId, JSON.stringify(whole));
passed(`a whole answer: ${whole.text.trim()}`);

const events = [];
for await (const event of await client.createPrediction({ chatflowId, question, streaming: true })) events.push(event);
const names = events.map((it) => it.event);
assert.deepEqual([names[0], names[1], ...names.slice(-2)], ["start", "token", "metadata", "end"]);
const pieces = events.filter((it) => it.event === "token").map((it) => it.data);
assert.ok(pieces.length > 2, `an answer of ${pieces.length} pieces is not streamed`);
assert.equal(pieces.join(""), whole.text);
passed(`the same answer in ${pieces.length} pieces`);

const { chatId } = whole;
const further = await client.createPrediction({ chatflowId, question: "And of Italy?", chatId, overrideConfig: { sessionId: chatId } });
assert.equal(further.chatId, chatId);
assert.ok(further.text.trim());
passed("a second turn of the same chat");

const none = await client.createPrediction({ chatflowId: "00000000-0000-4000-8000-000000000000", question, streaming: true });
assert.equal(none.statusCode, 404);
passed(`an unknown flow: ${none.message}`);
