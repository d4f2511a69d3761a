// LangChain's splitter: what to split a text costs there, and the chunks it makes.
//
// Usage: node splitting.mjs MODULES TEXT CHUNKS, where MODULES is the folder with node_modules, TEXT
// a file to split and CHUNKS the file to write, in which every chunk ends in a zero byte. One line
// of JSON: CPU milliseconds of the rounds.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, from, to] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { RecursiveCharacterTextSplitter } = require("@langchain/textsplitters");

const text = readFileSync(from, "utf8");
const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 1000, chunkOverlap: 200 });
const rounds = [];
let chunks = [];
for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage();
    chunks = await splitter.splitText(text);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / 1000);
}
writeFileSync(to, chunks.map((it) => it + "\0").join(""));
console.log(JSON.stringify(rounds));
