import { describe, expect, it } from "vitest";
import { luminance, readable, readPublicTheme } from "./public-theme";

describe("readPublicTheme", () => {
  it("reads what the share dialog saves, and the widget's own shape", () => {
    const theme = readPublicTheme('{"title":"Cave","botMessage":{"backgroundColor":"#fff"},"textInput":{"sendButtonColor":"rgb(1, 2, 3)"},"showAgentMessages":false}');
    expect(theme).toMatchObject({ title: "Cave", answerBackground: "#fff", sendColor: "rgb(1, 2, 3)", showSteps: false });
    expect(readPublicTheme({ theme: { chatWindow: { welcomeMessage: "Hi" } } }).welcome).toBe("Hi");
  });

  it("takes no colour that is more than a colour, and no address that runs", () => {
    const theme = readPublicTheme({ backgroundColor: "red;background:url(//x)", titleAvatarSrc: "javascript:alert(1)", titleTextColor: "url(#a)", fontSize: 900 });
    expect(theme).toMatchObject({ background: undefined, titleAvatar: undefined, titleColor: undefined, fontSize: undefined });
  });

  it("survives anything", () => {
    for (const bad of [null, 3, "{", "[]", { botMessage: 3 }]) expect(readPublicTheme(bad)).toMatchObject({ title: undefined, showSteps: true });
  });
});

describe("readable", () => {
  it("keeps what can be read and mends what cannot", () => {
    expect(readable("#ffffff", "#000")).toBe("#000");
    expect(readable("#3B81F6", "#fefefe")).toBe("#0f172a");
    expect(readable("#123456", undefined)).toBe("#ffffff");
    expect(readable(undefined, "#777")).toBe("#777");
    expect(luminance("#fff")).toBeCloseTo(1);
    expect(luminance("red")).toBeUndefined();
  });
});
