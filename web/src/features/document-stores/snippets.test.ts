import { describe, expect, it } from "vitest";
import { LANGUAGES } from "~/lib/call-snippets";
import { addressOf, bodyOf, OPERATIONS, snippet, type StoreCall } from "./snippets";

const CALL: StoreCall = { origin: "https://flows.example.com", storeId: "00000000-0000-4000-8000-00000000d001", operation: "upsert", loader: "00000000-0000-4000-8000-00000000a001", replace: true, overrides: {}, question: "When's it open?" };

describe("snippets", () => {
  it.each(OPERATIONS.flatMap((operation) => LANGUAGES.map((language) => [operation, language] as const)))("for %s in %s", (operation, language) => expect(snippet(language, { ...CALL, operation })).toMatchSnapshot());
  it("refresh all loaders with an empty body", () => expect(bodyOf({ ...CALL, operation: "refresh", loader: "" })).toEqual({}));
  it("search by an address of its own", () => expect(addressOf({ ...CALL, operation: "query" })).toBe("https://flows.example.com/api/v1/document-store/vectorstore/query"));
  it("hold JavaScript that can be read", () => {
    const AsyncFunction = (async () => undefined).constructor as new (code: string) => () => Promise<unknown>;
    for (const operation of OPERATIONS) expect(() => new AsyncFunction(snippet("javascript", { ...CALL, operation }).replace(/^import .*$/m, ""))).not.toThrow();
  });
});
