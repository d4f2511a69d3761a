// Telling settings apart without reading files of many megabytes at every keystroke.

/** Longer texts are told apart by their length and by samples, in characters. */
const LONG = 20_000;
const SAMPLES = 64;
const SAMPLE = 32;

/** The same for the same settings; other settings give another one. */
export function signatureOf(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => (typeof entry === "string" && entry.length > LONG ? sampled(entry) : entry)) ?? "";
}

function sampled(text: string): string {
  const step = (text.length - SAMPLE) / (SAMPLES - 1);
  const samples = Array.from({ length: SAMPLES }, (_, at) => text.slice(Math.floor(at * step), Math.floor(at * step) + SAMPLE));
  return `${text.length}:${samples.join("")}`;
}
