import { expect, it } from "vitest";
import { length, lookOf } from "./look";

it("takes the page's colours and mends what could not be read", () => {
  const look = lookOf({ button: { backgroundColor: "#ffff00", iconColor: "white", size: "large", right: 8 }, chatWindow: { botMessage: { backgroundColor: "#eee", textColor: "#ddd" }, height: 700, width: "50%" } });
  expect(look).toMatchObject({ "--accent": "#ffff00", "--on-accent": "#0f172a", "--answer-ink": "#0f172a", "--question-ink": "#0f172a", "--button": "64px", "--right": "8px", "--height": "700px", "--width": "50%" });
});

it("colours the thumbs and the foot as the page says, also by the foot's old name", () => {
  expect(lookOf({ chatWindow: { feedback: { color: "#303235" }, poweredByTextColor: "#303235" } })).toMatchObject({ "--thumb": "#303235", "--foot-ink": "#303235" });
  expect(lookOf({ chatWindow: { feedback: { color: "#fafafa" }, poweredByTextColor: "#111111", footer: { textColor: "#222222" } } })).toMatchObject({ "--thumb": "#0f172a", "--foot-ink": "#222222" });
  expect(lookOf()["--thumb"]).toBeUndefined();
});

it("has looks of its own, and no picture that is more than an address", () => {
  expect(lookOf()).toMatchObject({ "--paper": "#ffffff", "--on-accent": "#ffffff", "--button": "52px" });
  expect(lookOf({ chatWindow: { backgroundImage: 'https://a/b") red' } })["--backdrop"]).toBe('url("https://a/b) red")');
  expect(lookOf({ chatWindow: { backgroundImage: "javascript:x" } })["--backdrop"]).toBeUndefined();
  expect([length(3), length("4"), length("5rem"), length("")]).toEqual(["3px", "4px", "5rem", undefined]);
});
