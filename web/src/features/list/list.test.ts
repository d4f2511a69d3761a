import { describe, expect, it } from "vitest";
import { type Arrangement, arrange, type ListRules } from "./arrange";
import { listSearch, textOf, valuesOf } from "./search";

interface Row {
  name: string;
  tags: string[];
  size: number | null;
}

const rows: Row[] = [
  { name: "Weather 10", tags: ["demo"], size: 3 },
  { name: "weather 9", tags: ["demo", "team"], size: null },
  { name: "Äpfel", tags: [], size: 20 },
  { name: "Cave", tags: ["team"], size: 7 },
];
const rules: ListRules<Row> = {
  text: (row) => [row.name, ...row.tags],
  filters: { tag: (row) => row.tags, size: (row) => row.size },
  sorts: { name: (row) => row.name, size: (row) => row.size },
};
const look = (more: Partial<Arrangement> = {}) => arrange(rows, { q: "", page: 1, limit: 10, sort: { key: "name", descending: false }, filters: {}, ...more }, rules, "de");
const names = (found: { rows: Row[] }) => found.rows.map((row) => row.name);

describe("arrange", () => {
  it("sorts texts as people do: numbers inside by size, umlauts beside their letters", () => {
    expect(names(look())).toEqual(["Äpfel", "Cave", "weather 9", "Weather 10"]);
  });

  it("sorts numbers by size, and turns round", () => {
    expect(names(look({ sort: { key: "size", descending: true } }))).toEqual(["weather 9", "Äpfel", "Cave", "Weather 10"]);
  });

  it("wants every word of a search, in any column", () => {
    expect(names(look({ q: " TEAM weath " }))).toEqual(["weather 9"]);
    expect(look({ q: "granite" }).total).toBe(0);
  });

  it("takes rows that have one of a filter's values, of every filter", () => {
    expect(names(look({ filters: { tag: ["team", "none"] } }))).toEqual(["Cave", "weather 9"]);
    expect(names(look({ filters: { tag: ["team"], size: ["7"] } }))).toEqual(["Cave"]);
    expect(look({ filters: { unknown: ["x"] } }).total).toBe(4);
  });

  it("gives one page, the last one where the page is past the end, and leaves the rows as they were", () => {
    const before = [...rows];
    expect(names(look({ limit: 3, page: 2 }))).toEqual(["Weather 10"]);
    expect(look({ limit: 3, page: 9 })).toMatchObject({ total: 4, rows: [{ name: "Weather 10" }] });
    expect(rows).toEqual(before);
  });
});

describe("the address of a list", () => {
  const read = listSearch("category");

  it("takes what it knows, as text even where the router saw a number", () => {
    expect(read({ q: 2024, sort: "-name", category: "A;B", page: "3", limit: 48, stranger: 1 })).toEqual({ q: "2024", sort: "-name", category: "A;B", page: 3, limit: 48 });
  });

  it("drops what makes no sense", () => {
    expect(read({ q: "", page: -1, limit: "many", category: { a: 1 } })).toEqual({});
    expect(read({ page: 1, limit: 100_000 })).toEqual({ limit: 200 });
  });

  it("keeps several values of a filter in one entry", () => {
    expect(valuesOf(textOf(["Demo", "Team, north"]))).toEqual(["Demo", "Team, north"]);
    expect(textOf([])).toBeUndefined();
  });
});
