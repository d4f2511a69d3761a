import { Circle } from "lucide-react";
import { describe, expect, it } from "vitest";
import { found, type Section } from "./entries";

const entry = (label: string, keywords?: string) => ({ id: label, label, icon: Circle, run: () => undefined, ...(keywords && { keywords }) });
const sections: Section[] = [
  { key: "here", label: "", entries: [] },
  { key: "flows", label: "", given: true, entries: [entry("Prompt template"), entry("Cave")] },
  { key: "pages", label: "", entries: [entry("Templates", "Build"), entry("Chatflows", "Build")] },
];
const labels = (query: string) => found(sections, query).map((section) => section.entries.map(({ label }) => label));

describe("found", () => {
  it("shows everything in its order while nothing is typed", () => expect(labels(" ")).toEqual([["Prompt template", "Cave"], ["Templates", "Chatflows"]]));

  it("puts the section with the best entry first, and keeps what the server found", () =>
    expect(labels("templ")).toEqual([["Templates"], ["Prompt template", "Cave"]]));

  it("finds by other words, after names", () => expect(labels("build")).toEqual([["Templates", "Chatflows"], ["Prompt template", "Cave"]]));
});
