import { describe, expect, it } from "vitest";
import { type CredentialKind, REDACTED } from "~/api/workbench";
import { asksConsent, findKinds, freeName, initialValues, isKept, keptValue, missingInputs, sentValues } from "./model";

const KIND: CredentialKind = {
  label: "Example API",
  name: "exampleApi",
  version: 1,
  inputs: [
    { label: "Key", name: "key", type: "password" },
    { label: "Endpoint", name: "endpoint", type: "url", default: "https://example.com" },
    { label: "Region", name: "region", type: "string", optional: true },
    { label: "Grant", name: "grant", type: "string", default: "code", hidden: true },
  ],
};

describe("a credential's form", () => {
  it("begins with the defaults, hidden ones too", () => expect(initialValues(KIND)).toEqual({ endpoint: "https://example.com", grant: "code" }));
  it("asks for what must be there", () => {
    expect(missingInputs(KIND, {})).toEqual(["key"]);
    expect(missingInputs(KIND, { key: "  " })).toEqual(["key"]);
    expect(missingInputs(KIND, { key: REDACTED })).toEqual([]);
  });
  it("sends what is filled, trims all but secrets, keeps what it does not know", () =>
    expect(sentValues(KIND, { key: " k ", endpoint: " https://a ", region: "", old: 1 })).toEqual({ key: " k ", endpoint: "https://a", old: 1 }));
  it("sends a stored secret back as it came", () => expect(sentValues(KIND, { key: REDACTED })).toEqual({ key: REDACTED }));
  it("knows a stored secret from an entered one", () => {
    expect(isKept(REDACTED)).toBe(true);
    expect(isKept("")).toBe(false);
    expect(keptValue({ key: REDACTED }, "key")).toBe(REDACTED);
    expect(keptValue({ key: "plain" }, "key")).toBeUndefined();
  });
  it("asks for consent only where there is an address for it", () => {
    expect(asksConsent(KIND)).toBe(false);
    expect(asksConsent({ ...KIND, inputs: [{ label: "A", name: "authorizationUrl", type: "string" }] })).toBe(true);
  });
});

describe("freeName", () => {
  it("counts up from what is taken", () => {
    expect(freeName("OpenAI API", [])).toBe("OpenAI API");
    expect(freeName("OpenAI API", ["OpenAI API", "OpenAI API 2"])).toBe("OpenAI API 3");
  });
});

describe("findKinds", () => {
  const other: CredentialKind = { label: "Other", name: "other", version: 1, description: "like the example", inputs: [] };
  it("puts what begins with the words first", () => expect(findKinds([other, KIND], "exam").map((kind) => kind.name)).toEqual(["exampleApi", "other"]));
  it("needs every word", () => expect(findKinds([other, KIND], "example other")).toEqual([other]));
});
