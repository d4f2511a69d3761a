// How a flow's public page looks, as its owner set it in the share dialog. Pure.
import { asObject, asText, parseJson } from "~/lib/json";

export interface PublicTheme {
  title: string | undefined;
  titleAvatar: string | undefined;
  titleColor: string | undefined;
  titleBackground: string | undefined;
  welcome: string | undefined;
  background: string | undefined;
  fontSize: number | undefined;
  placeholder: string | undefined;
  sendColor: string | undefined;
  inputBackground: string | undefined;
  inputColor: string | undefined;
  answerBackground: string | undefined;
  answerColor: string | undefined;
  questionBackground: string | undefined;
  questionColor: string | undefined;
  showSteps: boolean;
}

/** The theme in `chatbotConfig` (JSON text, or what it says); colours that are none are left out. */
export function readPublicTheme(chatbotConfig: unknown): PublicTheme {
  const config = asObject(typeof chatbotConfig === "string" ? parseJson(chatbotConfig) : chatbotConfig) ?? {};
  // The share dialog keeps its settings at the top; the widget's own shape has them under `theme.chatWindow`.
  const window = { ...config, ...asObject(asObject(config["theme"])?.["chatWindow"]) };
  const part = (name: string) => asObject(window[name]) ?? {};
  const [answer, question, input] = [part("botMessage"), part("userMessage"), part("textInput")];
  const size = Number(window["fontSize"]);
  return {
    title: asText(window["title"]),
    titleAvatar: address(window["titleAvatarSrc"]),
    titleColor: colour(window["titleTextColor"]),
    titleBackground: colour(window["titleBackgroundColor"]),
    welcome: asText(window["welcomeMessage"]),
    background: colour(window["backgroundColor"]),
    fontSize: size >= 8 && size <= 40 ? size : undefined,
    placeholder: asText(input["placeholder"]),
    sendColor: colour(input["sendButtonColor"]),
    inputBackground: colour(input["backgroundColor"]),
    inputColor: colour(input["textColor"]),
    answerBackground: colour(answer["backgroundColor"]),
    answerColor: colour(answer["textColor"]),
    questionBackground: colour(question["backgroundColor"]),
    questionColor: colour(question["textColor"]),
    showSteps: window["showAgentMessages"] !== false,
  };
}

/** A colour as hex, name or function; anything that could hold more than a colour is none. */
function colour(value: unknown): string | undefined {
  const text = asText(value)?.trim();
  return text && /^(?:#[\da-f]{3,8}|[a-z]{3,20}|(?:rgb|hsl)a?\([\d\s.,%/deg]+\))$/i.test(text) ? text : undefined;
}

function address(value: unknown): string | undefined {
  const text = asText(value);
  return text && /^(?:https?:\/\/|\/(?!\/)|data:image\/)/.test(text) ? text : undefined;
}

/** How bright `white`, `black`, a `#rgb` or `#rrggbb` colour is, from 0 to 1 (WCAG relative luminance); undefined for other notations. */
export function luminance(hex: string): number | undefined {
  if (hex === "white") return 1;
  if (hex === "black") return 0;
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(hex);
  const digits = short ? short.slice(1).map((digit) => digit + digit) : /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})(?:[\da-f]{2})?$/i.exec(hex)?.slice(1);
  if (!digits) return undefined;
  const [red = 0, green = 0, blue = 0] = digits.map((pair) => {
    const part = Number.parseInt(pair, 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** `ink` when it can be read on `paper` (WCAG AA), else black or white, whichever reads better. */
export function readable(paper: string | undefined, ink: string | undefined): string | undefined {
  const under = paper === undefined ? undefined : luminance(paper);
  if (under === undefined) return ink;
  const over = ink === undefined ? undefined : luminance(ink);
  const ratio = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ink !== undefined && (over === undefined || ratio(under, over) >= 4.5)) return ink;
  return ratio(under, 1) >= ratio(under, 0) ? "#ffffff" : "#0f172a";
}
